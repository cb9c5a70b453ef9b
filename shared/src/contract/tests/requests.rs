//! Reading requests.

use serde_json::{Value, json};

use super::super::*;
use super::{parse, refused_at};

/// Every way of leaving something out.
fn absent() -> [Value; 2] {
    [Value::Null, json!("")]
}

#[test]
fn absent_null_and_empty_are_the_same_for_auth_meta_and_data() {
    let mut bodies = vec![json!({})];
    for nothing in absent() {
        bodies.push(json!({ "auth": nothing, "meta": nothing, "data": nothing }));
    }
    for body in bodies {
        assert!(parse::<AuthRequest>(body.clone()).unwrap().auth.is_empty());
        let contacts = parse::<ContactsRequest>(body.clone()).unwrap();
        assert_eq!(contacts.meta, ContactsMeta::default());
        let agents = parse::<AgentsRequest>(body.clone()).unwrap();
        assert_eq!(agents.meta, AgentsMeta::default());
        let interactions = parse::<InteractionsRequest>(body.clone()).unwrap();
        assert_eq!(interactions.meta.interaction_types, None);
        assert!(interactions.data == ContactIdentity::default());
        let action = parse::<ActionRequest>(body).unwrap();
        assert!(action.meta == ActionMeta::default() && action.data.is_empty());
    }
}

#[test]
fn absent_null_and_empty_are_the_same_for_every_member() {
    for nothing in absent() {
        let meta = json!({ "offset": nothing, "synchronization_checkpoint": nothing, "context": nothing,
            "interaction_types": nothing, "contact_external_id": nothing, "agent_external_id": nothing });
        let data = json!({ "contact_external_id": nothing, "contact_name": nothing,
            "contact_emails": nothing, "contact_phones": nothing });
        let body = json!({ "auth": { "token": nothing }, "meta": meta, "data": data });
        let contacts = parse::<ContactsRequest>(body.clone()).unwrap();
        assert_eq!(contacts.meta, ContactsMeta::default());
        assert!(contacts.auth.is_empty() && contacts.auth.get("token").is_none());
        assert_eq!(parse::<AgentsRequest>(body.clone()).unwrap().meta.offset, None);
        let interactions = parse::<InteractionsRequest>(body.clone()).unwrap();
        assert_eq!(interactions.meta.interaction_types, None);
        assert!(interactions.data == ContactIdentity::default());
        let action = parse::<ActionRequest>(body).unwrap();
        assert!(action.meta == ActionMeta::default() && action.data.is_empty());
    }
}

#[test]
fn offsets_are_read_as_string_and_as_integer_on_both_endpoints() {
    for offset in [json!("5"), json!(5), json!(5.0)] {
        let body = json!({ "meta": { "offset": offset } });
        let contacts = parse::<ContactsRequest>(body.clone()).unwrap();
        assert_eq!(contacts.meta.offset.as_deref(), Some("5"));
        assert_eq!(parse::<AgentsRequest>(body).unwrap().meta.offset, Some(5));
    }
    let zero = parse::<AgentsRequest>(json!({ "meta": { "offset": 0 } })).unwrap();
    assert_eq!(zero.meta.offset, Some(0));
}

#[test]
fn a_contact_offset_and_checkpoint_come_back_unchanged() {
    let tokens = json!({ "offset": " v1:a b ", "synchronization_checkpoint": "2012-11-20 23:01:00 UTC" });
    let request = parse::<ContactsRequest>(json!({ "meta": tokens })).unwrap();
    assert_eq!(request.meta.offset.as_deref(), Some(" v1:a b "));
    let checkpoint = request.meta.synchronization_checkpoint;
    assert_eq!(checkpoint.as_deref(), Some("2012-11-20 23:01:00 UTC"));
}

#[test]
fn an_agent_offset_that_is_not_a_natural_number_is_refused() {
    for offset in [
        json!(-1),
        json!("-1"),
        json!(1.5),
        json!("1.5"),
        json!("two"),
        json!("+5"),
        json!("1e3"),
        json!(1e300),
        json!("18446744073709551616"),
        json!(true),
        json!([]),
        json!({}),
    ] {
        let at = refused_at::<AgentsRequest>(json!({ "meta": { "offset": offset } }));
        assert_eq!(at, "meta.offset", "{offset}");
    }
}

#[test]
fn context_may_be_any_json_and_is_ignored() {
    for context in [json!(null), json!({"a": [1]}), json!([]), json!(7), json!("x"), json!(false)] {
        let request = parse::<ContactsRequest>(json!({ "meta": { "context": context, "offset": "1" } }));
        assert_eq!(request.unwrap().meta.offset.as_deref(), Some("1"));
    }
}

