use crate::client::Crm;

#[tokio::test]
async fn users_come_in_pages_that_say_how_many_there_are() {
    let crm = Crm::with(5).await;
    let first = crm.get("/api/v1/users?per_page=5").await.json();
    assert_eq!((first["page"].as_i64(), first["pages"].as_i64()), (Some(1), Some(3)));
    assert_eq!(first["total"], 12);
    let last = crm.get("/api/v1/users?per_page=5&page=3").await.json();
    assert_eq!(last["users"].as_array().unwrap().len(), 2);
    assert_eq!(last["users"][1]["id"], 12);
    let beyond = crm.get("/api/v1/users?per_page=5&page=4").await.json();
    assert!(beyond["users"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn users_include_inactive_ones_a_bot_and_one_without_email() {
    let crm = Crm::with(5).await;
    let body = crm.get("/api/v1/users").await.json();
    let users = body["users"].as_array().unwrap();
    assert!(users.iter().any(|user| user["active"] == false));
    assert!(users.iter().any(|user| user["role"] == "bot"));
    assert!(users.iter().any(|user| user["email"].is_null()));
}
