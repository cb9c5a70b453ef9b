//! Only a missing id makes a row useless.

use std::sync::Arc;

use minijinja::Value;
use serde_json::json;

use super::*;
use crate::clock::BoxFuture;
use crate::clock::SystemClock;
use crate::crm::Transport;
use crate::crm::transport::{Incoming, Outgoing, TransportError};
use crate::manifest::{File, Manifest};
use crate::phone::PhoneNumbers;

struct NoCrm;

impl Transport for NoCrm {
    fn send(&self, _: Outgoing, _: std::time::Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        Box::pin(async { Err(TransportError::Broken) })
    }
}

fn engine() -> (Arc<Manifest>, Engine) {
    let text = include_str!("../../../tests/fixtures/reading/desk.yaml").to_owned();
    let file = File { name: "desk.yaml".to_owned(), text };
    let manifest = Arc::new(Manifest::load(&[file]).unwrap_or_else(|p| panic!("{p:?}")));
    let phones = PhoneNumbers { default_region: None };
    let engine = Engine::new(manifest.clone(), Arc::new(NoCrm), Arc::new(SystemClock), phones, None);
    (manifest, engine)
}

/// What becomes of a row, and what is left out.
fn contact(id: serde_json::Value, mut row: serde_json::Value) -> (Mapped<Contact>, LeftOut) {
    let (manifest, engine) = engine();
    row["id"] = id;
    let map = &manifest.document().contacts.as_ref().unwrap().map;
    let mut left = LeftOut::default();
    let row = Value::from(minijinja::value::Serde(row));
    let contact = engine.contact(map, &minijinja::context! { row }, &mut left);
    (contact.map(|(contact, _)| contact), left)
}

#[test]
fn an_optional_field_of_another_type_is_left_out_and_the_contact_is_delivered() {
    let odd = json!({"value": "CTO"});
    let (contact, left) = contact(
        json!("7"),
        json!({
            "first": odd, "last": "Lovelace", "title": odd, "company": true, "website": odd,
            "email": [odd, "ada@example.com"], "emails": odd, "phone": odd,
            "mobile": ["+14155552671"], "twitter": odd, "city": "London",
        }),
    );
    let contact = contact.unwrap();
    assert_eq!((contact.id.as_str(), contact.title, contact.company), ("7", None, None));
    assert_eq!(
        (contact.emails, contact.phones),
        (vec!["ada@example.com".to_owned()], vec!["+14155552671".to_owned()])
    );
    assert_eq!(contact.address.as_deref(), Some("London"));
    assert_eq!(left.to_string(), "company 1, emails 2, phones 1, title 1, twitter 1, websites 1");
}

#[test]
fn a_field_of_several_choices_is_one_text() {
    let (contact, left) = contact(json!(7), json!({"title": ["CTO", null, "Founder"], "first": "Ada"}));
    assert_eq!((contact.unwrap().title.as_deref(), left.total()), (Some("CTO, Founder"), 0));
}

#[test]
fn only_a_row_without_an_id_cannot_be_used() {
    for id in [
        json!(null),
        json!(""),
        json!(" "),
        json!(["7"]),
        json!({"v": 7}),
        json!(true),
        json!("a\u{0}b"),
        json!("x".repeat(2000)),
    ] {
        let (contact, _) = contact(id.clone(), json!({"first": "Ada"}));
        assert!(contact.unwrap_err().0.starts_with("id: "), "{id}");
    }
}

#[test]
fn what_a_browser_would_run_or_a_database_would_refuse_is_not_passed_on() {
    let (contact, left) = contact(
        json!("7"),
        json!({
            "first": "Ada\u{0}\u{1b}[0m", "last": "\u{202E}ecalevoL", "website": "javascript:alert(1)",
            "email": "\u{200B}ada@example.com", "twitter": "@ada\u{200E}", "title": "\u{0}",
        }),
    );
    let contact = contact.unwrap();
    assert_eq!((contact.name.as_str(), contact.title), ("Ada[0m ecalevoL", None));
    assert_eq!((contact.emails.as_slice(), contact.websites.len()), (&["ada@example.com".to_owned()][..], 0));
    assert_eq!((contact.twitter.as_deref(), left.to_string().as_str()), (Some("ada"), "websites 1"));
}

#[test]
fn a_contact_has_an_end() {
    let emails: Vec<String> = (0..100_000).map(|n| format!("a{n}@example.com")).collect();
    let phones: Vec<String> = (0..10_000).map(|n| format!("+1415{:07}", 2_000_000 + n)).collect();
    let begun = std::time::Instant::now();
    let (contact, left) = contact(
        json!("7"),
        json!({
            "emails": emails.join(";"), "phone": phones, "mobile": "9".repeat(100_000),
            "first": "n".repeat(1_000_000), "website": format!("https://example.com/{}", "x".repeat(10_000)),
            "email": format!("{}@example.com", "x".repeat(10_000)),
        }),
    );
    let contact = contact.unwrap();
    assert_eq!((contact.emails.len(), contact.phones.len()), (100, 100));
    assert!(contact.name.len() <= 4096 && contact.websites.is_empty());
    assert!(left.to_string().starts_with("emails 99901, phones 9901, websites 1"), "{left}");
    assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
}

#[test]
fn an_agent_needs_an_id_and_an_address_and_nothing_else() {
    let (manifest, engine) = engine();
    let map = &manifest.document().agents.as_ref().unwrap().map;
    let agent = |row: serde_json::Value| {
        let mut left = LeftOut::default();
        let row = Value::from(minijinja::value::Serde(row));
        (engine.agent(map, &minijinja::context! { row }, &mut left), left.to_string())
    };
    let (found, left) =
        agent(json!({"id": 7, "name": {"first": "Ada"}, "email": ["Ada, L. <ada@example.com>", "x"]}));
    let found = found.unwrap();
    assert_eq!(
        (found.name.as_str(), found.email.as_str(), left.as_str()),
        ("ada@example.com", "ada@example.com", "name 1")
    );
    assert_eq!(agent(json!({"id": null, "email": "a@example.com"})).0.unwrap_err().0, "id: empty");
    assert_eq!(agent(json!({"id": 7, "email": {"v": "a@example.com"}})).0.unwrap_err().0, "email: empty");
}

#[test]
fn an_interaction_keeps_what_fits() {
    let (manifest, engine) = engine();
    let map = &manifest.document().interactions.as_ref().unwrap().types["ticket"].map;
    let row = json!({
        "id": 7, "subject": ["It", "broke\u{0}\u{202E}"], "text": {"v": 1}, "at": "2026-05-01T07:25:37Z",
        "url": "data:text/html,<script>", "priority": {"v": 1}, "status": ["open"],
    });
    let mut left = LeftOut::default();
    let row = Value::from(minijinja::value::Serde(row));
    let found = engine.interaction("ticket", map, &minijinja::context! { row }, &mut left).unwrap();
    assert_eq!((found.subject.as_str(), found.description, found.url), ("It, broke", None, None));
    assert_eq!(
        (found.priority, left.to_string().as_str()),
        (Priority::None, "description 1, priority 1, url 1")
    );
}