#[test]
fn ids_may_be_numbers_and_become_strings() {
    let body = json!({ "meta": { "contact_external_id": 7, "agent_external_id": 9007199254740993_u64 } });
    let action = parse::<ActionRequest>(body).unwrap();
    assert_eq!(action.meta.contact_external_id.as_deref(), Some("7"));
    assert_eq!(action.meta.agent_external_id.as_deref(), Some("9007199254740993"));
    let id = json!({ "data": { "contact_external_id": -3 } });
    let interactions = parse::<InteractionsRequest>(id).unwrap();
    assert_eq!(interactions.data.contact_external_id.as_deref(), Some("-3"));
}

#[test]
fn an_id_that_a_float_cannot_hold_is_refused_instead_of_rounded() {
    for id in ["123456789012345678901234567890", "1.5", "1e300"] {
        let body = format!(r#"{{"data":{{"contact_external_id":{id}}}}}"#);
        let error = InteractionsRequest::parse(body.as_bytes()).unwrap_err();
        assert_eq!(error.path, "data.contact_external_id");
    }
}

#[test]
fn emails_and_phones_are_trimmed_and_read_in_every_reasonable_shape() {
    let data = json!({
        "contact_external_id": " 1 ", "contact_name": " Jane Doe ",
        "contact_emails": [" a@b.c ", null, "", "  "], "contact_phones": [14155552671_u64, null, " 030 1 "],
    });
    let request = parse::<InteractionsRequest>(json!({ "data": data })).unwrap();
    assert_eq!(request.data.contact_external_id.as_deref(), Some("1"));
    assert_eq!(request.data.contact_name.as_deref(), Some("Jane Doe"));
    assert_eq!(request.data.contact_emails, ["a@b.c"]);
    assert_eq!(request.data.contact_phones, ["14155552671", "030 1"]);
    let bare = json!({ "data": { "contact_emails": "a@b.c", "contact_phones": 4155552671_u64 } });
    let request = parse::<InteractionsRequest>(bare).unwrap();
    assert_eq!(request.data.contact_emails, ["a@b.c"]);
    assert_eq!(request.data.contact_phones, ["4155552671"]);
}

#[test]
fn interaction_types_absent_and_empty_are_not_the_same() {
    for (types, expected) in [
        (json!([]), Some(vec![])),
        (json!([null, ""]), Some(vec![])),
        (json!(["case", " note "]), Some(vec!["case", "note"])),
        (json!("case"), Some(vec!["case"])),
        (json!(null), None),
    ] {
        let body = json!({ "meta": { "interaction_types": types } });
        let read = parse::<InteractionsRequest>(body).unwrap().meta.interaction_types;
        let expected = expected.map(|e| e.into_iter().map(str::to_owned).collect());
        assert_eq!(read, expected);
    }
}

#[test]
fn action_data_keeps_every_json_type_and_drops_null_and_empty() {
    let data = json!({ "s": "x", "n": 1.5, "b": false, "a": [null, ""], "o": {"k": null}, "null": null, "empty": "" });
    let request = parse::<ActionRequest>(json!({ "data": data })).unwrap();
    let expected = json!({ "s": "x", "n": 1.5, "b": false, "a": [null, ""], "o": {"k": null} });
    assert_eq!(Value::Object(request.data), expected);
}

#[test]
fn auth_values_become_text_without_what_was_pasted_around_them() {
    let auth = json!({ "s": " p q\r\n", "m": "\u{FEFF}k\u{200B}", "n": 12, "f": 1.5, "t": true,
        "null": null, "empty": "", "blank": " \n" });
    let request = parse::<AuthRequest>(json!({ "auth": auth })).unwrap();
    let pairs: Vec<_> = request.auth.names().map(|n| (n, request.auth.get(n).unwrap())).collect();
    assert_eq!(pairs, [("s", "p q"), ("m", "k"), ("n", "12"), ("f", "1.5"), ("t", "true")]);
    let long = AuthRequest::parse(br#"{"auth": {"n": 123456789012345678901234567890}}"#).unwrap();
    assert_eq!(long.auth.get("n"), Some("123456789012345678901234567890"), "no digit is lost");
}

#[test]
fn declared_auth_members_that_are_arrays_or_objects_are_refused_and_others_passed_over() {
    for value in [json!([]), json!({}), json!({ "access_token": ["t"] })] {
        let body = json!({ "auth": { "token": value, "key": "k" } });
        assert_eq!(refused_at::<AuthRequest>(body.clone()), "auth.token");
        assert_eq!(refused_at::<AgentsRequest>(body.clone()), "auth.token");
        let body = body.to_string();
        let envelope = Envelope::read(body.as_bytes(), |name| name == "key").unwrap();
        assert_eq!(envelope.auth().names().collect::<Vec<_>>(), ["key"]);
    }
}

#[test]
fn a_wrong_type_is_named_by_its_path() {
    assert_eq!(refused_at::<ContactsRequest>(json!({ "auth": [] })), "auth");
    assert_eq!(refused_at::<ContactsRequest>(json!({ "meta": 1 })), "meta");
    assert_eq!(refused_at::<ActionRequest>(json!({ "data": [] })), "data");
    let offset = json!({ "meta": { "offset": {} } });
    assert_eq!(refused_at::<ContactsRequest>(offset), "meta.offset");
    let types = json!({ "meta": { "interaction_types": ["case", {}] } });
    assert_eq!(refused_at::<InteractionsRequest>(types), "meta.interaction_types[1]");
    for id in [json!({}), json!("x".repeat(513))] {
        let body = json!({ "data": { "contact_external_id": id } });
        assert_eq!(refused_at::<InteractionsRequest>(body), "data.contact_external_id");
    }
}

#[test]
fn emails_and_phones_are_taken_out_of_objects_as_talkdesks_contacts_have_them() {
    let data = json!({
        "contact_emails": [{ "label": "work", "email": " a@b.c " }, { "value": "d@e.f" }, "a@b.c"],
        "contact_phones": [{ "label": "mobile", "number": "+14155552671" }, { "number": 4155552672_u64 }],
    });
    let request = parse::<InteractionsRequest>(json!({ "data": data })).unwrap();
    assert_eq!(request.data.contact_emails, ["a@b.c", "d@e.f"]);
    assert_eq!(request.data.contact_phones, ["+14155552671", "4155552672"]);
    assert!(request.passed_over.is_empty());
    let bare = json!({ "data": { "contact_phones": { "number": "1" } } });
    assert_eq!(parse::<InteractionsRequest>(bare).unwrap().data.contact_phones, ["1"]);
}

#[test]
fn what_is_not_understood_of_a_contact_is_passed_over_and_named() {
    let data = json!({
        "contact_external_id": "7", "contact_name": { "first": "canary" },
        "contact_emails": ["a@b.c", ["canary"], { "label": "canary" }, "x".repeat(321)],
        "contact_phones": true,
    });
    let request = parse::<InteractionsRequest>(json!({ "data": data })).unwrap();
    assert_eq!(request.data.contact_external_id.as_deref(), Some("7"));
    assert_eq!((request.data.contact_name, request.data.contact_phones.len()), (None, 0));
    assert_eq!(request.data.contact_emails, ["a@b.c"]);
    let paths =
        ["contact_name", "contact_emails[1]", "contact_emails[2]", "contact_emails[3]", "contact_phones[0]"];
    assert_eq!(request.passed_over, paths.map(|path| format!("data.{path}")));
}

#[test]
fn of_many_identifiers_the_first_twenty_count() {
    let phones: Vec<String> = (0..100).map(|n| format!("+1415555{:04}", n / 2)).collect();
    let types: Vec<String> = (0..200).map(|n| format!("t{n}")).collect();
    let body = json!({ "meta": { "interaction_types": types },
        "data": { "contact_phones": phones, "contact_emails": ["x".repeat(320)] } });
    let request = parse::<InteractionsRequest>(body).unwrap();
    assert_eq!(request.data.contact_phones.len(), 20);
    assert_eq!(request.data.contact_phones[19], "+14155550019", "repetitions do not count");
    assert_eq!(request.passed_over, ["data.contact_phones[39…]"]);
    assert_eq!(request.data.contact_emails.len(), 1);
    assert_eq!(request.meta.interaction_types.unwrap().len(), 100);
}

#[test]
fn unknown_fields_are_ignored_at_every_level() {
    let body = json!({ "new": 1, "auth": {}, "meta": { "new": {}, "offset": 3 }, "data": { "new": [], "contact_name": "J" } });
    assert_eq!(parse::<AgentsRequest>(body.clone()).unwrap().meta.offset, Some(3));
    assert_eq!(parse::<ContactsRequest>(body.clone()).unwrap().meta.offset.as_deref(), Some("3"));
    let interactions = parse::<InteractionsRequest>(body).unwrap();
    assert_eq!(interactions.data.contact_name.as_deref(), Some("J"));
}

#[test]
fn a_request_that_is_written_reads_the_same() {
    let request = InteractionsRequest {
        auth: AuthFields::from_pairs([("a", "1"), ("b", ""), ("a", "2")]),
        meta: InteractionsMeta { interaction_types: Some(vec![]) },
        data: ContactIdentity {
            contact_phones: vec!["+14155552671".to_owned()],
            ..ContactIdentity::default()
        },
        passed_over: Vec::new(),
    };
    let json = request.expose_json();
    assert_eq!(json["auth"], json!({ "a": "2" }));
    let again = parse::<InteractionsRequest>(json).unwrap();
    assert!(again.data == request.data && again.meta == request.meta);
}
