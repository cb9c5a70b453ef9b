//! The emulator of Freshdesk refuses what its documentation refuses.

use serde_json::{Value, json};
use vendors::freshdesk::{Freshdesk, contact_id};
use vendors::probe::{Answer, ask};
use vendors::table::Table;

const NOW: &str = "2026-05-01T07:25:37.250000Z";
/// `key:X`
const BASIC: (&str, &str) = ("authorization", "Basic a2V5Olg=");

async fn get(desk: &Freshdesk, target: &str) -> Answer {
    ask(&desk.router(), "GET", &format!("/api/v2/{target}"), &[BASIC], "").await
}

#[tokio::test]
async fn queries_outside_of_the_documentation_are_refused() {
    let desk = Freshdesk::new(Table::new(250, NOW), "key");
    for (target, status, field, code) in [
        ("contacts?_updated_since=2026-01-01T00:00:00Z&per_page=100&page=1", 200, "", ""),
        ("contacts?updated_since=2026-01-01T00:00:00Z", 400, "updated_since", "invalid_field"),
        ("contacts?_updated_since=2026-01-01", 400, "_updated_since", "invalid_date"),
        ("contacts?_updated_since=x", 400, "_updated_since", "invalid_date"),
        ("contacts?per_page=101", 400, "per_page", "invalid_value"),
        ("contacts?per_page=0", 400, "per_page", "invalid_value"),
        ("contacts?page=0", 400, "page", "invalid_value"),
        ("contacts?order_by=updated_at", 400, "order_by", "invalid_field"),
        ("contacts?state=any", 400, "state", "invalid_value"),
        ("contacts?email=a&email=b", 400, "email", "invalid_field"),
        ("tickets?requester_id=x", 400, "requester_id", "datatype_mismatch"),
        ("tickets?requester_id=7", 400, "requester_id", "invalid_value"),
        ("tickets?email=nobody@example.com", 400, "email", "invalid_value"),
        ("tickets?order_by=id", 400, "order_by", "invalid_value"),
        ("tickets?include=conversations", 400, "include", "invalid_value"),
        ("tickets?page=301", 400, "page", "invalid_value"),
        ("tickets?contact_id=7", 400, "contact_id", "invalid_field"),
        ("contacts/7", 404, "", ""),
        ("notes", 404, "", ""),
    ] {
        let answer = get(&desk, target).await;
        assert_eq!(answer.status, status, "{target}: {}", answer.body);
        let error = &answer.body["errors"][0];
        assert_eq!(
            (error["field"].as_str().unwrap_or(""), error["code"].as_str().unwrap_or("")),
            (field, code),
            "{target}"
        );
    }
    for headers in [vec![], vec![("authorization", "Basic a2V5")], vec![("authorization", "Bearer key")]] {
        let answer = ask(&desk.router(), "GET", "/api/v2/contacts", &headers, "").await;
        assert_eq!((answer.status, &answer.body["code"]), (401, &json!("invalid_credentials")));
    }
}

#[tokio::test]
async fn a_link_says_whether_there_is_more_and_tickets_end_after_30_days() {
    let desk = Freshdesk::new(Table::new(200, NOW), "key");
    let first = get(&desk, "contacts?per_page=100").await;
    assert!(first.header("link").unwrap().ends_with("rel=\"next\""), "{first:?}");
    assert_eq!(first.header("date"), Some("Fri, 01 May 2026 07:25:37 GMT"));
    let ids: Vec<u64> = first.body.as_array().unwrap().iter().map(|c| c["id"].as_u64().unwrap()).collect();
    assert!(!ids.is_sorted(), "{ids:?}");
    // A full page that is the last one.
    let last = get(&desk, "contacts?per_page=100&page=2").await;
    assert_eq!((last.body.as_array().map(Vec::len), last.header("link")), (Some(100), None));
    assert_eq!(last.body[0]["updated_at"].as_str().map(str::len), Some(20));
    let who = contact_id(1);
    desk.add_ticket(
        who,
        "2026-03-01T10:00:00Z",
        json!({"subject": "Old", "updated_at": "2026-04-30T10:00:00Z"}),
    );
    desk.add_ticket(who, "2026-04-30T10:00:00Z", json!({"subject": "New"}));
    let count = |answer: Answer| answer.body.as_array().map(Vec::len);
    assert_eq!(count(get(&desk, &format!("tickets?requester_id={who}")).await), Some(1));
    let all = get(&desk, &format!("tickets?requester_id={who}&updated_since=2000-01-01T00:00:00Z")).await;
    assert_eq!((all.body.as_array().map(Vec::len), &all.body[0]["description"]), (Some(2), &Value::Null));
}

