use serde_json::json;

use crate::client::Crm;

#[tokio::test]
async fn a_missing_or_wrong_key_is_refused_with_401() {
    let crm = Crm::with(5).await;
    for headers in [&[][..], &["X-Api-Key: wrong"], &["Authorization: Bearer demo-api-key"]] {
        let answer = crm.exchange("GET", "/api/v1/me", headers, None).await.unwrap();
        assert_eq!(answer.status, 401);
        let expected = json!({"error": {
            "code": "unauthorized", "message": "The API key is not valid.", "fields": {}
        }});
        assert_eq!(answer.json(), expected);
    }
}

#[tokio::test]
async fn the_right_key_tells_its_owner() {
    let crm = Crm::with(5).await;
    let expected = json!({
        "id": 1,
        "name": "Ada Placeholder",
        "email": "ada.placeholder@example.com",
        "account": "Demo CRM",
    });
    assert_eq!(crm.get("/api/v1/me").await.json(), expected);
}

#[tokio::test]
async fn a_write_without_key_writes_nothing() {
    let crm = Crm::with(5).await;
    let body = json!({"last_name": "Intruder"});
    let answer = crm.exchange("POST", "/api/v1/contacts", &[], Some(body)).await.unwrap();
    assert_eq!(answer.status, 401);
    assert_eq!(crm.server.control().contacts().unwrap().len(), 5);
}

#[tokio::test]
async fn an_unknown_path_is_404_in_json() {
    let crm = Crm::with(5).await;
    for path in ["/", "/api/v1/nothing", "/api/v2/me", "/control/nothing"] {
        let (status, code, _) = crm.get(path).await.refusal();
        assert_eq!((status, code.as_str()), (404, "not_found"), "{path}");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_in_json_and_names_the_right_ones() {
    let crm = Crm::with(5).await;
    let answer = crm.send("PUT", "/api/v1/contacts/1", None).await;
    assert_eq!(answer.refusal().1, "method_not_allowed");
    assert_eq!(answer.status, 405);
    assert!(answer.headers["allow"].contains("PATCH"), "{:?}", answer.headers);
}

#[tokio::test]
async fn every_answer_has_the_crms_date_and_an_id() {
    let crm = Crm::with(5).await;
    crm.server.control().advance_clock(-10 * 365 * 86_400_000);
    let mut seen = Vec::new();
    for path in ["/api/v1/me", "/api/v1/nothing", "/api/v1/contacts?wrong=1"] {
        let answer = crm.get(path).await;
        let year: u32 = answer.headers["date"].split(' ').nth(3).unwrap().parse().unwrap();
        assert!((2010..2100).contains(&year) && answer.headers["date"].ends_with("GMT"));
        seen.push((year, answer.headers["x-request-id"].clone()));
    }
    crm.server.control().advance_clock(10 * 365 * 86_400_000);
    let later = crm.get("/api/v1/me").await.headers["date"].clone();
    assert!(!later.contains(&seen[0].0.to_string()), "the clock jumped: {later}");
    assert!(seen[0].1 != seen[1].1 && seen[1].1 != seen[2].1, "{seen:?}");
}
