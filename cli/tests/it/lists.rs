//! Several lists of contacts: people and companies of the demo CRM, as two lists of one integration.

use bridge::contract::Component;
use bridge::crm::contacts::checkpoint::Kept as Checkpoint;
use bridge::manifest::Manifest;
use demo_crm::{Fault, FaultKind, Kind};
use player::Kept;
use serde_json::{Value, json};

use crate::world::World;

pub const COMPANIES: &str = r#"
limits: {page_size: 20, wait: PT1S}
contact_lists:
  companies:
    id_prefix: "company:"
    contacts:
      where: "{{ row.kind != 'person' and not row.archived }}"
      map: {company: "{{ row.first_name }}"}
interactions:
  identify: null
  types:
    ticket: {when: "{{ contact.list == 'contacts' }}"}
    note: {when: "{{ contact.list == 'companies' }}"}
"#;

fn ids(kept: &Kept) -> Vec<String> {
    let mut ids: Vec<_> = kept.contacts.keys().cloned().collect();
    ids.sort();
    ids
}

fn held(world: &World) -> Vec<String> {
    let held = world.control().contacts().unwrap();
    let live = held.iter().filter(|c| !c.archived);
    let ids =
        live.map(|c| if c.kind == Kind::Person { c.id.to_string() } else { format!("company:{}", c.id) });
    let mut ids: Vec<String> = ids.collect();
    ids.sort();
    ids
}

#[tokio::test]
async fn every_list_is_delivered_with_its_prefix_in_one_run() {
    let world = World::with_overlay(COMPANIES).await;
    let mut kept = Kept::default();
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    assert_eq!(ids(&kept), held(&world));
    assert!(held(&world).iter().any(|id| id.starts_with("company:")));
}

#[tokio::test]
async fn each_list_goes_on_from_its_own_checkpoint() {
    let world = World::with_overlay(COMPANIES).await;
    let mut kept = Kept::default();
    world.control().churn_per_request(2);
    for _ in 0..4 {
        world.player.sync(&mut kept, |_| {}).await.unwrap();
        world.control().advance_clock(600_000);
    }
    world.control().churn_per_request(0);
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    assert_eq!(ids(&kept), held(&world));
    let all = Checkpoint::parse_all(kept.checkpoint.as_deref().unwrap(), "demo").unwrap();
    assert_eq!(all.keys().collect::<Vec<_>>(), ["companies", "contacts"]);
}

#[tokio::test]
async fn what_has_not_changed_is_not_read_again_in_any_list() {
    let world = World::with_overlay(COMPANIES).await;
    let mut kept = Kept::default();
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    let before = world.control().requests().len();
    let run = world.player.sync(&mut kept, |_| {}).await.unwrap();
    let calls = world.control().requests().len() - before;
    assert!(run.pages <= 3 && calls <= 6 && run.delivered <= 2, "{run:?}: {calls} calls");
}

#[tokio::test]
async fn a_list_that_is_new_in_the_manifest_is_read_from_the_beginning() {
    let world = World::with_overlay(COMPANIES).await;
    let reply = world.call(Component::Contacts, json!({}), Value::Null).await;
    let text = reply.body["synchronization_checkpoint"].as_str().unwrap();
    let people = Checkpoint::parse(text, "demo").unwrap().text("demo");
    let mut kept = Kept { checkpoint: Some(people), ..Kept::default() };
    world.control().advance_clock(600_000);
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    let companies = |ids: Vec<String>| ids.into_iter().filter(|id| id.starts_with("company:")).count();
    assert_eq!(companies(ids(&kept)), companies(held(&world)));
}

