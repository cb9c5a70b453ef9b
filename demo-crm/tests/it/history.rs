use serde_json::{Value, json};

use crate::client::Crm;

#[tokio::test]
async fn tickets_notes_and_calls_come_newest_first_and_limited() {
    let crm = Crm::with(5).await;
    for minute in [10, 30, 20] {
        let call = json!({
            "contact_id": 1, "direction": "inbound", "seconds": 60,
            "started_at": format!("2026-05-01T07:{minute}:00Z"),
        });
        assert_eq!(crm.post("/api/v1/calls", call).await.status, 201);
    }
    let calls = crm.get("/api/v1/contacts/1/calls?limit=2").await.json();
    let started: Vec<&str> =
        calls["calls"].as_array().unwrap().iter().map(|call| call["started_at"].as_str().unwrap()).collect();
    assert_eq!(started, ["2026-05-01T07:30:00.000Z", "2026-05-01T07:20:00.000Z"]);
}

#[tokio::test]
async fn the_seed_has_some_of_each_with_the_documented_fields() {
    let crm = Crm::start().await;
    for (name, fields) in [
        ("tickets", &["number", "subject", "body", "priority", "status", "url"][..]),
        ("notes", &["author_id", "html", "created_at", "url"]),
        ("calls", &["direction", "seconds", "started_at", "summary"]),
    ] {
        let mut found = Value::Null;
        for id in 1..=20 {
            let body = crm.get(&format!("/api/v1/contacts/{id}/{name}")).await.json();
            if let Some(first) = body[name].as_array().unwrap().first() {
                found = first.clone();
            }
        }
        for field in fields {
            assert!(found.get(field).is_some(), "{name} without {field}: {found}");
        }
    }
}

#[tokio::test]
async fn an_unknown_contact_has_no_history_but_404() {
    let crm = Crm::with(5).await;
    for name in ["tickets", "notes", "calls"] {
        assert_eq!(crm.get(&format!("/api/v1/contacts/6/{name}")).await.refusal().0, 404);
    }
    let note = json!({"text": "A"});
    assert_eq!(crm.post("/api/v1/contacts/6/notes", note).await.refusal().0, 404);
}

#[tokio::test]
async fn a_note_is_html_or_text_and_text_is_escaped() {
    let crm = Crm::with(5).await;
    let note = json!({"text": "a < b & c\nnext", "author_id": 2});
    let answer = crm.post("/api/v1/contacts/1/notes", note).await;
    assert_eq!(answer.status, 201);
    assert_eq!(answer.json()["html"], "<p>a &lt; b &amp; c<br>next</p>");
    let note = json!({"html": "<p>kept <script>as it is</script></p>"});
    let stored = crm.post("/api/v1/contacts/1/notes", note.clone()).await.json();
    assert_eq!(stored["html"], note["html"]);
    let listed = crm.get("/api/v1/contacts/1/notes?limit=1").await.json();
    assert_eq!(listed["notes"][0], stored);
}

#[tokio::test]
async fn a_note_without_text_with_two_texts_or_by_nobody_is_422() {
    let crm = Crm::with(5).await;
    for (body, field) in [
        (json!({}), "html"),
        (json!({"html": "a", "text": "a"}), "html"),
        (json!({"text": "a", "author_id": 5}), "author_id"),
        (json!({"text": "a", "author_id": 99}), "author_id"),
        (json!({"text": "a", "title": "a"}), "title"),
    ] {
        let refusal = crm.post("/api/v1/contacts/1/notes", body.clone()).await.refusal();
        assert_eq!(refusal.0, 422, "{body}");
        assert!(refusal.2[field].is_string(), "{body}: {}", refusal.2);
    }
}

#[tokio::test]
async fn a_call_with_missing_or_wrong_fields_is_422_and_all_are_named() {
    let crm = Crm::with(5).await;
    let body = json!({"contact_id": 99, "direction": "sideways", "seconds": -1});
    let (status, _, fields) = crm.post("/api/v1/calls", body).await.refusal();
    assert_eq!(status, 422);
    for name in ["contact_id", "direction", "seconds", "started_at"] {
        assert!(fields[name].is_string(), "{name}: {fields}");
    }
}
