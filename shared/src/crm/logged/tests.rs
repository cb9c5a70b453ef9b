//! What a logged call says: in the CRM's own places where it has them, else in its text.

use serde_json::{Value as Json, json};

use super::*;

fn action(fetch: &Json) -> Action {
    let input: serde_json::Map<String, Json> = DETAILS
        .iter()
        .chain(&["direction", "seconds", "summary"])
        .map(|key| ((*key).to_owned(), json!({"name": key.to_uppercase()})))
        .collect();
    let text = json!({"display": "d", "description": "d", "input": input, "fetch": fetch, "result": {}});
    serde_json::from_value(text).unwrap()
}

fn told(fetch: &Json, input: Json) -> Json {
    let now = Moment::parse("2026-11-22T12:00:00Z").unwrap();
    let call = call(&action(fetch), &Value::from(minijinja::value::Serde(input)), now);
    let time = |name: &str| Json::from(call.get_attr(name).unwrap().to_string());
    json!({"text": call.get_attr("text").unwrap().as_str(), "start": time("started_at"), "end": time("ended_at")})
}

#[test]
fn what_has_no_place_in_the_crm_stands_in_the_text_below_the_summary() {
    let input = json!({"summary": "Asked for a price", "recording": "https://a.example/1", "tags": ["vip", "de"],
        "hold": 12, "call_id": "c1", "hangup": " agent\n"});
    let text = "Asked for a price\nHOLD: 12\nHANGUP: agent\nTAGS: vip, de\nRECORDING: https://a.example/1\nCALL_ID: c1";
    assert_eq!(told(&json!({}), input)["text"], text);
    assert_eq!(told(&json!({}), json!({"call_id": "c1"}))["text"], "CALL_ID: c1");
    assert_eq!(told(&json!({}), json!({"summary": " ", "tags": {"a": 1}}))["text"], Json::Null);
    assert_eq!(told(&json!({}), json!({"summary": "Asked\nagain"}))["text"], "Asked\nagain");
}

#[test]
fn what_a_request_names_does_not_stand_in_the_text_as_well() {
    let fetch = json!({"body": {"link": "{{ input.recording }}", "by": ["{{ input.agent_name | upper }}"]}});
    let input = json!({"recording": "https://a.example/1", "agent_name": "Ada", "hold": 12});
    assert_eq!(told(&fetch, input)["text"], "HOLD: 12");
}

#[test]
fn the_start_is_talkdesks_where_it_is_a_time_that_can_be_true() {
    let fetch = json!({"body": {"at": "{{ call.started_at }}"}});
    let input = |start: &str| json!({"seconds": 60, "started_at": start});
    for start in ["2026-11-22T11:30:00Z", "2026-11-22T12:30:00+01:00", "2026-11-22 11:30:00 UTC"] {
        let told = told(&fetch, input(start));
        assert_eq!(told["text"], Json::Null, "{start}");
        assert!(told["start"].as_str().unwrap().starts_with("2026-11-22T11:30:00"), "{told}");
        assert!(told["end"].as_str().unwrap().starts_with("2026-11-22T11:31:00"), "{told}");
    }
    // Hours off, to come, or of a form that nobody knows: only to be read by people.
    for start in ["2026-11-22T11:30:00", "2026-11-22T12:30:00Z", "half past eleven"] {
        let told = told(&fetch, input(start));
        assert_eq!(told["text"], format!("STARTED_AT: {start}"));
        assert!(told["start"].as_str().unwrap().starts_with("2026-11-22T11:59:00"), "{told}");
    }
    // A CRM without a place for the time has it in the text.
    let told = told(&json!({}), input("2026-11-22T11:30:00Z"));
    assert_eq!(told["text"], "STARTED_AT: 2026-11-22T11:30:00Z");
}

#[test]
fn the_details_are_those_of_the_standard() {
    let standard: Json = serde_saphyr::from_str(crate::manifest::STANDARD).unwrap();
    let mut group: Vec<&str> =
        standard["groups"]["call_details"].as_array().unwrap().iter().filter_map(Json::as_str).collect();
    let mut known = DETAILS.to_vec();
    group.sort_unstable();
    known.sort_unstable();
    assert_eq!(group, known);
}
