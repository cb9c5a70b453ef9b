use serde_json::{Value, json};

use crate::client::Crm;

async fn refused(crm: &Crm, body: Value) -> Value {
    let (status, code, fields) = crm.post("/api/v1/contacts", body.clone()).await.refusal();
    assert_eq!((status, code.as_str()), (422, "validation_failed"), "{body}");
    fields
}

#[tokio::test]
async fn a_created_contact_can_be_read_and_is_in_the_list() {
    let crm = Crm::with(5).await;
    let new = json!({
        "first_name": "New", "last_name": "O'Contact", "company": "Example", "title": "Tester",
        "email": "new@example.com", "phones": [{"label": "work", "number": "+1 512 555 0190"}],
    });
    let answer = crm.post("/api/v1/contacts", new.clone()).await;
    assert_eq!(answer.status, 201);
    let created = answer.json();
    for (name, value) in new.as_object().unwrap() {
        assert_eq!(&created[name], value, "{name}");
    }
    assert_eq!(created["url"], "https://demo-crm.example.com/contacts/6");
    assert_eq!(crm.get("/api/v1/contacts/6").await.json(), created);
    let newest = crm.get("/api/v1/contacts").await.json();
    assert_eq!(newest["contacts"].as_array().unwrap().last().unwrap(), &created);
}

#[tokio::test]
async fn a_contact_needs_a_last_name_a_company_or_an_email() {
    let crm = Crm::with(5).await;
    for body in [json!({}), json!({"first_name": "Only"}), json!({"last_name": " "})] {
        assert!(refused(&crm, body).await["last_name"].is_string());
    }
    for body in [json!({"last_name": "A"}), json!({"company": "A"}), json!({"email": "a@b.com"})] {
        assert_eq!(crm.post("/api/v1/contacts", body).await.status, 201);
    }
}

#[tokio::test]
async fn a_malformed_email_is_refused() {
    let crm = Crm::with(5).await;
    for email in ["", "plain", "@example.com", "a@b", "a@b..com", "a b@example.com", "a@b.com "] {
        let fields = refused(&crm, json!({"last_name": "A", "email": email})).await;
        assert_eq!(fields["email"], "Is not an e-mail address.", "{email}");
    }
}

#[tokio::test]
async fn every_wrong_and_unknown_field_is_named_at_once() {
    let crm = Crm::with(5).await;
    let body = json!({
        "last_name": 7, "company": "x".repeat(201), "nickname": "A", "phones": [{"number": 1}],
    });
    let fields = refused(&crm, body).await;
    assert_eq!(fields["last_name"], "Must be a string.");
    assert_eq!(fields["company"], "Must have at most 200 characters.");
    assert_eq!(fields["nickname"], "Unknown field.");
    assert!(fields["phones"].is_string(), "{fields}");
}

#[tokio::test]
async fn an_email_that_exists_in_any_case_is_a_conflict_that_names_the_contact() {
    let crm = Crm::with(5).await;
    let body = json!({"last_name": "Twin", "email": "Maria.AMOSTRA@example.com"});
    let answer = crm.post("/api/v1/contacts", body).await;
    assert_eq!(answer.status, 409);
    let error = &answer.json()["error"];
    assert_eq!((&error["code"], &error["existing_id"]), (&json!("duplicate"), &json!(1)));
    assert_eq!(error["message"], "A contact with this e-mail exists.");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_stamps_the_contact() {
    let crm = Crm::with(5).await;
    let before = crm.get("/api/v1/contacts/1").await.json();
    let change = json!({"title": null, "company": "Renamed", "archived": true});
    let after = crm.send("PATCH", "/api/v1/contacts/1", Some(change)).await.json();
    assert_eq!(after["title"], Value::Null);
    assert_eq!((&after["company"], &after["archived"]), (&json!("Renamed"), &json!(true)));
    for kept in ["first_name", "email", "phones", "address", "website", "created_at"] {
        assert_eq!(after[kept], before[kept], "{kept}");
    }
    assert!(after["updated_at"].as_str() > before["updated_at"].as_str());
}

#[tokio::test]
async fn an_empty_patch_is_not_a_change() {
    let crm = Crm::with(5).await;
    let before = crm.get("/api/v1/contacts/1").await.json();
    assert_eq!(crm.send("PATCH", "/api/v1/contacts/1", Some(json!({}))).await.json(), before);
}

#[tokio::test]
async fn a_patch_meets_the_same_rules_as_a_new_contact() {
    let crm = Crm::start().await;
    let patch = async |id: i64, body: Value| {
        crm.send("PATCH", &format!("/api/v1/contacts/{id}"), Some(body)).await.status
    };
    assert_eq!(patch(1, json!({"kind": "supplier"})).await, 422);
    assert_eq!(patch(1, json!({"archived": "yes"})).await, 422);
    assert_eq!(patch(8, json!({"company": null})).await, 422);
    assert_eq!(patch(1, json!({"email": "hanako@example.org"})).await, 409);
    assert_eq!(patch(1, json!({"email": "maria.amostra@example.com"})).await, 200);
    assert_eq!(patch(11, json!({"title": "Still nameless"})).await, 200);
}

#[tokio::test]
async fn a_deleted_contact_is_gone_and_its_id_is_not_used_again() {
    let crm = Crm::with(5).await;
    let answer = crm.send("DELETE", "/api/v1/contacts/5", None).await;
    assert_eq!((answer.status, answer.body.len()), (204, 0));
    assert_eq!(crm.get("/api/v1/contacts/5").await.status, 404);
    assert_eq!(crm.send("DELETE", "/api/v1/contacts/5", None).await.status, 404);
    let created = crm.post("/api/v1/contacts", json!({"last_name": "Next"})).await.json();
    assert_eq!(created["id"], 6);
}

#[tokio::test]
async fn an_id_that_is_not_a_number_is_not_found() {
    let crm = Crm::with(5).await;
    for id in ["99", "abc", "-1", "1.0", "9999999999999999999999"] {
        assert_eq!(crm.get(&format!("/api/v1/contacts/{id}")).await.refusal().0, 404, "{id}");
    }
}
