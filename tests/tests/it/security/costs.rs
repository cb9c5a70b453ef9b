//! What a CRM, or the author of one of its records, can make a function spend.

use std::time::Duration;

use bridge::contract::Component;
use bridge::time::Moment;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Value, json};

use super::crm::{contact, interaction};
use crate::failure_modes::bounds::{CALLS, HTML_CPU};

#[tokio::test]
async fn a_crm_that_shows_nothing_for_ever_costs_a_bounded_number_of_calls() {
    let crm = |asked: &Asked| {
        if asked.path().ends_with("/users") {
            let n: u64 = asked.query("page").and_then(|it| it.parse().ok()).unwrap_or(1);
            let bot =
                json!({"id": n, "name": "Bot", "email": "b@example.com", "active": true, "role": "bot"});
            return Reply::json(200, &json!({"users": vec![bot; 100], "page": n, "pages": 1_000_000}));
        }
        // Archived ones, a hundred later than what was asked for.
        let from = asked.query("updated_from").and_then(|it| Moment::parse(&it)).unwrap_or(Moment::EPOCH);
        let rows = (0..100).map(|n| {
            let stamp = from.plus(Duration::from_secs(n));
            let mut row = contact(stamp.micros().unsigned_abs() / 1_000_000, &stamp.iso_us());
            row["archived"] = json!(true);
            row
        });
        Reply::json(200, &json!({"contacts": rows.collect::<Vec<_>>(), "has_more": true}))
    };
    for component in [Component::Contacts, Component::Agents] {
        let plan = Lab::of("demo", component).env("SYNC_BUDGET_SECONDS", "10");
        let lab = plan.start(crm).await;
        let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
        let calls = lab.crm.count();
        println!("{component:?}: {calls} calls, {}", lab.line());
        assert!(calls as u64 <= CALLS.most, "{component:?}: {calls} calls");
        if component == Component::Contacts {
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert!(answer.body["next_offset"].is_string(), "Talkdesk asks again: {}", answer.text);
        }
    }
}

#[tokio::test]
async fn html_of_a_stranger_costs_no_cpu() {
    let scripts = "<script></script>".repeat(200_000 / 17);
    let nested = "<div".repeat(50_000);
    let comments = "<!--".repeat(50_000);
    let ampersands = "&".repeat(200_000);
    for (name, html) in
        [("scripts", scripts), ("tags", nested), ("comments", comments), ("ampersands", ampersands)]
    {
        let mut row = interaction(1);
        row["body"] = json!(html);
        let rows = vec![row; 50];
        let body = json!({"tickets": rows, "notes": [], "calls": []}).to_string();
        let lab =
            Lab::of("demo", Component::Interactions).start(move |_| Reply::raw(200, body.clone())).await;
        let answer = lab.ask(Value::Null, json!({"contact_external_id": "1"})).await.expect("an answer");
        assert_eq!(answer.status, 200, "{name}: {}", answer.text);
        let cpu = lab.function.cpu();
        assert!(cpu < Duration::from_millis(HTML_CPU.most), "{name}: {cpu:?}");
    }
}
