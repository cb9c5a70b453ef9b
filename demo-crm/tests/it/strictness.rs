use crate::client::Crm;

#[tokio::test]
async fn an_unknown_parameter_is_400_on_every_path_and_is_named() {
    let crm = Crm::with(5).await;
    for path in [
        "/api/v1/me",
        "/api/v1/users",
        "/api/v1/contacts",
        "/api/v1/contacts/1",
        "/api/v1/contacts/lookup",
        "/api/v1/contacts/1/tickets",
        "/api/v1/contacts/1/notes",
        "/api/v1/contacts/1/calls",
    ] {
        let (status, code, fields) = crm.get(&format!("{path}?per-page=1")).await.refusal();
        assert_eq!((status, code.as_str()), (400, "invalid_request"), "{path}");
        assert!(fields["per-page"].is_string(), "{path}: {fields}");
    }
    for target in ["/api/v1/contacts?a=1", "/api/v1/tickets?a=1", "/api/v1/calls?a=1"] {
        let answer = crm.post(target, serde_json::json!({"last_name": "A", "subject": "A"})).await;
        assert_eq!(answer.refusal().0, 400, "{target}");
    }
}

#[tokio::test]
async fn a_value_of_the_wrong_form_is_400() {
    let crm = Crm::with(5).await;
    for query in [
        "updated_from=yesterday",
        "updated_from=2026-05-01",
        "updated_from=2026-05-01T07:25:37",
        "updated_from=1777620337",
        "updated_from=2026-05-01T07:25:37.1234567Z",
        "updated_from=2026-05-01T07:25:37+00:00",
        "updated_before=",
        "id_after=a",
        "sort=name",
        "sort=-updated_at",
        "limit=5&limit=5",
        "Limit=5",
    ] {
        let (status, code, _) = crm.get(&format!("/api/v1/contacts?{query}")).await.refusal();
        assert_eq!((status, code.as_str()), (400, "invalid_request"), "{query}");
    }
}

#[tokio::test]
async fn a_time_with_up_to_six_digits_or_an_encoded_offset_is_read() {
    let crm = Crm::with(5).await;
    for time in ["37Z", "37.1Z", "37.123456Z", "37.123%2B02:00", "37-08:00"] {
        let target = format!("/api/v1/contacts?updated_from=2024-05-01T07:25:{time}");
        assert_eq!(crm.get(&target).await.status, 200, "{time}");
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_json_object_is_400() {
    let crm = Crm::with(5).await;
    for body in ["{", "[]", "\"text\"", "last_name=A"] {
        let head = "POST /api/v1/contacts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             X-Api-Key: demo-api-key\r\nContent-Type: application/json; charset=utf-8\r\n";
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(crm.raw(&request).await.unwrap().refusal().0, 400, "{body}");
    }
}

#[tokio::test]
async fn a_body_that_does_not_say_json_is_415() {
    let crm = Crm::with(5).await;
    let request = "POST /api/v1/contacts HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         X-Api-Key: demo-api-key\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(crm.raw(request).await.unwrap().refusal().0, 415);
}
