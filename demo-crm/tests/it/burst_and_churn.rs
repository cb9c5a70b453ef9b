use std::collections::BTreeSet;

use demo_crm::HeldContact;
use serde_json::json;

use crate::client::Crm;

fn changed(crm: &Crm) -> Vec<HeldContact> {
    let mut held = crm.server.control().contacts().unwrap();
    held.retain(|contact| contact.revision > 0);
    held
}

fn stamps(contacts: &[HeldContact]) -> BTreeSet<i64> {
    contacts.iter().map(|contact| contact.updated_at_us).collect()
}

#[tokio::test]
async fn a_burst_gives_many_contacts_one_single_stamp() {
    let crm = Crm::start().await;
    let answer = crm.post("/control/burst", json!({"count": 120})).await.json();
    assert_eq!(answer["ids"].as_array().unwrap().len(), 120);
    let changed = changed(&crm);
    assert_eq!((changed.len(), stamps(&changed).len()), (120, 1));
    assert!(changed.iter().all(|contact| contact.title.as_deref() == Some("v1")));
}

#[tokio::test]
async fn a_touch_gives_every_contact_a_stamp_of_its_own() {
    let crm = Crm::start().await;
    crm.post("/control/touch", json!({"count": 250})).await;
    let changed = changed(&crm);
    assert_eq!((changed.len(), stamps(&changed).len()), (250, 250));
}

#[tokio::test]
async fn more_than_there_are_is_all_of_them() {
    let crm = Crm::with(5).await;
    assert_eq!(crm.server.control().burst(50).unwrap().len(), 5);
    assert_eq!(Crm::with(0).await.server.control().touch(3).unwrap(), [0; 0]);
}

#[tokio::test]
async fn a_second_touch_shows_in_the_title() {
    let crm = Crm::with(1).await;
    for expected in ["v1", "v2"] {
        crm.server.control().touch(1).unwrap();
        assert_eq!(crm.get("/api/v1/contacts/1").await.json()["title"], expected);
    }
}

#[tokio::test]
async fn churn_changes_contacts_after_every_page_of_the_list_and_only_then() {
    let crm = Crm::start().await;
    crm.post("/control/churn", json!({"per_request": 3})).await;
    crm.get("/api/v1/contacts/1").await;
    crm.get("/api/v1/contacts?limit=0").await;
    assert_eq!(changed(&crm).len(), 0);
    let page = crm.get("/api/v1/contacts?sort=id&limit=200").await.json();
    let titles = page["contacts"].as_array().unwrap().iter().map(|contact| &contact["title"]);
    assert_eq!(titles.filter(|title| **title == json!("v1")).count(), 0, "the page is from before");
    assert_eq!(changed(&crm).len(), 3);
    crm.post("/control/churn", json!({"per_request": 0})).await;
    crm.get("/api/v1/contacts").await;
    assert_eq!(changed(&crm).len(), 3);
}

#[tokio::test]
async fn the_same_seed_changes_the_same_contacts() {
    let (one, other) = (Crm::start().await, Crm::start().await);
    assert_eq!(one.server.control().touch(20).unwrap(), other.server.control().touch(20).unwrap());
}
