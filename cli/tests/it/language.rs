//! What a manifest need not write: names of a call, the contact that somebody chose, requirements, constants
//! that are computed, maps that have nothing to say, a manifest that extends another.

use bridge::contract::Component;
use bridge::manifest::Manifest;
use serde_json::json;

use crate::world::World;

/// The status, and what reached the CRM, after one note with this overlay; the sentence when nothing did.
async fn note(
    overlay: &str,
    meta: serde_json::Value,
    data: serde_json::Value,
) -> (u16, String, serde_json::Value) {
    let world = World::with_overlay(overlay).await;
    let reply = world.act("add_note", meta, data).await;
    let told = reply.body["message"].clone();
    let sent = world.control().requests().into_iter().next();
    let (path, body) = sent.map_or((String::new(), told), |sent| (sent.path, sent.body));
    (reply.status, path, body)
}

#[tokio::test]
async fn a_call_has_ended_now_and_begun_its_seconds_before() {
    let overlay = "actions: {add_note: {input: {seconds: {name: S, type: number}, direction: {name: D}}, fetch: {body: \
        {text: \"{{ call.title }}, {{ call.seconds }}, {{ (call.ended_at | epoch_s) - (call.started_at | epoch_s) }}\"}}}}";
    let data = json!({"note": "x", "seconds": "90", "direction": "inbound"});
    let (_, _, body) = note(overlay, json!({"contact_external_id": "1"}), data).await;
    assert_eq!(body["text"], "Incoming call, 90, 90");
    let (_, _, body) =
        note(overlay, json!({"contact_external_id": "1"}), json!({"note": "x", "direction": "outbound"}))
            .await;
    assert_eq!(body["text"], "Outgoing call, 0, 0");
}

#[tokio::test]
async fn the_contact_is_the_chosen_one_before_talkdesks() {
    let overlay = "actions: {add_note: {needs_contact: true}}";
    let known = json!({"contact_external_id": "1"});
    let (status, path, _) = note(overlay, known.clone(), json!({"note": "x"})).await;
    assert_eq!((status, path.as_str()), (201, "/api/v1/contacts/1/notes"));
    for chosen in [json!("2"), json!(2), json!(" 2 ")] {
        let (status, path, _) =
            note(overlay, known.clone(), json!({"note": "x", "contact_id": chosen})).await;
        assert_eq!((status, path.as_str()), (201, "/api/v1/contacts/2/notes"));
    }
    let (status, path, _) = note(overlay, json!({}), json!({"note": "x", "contact_id": "2"})).await;
    assert_eq!((status, path.as_str()), (201, "/api/v1/contacts/2/notes"));
    let (status, path, told) = note(overlay, json!({}), json!({"note": "x", "contact_id": " "})).await;
    assert_eq!((status, path.as_str()), (400, ""));
    assert!(told.as_str().unwrap().contains("a contact that comes from the CRM"), "{told}");
}

#[tokio::test]
async fn what_is_required_is_asked_before_the_crm_is_and_its_sentence_is_told() {
    let overlay =
        "actions: {add_note: {require: [{that: \"{{ input.note | size < 5 }}\", message: Be brief.}]}}";
    let (status, path, told) =
        note(overlay, json!({"contact_external_id": "1"}), json!({"note": "long winded"})).await;
    assert_eq!((status, path.as_str(), told), (400, "", json!("Be brief.")));
    assert_eq!(note(overlay, json!({"contact_external_id": "1"}), json!({"note": "no"})).await.0, 201);
}

#[tokio::test]
async fn a_map_of_which_nothing_is_left_falls_away_and_an_empty_one_stays() {
    let overlay = "actions: {add_note: {fetch: {body: {gone: {a: \"{{ none }}\", b: {c: \"{{ none }}\"}}, \
        kept: {}, half: {a: \"{{ none }}\", b: 1}, list: [{a: \"{{ none }}\"}]}}}}";
    let (_, _, body) = note(overlay, json!({"contact_external_id": "1"}), json!({"note": "x"})).await;
    assert_eq!(body, json!({"text": "x", "kept": {}, "half": {"b": 1}, "list": []}));
}

#[tokio::test]
async fn a_constant_is_computed_from_the_accounts_open_fields() {
    let overlay = "const: {head: \"https://{{ auth.account | url }}.example\", lists: [1, \"{{ auth.account | url }}\"]}\n\
        actions: {add_note: {fetch: {body: {text: \"{{ const.head }}/{{ const.lists | join('-') }}\"}}}}";
    let (_, _, body) = note(overlay, json!({"contact_external_id": "1"}), json!({"note": "x"})).await;
    assert_eq!(body["text"], "https://acme.example/1-acme");
}

