use serde_json::json;

use crate::client::{Crm, ids};

#[tokio::test]
async fn an_email_is_found_in_any_case_with_spaces_and_among_the_others() {
    let crm = Crm::start().await;
    let found = async |email: &str| ids(&crm.get(&format!("/api/v1/contacts/lookup?email={email}")).await);
    assert_eq!(found("MARIA.Amostra@example.com").await, [1]);
    assert_eq!(found("spaces.around@example.com").await, [16]);
    assert_eq!(found("two.private@example.org").await, [19]);
    assert_eq!(found("nobody@example.com").await, [0; 0]);
}

#[tokio::test]
async fn a_phone_is_found_by_its_last_nine_digits_whatever_its_form() {
    let crm = Crm::start().await;
    for number in ["%2B15125550100", "+15125550100", "(512)%20555-0100", "125550100"] {
        let answer = crm.get(&format!("/api/v1/contacts/lookup?phone={number}")).await;
        assert_eq!(ids(&answer), [1], "{number}");
    }
    // Without its extension, which belongs to the desk and not to the number.
    assert_eq!(ids(&crm.get("/api/v1/contacts/lookup?phone=15127576000").await), [25]);
}

#[tokio::test]
async fn any_of_several_values_matches_and_the_last_changed_comes_first() {
    let crm = Crm::start().await;
    let body = Some(json!({"title": "Changed"}));
    assert_eq!(crm.send("PATCH", "/api/v1/contacts/1", body).await.status, 200);
    let query = "email=hanako@example.org&email=info@example.org&phone=15125550100";
    let found = ids(&crm.get(&format!("/api/v1/contacts/lookup?{query}")).await);
    assert_eq!(found[0], 1);
    assert_eq!(found.len(), 4);
    let limited = ids(&crm.get(&format!("/api/v1/contacts/lookup?{query}&limit=2")).await);
    assert_eq!(limited, found[..2]);
}

#[tokio::test]
async fn a_wildcard_or_a_quote_is_an_ordinary_character() {
    let crm = Crm::start().await;
    let found = async |email: &str| ids(&crm.get(&format!("/api/v1/contacts/lookup?email={email}")).await);
    assert_eq!(found("%25").await, [0; 0]);
    assert_eq!(found("wild%25card_@example.com").await, [47]);
    assert_eq!(found("o'specimen@example.com").await, [45]);
}

#[tokio::test]
async fn a_lookup_for_nothing_or_for_too_little_is_refused() {
    let crm = Crm::with(5).await;
    for query in ["", "email=", "phone=", "phone=reception", "phone=123"] {
        let (status, code, _) = crm.get(&format!("/api/v1/contacts/lookup?{query}")).await.refusal();
        assert_eq!((status, code.as_str()), (422, "validation_failed"), "{query}");
    }
}

#[tokio::test]
async fn a_changed_email_and_phone_are_found_and_the_old_ones_are_not() {
    let crm = Crm::with(5).await;
    let change = json!({
        "email": "Moved@example.com",
        "phones": [{"label": "new", "number": "+1 512 555 0199"}],
    });
    assert_eq!(crm.send("PATCH", "/api/v1/contacts/1", Some(change)).await.status, 200);
    let found = async |query: &str| ids(&crm.get(&format!("/api/v1/contacts/lookup?{query}")).await);
    assert_eq!(found("email=moved@example.com").await, [1]);
    assert_eq!(found("phone=15125550199").await, [1]);
    assert_eq!(found("email=maria.amostra@example.com").await, [0; 0]);
    assert_eq!(found("phone=15125550100").await, [0; 0]);
}
