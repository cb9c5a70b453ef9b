//! What an action's inputs may look like, and what is said of those that do not fit.

use super::*;
use serde_json::json;

fn action() -> Action {
    let input = json!({
        "direction": {"name": "Direction", "mandatory": true, "type": "select", "format": "inbound, Outbound",
            "also": {"outgoing": "Outbound"}},
        "seconds": {"name": "Duration in seconds", "type": "number", "min": 0, "max": 86399, "default": "0"},
        "amount": {"name": "Amount", "type": "number"},
        "due": {"name": "Due", "type": "datetime"},
        "at": {"name": "At", "type": "time"},
        "fields": {"name": "Fields", "type": "key/value"},
        "note": {"name": "Note"},
    });
    let text = json!({"display": "d", "description": "d", "input": input, "fetch": {}, "result": {}});
    serde_json::from_value(text).unwrap()
}

fn told(data: Json) -> String {
    let data = data.as_object().unwrap().clone();
    inputs(&action(), &data, None).unwrap_err().message.into_owned()
}

fn read_as(data: Json) -> Json {
    let data = data.as_object().unwrap().clone();
    serde_json::to_value(inputs(&action(), &data, None).unwrap_or_else(|e| panic!("{}", e.message))).unwrap()
}

#[test]
fn a_choice_is_taken_however_it_is_spelt_and_becomes_the_declared_one() {
    for (said, choice) in [
        ("inbound", "inbound"),
        (" INBOUND\n", "inbound"),
        ("outbound", "Outbound"),
        ("Outgoing", "Outbound"),
    ] {
        assert_eq!(read_as(json!({"direction": said}))["direction"], choice, "{said}");
    }
}

#[test]
fn what_is_no_choice_names_the_input_and_its_choices() {
    for said in [json!("incoming"), json!("IN"), json!(1), json!(true), json!(["inbound"]), json!({"a": 1})] {
        assert_eq!(
            told(json!({"direction": said})),
            "Direction: inbound or Outbound. Please choose one of these values: 'inbound,Outbound'.",
            "{said}"
        );
    }
    assert_eq!(told(json!({"direction": " "})), "Please fill in: Direction.");
}

#[test]
fn a_number_is_a_number_within_its_bounds_however_it_is_written() {
    for (said, number) in [
        (json!("180"), json!(180)),
        (json!(" 7 "), json!(7)),
        (json!(12.0), json!(12)),
        (json!("1e2"), json!(100)),
    ] {
        assert_eq!(read_as(json!({"direction": "inbound", "seconds": said}))["seconds"], number, "{said}");
    }
    assert_eq!(read_as(json!({"direction": "inbound"}))["seconds"], 0);
    assert_eq!(read_as(json!({"direction": "inbound", "amount": "12.5"}))["amount"], 12.5);
    let odd = [
        json!(-5),
        json!("1e9"),
        json!("abc"),
        json!("1,5"),
        json!("NaN"),
        json!("inf"),
        json!(true),
        json!([1]),
    ];
    for said in odd {
        let told = told(json!({"direction": "inbound", "seconds": said}));
        assert_eq!(told, "Duration in seconds: a number from 0 to 86399.", "{said}");
    }
}

#[test]
fn times_and_pairs_are_what_they_are_declared_to_be() {
    let said = json!({"direction": "inbound", "due": "soon", "at": "noon", "fields": "a=b"});
    assert_eq!(
        told(said),
        "Due: a date and time such as 2026-05-14T18:00. At: a time such as 18:00. Fields: pairs of a key and a value."
    );
    let said =
        json!({"direction": "inbound", "due": "2026-05-14", "at": "6:05 PM", "fields": "{\"a\": \"b\"}"});
    assert_eq!(
        read_as(said),
        json!({"direction": "inbound", "seconds": 0, "due": "2026-05-14", "at": "6:05 PM", "fields": {"a": "b"}})
    );
    let said = json!({"direction": "inbound", "fields": [{"key": "a", "value": 1}]});
    assert_eq!(read_as(said)["fields"], json!([{"key": "a", "value": 1}]));
}

#[test]
fn a_time_without_a_zone_is_that_of_the_accounts_people() {
    let zone = Zone::named("America/Los_Angeles").unwrap();
    let due = |zone: Option<&Zone>, text: &str| {
        let data = json!({"direction": "inbound", "due": text});
        let inputs = inputs(&action(), data.as_object().unwrap(), zone).unwrap();
        inputs.get_attr("due").unwrap().to_string()
    };
    for (said, there) in [
        ("2026-05-14T18:00", "2026-05-14T18:00:00-07:00"),
        ("2026-01-14 18:00:00", "2026-01-14T18:00:00-08:00"),
        ("2026-05-14", "2026-05-14T00:00:00-07:00"),
        ("2026-05-14T18:00:00Z", "2026-05-14T18:00:00Z"),
        ("2026-05-14T18:00:00+02:00", "2026-05-14T18:00:00+02:00"),
    ] {
        assert_eq!((due(Some(&zone), said).as_str(), due(None, said).as_str()), (there, said));
    }
}

#[test]
fn a_placeholder_that_talkdesk_did_not_fill_is_nothing() {
    let said = json!({"direction": "inbound", "note": " {{ contact.name }} ", "seconds": "{{duration}}"});
    assert_eq!(read_as(said), json!({"direction": "inbound", "seconds": 0}));
    assert_eq!(told(json!({"direction": "{{direction}}"})), "Please fill in: Direction.");
    for text in ["{{}}", "{{ }}", "{{a}} and {{b}}", "{a}", "{{a b}}"] {
        assert_eq!(read_as(json!({"direction": "inbound", "note": text}))["note"], text);
    }
}

#[test]
fn a_duration_is_also_read_as_clocks_show_it() {
    for (said, seconds) in [("01:01", 61), ("1:02:03", 3723), ("00:00:07", 7)] {
        assert_eq!(read_as(json!({"direction": "inbound", "seconds": said}))["seconds"], seconds, "{said}");
    }
    for said in [":1", "1:2:3:4", "-1:00", "1:100", "24:00:00"] {
        let told = told(json!({"direction": "inbound", "seconds": said}));
        assert_eq!(told, "Duration in seconds: a number from 0 to 86399.", "{said}");
    }
}

#[test]
fn a_field_of_text_gets_text_and_all_complaints_come_at_once() {
    assert_eq!(read_as(json!({"direction": "inbound", "note": 5}))["note"], "5");
    assert_eq!(
        told(json!({"seconds": -1})),
        "Please fill in: Direction. Duration in seconds: a number from 0 to 86399."
    );
}