#[tokio::test]
async fn a_step_of_a_page_is_asked_once_for_all_of_its_rows() {
    let overlay = "contacts:\n  steps:\n    names: {after: true, fetch: {path: /users, query: {per_page: \"{{ rows | size }}\"}}, \
        value: \"{{ body.users | pluck('name') }}\"}\n    each: {for_each: row, value: \"{{ steps.names | first }}\"}\n  \
        map: {title: \"{{ steps.each }}\", company: \"{{ steps.names | size }}\"}\n";
    let world = World::with_overlay(overlay).await;
    let reply = world.call(Component::Contacts, json!({}), json!({})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let contacts = reply.body["contacts"].as_array().unwrap();
    assert!(
        contacts.len() > 1 && contacts.iter().all(|contact| contact["title"].is_string()),
        "{}",
        reply.body
    );
    let sent = world.control().requests();
    let pages = sent.iter().filter(|request| request.path == "/api/v1/contacts").count();
    let asked: Vec<_> = sent.iter().filter(|request| request.path == "/api/v1/users").collect();
    assert!(asked.len() <= pages && !asked.is_empty(), "{} of {pages}", asked.len());
}

#[tokio::test]
async fn a_page_whose_step_fails_is_not_delivered_without_it() {
    let overlay = "contacts: {steps: {names: {after: true, fetch: {path: /nowhere}}}}";
    let world = World::with_overlay(overlay).await;
    let reply = world.call(Component::Contacts, json!({}), json!({})).await;
    assert_ne!(reply.status, 200, "{}", reply.body);
}

#[test]
fn a_folder_extends_the_one_beside_it_and_its_mistakes_name_its_own_file() {
    let root = std::env::temp_dir().join(format!("talkdesk-bridge-extends-{}", std::process::id()));
    let demo =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../manifests/demo/manifest.yaml"))
            .unwrap();
    for (folder, text) in [
        ("demo", demo.as_str()),
        ("acme", "extends: demo\nintegration: {name: acme}\nlimits: {interactions: 7}\nagents: null\n"),
        ("wrong", "extends: demo\nintegration: {name: wrong}\nlimits:\n  interaction: 7\n"),
        ("alone", "extends: nobody\n"),
        ("itself", "extends: itself\n"),
        ("third", "extends: acme\n"),
        ("outside", "extends: ../../demo\n"),
    ] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
        std::fs::write(root.join(folder).join("manifest.yaml"), text).unwrap();
    }
    let manifest = Manifest::read(&root.join("acme"), None).unwrap();
    let document = manifest.document();
    assert_eq!((manifest.name(), document.limits.interactions, document.limits.page_size), ("acme", 7, 100));
    assert!(document.agents.is_none() && document.contacts.is_some());
    let problems = Manifest::read(&root.join("wrong"), None).unwrap_err();
    let text = bridge::gateway::lines(&problems);
    assert!(
        text.contains("wrong/manifest.yaml:4") && text.contains("did you mean `interactions`?"),
        "{text}"
    );
    let text = bridge::gateway::lines(&Manifest::read(&root.join("alone"), None).unwrap_err());
    assert!(text.contains("nobody/manifest.yaml") && text.contains("is not there"), "{text}");
    for (folder, sentence) in [
        ("itself", "`itself` extends `itself` itself"),
        ("third", "`acme` extends `demo` itself: extend that one"),
        ("outside", "`../../demo` is not the name of a folder beside this one"),
    ] {
        let text = bridge::gateway::lines(&Manifest::read(&root.join(folder), None).unwrap_err());
        assert!(text.contains(sentence) && text.contains(folder), "{text}");
    }
    std::fs::remove_dir_all(&root).unwrap();
}

/// A second CRM with GraphQL, whose lists are connections: `graphql/fixtures` says what is sent and understood.
#[tokio::test]
async fn an_operation_goes_out_with_its_variables_and_a_refusal_under_200_is_one() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/graphql/connections.yaml");
    let report = talkdesk_bridge::check::check(&[file], None, false).await;
    assert!(report.good && report.text.contains("7/7"), "{}", report.text);
}

/// A CRM that wants signed requests: `signed/fixtures` has the signatures, made by another program.
#[tokio::test]
async fn every_try_of_every_request_is_signed_as_it_is_sent() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/signed/signed.yaml");
    let report = talkdesk_bridge::check::check(&[file], None, false).await;
    assert!(report.good && report.text.contains("3/3"), "{}", report.text);
}

/// What a run left out that goes on from a checkpoint could be a change of a contact that Talkdesk has.
#[tokio::test]
async fn only_what_began_without_a_checkpoint_is_the_first_run() {
    let query = "{updated_from: \"{{ '1999-01-01T00:00:00Z' if initial else from | iso_us }}\"}";
    let asked_from = async |more: &str, meta: serde_json::Value| {
        let world = World::with_overlay(&format!("contacts: {{fetch: {{query: {query}}}{more}}}")).await;
        let page = world.call(Component::Contacts, meta, serde_json::Value::Null).await;
        assert_eq!(page.status, 200, "{}", page.body);
        (page.body, world.control().requests().remove(0).query.starts_with("updated_from=1999-"))
    };
    let (page, initial) = asked_from("", json!({})).await;
    assert!(initial);
    let (_, initial) = asked_from("", json!({"offset": page["next_offset"]})).await;
    assert!(initial, "its further pages are its own");
    let broken_off = json!({"synchronization_checkpoint": page["synchronization_checkpoint"]});
    assert!(!asked_from("", broken_off.clone()).await.1, "it goes on after contacts that were delivered");
    assert!(
        !asked_from(", generation: 2", broken_off).await.1,
        "everything again, and not for the first time"
    );
}