#[tokio::test]
async fn bodies_outside_of_the_documentation_are_refused() {
    let desk = Freshdesk::new(Table::new(3, NOW), "key");
    let (who, json) = (contact_id(1), ("content-type", "application/json"));
    let ticket = |more: Value| {
        let mut body =
            json!({"subject": "x", "description": "y", "status": 2, "priority": 1, "requester_id": who});
        for (key, value) in more.as_object().unwrap() {
            body[key] = value.clone();
        }
        body
    };
    for (path, body, status, field, code) in [
        ("tickets", ticket(json!({})), 201, "", ""),
        ("tickets", ticket(json!({"requester": 1})), 400, "requester", "invalid_field"),
        ("tickets", ticket(json!({"requester_id": "7"})), 400, "requester_id", "datatype_mismatch"),
        ("tickets", ticket(json!({"requester_id": null})), 400, "requester_id", "datatype_mismatch"),
        ("tickets", ticket(json!({"priority": "high"})), 400, "priority", "invalid_value"),
        ("tickets", ticket(json!({"priority": 5})), 400, "priority", "invalid_value"),
        ("tickets", ticket(json!({"responder_id": 7})), 400, "responder_id", "invalid_value"),
        ("tickets", ticket(json!({"subject": "z".repeat(256)})), 400, "subject", "invalid_value"),
        (
            "tickets",
            json!({"subject": "x", "description": "y", "status": 2, "priority": 1}),
            400,
            "requester_id",
            "missing_field",
        ),
        (
            "tickets",
            json!({"subject": "x", "description": "y", "status": 2, "priority": 1, "phone": "1"}),
            400,
            "name",
            "missing_field",
        ),
        ("tickets/1/notes", json!({"text": "x"}), 400, "text", "invalid_field"),
        ("tickets/1/notes", json!({"private": true}), 400, "body", "missing_field"),
        ("tickets/1/notes", json!({"body": "x", "private": "true"}), 400, "private", "datatype_mismatch"),
        ("tickets/9/notes", json!({"body": "x"}), 404, "", ""),
        ("contacts", json!({"name": "x"}), 400, "email", "missing_field"),
        ("contacts", json!({"name": "x", "email": "y"}), 400, "email", "invalid_value"),
        (
            "contacts",
            json!({"name": "x", "first_name": "y", "phone": "1"}),
            400,
            "first_name",
            "invalid_field",
        ),
        ("contacts", json!({"name": "x", "email": "person2@example.com"}), 409, "email", "duplicate_value"),
    ] {
        let answer =
            ask(&desk.router(), "POST", &format!("/api/v2/{path}"), &[BASIC, json], &body.to_string()).await;
        assert_eq!(answer.status, status, "{path} {body}: {}", answer.body);
        let error = &answer.body["errors"][0];
        assert_eq!(
            (error["field"].as_str().unwrap_or(""), error["code"].as_str().unwrap_or("")),
            (field, code),
            "{path} {body}"
        );
    }
    let answer = ask(&desk.router(), "POST", "/api/v2/tickets", &[BASIC, json], "{").await;
    assert_eq!((answer.status, &answer.body["code"]), (400, &json!("invalid_json")));
    assert_eq!(ask(&desk.router(), "POST", "/api/v2/tickets", &[BASIC], "{}").await.status, 415);
    assert_eq!(ask(&desk.router(), "PUT", "/api/v2/tickets", &[BASIC], "").await.status, 405);
}
