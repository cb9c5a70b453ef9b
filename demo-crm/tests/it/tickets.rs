use serde_json::json;

use crate::client::{Answer, Crm};

async fn create(crm: &Crm, key: &str, body: serde_json::Value) -> Answer {
    let headers = ["X-Api-Key: demo-api-key", &format!("Idempotency-Key: {key}")];
    crm.exchange("POST", "/api/v1/tickets", &headers, Some(body)).await.unwrap()
}

#[tokio::test]
async fn a_ticket_gets_a_number_a_page_and_the_defaults() {
    let crm = Crm::with(1).await;
    let body = json!({"contact_id": 1, "subject": "Printer", "body": "<p>Smoke</p>"});
    let answer = crm.post("/api/v1/tickets", body).await;
    assert_eq!(answer.status, 201);
    let ticket = answer.json();
    let id = ticket["id"].as_i64().unwrap();
    assert_eq!(ticket["number"], format!("T-{}", 1_000 + id));
    assert_eq!(ticket["url"], format!("https://demo-crm.example.com/tickets/{id}"));
    assert_eq!((&ticket["status"], &ticket["priority"]), (&json!("new"), &json!(2)));
    let listed = crm.get("/api/v1/contacts/1/tickets?limit=1").await.json();
    assert_eq!(listed["tickets"][0], ticket);
}

#[tokio::test]
async fn a_ticket_may_be_about_nobody() {
    let crm = Crm::with(1).await;
    let body = json!({"subject": "Unknown caller", "requester_phone": "+15125550177"});
    let ticket = crm.post("/api/v1/tickets", body).await.json();
    assert!(ticket["contact_id"].is_null());
    assert_eq!(ticket["requester_phone"], "+15125550177");
}

#[tokio::test]
async fn a_ticket_with_wrong_fields_is_422() {
    let crm = Crm::with(1).await;
    for (body, field) in [
        (json!({}), "subject"),
        (json!({"subject": "  "}), "subject"),
        (json!({"subject": "x".repeat(201)}), "subject"),
        (json!({"subject": "A", "priority": 5}), "priority"),
        (json!({"subject": "A", "priority": "2"}), "priority"),
        (json!({"subject": "A", "contact_id": 99}), "contact_id"),
        (json!({"subject": "A", "contact_id": "1"}), "contact_id"),
        (json!({"subject": "A", "status": "done"}), "status"),
    ] {
        let (status, _, fields) = crm.post("/api/v1/tickets", body.clone()).await.refusal();
        assert_eq!(status, 422, "{body}");
        assert!(fields[field].is_string(), "{body}: {fields}");
    }
}

#[tokio::test]
async fn the_same_key_gives_the_same_answer_and_no_second_ticket() {
    let crm = Crm::with(1).await;
    let body = json!({"contact_id": 1, "subject": "Once"});
    let first = create(&crm, "key-1", body.clone()).await;
    let again = create(&crm, "key-1", body.clone()).await;
    assert_eq!((first.status, again.status), (201, 200));
    assert_eq!(first.body, again.body);
    let other = create(&crm, "key-2", body).await;
    assert_eq!(other.status, 201);
    assert_ne!(other.json()["id"], first.json()["id"]);
}

#[tokio::test]
async fn a_key_used_for_another_request_is_422() {
    let crm = Crm::with(1).await;
    create(&crm, "key-1", json!({"subject": "One"})).await;
    let refusal = create(&crm, "key-1", json!({"subject": "Two"})).await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (422, "validation_failed"));
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_key() {
    let crm = Crm::with(1).await;
    assert_eq!(create(&crm, "key-1", json!({"subject": ""})).await.status, 422);
    assert_eq!(create(&crm, "key-1", json!({"subject": "Good"})).await.status, 201);
}
