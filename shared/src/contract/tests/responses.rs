//! Writing answers.

use serde_json::{Value, json};

use super::super::*;

fn contact(id: &str) -> Contact {
    Contact { id: id.to_owned(), name: "Jane".to_owned(), ..Contact::default() }
}

fn written(value: &impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn a_contact_always_has_its_three_lists_and_leaves_absent_texts_out() {
    let expected = json!({ "id": "1", "name": "Jane", "emails": [], "phones": [], "websites": [] });
    assert_eq!(written(&contact("1")), expected);
}

#[test]
fn next_offset_is_left_out_on_the_last_page() {
    let page =
        ContactsResponse { next_offset: None, synchronization_checkpoint: "c".to_owned(), contacts: vec![] };
    assert_eq!(written(&page), json!({ "synchronization_checkpoint": "c", "contacts": [] }));
    assert_eq!(written(&AgentsResponse::default()), json!({ "agents": [] }));
}

#[test]
fn contact_offsets_are_strings_and_agent_offsets_are_integers() {
    let page = ContactsResponse {
        next_offset: Some("2".to_owned()),
        synchronization_checkpoint: "c".to_owned(),
        contacts: vec![contact("1")],
    };
    assert_eq!(written(&page)["next_offset"], json!("2"));
    let page = AgentsResponse { agents: vec![], next_offset: Some(2) };
    assert_eq!(written(&page)["next_offset"], json!(2));
}

#[test]
fn interactions_are_a_bare_array_also_when_empty() {
    assert_eq!(written(&InteractionsResponse::default()), json!([]));
}

#[test]
fn an_interaction_always_has_a_priority() {
    let interaction = Interaction {
        id: "1".to_owned(),
        subject: "s".to_owned(),
        description: None,
        date: "2012-11-21 17:53:51 UTC".parse().unwrap(),
        url: None,
        r#type: "case".to_owned(),
        priority: Priority::default(),
        status: None,
    };
    let expected = json!({ "id": "1", "subject": "s", "date": "2012-11-21 17:53:51 UTC", "type": "case", "priority": "none" });
    assert_eq!(written(&interaction), expected);
}

#[test]
fn priority_and_status_are_closed_lists_in_talkdesks_words() {
    let words: Vec<_> = Priority::ALL.iter().map(|p| p.as_str()).collect();
    assert_eq!(words, ["none", "low", "normal", "high", "urgent"]);
    let words: Vec<_> = Status::ALL.iter().map(|s| s.as_str()).collect();
    assert_eq!(words, ["new", "open", "pending", "solved", "closed"]);
    for status in Status::ALL {
        assert_eq!(Status::parse(status.as_str()), Some(*status));
        assert_eq!(written(status), json!(status.as_str()));
    }
    for wrong in ["", "High", "high ", "hight"] {
        assert_eq!(Priority::parse(wrong), None);
        assert!(serde_json::from_value::<Priority>(json!(wrong)).is_err());
    }
}

#[test]
fn dates_are_printed_and_read_in_exactly_one_form() {
    let text = "2012-11-21 17:53:51 UTC";
    let date: TalkdeskDate = text.parse().unwrap();
    assert_eq!(date.to_string(), text);
    assert_eq!(written(&date), json!(text));
    assert_eq!(serde_json::from_value::<TalkdeskDate>(json!(text)).unwrap(), date);
    for wrong in [
        "",
        "2012-11-21",
        "2012-11-21T17:53:51Z",
        "2012-11-21 17:53:51",
        "2012-11-21 17:53:51 utc",
        "2012-11-21 17:53:51 UTC ",
        " 2012-11-21 17:53:51 UTC",
        "2012-11-21  7:53:51 UTC",
        "2012-1-21 17:53:51 UTC",
        "2012-13-21 17:53:51 UTC",
        "2012-02-30 17:53:51 UTC",
        "2012-11-21 24:00:00 UTC",
        "2016-12-31 23:59:60 UTC",
        "+012-11-21 17:53:51 UTC",
        "2012-11-21\t17:53:51 UTC",
        "２012-11-21 17:53:51 UTC",
        "2012-11-21 17:53:51 CET",
    ] {
        assert!(wrong.parse::<TalkdeskDate>().is_err(), "{wrong}");
    }
}

#[test]
fn dates_drop_fractions_and_know_four_digit_years_only() {
    let at = |seconds, nanos| chrono::DateTime::from_timestamp(seconds, nanos).unwrap();
    let date = TalkdeskDate::new(at(1_353_520_431, 999_999_999)).unwrap();
    assert_eq!(date.to_string(), "2012-11-21 17:53:51 UTC");
    assert_eq!(TalkdeskDate::new(at(-1, 500_000_000)).unwrap().to_string(), "1969-12-31 23:59:59 UTC");
    for (seconds, expected) in [
        (-62_167_219_200, Some("0000-01-01 00:00:00 UTC")),
        (-62_167_219_201, None),
        (253_402_300_799, Some("9999-12-31 23:59:59 UTC")),
        (253_402_300_800, None),
    ] {
        let date = TalkdeskDate::new(at(seconds, 0)).map(|d| d.to_string());
        assert_eq!(date.as_deref(), expected);
        assert!(date.is_none_or(|d| d.parse::<TalkdeskDate>().is_ok()));
    }
}

#[test]
fn an_action_answer_has_only_what_applies() {
    assert_eq!(written(&ActionResponse::default()), json!({}));
}

#[test]
fn an_auth_answer_is_an_empty_object_by_default() {
    assert_eq!(written(&AuthResponse::default()), json!({}));
}

#[test]
fn an_error_has_a_message_at_the_top_only_for_actions() {
    let mut body = ErrorBody {
        error: ErrorDetail { code: "c".to_owned(), message: "m".to_owned(), request_id: "r".to_owned() },
        message: None,
    };
    let error = json!({ "code": "c", "message": "m", "request_id": "r" });
    assert_eq!(written(&body), json!({ "error": error }));
    body.message = Some("m".to_owned());
    assert_eq!(written(&body), json!({ "error": error, "message": "m" }));
}

#[test]
fn unknown_members_of_answers_are_ignored() {
    let page = json!({ "synchronization_checkpoint": "c", "context": null, "new": 1,
        "contacts": [{ "id": "1", "name": "Jane", "new": {} }] });
    let page: ContactsResponse = serde_json::from_value(page).unwrap();
    assert!(page.contacts == [contact("1")]);
}

#[test]
fn debug_of_answers_shows_no_personal_data() {
    let full = Contact { emails: vec!["canary".to_owned()], name: "canary".to_owned(), ..contact("17") };
    let agent = Agent { id: "18".to_owned(), name: "canary".to_owned(), email: "canary".to_owned() };
    let action = ActionResponse { message: Some("canary".to_owned()), ..ActionResponse::default() };
    let auth = AuthResponse([("token".to_owned(), json!("canary"))].into_iter().collect());
    let shown = format!("{full:?} {agent:?} {action:?} {auth:?}");
    assert!(!shown.contains("canary"), "{shown}");
    assert!(["17", "18", "token"].iter().all(|s| shown.contains(s)), "{shown}");
}

#[test]
fn components_are_found_by_every_name() {
    for component in Component::ALL {
        assert_eq!(Component::from_name(component.name()), Some(component));
        assert_eq!(Component::from_function_name(component.function_name()), Some(component));
        assert_eq!(written(&component), json!(component.name()));
        assert_eq!(component.endpoint_field().is_none(), component == Component::Actions);
    }
}
