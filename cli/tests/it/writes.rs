//! Writes: what the manifest adds by itself is not insisted on, what was written stays known, and the
//! same action twice is one write where anything can tell.

use std::sync::Arc;

use bridge::manifest::{File, Manifest};
use serde_json::{Value, json};
use talkdesk_bridge::fixture::Fixture;
use talkdesk_bridge::replay::play;

use crate::world::World;

/// An OAuth manifest whose action writes a message first, and then an issue with an owner.
const TWO_WRITES: &str = r#"
schema: 1
integration:
  name: two
  display_name: Two
  description: A CRM whose issues need a message first.
  logo_url: https://example.com/logo.png
  icon_url: https://example.com/icon.png
  authentication_type: oauth2
  authentication: {access_token: {display: Token, source: default, type: oauth, secret: true}}
connection:
  base_url: https://crm.example.com
  hosts: ["crm\\.example\\.com"]
  auth: {headers: {Authorization: "Bearer {{ auth.access_token }}"}}
errors:
  - {status: [403, 409, 422], when: "{{ body.why is not none }}", class: invalid, message: "{{ body.why }}"}
actions:
  create:
    display: create an issue
    description: create an issue
    input: {title: {name: Title, mandatory: true}, text: {name: Text}}
    steps:
      message:
        when: "{{ input.text is not none }}"
        fetch: {method: POST, path: /messages, body: {text: "{{ input.text }}"}}
        value: "{{ body.id }}"
    fetch:
      method: POST
      path: /issues
      optional: {open.state: state, owner: {name: owner, instead: "{{ 'nobody' if input.text else none }}"}}
      body: {title: "{{ input.title }}", message: "{{ steps.message }}", owner: "{{ agent.id }}", open: {state: new}}
    result: {message: "Issue  {{ body.number }} created.", external_id: "{{ body.id }}"}
"#;

fn call(path: &str, body: Value, status: u16, answer: Value) -> Value {
    json!({
        "request": {"method": "POST", "url": format!("https://crm.example.com{path}"), "body": body},
        "response": {"status": status, "body": answer},
    })
}

async fn plays(data: Value, exchanges: Value, status: u16, message: &str) {
    let manifest = File { name: "two.yaml".to_owned(), text: TWO_WRITES.to_owned() };
    let manifest = Arc::new(Manifest::load(&[manifest]).unwrap_or_else(|e| panic!("{e:?}")));
    let body = json!({"message": message, "error": "*", "external_id": "*"});
    let body = body.as_object().unwrap().clone().into_iter();
    let wanted = |key: &str| key == "message" || (key == "error") == (status != 201);
    let body: Value = body.filter(|(key, _)| wanted(key)).collect::<serde_json::Map<_, _>>().into();
    let fixture = json!({
        "title": "t", "component": "actions/create", "source": "s", "auth": {"access_token": "t"},
        "turns": [{
            "meta": {"agent_external_id": "7"}, "data": data, "exchanges": exchanges,
            "expect": {"status": status, "body": body},
        }],
    });
    let fixture: Fixture = serde_json::from_value(fixture).unwrap();
    let played = play(&manifest, &fixture).await;
    assert!(played.is_ok(), "{}", played.unwrap_err().join("\n"));
}

fn issue(owner: Option<&str>, state: bool) -> Value {
    let mut body = json!({"title": "T", "open": {}});
    if let Some(owner) = owner {
        body["owner"] = owner.into();
    }
    if state {
        body["open"]["state"] = "new".into();
    }
    body
}

#[tokio::test]
async fn a_write_that_is_refused_for_what_the_manifest_adds_is_made_without_it_and_says_so() {
    let refused = |body: Value, why: &str| call("/issues", body, 422, json!({"why": why}));
    let made = |body: Value| call("/issues", body, 201, json!({"id": "1", "number": 5}));
    let first = refused(issue(Some("7"), true), "state: required field is empty");
    plays(
        json!({"title": "T"}),
        json!([first, made(issue(Some("7"), false))]),
        201,
        "Issue 5 created, without the state: state: required field is empty",
    )
    .await;
    let second = refused(issue(Some("7"), false), "owner: is not active");
    plays(
        json!({"title": "T"}),
        json!([first, second, made(issue(None, false))]),
        201,
        "Issue 5 created, without the state and the owner: owner: is not active",
    )
    .await;
    let third = refused(issue(None, false), "title: too short");
    plays(json!({"title": "T"}), json!([first, second, third]), 400, "title: too short").await;
}

