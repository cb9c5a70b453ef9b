use std::collections::BTreeSet;

use demo_crm::Micros;
use serde_json::Value;

use crate::client::{Crm, ids};

const IMPORT: std::ops::RangeInclusive<i64> = 101..=160;

/// A stamp with six digits of fraction, which the CRM itself never prints.
fn printed(micros: i64) -> String {
    let whole = Micros(micros - micros % 1_000_000).to_string();
    let fraction = micros % 1_000_000;
    format!("{}.{fraction:06}Z", whole.trim_end_matches(".000Z"))
}

#[tokio::test]
async fn ids_walk_through_every_contact_once_archived_ones_and_suppliers_too() {
    let crm = Crm::start().await;
    let (mut seen, mut after) = (Vec::new(), 0);
    loop {
        let answer = crm.get(&format!("/api/v1/contacts?sort=id&id_after={after}&limit=77")).await;
        seen.extend(ids(&answer));
        after = *seen.last().unwrap();
        if answer.json()["has_more"] == false {
            break;
        }
    }
    assert_eq!(seen, (1..=300).collect::<Vec<i64>>());
    let page = crm.get("/api/v1/contacts?sort=id&limit=200").await.json();
    let page = page["contacts"].as_array().unwrap();
    assert!(page.iter().any(|contact| contact["archived"] == true));
    assert!(page.iter().any(|contact| contact["kind"] == "supplier"));
}

#[tokio::test]
async fn the_default_is_fifty_by_stamp() {
    let crm = Crm::start().await;
    let body = crm.get("/api/v1/contacts").await.json();
    let stamps: Vec<&str> = body["contacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|contact| contact["updated_at"].as_str().unwrap())
        .collect();
    assert_eq!((stamps.len(), &body["has_more"]), (50, &Value::Bool(true)));
    assert!(stamps.is_sorted());
}

#[tokio::test]
async fn rows_with_one_stamp_are_not_in_the_order_of_ids() {
    let crm = Crm::start().await;
    let held = crm.server.control().contacts().unwrap();
    let stamp = held[100].updated_at_us;
    let (from, before) = (printed(stamp), printed(stamp + 1));
    let target = format!("/api/v1/contacts?updated_from={from}&updated_before={before}&limit=200");
    let bucket = ids(&crm.get(&target).await);
    assert!(!bucket.is_sorted() && !bucket.iter().rev().is_sorted(), "{bucket:?}");
    assert_eq!(bucket.iter().copied().collect::<BTreeSet<_>>(), IMPORT.collect());
    let by_id = ids(&crm.get(&format!("{target}&sort=id&id_after=120")).await);
    assert_eq!(by_id, (121..=160).collect::<Vec<_>>());
}

#[tokio::test]
async fn bounds_are_compared_with_microseconds_from_inclusive_before_exclusive() {
    let crm = Crm::start().await;
    let held = crm.server.control().contacts().unwrap();
    // These twenty print the same and are a microsecond apart.
    let stamp = |id: usize| held[id - 1].updated_at_us;
    let bucket = async |from: i64, before: i64| {
        let (from, before) = (printed(from), printed(before));
        let target = format!("/api/v1/contacts?updated_from={from}&updated_before={before}");
        ids(&crm.get(&target).await)
    };
    assert_eq!(bucket(stamp(165), stamp(168)).await, [165, 166, 167]);
    assert_eq!(bucket(stamp(165), stamp(165)).await, [0; 0]);
}

#[tokio::test]
async fn times_print_milliseconds_and_absent_values_are_null() {
    let crm = Crm::start().await;
    let contact = crm.get("/api/v1/contacts/8").await.json();
    for name in ["first_name", "last_name", "title", "email", "address", "website", "twitter"] {
        assert_eq!(contact[name], Value::Null, "{name}");
    }
    assert_eq!(contact["id"], 8);
    assert_eq!(contact["company"], "Only A Company, Inc.");
    assert_eq!(contact["other_emails"], serde_json::json!([]));
    let stamp = contact["updated_at"].as_str().unwrap();
    assert_eq!((stamp.len(), stamp.ends_with('Z')), (24, true), "{stamp}");
}

#[tokio::test]
async fn a_limit_out_of_bounds_is_422_and_an_unreadable_one_400() {
    let crm = Crm::with(5).await;
    for limit in ["0", "201", "-1"] {
        let refusal = crm.get(&format!("/api/v1/contacts?limit={limit}")).await.refusal();
        assert_eq!((refusal.0, refusal.1.as_str()), (422, "validation_failed"), "{limit}");
        assert_eq!(refusal.2["limit"], "Must be from 1 to 200.");
    }
    for limit in ["", "ten", "1.5", "%2B5"] {
        let refusal = crm.get(&format!("/api/v1/contacts?limit={limit}")).await.refusal();
        assert_eq!((refusal.0, refusal.1.as_str()), (400, "invalid_request"), "{limit}");
    }
    assert_eq!(crm.get("/api/v1/contacts?limit=200").await.status, 200);
}
