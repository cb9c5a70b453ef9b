//! Large answers: of a CRM to a function, and of a function to Lambda.

use std::time::Duration;

use bridge::contract::Component;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Value, json};

use super::crm::{contact, page};
use crate::failure_modes::bounds::{ANSWER_MEMORY, ANSWER_SIZE};

const STAMP: &str = "2026-05-01T07:25:37.123Z";

#[tokio::test]
async fn a_large_answer_kills_no_function() {
    let rows = |bytes: usize| page(&vec![contact(1, STAMP); bytes / 250]).to_string();
    let zeros = |bytes: usize| format!("{{\"contacts\":[{}]}}", vec!["{\"a\":0}"; bytes / 8].join(","));
    let mega = 1024 * 1024;
    let bodies = [
        ("10 MB of rows", rows(10 * mega)),
        ("20 MB of rows", rows(20 * mega)),
        ("40 MB of rows", rows(40 * mega)),
        ("10 MB of small maps", zeros(10 * mega)),
        ("31 MB of small maps", zeros(31 * mega)),
        ("10 MB of depth", "[".repeat(10 * mega)),
    ];
    for memory in [128, 256] {
        for component in [Component::Contacts, Component::Agents, Component::Interactions] {
            let lab = Lab::of("demo", component).memory(memory).start(super::crm::nothing).await;
            for (name, body) in &bodies {
                let body =
                    body.replace("\"contacts\":[", "\"users\":[],\"tickets\":[],\"notes\":[],\"contacts\":[");
                lab.crm.answer(move |_| Reply::raw(200, body.clone()));
                let answer = lab.ask(Value::Null, json!({"contact_external_id": "1"})).await;
                let peak = lab.function.peak_mb();
                let what = format!("{memory} MB, {component:?}, {name}: peak {peak} MB");
                assert!(answer.is_some(), "killed or silent: {what}");
                assert!(peak * 100 < u64::from(memory) * ANSWER_MEMORY.most, "{what}");
            }
            assert_eq!(lab.function.requests().len(), bodies.len(), "each has its line");
        }
    }
}

/// A CRM whose pages are fine as long as they are small.
#[tokio::test]
async fn a_page_that_is_too_large_leads_to_smaller_ones() {
    let crm = |asked: &Asked| {
        let limit = asked.query("limit").and_then(|it| it.parse().ok()).unwrap_or(1_000_usize);
        let mut row = contact(1, STAMP);
        row["notes"] = json!("x".repeat(1_000_000));
        let rows: Vec<Value> = (1..=limit.min(50) as u64)
            .map(|id| {
                let mut row = row.clone();
                row["id"] = json!(id);
                row
            })
            .collect();
        Reply::json(200, &json!({"contacts": rows, "has_more": false}))
    };
    let lab = Lab::of("demo", Component::Contacts).memory(256).start(crm).await;
    let answer = lab.ask(Value::Null, Value::Null).await.expect("the function lives");
    assert_eq!(answer.status, 200, "{}", answer.text);
    let limits: Vec<String> = lab.crm.take().iter().filter_map(|it| it.query("limit")).collect();
    assert!(limits.len() > 1, "smaller pages were asked for: {limits:?}");
    assert!(lab.function.peak_mb() < 256);
}

#[tokio::test]
async fn no_answer_is_larger_than_lambda_carries() {
    let hostile = "\u{1}".repeat(40_000);
    let mut long = contact(1, STAMP);
    long["company"] = json!("x".repeat(6_500_000));
    let mut many = contact(2, STAMP);
    many["other_emails"] = json!((0..100_000).map(|n| format!("m{n}@example.com")).collect::<Vec<_>>());
    let controls: Vec<Value> = (1..=60)
        .map(|id| {
            let mut row = contact(id, STAMP);
            row["company"] = json!(hostile);
            row
        })
        .collect();
    for (name, rows) in [("one long text", vec![long]), ("many e-mails", vec![many]), ("controls", controls)]
    {
        let count = rows.len();
        let body = page(&rows).to_string();
        let lab = Lab::of("demo", Component::Contacts).start(move |_| Reply::raw(200, body.clone())).await;
        let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
        let sent = json!({"body": answer.text}).to_string().len();
        assert!((sent as u64) < ANSWER_SIZE.most, "{name}: {sent} bytes");
        assert_eq!(answer.status, 200, "{name}: {}", &answer.text[..200.min(answer.text.len())]);
        assert_eq!(answer.body["contacts"].as_array().map(Vec::len), Some(count), "{name}");
        let cpu = lab.function.cpu();
        assert!(cpu < Duration::from_millis(900), "{name}: {cpu:?}");
    }
    let lab = Lab::of("demo", Component::Agents).start(sixty_thousand).await;
    let (mut found, mut offset) = (0, Value::Null);
    for _ in 0..200 {
        let answer = lab.ask(json!({"offset": offset}), Value::Null).await.expect("an answer");
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert!(
            (json!({"body": answer.text}).to_string().len() as u64) < ANSWER_SIZE.most,
            "{} bytes",
            answer.text.len()
        );
        found += answer.body["agents"].as_array().unwrap().len();
        offset = answer.body["next_offset"].clone();
        if offset.is_null() {
            break;
        }
    }
    assert_eq!(found, 60_000, "no agent is lost between pages");
}

fn sixty_thousand(asked: &Asked) -> Reply {
    let page: u64 = asked.query("page").and_then(|it| it.parse().ok()).unwrap_or(1);
    let user = |id: u64| {
        json!({"id": id, "name": format!("Agent with a long name {id}"),
            "email": format!("agent-with-a-long-address-{id}@example.com"), "active": true, "role": "agent"})
    };
    let users: Vec<Value> = (0..100).map(|n| user(page * 100 + n)).collect();
    Reply::json(200, &json!({"users": users, "page": page, "pages": 600}))
}
