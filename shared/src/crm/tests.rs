//! What `check` promises, the engine gives: every template of every component is evaluated with every
//! name that its place offers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value as Json, json};

use super::transport::{Incoming, Outgoing, TransportError};
use super::*;
use crate::clock::BoxFuture;
use crate::clock::SystemClock;
use crate::contract::auth::AuthFields;
use crate::contract::interactions::ContactIdentity;
use crate::crm::actions::ActionContext;
use crate::manifest::{File, places};

/// A manifest with a template at every place of the language.
const EVERYWHERE: &str = include_str!("../../tests/fixtures/manifest/everywhere.yaml");

/// Answers by path.
struct Crm;

impl Transport for Crm {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let query = request.url.query().unwrap_or_default();
        let row = json!({"id": "1", "name": "N", "at": "2026-01-01T00:00:00Z", "email": "n@example.com"});
        let full = json!({"rows": [row, row], "more": true, "next": "2", "done": true});
        let rest = json!({"rows": [row], "more": false, "next": null, "done": true});
        let (status, body) = match (request.method, request.url.path()) {
            ("GET", "/contacts") if query.contains("until=") => (200, rest),
            ("GET", "/contacts") => (200, full),
            (_, "/taken") => (409, json!({"existing": "9", "why": "taken", "wait": "1"})),
            _ => (200, rest),
        };
        let body = body.to_string().into_bytes();
        Box::pin(async move { Ok(Incoming { status, headers: Vec::new(), body }) })
    }
}

/// The manifest with every template reading all the names that it may read.
fn reading_all(mut manifest: Json, promised: &[(Vec<String>, Vec<String>)]) -> Json {
    for (path, names) in promised {
        let place = path.iter().try_fold(&mut manifest, |value, key| match value {
            Json::Object(map) => map.get_mut(key),
            Json::Array(items) => items.get_mut(key.parse::<usize>().ok()?),
            _ => None,
        });
        let texts = match place {
            Some(Json::Array(items)) => items.iter_mut().collect(),
            Some(text) => vec![text],
            None => Vec::new(),
        };
        for text in texts {
            let Json::String(source) = text else { continue };
            let Some((before, rest)) = source.split_once("{{") else { continue };
            let (expression, after) = rest.split_once("}}").unwrap();
            let names = names.join(", ");
            *text =
                format!("{before}{{{{ ({expression}) if [{names}] | size > 0 else none }}}}{after}").into();
        }
    }
    manifest
}

async fn run(manifest: &Json) -> BTreeSet<String> {
    let text = serde_json::to_string_pretty(manifest).unwrap();
    let file = File { name: "everywhere".to_owned(), text };
    let manifest = Manifest::load(&[file]).unwrap_or_else(|e| {
        panic!("{}", e.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
    });
    let manifest = Arc::new(manifest);
    let engine =
        Engine::new(manifest.clone(), Arc::new(Crm), Arc::new(SystemClock), PhoneNumbers::default(), None);
    let auth = AuthFields::from_pairs([("account", "acme"), ("bridge_key", "k")]);
    let secret = HashMap::from([("key".to_owned(), SecretString::from("s"))]);
    let deadline = Moment::now().plus(Duration::from_secs(20));
    let session = Session::new(&manifest, &auth, Some(&secret), deadline, "test").at(Moment::now());
    scope::MISSING.with_borrow_mut(BTreeSet::clear);
    let document = manifest.document();
    engine.validate(&session, document.auth_validation.as_ref().unwrap()).await.unwrap();
    engine.contacts(&session, None, None).await.unwrap();
    engine.agents(&session, document.agents.as_ref().unwrap(), None).await.unwrap();
    let someone =
        ContactIdentity { contact_emails: vec!["n@example.com".to_owned()], ..ContactIdentity::default() };
    let interactions = document.interactions.as_ref().unwrap();
    let found = engine.interactions(&session, interactions, None, &someone).await.unwrap();
    assert_eq!(found.0.len(), 1);
    let context = ActionContext { contact_id: Some("1"), agent_id: Some("2") };
    for (name, action) in &document.actions {
        let data = Map::from_iter([("title".to_owned(), json!("T"))]);
        let answer = engine.act(&session, name, action, context.clone(), &data).await.unwrap();
        assert!(answer.message.is_some(), "{name}");
    }
    scope::MISSING.with_borrow(Clone::clone)
}

#[tokio::test]
async fn every_name_that_check_offers_at_a_place_exists_when_the_engine_gets_there() {
    let range: Json = serde_saphyr::from_str(EVERYWHERE).unwrap();
    let mut cursor = range.clone();
    cursor["contacts"]["checkpoint"] =
        json!({"mode": "cursor", "settle": "PT1M", "next": "{{ body.next }}", "done": "{{ body.done }}"});
    cursor["contacts"]["fetch"]["query"]["cursor"] = "{{ cursor }}".into();
    for manifest in [range, cursor] {
        let file = File { name: "everywhere".to_owned(), text: manifest.to_string() };
        let loaded = Manifest::load(&[file]).unwrap_or_else(|e| {
            panic!("{}", e.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
        });
        let promised = places::check(loaded.document(), &mut crate::manifest::check::Findings::default());
        assert!(promised.len() > 40, "{}", promised.len());
        assert!(run(&manifest).await.is_empty());
        let missing = run(&reading_all(manifest, &promised)).await;
        assert!(missing.is_empty(), "offered, but not there: {missing:?}");
    }
}