#[tokio::test]
async fn only_a_refusal_is_asked_again_with_less() {
    let message = [
        (401, "The CRM does not accept the credentials."),
        (429, "The CRM limits the number of requests. Try again later."),
        (
            500,
            "The CRM is not available. Try again later. Check in the CRM whether it was done before trying again.",
        ),
    ];
    for (status, message) in message {
        let mut once = call("/issues", issue(Some("7"), true), status, json!({}));
        // A limit that lasts longer than the request.
        once["response"]["headers"] = json!({"retry-after": "3600"});
        let answered = if status == 401 { 401 } else { 400 };
        plays(json!({"title": "T"}), json!([once]), answered, message).await;
    }
}

#[tokio::test]
async fn what_stands_in_for_a_refused_member_is_sent_and_a_failure_after_a_write_is_never_401() {
    let text = call("/messages", json!({"text": "t"}), 201, json!({"id": "m"}));
    let with = |mut body: Value| {
        body["message"] = "m".into();
        body
    };
    let refused = |body: Value| call("/issues", with(body), 403, json!({"why": "no"}));
    let last = call("/issues", with(issue(Some("nobody"), false)), 201, json!({"id": "1", "number": 5}));
    let calls = json!([text, refused(issue(Some("7"), true)), refused(issue(Some("7"), false)), last]);
    let told = "Issue 5 created, without the state and the owner: no";
    plays(json!({"title": "T", "text": "t"}), calls, 201, told).await;

    let denied = call("/issues", with(issue(Some("7"), true)), 401, json!({}));
    let told = "The CRM does not accept the credentials. \
                A part of it was done before: look into the CRM before trying again.";
    plays(json!({"title": "T", "text": "t"}), json!([text, denied]), 400, told).await;
}

#[tokio::test]
async fn the_same_call_twice_is_written_once_and_answered_alike() {
    let world = World::start().await;
    let meta = json!({"contact_external_id": "1", "agent_external_id": "1"});
    let log = |id: &str| json!({"direction": "inbound", "call_id": id, "seconds": 5});
    let first = world.act("log_call", meta.clone(), log("c-1")).await;
    let again = world.act("log_call", meta.clone(), log("c-1")).await;
    assert_eq!((first.status, &first.body), (201, &again.body));
    assert_eq!(world.control().requests().len(), 1);
    // Another call, another person, and calls without an id are other calls.
    for (contact, data) in [
        ("1", log("c-2")),
        ("2", log("c-1")),
        ("1", json!({"direction": "inbound"})),
        ("1", json!({"direction": "inbound"})),
    ] {
        let reply = world.act("log_call", json!({"contact_external_id": contact}), data).await;
        assert_ne!(reply.body["external_id"], first.body["external_id"]);
    }
    assert_eq!(world.control().requests().len(), 5);
}

#[tokio::test]
async fn the_same_call_at_the_same_moment_is_written_once() {
    let world = World::start().await;
    let data = json!({"direction": "inbound", "call_id": "c-1", "seconds": 5});
    let act = || world.act("log_call", json!({"contact_external_id": "1"}), data.clone());
    let (first, second, third) = tokio::join!(act(), act(), act());
    assert_eq!((first.status, &first.body, &first.body), (201, &second.body, &third.body));
    assert_eq!(world.control().requests().len(), 1);
}

#[tokio::test]
async fn the_same_words_have_one_key_for_a_crm_that_takes_keys_and_others_have_another() {
    let world = World::start().await;
    let ticket = async |subject: &str, contact: &str| {
        let meta = json!({"contact_external_id": contact, "agent_external_id": "1"});
        world.act("create_ticket", meta, json!({"subject": subject})).await.body["external_id"].clone()
    };
    let first = ticket("No dial tone", "1").await;
    assert_ne!(ticket(" No dial tone", "1").await, first, "a text is sent as it was filled in");
    assert_eq!(ticket("No dial tone", "1").await, first);
    assert_ne!(ticket("No dial tone", "2").await, first);
    assert_ne!(ticket("Dial tone", "1").await, first);
    let keys: Vec<_> = world.control().requests().into_iter().map(|r| r.idempotency_key.unwrap()).collect();
    assert_eq!(keys[0], keys[2]);
    let others: std::collections::HashSet<_> = keys.iter().collect();
    assert_eq!(others.len(), 4, "{keys:?}");
}
