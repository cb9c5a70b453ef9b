use demo_crm::Micros;
use serde_json::json;

use crate::client::{Crm, ids};

const NEW: &str = "/api/v1/contacts/lookup?email=late@example.com";

#[tokio::test]
async fn a_late_row_is_stamped_at_once_and_listed_only_after_the_lag() {
    let crm = Crm::with(5).await;
    let post = |path: &'static str, body| crm.post(path, body);
    assert_eq!(post("/control/visibility", json!({"lag_millis": 60_000})).await.status, 204);
    let created = post("/api/v1/contacts", json!({"last_name": "Late", "email": "late@example.com"})).await;
    let stamp = created.json()["updated_at"].as_str().unwrap().to_owned();
    assert!(!ids(&crm.get("/api/v1/contacts").await).contains(&6));
    assert_eq!(ids(&crm.get(NEW).await), [0; 0]);
    assert!(!crm.server.control().contacts().unwrap()[5].visible);

    assert_eq!(post("/control/clock", json!({"advance_millis": 60_000})).await.status, 204);
    let listed = crm.get("/api/v1/contacts").await.json();
    let last = listed["contacts"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((&last["id"], &last["updated_at"]), (&json!(6), &json!(stamp)));
    assert_eq!(ids(&crm.get(NEW).await), [6]);
    assert!(crm.server.control().contacts().unwrap()[5].visible);
}

#[tokio::test]
async fn a_late_row_can_be_read_by_its_id_and_is_a_duplicate_already() {
    let crm = Crm::with(5).await;
    crm.server.control().set_visibility_lag(60_000);
    let body = json!({"last_name": "Late", "email": "late@example.com"});
    assert_eq!(crm.post("/api/v1/contacts", body.clone()).await.status, 201);
    assert_eq!(crm.get("/api/v1/contacts/6").await.status, 200);
    assert_eq!(crm.post("/api/v1/contacts", body).await.status, 409);
}

#[tokio::test]
async fn without_lag_a_row_stays_visible_when_the_clock_jumps_back() {
    let crm = Crm::with(5).await;
    crm.server.control().touch(5).unwrap();
    crm.server.control().advance_clock(-3_600_000);
    assert_eq!(ids(&crm.get("/api/v1/contacts").await).len(), 5);
}

#[tokio::test]
async fn a_row_can_be_stamped_in_the_future() {
    let crm = Crm::with(5).await;
    let body = json!({"id": 2, "updated_at": "2199-01-01T00:00:00.123456Z"});
    assert_eq!(crm.post("/control/stamp", body).await.status, 204);
    let answer = crm.get("/api/v1/contacts?updated_from=2199-01-01T00:00:00Z").await;
    assert_eq!(ids(&answer), [2]);
    assert_eq!(answer.json()["contacts"][0]["updated_at"], "2199-01-01T00:00:00.123Z");
    let held = &crm.server.control().contacts().unwrap()[1];
    let expected = Micros::parse("2199-01-01T00:00:00.123456Z").unwrap();
    assert_eq!((held.updated_at_us, held.revision), (expected.0, 1));
    let unknown = json!({"id": 99, "updated_at": "2199-01-01T00:00:00Z"});
    assert_eq!(crm.post("/control/stamp", unknown).await.refusal().0, 422);
}
