//! What is seen of live exchanges: traces for people, fixtures for `check`; secrets and people in neither.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bridge::contract::Component;
use bridge::manifest::Manifest;
use demo_crm::{DemoCrm, Fault, FaultKind};
use serde_json::{Value, json};
use talkdesk_bridge::fixture::{Fixture, read_all};
use talkdesk_bridge::replay::play;
use talkdesk_bridge::watch::Observer;
use talkdesk_bridge::watch::mask::Mask;
use talkdesk_bridge::watch::record::Record;
use talkdesk_bridge::watch::record::account::{account, hide};
use talkdesk_bridge::watch::trace::Trace;

use crate::world::{KEY, World};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo")
}

pub fn mask(crm: &DemoCrm) -> Mask {
    let manifest = Manifest::read(&demo(), None).unwrap();
    let mut mask = Mask::of(&Manifest::files(&demo()).unwrap(), &manifest);
    [KEY, crm.api_key()].into_iter().for_each(|secret| mask.secret(secret));
    mask
}

fn record(folder: &Path) -> impl FnOnce(&DemoCrm, &Arc<Manifest>) -> Arc<dyn Observer> {
    let first = read_all(&demo()).unwrap().remove(0).1;
    let folder = folder.join("fixtures");
    move |crm, manifest| {
        Arc::new(Record {
            manifest: manifest.clone(),
            mask: Mutex::new(mask(crm)),
            folder,
            source: "a demo CRM of this test".to_owned(),
            account: (first.auth, first.secret),
            runs: Mutex::new(HashMap::new()),
            print: |_| {},
        })
    }
}

/// Names, addresses and numbers of everybody in the CRM, and what gives access to it.
pub fn canaries(world: &World) -> Vec<String> {
    let held = world.control().contacts().unwrap();
    let mut all = vec![KEY.to_owned(), world.crm.api_key().to_owned()];
    for contact in held {
        all.extend(contact.email.filter(|email| email.contains('@')));
        all.extend(contact.last_name.filter(|name| name.len() > 5));
    }
    all.iter_mut().for_each(|text| *text = text.trim().to_owned());
    all
}

#[tokio::test]
async fn recorded_fixtures_pass_check_and_hold_no_secret_and_nobody() {
    let folder = folder("recorded");
    let world = World::observed("limits: {page_size: 20}\n", record(&folder)).await;
    world.every_reading().await;
    let meta = json!({"contact_external_id": "5"});
    world.act("create_ticket", meta.clone(), json!({"subject": "Call Jane Doe back: +1 415 555 2671"})).await;
    world.fault("/api/v1/tickets", FaultKind::Status, |f| Fault { status: Some(422), ..f });
    world.act("create_ticket", meta, json!({"subject": "Refused"})).await;

    let fixtures = read_all(&folder).unwrap();
    let names: Vec<_> = fixtures.iter().map(|(name, _)| name.rsplit('/').next().unwrap()).collect();
    assert!(fixtures.len() >= 8, "{names:?}");
    let manifest = Arc::new(Manifest::read(&demo(), None).unwrap());
    let mut pages = 0;
    for (name, fixture) in &fixtures {
        // The recorded pages have 20 rows by an overlay; everything else plays without one.
        if fixture.component != "contacts" {
            play(&manifest, fixture).await.unwrap_or_else(|why| panic!("{name}: {why:?}"));
        }
        pages = pages.max(turns(fixture, "contacts"));
        let text = std::fs::read_to_string(name).unwrap();
        for canary in canaries(&world) {
            assert!(!text.contains(&canary), "{name} holds {canary}");
        }
        for person in ["Jane Doe", "555 2671", "127.0.0.1"] {
            assert!(!text.contains(person), "{name} holds {person}");
        }
    }
    assert_eq!(pages, 2, "a further page continues its fixture");
}

#[test]
fn an_account_is_made_up_where_the_folder_has_no_fixture_yet() {
    let bare = folder("bare");
    for name in Manifest::embedded_names() {
        let manifest = Manifest::embedded(name).unwrap();
        let secret =
            json!({"caller_keys": [KEY], "api_key": "canary-api-key", "host": "canary.odoo.com"}).to_string();
        match account(&bare, &manifest, Some(&secret)) {
            Ok((auth, made)) => {
                assert!(name != "tryton" || !auth.contains_key("web_client"), "{auth:?}");
                let text = json!([auth, made]).to_string();
                assert!(!text.contains("canary") && !text.contains(KEY), "{name}: {text}");
            }
            Err(why) => {
                assert_ne!(name, "tryton", "its web_client may be left out: {why}");
                assert!(why.contains("write one fixture with good credentials by hand"), "{name}: {why}")
            }
        }
    }
}

#[test]
fn a_public_field_has_the_stand_in_of_a_recorded_account_and_a_link_to_the_crms_host_stays_one() {
    let manifest = Manifest::embedded("roundup").unwrap();
    let secret =
        json!({"host": "canary.tracker.test", "login": "canary-login", "password": "canary-password"});
    let secret = Some(secret.to_string());
    let (_, made) = account(&folder("public"), &manifest, secret.as_deref()).unwrap();
    let mut hidden = Mask::default();
    hide(&mut hidden, &manifest, secret.as_deref(), &made);
    let row = json!({"url": "https://canary.tracker.test/user6", "by": "canary-login canary-password"});
    let masked = hidden.json("", &row);
    assert_eq!(masked["url"], "https://crm.example.com/user6");
    assert!(!masked.to_string().contains("canary"), "{masked}");
}

fn turns(fixture: &Fixture, component: &str) -> usize {
    if fixture.component == component { fixture.turns.len() } else { 0 }
}

static TRACED: Mutex<String> = Mutex::new(String::new());

#[tokio::test]
async fn a_trace_shows_what_was_sent_decoded_without_people() {
    let trace = |show: bool| {
        move |crm: &DemoCrm, manifest: &Arc<Manifest>| -> Arc<dyn Observer> {
            let print = |text: &str| TRACED.lock().unwrap().push_str(text);
            Arc::new(Trace { manifest: manifest.clone(), mask: Mutex::new(mask(crm)), show, print })
        }
    };
    let data = json!({"contact_phones": ["+1 415 555 2671"]});
    for show in [false, true] {
        TRACED.lock().unwrap().clear();
        let world = World::observed("limits: {page_size: 20}\n", trace(show)).await;
        world.call(Component::Interactions, json!({}), data.clone()).await;
        world.call(Component::Contacts, json!({}), Value::Null).await;
        let text = TRACED.lock().unwrap().clone();
        assert!(text.contains("→ GET ") && text.contains("?sort = updated_at"), "{text}");
        assert!(text.contains("── answered 200"), "{text}");
        assert_eq!(text.contains("5552671"), show, "{text}");
        let secrets = [KEY, world.crm.api_key()];
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        let people: Vec<_> = canaries(&world).into_iter().filter(|canary| text.contains(canary)).collect();
        assert_eq!(!people.is_empty(), show, "{people:?} {text}");
    }
}