#[tokio::test]
async fn the_crm_is_asked_by_its_own_id_for_somebody_of_a_list() {
    let world = World::with_overlay(COMPANIES).await;
    for (id, path) in [("company:5", "/api/v1/contacts/5/notes"), ("5", "/api/v1/contacts/5/tickets")] {
        let before = world.control().requests().len();
        let data = json!({"contact_external_id": id});
        let reply = world.call(Component::Interactions, json!({}), data).await;
        assert_eq!(reply.status, 200, "{:?}", reply.body);
        let asked: Vec<_> = world.control().requests().into_iter().skip(before).map(|r| r.path).collect();
        assert!(asked.iter().any(|asked| asked == path), "{id}: {asked:?}");
    }
    let meta = json!({"contact_external_id": "company:5"});
    let reply = world.act("add_note", meta, json!({"note": "Hello"})).await;
    assert_eq!(reply.status, 201, "{:?}", reply.body);
    assert_eq!(world.control().requests().last().unwrap().path, "/api/v1/contacts/5/notes");
}

#[tokio::test]
async fn the_answer_of_a_look_up_may_say_whose_list_it_is_and_none_is_a_failure() {
    let look_up = |list: &str| {
        let fetch = "{path: /contacts/lookup, query: {email: \"{{ contact.emails }}\", limit: 1}}";
        let value = "{{ 5 if body.contacts is not none else none }}";
        let look_up = format!("  identify: [{{fetch: {fetch}, value: \"{value}\", list: \"{list}\"}}]");
        COMPANIES.replace("  identify: null", &look_up)
    };
    let asks = async |list: &str| {
        let world = World::with_overlay(&look_up(list)).await;
        let data = json!({"contact_emails": ["somebody@example.com"]});
        let reply = world.call(Component::Interactions, json!({"interaction_types": ["note"]}), data).await;
        let asked: Vec<_> = world.control().requests().into_iter().map(|request| request.path).collect();
        (reply.status, asked)
    };
    let (status, asked) = asks("{{ 'contacts' if body.contacts is none else 'companies' }}").await;
    assert_eq!((status, asked.last().map(String::as_str)), (200, Some("/api/v1/contacts/5/notes")));
    let (status, asked) = asks("{{ 'companies' if body.contacts is none else 'contacts' }}").await;
    assert_eq!((status, asked.len()), (200, 1), "the note of a contact is not asked for: {asked:?}");
    let (status, asked) = asks("{{ body.nothing }}").await;
    assert_eq!((status, asked.len()), (502, 1), "{asked:?}");
}

/// A type that such a contact does not have is not an answer of the CRM.
#[tokio::test]
async fn a_type_of_another_list_does_not_hide_that_all_others_failed() {
    let world = World::with_overlay(COMPANIES).await;
    let fault = |f| Fault { status: Some(500), times: 9, ..f };
    world.fault("/api/v1/contacts/5/notes", FaultKind::Status, fault);
    let meta = json!({"interaction_types": ["ticket", "note"]});
    let reply = world.call(Component::Interactions, meta, json!({"contact_external_id": "company:5"})).await;
    assert!(reply.status >= 500, "{} {}", reply.status, reply.body);
    let meta = json!({"interaction_types": ["ticket"]});
    let reply = world.call(Component::Interactions, meta, json!({"contact_external_id": "company:5"})).await;
    assert_eq!((reply.status, reply.body), (200, json!([])));
}

#[tokio::test]
async fn an_id_that_looks_like_one_of_another_list_stops_the_sync_and_says_what_to_change() {
    let world = World::with_overlay(&COMPANIES.replace("\"company:\"", "\"1\"")).await;
    let reply = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert_eq!(reply.status, 502);
    let told = reply.body.to_string();
    assert!(told.contains("give that another id_prefix") && told.contains("companies"), "{told}");
}

/// The demo manifest with overlays, or what is wrong with it.
fn laid(overlays: &[&str]) -> Result<Manifest, String> {
    let folder = std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../manifests/demo"));
    let mut files = Manifest::files(folder).unwrap();
    let file =
        |text: &&str| bridge::manifest::File { name: "overlay.yaml".to_owned(), text: (*text).to_owned() };
    files.extend(overlays.iter().map(file));
    Manifest::load(&files).map_err(|p| bridge::gateway::lines(&p))
}

/// People and companies, a look-up and a question of validation for each.
const ASKED: &str = r#"
contact_lists:
  companies: {id_prefix: "company:", contacts: {where: "{{ row.kind != 'person' }}"}}
