//! A write whose outcome is not known is made once; a write that happened is a success.

use bridge::contract::Component;
use end_to_end::lab::{Asked, Fault, Lab, Reply};
use serde_json::{Value, json};

async fn written(
    action: &str,
    data: Value,
    reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static,
) -> (u16, usize) {
    let plan = Lab::of("demo", Component::Actions).env("INTERACTIVE_BUDGET_SECONDS", "4");
    let lab = plan.start(reply).await;
    let meta = json!({"contact_external_id": "1"});
    let answer = lab.act_as(&lab.auth, action, meta, data).await.expect("an answer");
    let writes = lab.crm.take().iter().filter(|asked| asked.method == "POST").count();
    (answer.status, writes)
}

#[tokio::test]
async fn a_write_of_unknown_outcome_is_sent_once() {
    let note = json!({"note": "x"});
    type Make = fn() -> Reply;
    let faults: [(&str, Make); 8] = [
        ("503 with Retry-After", || Reply::json(503, &json!({})).header("retry-after", "1")),
        ("503", || Reply::json(503, &json!({}))),
        ("502 with Retry-After", || Reply::json(502, &json!({})).header("retry-after", "0")),
        ("500", || Reply::json(500, &json!({}))),
        ("504", || Reply::json(504, &json!({}))),
        ("closed", || Reply::json(201, &json!({})).fault(Fault::Close)),
        ("reset", || Reply::json(201, &json!({})).fault(Fault::Reset)),
        ("garbage", || Reply::json(201, &json!({})).fault(Fault::Garbage)),
    ];
    for (name, reply) in faults {
        let (status, writes) = written("add_note", note.clone(), move |_| reply()).await;
        assert_eq!((status, writes), (400, 1), "{name}");
    }
    let (status, writes) =
        written("add_note", note, |_| Reply::json(429, &json!({})).header("retry-after", "0")).await;
    assert_eq!(status, 400);
    assert!(writes > 1, "429 means that nothing happened");
}

#[tokio::test]
async fn a_write_that_happened_is_a_success_although_its_answer_cannot_be_read() {
    type Make = fn() -> Reply;
    let odd: [(&str, Make); 4] = [
        ("gzip", || Reply::raw(201, vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).header("content-encoding", "gzip")),
        ("cut off", || Reply::json(201, &json!({"id": 7, "number": "T-7"})).fault(Fault::Cut)),
        ("empty", || Reply::raw(201, "")),
        ("not JSON", || Reply::raw(201, "{\"id\": 7")),
    ];
    for (name, reply) in odd {
        for (action, data) in [("add_note", json!({"note": "x"})), ("create_ticket", json!({"subject": "x"}))]
        {
            let (status, writes) = written(action, data, move |_| reply()).await;
            assert_eq!(status, 201, "{name}, {action}");
            // A ticket has a key by which the CRM makes it once: asking again may show the answer.
            assert!(writes == 1 || action == "create_ticket", "{name}, {action}: {writes}");
        }
    }
    let page = |_: &Asked| Reply::raw(200, "<html>Please log in</html>").header("content-type", "text/html");
    let (status, _) = written("add_note", json!({"note": "x"}), page).await;
    assert_eq!(status, 400, "a login page is no answer to a write");
}
