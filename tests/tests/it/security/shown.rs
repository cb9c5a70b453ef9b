//! What the author of a CRM's record may put before Talkdesk's agents.

use bridge::contract::Component;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Value, json};

use super::crm::{contact, interaction, page};

const STAMP: &str = "2026-05-01T07:25:37.123Z";
const LINKS: [&str; 8] = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "\u{1}javascript:alert(1)",
];
/// NUL, escape, and marks that turn the direction of text.
const CONTROLS: [char; 6] = ['\0', '\u{1b}', '\u{202e}', '\u{2066}', '\u{7f}', '\u{9b}'];

fn assert_harmless(text: &str, what: &str) {
    let lower = text.to_lowercase();
    for scheme in ["javascript:", "data:text", "vbscript:", "file:"] {
        assert!(!lower.contains(scheme), "{what}: {text}");
    }
    for control in CONTROLS {
        assert!(!text.contains(control), "{what}: {control:?} in {text}");
    }
}

/// Every text of an answer, as Talkdesk would read it.
fn texts(value: &Value, into: &mut Vec<String>) {
    match value {
        Value::String(text) => into.push(text.clone()),
        Value::Array(list) => list.iter().for_each(|it| texts(it, into)),
        Value::Object(map) => map.values().for_each(|it| texts(it, into)),
        _ => {}
    }
}

#[tokio::test]
async fn links_of_contacts_lead_to_the_web_and_texts_hold_no_control_characters() {
    for (n, link) in LINKS.iter().enumerate() {
        let mut row = contact(1, STAMP);
        let control = CONTROLS[n % CONTROLS.len()];
        row["url"] = json!(link);
        row["website"] = json!(link);
        row["first_name"] = json!(format!("A{control}da"));
        row["company"] = json!(format!("Ex{control}ample"));
        row["address"] = json!({"street": format!("Main{control}street")});
        let answer = one_page(Component::Contacts, page(&[row]), Value::Null).await;
        assert_eq!(
            answer["contacts"].as_array().map(Vec::len),
            Some(1),
            "the contact itself is delivered: {answer}"
        );
        let mut found = Vec::new();
        texts(&answer["contacts"], &mut found);
        found.iter().for_each(|text| assert_harmless(text, link));
        assert!(answer["contacts"][0]["name"].as_str().is_some_and(|name| name.starts_with('A')), "{answer}");
    }
}

#[tokio::test]
async fn links_of_interactions_lead_to_the_web_and_texts_hold_no_control_characters() {
    for (n, link) in LINKS.iter().enumerate() {
        let control = CONTROLS[n % CONTROLS.len()];
        let mut row = interaction(1);
        row["url"] = json!(link);
        row["subject"] = json!(format!("Bro{control}ken"));
        row["summary"] = json!(format!("Tal{control}ked"));
        let list = json!({"tickets": [row], "notes": [row], "calls": [row]});
        let answer = one_page(Component::Interactions, list, json!({"contact_external_id": "1"})).await;
        let mut found = Vec::new();
        texts(&answer, &mut found);
        assert!(!found.is_empty(), "{answer}");
        found.iter().for_each(|text| assert_harmless(text, link));
    }
}

#[tokio::test]
async fn a_link_to_the_web_stays() {
    let mut row = contact(1, STAMP);
    row["website"] = json!("www.example.com");
    let answer = one_page(Component::Contacts, page(&[row]), Value::Null).await;
    let contact = &answer["contacts"][0];
    assert!(contact.to_string().contains("www.example.com"), "{contact}");
    assert!(contact.to_string().contains("https://demo-crm.example.com/contacts/1"), "{contact}");
}

#[tokio::test]
async fn a_message_of_the_crms_holds_no_control_characters() {
    let message = format!("No{}body", CONTROLS.iter().collect::<String>());
    let reply = move |_: &Asked| Reply::json(422, &json!({"error": {"message": message}}));
    let lab = Lab::of("demo", Component::Actions).start(reply).await;
    let answer = lab.ask(json!({"contact_external_id": "1"}), json!({"note": "x"})).await.expect("an answer");
    assert_eq!(answer.status, 400);
    assert_harmless(answer.body["message"].as_str().unwrap(), "message");
}

async fn one_page(component: Component, body: Value, data: Value) -> Value {
    let lab = Lab::of("demo", component).start(move |_| Reply::json(200, &body)).await;
    let answer = lab.ask(Value::Null, data).await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body
}