auth_validation:
  steps: {companies: {fetch: {path: /companies}, needs: read companies, list: companies}}
interactions:
  identify:
    - {fetch: {path: /contacts/lookup, query: &of {email: "{{ contact.emails[0] }}"}}, value: "{{ body.id }}"}
    - {fetch: {path: /companies/lookup, query: *of}, value: "{{ body.id }}", list: companies}
"#;

#[test]
fn what_is_about_a_list_goes_with_it_when_an_overlay_takes_it_away() {
    let counts = |overlays: &[&str]| {
        let manifest = laid(overlays).unwrap();
        let document = manifest.document();
        let validation = document.auth_validation.as_ref().unwrap();
        let asks = validation.steps.values().any(|step| step.list.is_some());
        (document.contact_lists.len(), document.interactions.as_ref().unwrap().identify.len(), asks)
    };
    assert_eq!(counts(&[ASKED]), (1, 2, true));
    assert_eq!(counts(&[ASKED, "contact_lists: {companies: null}"]), (0, 1, false));
    let back = "contact_lists: {companies: {id_prefix: \"c:\", contacts: {where: null}}}";
    assert_eq!(counts(&[ASKED, "contact_lists: {companies: null}", back]), (1, 2, true));
}

#[test]
fn an_overlay_takes_from_a_list_what_it_has_from_the_section_contacts() {
    let manifest =
        laid(&[ASKED, "contact_lists: {companies: {contacts: {where: null, map: {emails: null}}}}"]);
    let manifest = manifest.unwrap();
    let list = manifest.document().contact_lists["companies"].contacts.as_ref().unwrap();
    assert!(list.r#where.is_none() && list.map.emails.0.is_empty());
    assert!(!manifest.document().contacts.as_ref().unwrap().map.emails.0.is_empty());
}

#[test]
fn check_refuses_lists_whose_ids_cannot_be_told_apart() {
    let said = |overlay: &str| laid(&[overlay]).map_or_else(|problems| problems, |_| String::new());
    assert_eq!(said(COMPANIES), "");
    let list = |prefix: &str| format!("{{id_prefix: \"{prefix}\", contacts: {{}}}}");
    for (overlay, sentence) in [
        (format!("contact_lists: {{a: {}, b: {}}}", list("x"), list("x:")), "an id must belong to one list"),
        (format!("contact_lists: {{a: {}}}", list("")), "1 to 16 letters"),
        (format!("contact_lists: {{contacts: {}}}", list("c:")), "the name of the section"),
        ("contact_lists: {a: {id_prefix: \"a:\"}}".to_owned(), "the mandatory key `contacts` is missing"),
        (
            "contacts: null\ncontact_lists: {a: {id_prefix: \"a:\", contacts: {fetch: {path: /a}, records: 1, map: {id: 1, name: 1}}}}".to_owned(),
            "need the section `contacts`",
        ),
        (
            "contact_lists: {a: {id_prefix: \"a:\", contacts: {checkpoint: {settle: PT0S}}}}".to_owned(),
            "contact_lists.a.contacts.checkpoint.settle",
        ),
        (
            "contact_lists: {a: {id_prefix: \"a:\", contacts: {map: {name: \"{{ rwo.name }}\"}}}}".to_owned(),
            "contact_lists.a.contacts.map.name: the name `rwo.name` does not exist here",
        ),
        ("survivor: {fetch: {path: /x}, value: 1, list: leads}".to_owned(), "there is no list `leads`"),
        (
            "auth_validation: {steps: {a: {fetch: {path: /a}, list: leads}}}".to_owned(),
            "auth_validation.steps.a.list: there is no list `leads`",
        ),
        (
            "agents: {steps: {a: {fetch: {path: /a}, list: leads}}}".to_owned(),
            "only steps of auth_validation have a `list`",
        ),
    ] {
        assert!(said(&overlay).contains(sentence), "{overlay}: {}", said(&overlay));
    }
}
