//! The harness itself: what it starts works, shows what happens, and ends.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use end_to_end::{
    LambdaFunction, Process, RealCrm, SecretsManager, Tryton, api_gateway_event, rest_event, wait_until,
};
use serde_json::json;

fn bootstrap() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/harness/bootstrap.py"))
}

/// Whether a process is there, by what the system says about its id.
fn runs(id: &str) -> bool {
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    let zombie = state.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('Z'));
    !state.is_empty() && !zombie
}

#[tokio::test]
async fn a_dropped_process_takes_its_children_with_it() {
    let script = "trap '' TERM; sleep 60 & echo $!; wait; wait";
    let process = Process::start("family", Command::new("/bin/sh").args(["-c", script]));
    let child = wait_until("the child's id", Duration::from_secs(5), async || {
        process.log().lines().next().map(ToOwned::to_owned)
    })
    .await;
    assert!(runs(&child));
    let log = process.log_path().to_owned();

    drop(process);

    wait_until("the child's end", Duration::from_secs(5), async || (!runs(&child)).then_some(())).await;
    assert!(!log.exists(), "a log is kept only when the test fails");
}

#[tokio::test]
async fn secrets_are_stored_and_returned() {
    let secrets = SecretsManager::start().await;
    assert_eq!(secrets.get("talkdesk-bridge/acme").await, None);

    secrets.put("talkdesk-bridge/acme", &json!({"caller_keys": ["one"]})).await;
    secrets.put("talkdesk-bridge/acme", &json!({"caller_keys": ["two", "one"]})).await;
    assert_eq!(secrets.get("talkdesk-bridge/acme").await, Some(json!({"caller_keys": ["two", "one"]})));

    secrets.delete("talkdesk-bridge/acme").await;
    assert_eq!(secrets.get("talkdesk-bridge/acme").await, None);
}

#[tokio::test]
async fn a_function_answers_under_the_emulator() {
    let function = LambdaFunction::start(bootstrap(), &[("GREETING", "olá")], 2, 128).await;
    let answer = json!({"do": "answer"});

    for event in [api_gateway_event("/contact_sync", &answer), rest_event("/contact_sync", &answer)] {
        let response = function.invoke(&event).await;
        assert_eq!(response.status, 201);
        assert_eq!(response.headers["content-type"], "application/json");
        assert_eq!(response.headers["x-several"], "one, two");
        // HOME is the developer's: the function must not see it.
        assert_eq!(response.body, json!({"greeting": "olá", "home": null, "body": {"do": "answer"}}));
    }

    let event = api_gateway_event("/contact_sync", &json!({"do": "fail"}));
    let error = function.try_invoke(&event).await.unwrap_err();
    assert_eq!((error.kind.as_str(), error.message.as_str()), ("Planned", "as the test wishes"));

    let event = api_gateway_event("/contact_sync", &json!({"do": "sleep"}));
    let error = function.try_invoke(&event).await.unwrap_err();
    assert_eq!(error.kind, "Task.TimedOut");

    let log = function.stop();
    for order in ["answer", "fail", "sleep"] {
        assert!(log.contains(&format!("the event asks to {order}")), "{log}");
    }
}

#[tokio::test]
async fn the_crm_has_contacts_and_shows_changes() {
    let crm = Tryton::start().await;
    let contacts = crm.contacts().await;
    assert_eq!(contacts.len(), 320);
    let first = &contacts[0];
    assert_eq!(first.emails, ["contact0001@example.com"]);
    assert_eq!(first.phones, ["+14155550001"]);
    assert_eq!(crm.notes(first.id).await, ["First talk with C0001", "Second talk with C0001"]);
    let agents = crm.agents().await;
    let reachable = agents.iter().filter(|agent| agent.active && agent.login.starts_with("agent"));
    assert_eq!(reachable.count(), 20);

    let id = crm.create_contact("Ada Lovelace", &["ada@example.com"], &["+44 20 7946 0958"]).await;
    let created = crm.contact(id).await.unwrap();
    assert_eq!(created.phones, ["+442079460958"]);

    crm.rename_contact(id, "Ada King").await;
    let renamed = crm.contact(id).await.unwrap();
    assert_eq!(renamed.name.as_deref(), Some("Ada King"));
    assert!(renamed.write_date > created.write_date);

    let phone = crm.add_phone(id, "(+1) 415 555 9999").await;
    let called = crm.contact(id).await.unwrap();
    assert_eq!(called.phones, ["+442079460958", "+14155559999"]);
    assert_eq!(
        called.write_date, renamed.write_date,
        "Tryton does not stamp the contact for that: if it does now, tests/tryton/NOTES.md is out of date"
    );

    crm.archive_mechanism(phone).await;
    crm.archive(id).await;
    let archived = crm.contact(id).await.unwrap();
    assert!(!archived.active);
    assert_eq!(archived.phones, ["+442079460958"]);
}

/// What `tests/tryton/NOTES.md` recommends to a manifest finds every kind of change.
#[tokio::test]
async fn the_recommended_query_finds_every_change() {
    let crm = Tryton::start().await;
    let time = json!({"__class__": "datetime", "year": 2026, "month": 1, "day": 1,
        "hour": 0, "minute": 0, "second": 0, "microsecond": 0});
    let since = |time: &serde_json::Value| {
        let changed = json!(["last_modified_at", ">=", time]);
        json!(["OR", changed, ["contact_mechanisms", "where", [changed, ["active", "in", [true, false]]]]])
    };
    let everything = crm.search_all("party.party", &["name"], &since(&time)).await;
    let active = crm.contacts().await.iter().filter(|it| it.active).count();
    assert_eq!(everything.len(), active);

    // From here on only what the test changes.
    let newest = crm.search_all("party.party", &["last_modified_at"], &json!([])).await;
    let id = crm.create_contact("Marker", &[], &["+1 415 555 9000"]).await;
    let now = crm
        .search(
            "party.party",
            &["last_modified_at"],
            &json!([["id", "=", id]]),
            1,
        )
        .await[0]["last_modified_at"]
        .clone();
    let ids: Vec<i64> = newest.iter().filter_map(|row| row["id"].as_i64()).collect();
    let (renamed, called, silenced) = (ids[3], ids[5], ids[6]);
    crm.rename_contact(renamed, "Another").await;
    crm.add_phone(called, "+1 415 555 9001").await;
    let phones = json!([["party", "=", silenced], ["type", "=", "phone"]]);
    let phone = crm.search("party.contact_mechanism", &["value"], &phones, 1).await;
    crm.archive_mechanism(phone[0]["id"].as_i64().unwrap()).await;

    let found = crm.search_all("party.party", &["name"], &since(&now)).await;
    let found: Vec<i64> = found.iter().filter_map(|row| row["id"].as_i64()).collect();
    assert_eq!(found, [renamed, called, silenced, id]);
}
