use std::time::{Duration, Instant};

use demo_crm::{Apply, Fault, FaultKind};
use serde_json::json;

use crate::client::Crm;

const LIST: &str = "/api/v1/contacts";

fn plan(crm: &Crm, fault: Fault) {
    crm.server.control().add_faults(vec![fault]).unwrap();
}

fn status(code: u16) -> Fault {
    Fault { status: Some(code), ..Fault::new(LIST, FaultKind::Status) }
}

#[tokio::test]
async fn a_status_comes_with_its_error_body_and_its_wait_then_all_is_well() {
    let crm = Crm::with(5).await;
    plan(&crm, Fault { retry_after: Some(7), ..status(429) });
    let answer = crm.get(LIST).await;
    assert_eq!(answer.refusal().1, "rate_limited");
    assert_eq!((answer.status, answer.headers["retry-after"].as_str()), (429, "7"));
    assert!(answer.headers.contains_key("x-request-id"));
    assert_eq!(crm.get(LIST).await.status, 200);
}

#[tokio::test]
async fn skip_lets_requests_pass_and_times_counts_those_that_meet_it() {
    let crm = Crm::with(5).await;
    plan(&crm, Fault { skip: 1, times: 2, ..status(503) });
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(crm.get(LIST).await.status);
    }
    assert_eq!(seen, [200, 503, 503, 200]);
    assert!(crm.server.control().waiting_faults().is_empty());
}

#[tokio::test]
async fn other_paths_and_methods_do_not_meet_the_fault() {
    let crm = Crm::with(5).await;
    plan(&crm, Fault { method: Some("POST".to_owned()), ..status(500) });
    assert_eq!(crm.get(LIST).await.status, 200);
    assert_eq!(crm.get("/api/v1/me").await.status, 200);
    assert_eq!(crm.post(LIST, json!({"last_name": "A"})).await.status, 500);
}

#[tokio::test]
async fn before_means_that_nothing_was_written() {
    let crm = Crm::with(5).await;
    plan(&crm, status(500));
    assert_eq!(crm.post(LIST, json!({"last_name": "A"})).await.status, 500);
    assert_eq!(crm.server.control().contacts().unwrap().len(), 5);
}

#[tokio::test]
async fn after_means_that_the_write_happened_whatever_the_client_sees() {
    let crm = Crm { patience: Duration::from_secs(1), ..Crm::with(5).await };
    let kinds = [
        Fault { status: Some(502), ..Fault::new(LIST, FaultKind::Status) },
        Fault::new(LIST, FaultKind::CutOff),
        Fault::new(LIST, FaultKind::Html),
        Fault::new(LIST, FaultKind::Garbage),
        Fault { millis: Some(1), ..Fault::new(LIST, FaultKind::Slow) },
        Fault::new(LIST, FaultKind::Hang),
    ];
    for (done, fault) in kinds.into_iter().enumerate() {
        plan(&crm, Fault { apply: Apply::After, ..fault });
        let key = ["X-Api-Key: demo-api-key"];
        crm.exchange("POST", LIST, &key, Some(json!({"last_name": "A"}))).await;
        assert_eq!(crm.server.control().contacts().unwrap().len(), 6 + done);
    }
}

