//! Bodies that nobody should send, and what may be seen of them.

use serde_json::json;

use super::super::*;

/// Reads the body as each of the five requests.
fn every(body: &[u8]) -> [Result<(), ContractError>; 5] {
    [
        AuthRequest::parse(body).map(drop),
        ContactsRequest::parse(body).map(drop),
        AgentsRequest::parse(body).map(drop),
        InteractionsRequest::parse(body).map(drop),
        ActionRequest::parse(body).map(drop),
    ]
}

fn refused(body: &[u8]) {
    for result in every(body) {
        assert_eq!(result.unwrap_err().path, "");
    }
}

#[test]
fn an_empty_body_is_refused() {
    refused(b"");
    refused(b" \r\n\t");
    refused(b"\xEF\xBB\xBF");
}

#[test]
fn a_top_level_that_is_not_an_object_is_refused() {
    for body in ["[]", "[{}]", "null", "1", "\"{}\"", "true"] {
        refused(body.as_bytes());
    }
}

#[test]
fn what_is_not_json_is_refused() {
    for body in [
        &b"{"[..],
        b"{}{}",
        b"{'a':1}",
        b"auth=1",
        b"{\"auth\":{\"a\":\"\xFF\"}}",
        b"{\"a\":\"\0\"}",
        b"\0",
        b"{}\0",
        b"{\"a\":NaN}",
        b"{\"a\":01}",
        b"\xFF\xFE{\0}\0",
        b"\xEF\xBB{}",
    ] {
        refused(body);
    }
}

#[test]
fn a_byte_order_mark_in_front_is_accepted() {
    assert!(every(b"\xEF\xBB\xBF{\"auth\":{}}").iter().all(Result::is_ok));
    refused(b"\xEF\xBB\xBF\xEF\xBB\xBF{}");
}

#[test]
fn a_value_that_cannot_be_read_is_refused_where_it_is_read_and_skipped_elsewhere() {
    for value in ["\"\\ud800\"", "1e400"] {
        let body = format!(r#"{{"a":{value},"meta":{{"a":{value}}},"data":{{"note":{value}}}}}"#);
        let [auth, contacts, agents, interactions, action] = every(body.as_bytes());
        assert!([auth, contacts, agents, interactions].iter().all(Result::is_ok), "{value}");
        assert_eq!(action.unwrap_err().path, "data.note");
    }
}

/// What is read is refused at the reader's own depth; what nobody reads is passed over, however deep.
#[test]
fn deep_nesting_never_overflows_the_stack() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let (open, close) = (open.repeat(100_000), close.repeat(100_000));
        let deep = format!("{open}1{close}");
        for level in ["data", "meta", "auth", "unknown"] {
            refused(format!("{{\"{level}\":{open}").as_bytes());
        }
        let body = format!(r#"{{"new":{deep},"meta":{{"context":{deep}}},"data":{{"new":{deep}}}}}"#);
        let [auth, contacts, agents, interactions, action] = every(body.as_bytes());
        assert!([auth, contacts, agents, interactions].iter().all(Result::is_ok));
        assert_eq!(action.unwrap_err().path, "data");
        let body = format!(r#"{{"auth":{{"token":{deep}}},"meta":{{"offset":{deep}}}}}"#);
        for result in every(body.as_bytes()) {
            assert_eq!(result.unwrap_err().path, "auth.token");
        }
        let envelope = Envelope::read(body.as_bytes(), |_| false).unwrap();
        assert_eq!(ContactsRequest::from_envelope(&envelope).unwrap_err().path, "meta");
    }
}

#[test]
fn a_part_of_very_many_values_is_refused_before_it_becomes_a_tree() {
    let action = json!({ "data": { "note": vec![json!([0]); 6_000] } }).to_string();
    let error = ActionRequest::parse(action.as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "data: expected at most 10000 values");
    let fits = json!({ "data": { "note": vec![0; 9_000], "text": ",[{\"\\".repeat(20_000) } });
    assert!(ActionRequest::parse(fits.to_string().as_bytes()).is_ok(), "signs inside of texts are no values");
}

#[test]
fn of_duplicate_keys_the_last_one_counts() {
    let body = br#"{"meta":{"offset":1},"auth":{"t":"a","t":"b"},"meta":{"offset":2,"offset":3}}"#;
    let request = AgentsRequest::parse(body).unwrap();
    assert_eq!(request.meta.offset, Some(3));
    assert_eq!(request.auth.get("t"), Some("b"));
    assert_eq!(request.auth.names().count(), 1);
}

#[test]
fn nul_and_odd_characters_in_values_are_kept() {
    let body = br#"{"meta":{"offset":"\u0000\ud83e\udd19\u202e"}}"#;
    let request = ContactsRequest::parse(body).unwrap();
    assert_eq!(request.meta.offset.as_deref(), Some("\0\u{1F919}\u{202E}"));
}

#[test]
fn many_members_are_read_in_time() {
    let auth: serde_json::Map<_, _> = (0..50_000).map(|i| (i.to_string(), json!("x"))).collect();
    let phones = vec!["+14155552671"; 9_000];
    let body = json!({ "auth": auth, "data": { "contact_phones": phones } }).to_string();
    let request = InteractionsRequest::parse(body.as_bytes()).unwrap();
    assert_eq!(request.auth.names().count(), 50_000);
    assert_eq!(request.data.contact_phones, ["+14155552671"]);
}

#[test]
fn errors_never_contain_the_offending_value() {
    for body in [
        json!({ "auth": "canary" }),
        json!({ "auth": { "token": ["canary"] } }),
        json!({ "meta": "canary", "data": "canary", "auth": "canary" }),
        json!({ "meta": { "offset": ["canary"], "interaction_types": { "canary": 1 } } }),
        json!({ "data": { "contact_external_id": ["canary"], "note": "canary" } }),
        json!({ "meta": { "contact_external_id": ["canary"] } }),
    ] {
        for error in every(body.to_string().as_bytes()).into_iter().filter_map(Result::err) {
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
    }
    let agents = AgentsRequest::parse(br#"{"meta":{"offset":"canary"}}"#).unwrap_err();
    let text = agents.to_string();
    assert_eq!(text, "meta.offset: expected a whole number that is not negative");
    for body in ["canary", "{\"auth\": canary}", "{\"a\": \"\\qcanary\"}", "\"canary\""] {
        for result in every(body.as_bytes()) {
            assert!(!result.unwrap_err().to_string().contains("canary"));
        }
    }
}

#[test]
fn a_path_from_outside_is_made_short_and_printable() {
    let name = format!("a\n\u{1B}[31m{}", "x".repeat(1_000));
    let body = json!({ "auth": { name: [] } }).to_string();
    let error = AuthRequest::parse(body.as_bytes()).unwrap_err();
    assert!(error.path.chars().count() <= 100 && !error.path.contains(char::is_control));
}

#[test]
fn debug_shows_neither_credentials_nor_personal_data() {
    let body = json!({
        "auth": { "token": "canary", "user": "canary2" },
        "meta": { "contact_external_id": "canary" },
        "data": { "contact_name": "canary", "contact_emails": ["canary@x"], "contact_phones": ["canary"], "note": "canary" },
    })
    .to_string();
    let shown = format!(
        "{:?} {:?} {:?}",
        InteractionsRequest::parse(body.as_bytes()).unwrap(),
        ActionRequest::parse(body.as_bytes()).unwrap(),
        ContactsRequest::parse(body.as_bytes()).unwrap(),
    );
    assert!(!shown.contains("canary"), "{shown}");
    assert!(shown.contains("token") && shown.contains("note"), "{shown}");
}