#[tokio::test]
async fn a_slow_answer_is_the_real_one_later() {
    let crm = Crm::with(5).await;
    plan(&crm, Fault { millis: Some(200), ..Fault::new(LIST, FaultKind::Slow) });
    let begun = Instant::now();
    let answer = crm.get(LIST).await;
    assert!(begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(answer.json()["contacts"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn a_hanging_request_gets_no_answer_and_does_not_hold_up_the_others() {
    let crm = Crm { patience: Duration::from_secs(1), ..Crm::with(5).await };
    plan(&crm, Fault::new(LIST, FaultKind::Hang));
    let key = ["X-Api-Key: demo-api-key"];
    let (hanging, other) = tokio::join!(crm.exchange("GET", LIST, &key, None), crm.get("/api/v1/me"));
    assert!(hanging.is_none());
    assert_eq!(other.status, 200);
}

#[tokio::test]
async fn a_stop_ends_a_hanging_request() {
    let crm = Crm { patience: Duration::from_secs(1), ..Crm::with(5).await };
    plan(&crm, Fault::new(LIST, FaultKind::Hang));
    let key = ["X-Api-Key: demo-api-key"];
    assert!(crm.exchange("GET", LIST, &key, None).await.is_none());
    let begun = Instant::now();
    crm.server.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_cut_off_answer_is_half_of_the_real_one_under_its_full_length() {
    let crm = Crm::with(5).await;
    let whole = crm.get(LIST).await;
    assert_eq!(whole.promised_length(), whole.body.len());
    plan(&crm, Fault::new(LIST, FaultKind::CutOff));
    let half = crm.get(LIST).await;
    assert_eq!((half.status, half.promised_length()), (200, whole.body.len()));
    assert_eq!(half.body, whole.body[..whole.body.len() / 2]);
}

#[tokio::test]
async fn a_cut_off_answer_that_had_no_body_promises_one_all_the_same() {
    let crm = Crm::with(5).await;
    plan(&crm, Fault { apply: Apply::After, ..Fault::new(LIST, FaultKind::CutOff) });
    let answer = crm.send("DELETE", "/api/v1/contacts/5", None).await;
    assert!(answer.promised_length() > answer.body.len());
    assert_eq!(crm.get("/api/v1/contacts/5").await.status, 404);
}

#[tokio::test]
async fn html_and_garbage_answer_200_and_are_not_json() {
    let crm = Crm::with(5).await;
    for (kind, media_type) in
        [(FaultKind::Html, "text/html; charset=utf-8"), (FaultKind::Garbage, "application/json")]
    {
        plan(&crm, Fault::new(LIST, kind));
        let answer = crm.get(LIST).await;
        assert_eq!((answer.status, answer.headers["content-type"].as_str()), (200, media_type));
        assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
        assert_eq!(answer.promised_length(), answer.body.len());
    }
}

#[tokio::test]
async fn faults_are_planned_and_cleared_over_http_and_mistyped_ones_are_refused() {
    let crm = Crm::with(5).await;
    let fault = json!([{"path": LIST, "kind": "status", "status": 403, "times": 9}]);
    assert_eq!(crm.post("/control/faults", fault).await.status, 204);
    assert_eq!(crm.get(LIST).await.refusal().1, "forbidden");
    assert_eq!(crm.get("/control/faults").await.json()[0]["times"], 8);
    assert_eq!(crm.send("DELETE", "/control/faults", None).await.status, 204);
    assert_eq!(crm.get(LIST).await.status, 200);
    for (fault, expected) in [
        (json!({"path": LIST, "kind": "status"}), 422),
        (json!({"path": LIST, "kind": "slow"}), 422),
        (json!({"path": "/contacts", "kind": "hang"}), 422),
        (json!({"path": LIST, "kind": "hang", "method": "get"}), 422),
        (json!({"path": LIST, "kind": "explode"}), 400),
        (json!({"path": LIST, "kind": "hang", "time": 2}), 400),
    ] {
        let answer = crm.post("/control/faults", json!([fault])).await;
        assert_eq!(answer.refusal().0, expected, "{fault}");
    }
}

#[tokio::test]
async fn requests_are_recorded_as_sent_those_with_faults_included() {
    let crm = Crm::with(5).await;
    plan(&crm, status(500));
    crm.get("/api/v1/contacts?limit=1&sort=id").await;
    crm.post("/api/v1/tickets", json!({"subject": "A"})).await;
    let requests = crm.get("/control/requests").await.json();
    let expected = json!([
        {"method": "GET", "path": LIST, "query": "limit=1&sort=id", "body": null,
         "idempotency_key": null},
        {"method": "POST", "path": "/api/v1/tickets", "query": "", "body": {"subject": "A"},
         "idempotency_key": null},
    ]);
    assert_eq!(requests, expected);
    crm.send("DELETE", "/control/requests", None).await;
    assert_eq!(crm.server.control().requests(), []);
}
