//! Contact synchronization as Talkdesk plays it.

use bridge::contract::Component;
use bridge::crm::contacts::checkpoint::{self, Mark};
use demo_crm::{Fault, FaultKind, Kind};
use player::{Kept, Reply};
use serde_json::{Value, json};

use crate::world::World;

/// A checkpoint of the demo integration with this mark.
fn kept(mark: &str) -> String {
    checkpoint::Kept::settled(Mark::parse(mark).unwrap(), 1, bridge::time::Moment::now()).text("demo")
}

/// Ids that the CRM holds and Talkdesk should have.
fn people(world: &World) -> Vec<String> {
    let held = world.control().contacts().unwrap();
    held.iter().filter(|c| c.kind == Kind::Person && !c.archived).map(|c| c.id.to_string()).collect()
}

#[tokio::test]
async fn an_initial_sync_delivers_everybody_and_nobody_else() {
    let world = World::with_overlay("limits: {page_size: 20}\n").await;
    let mut kept = Kept::default();
    let run = world.player.sync(&mut kept, |_| {}).await.unwrap();
    assert!(run.pages > 10, "{run:?}");
    let mut expected = people(&world);
    let mut found: Vec<_> = kept.contacts.keys().cloned().collect();
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

#[tokio::test]
async fn contacts_are_awkward_and_arrive_all_the_same() {
    let world = World::start().await;
    let mut kept = Kept::default();
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    for contact in kept.contacts.values() {
        let name = contact["name"].as_str().unwrap();
        assert!(!name.is_empty() && name.trim() == name, "{contact}");
        for list in ["emails", "phones", "websites"] {
            let list = contact[list].as_array().unwrap();
            let texts: Vec<_> = list.iter().map(|v| v.as_str().unwrap()).collect();
            assert!(texts.iter().all(|t| !t.is_empty() && t.trim() == *t), "{contact}");
            let mut unique = texts.clone();
            unique.sort_unstable();
            unique.dedup();
            assert_eq!(unique.len(), texts.len(), "{contact}");
        }
    }
    assert!(kept.contacts.values().any(|c| c["phones"].as_array().unwrap().len() > 1));
}

#[tokio::test]
async fn a_page_boundary_inside_one_stamp_loses_nobody() {
    let world = World::with_overlay("limits: {page_size: 7}\n").await;
    world.control().burst(60).unwrap();
    let mut kept = Kept::default();
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    assert_eq!(kept.contacts.len(), people(&world).len());
}

#[tokio::test]
async fn changes_while_the_sync_runs_arrive_with_this_run_or_the_next() {
    let world = World::with_overlay("limits: {page_size: 25}\n").await;
    let mut kept = Kept::default();
    world.control().churn_per_request(3);
    for _ in 0..4 {
        world.player.sync(&mut kept, |_| {}).await.unwrap();
        world.control().advance_clock(600_000);
    }
    world.control().churn_per_request(0);
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    let held = world.control().contacts().unwrap();
    let stale: Vec<_> = held
        .iter()
        .filter(|c| c.kind == Kind::Person && !c.archived)
        .filter(|c| {
            let title = c.title.as_deref().map(str::trim).filter(|t| !t.is_empty());
            kept.contacts.get(&c.id.to_string()).is_none_or(|k| k["title"].as_str() != title)
        })
        .collect();
    assert!(stale.is_empty(), "lost or stale: {}", stale.len());
}

#[tokio::test]
async fn what_is_sent_is_the_documented_query_and_nothing_else() {
    let world = World::start().await;
    let meta = json!({"synchronization_checkpoint": kept("2025-03-01 00:00:00 UTC")});
    world.call(Component::Contacts, meta, Value::Null).await;
    let sent = world.control().requests().remove(0);
    assert_eq!(sent.path, "/api/v1/contacts");
    assert_eq!(sent.query, "updated_from=2025-03-01T00%3A00%3A00.000000Z&sort=updated_at&limit=100");
}

#[tokio::test]
async fn garbage_offsets_and_checkpoints_are_400_and_the_crm_is_not_asked() {
    let world = World::start().await;
    for (meta, code) in [
        (json!({"offset": "2"}), "bad_offset"),
        (json!({"offset": 2}), "bad_offset"),
        (json!({"offset": "1.00000000.00000000.e30"}), "bad_offset"),
        (json!({"synchronization_checkpoint": "yesterday"}), "bad_checkpoint"),
        (json!({"synchronization_checkpoint": "2012-11-20T23:01:00Z"}), "bad_checkpoint"),
        (json!({"offset": {}}), "bad_request"),
    ] {
        let reply = world.call(Component::Contacts, meta.clone(), Value::Null).await;
        assert_eq!((reply.status, reply.body["error"]["code"].as_str()), (400, Some(code)), "{meta}");
    }
    assert!(world.control().requests().is_empty());
}

#[tokio::test]
async fn absent_null_and_empty_mean_the_same() {
    let world = World::start().await;
    let first = world.call(Component::Contacts, Value::Null, Value::Null).await.body;
    for meta in [
        json!({}),
        json!({"offset": null, "context": null}),
        json!({"offset": "", "synchronization_checkpoint": ""}),
    ] {
        let other = world.call(Component::Contacts, meta, Value::Null).await.body;
        assert_eq!(other["contacts"], first["contacts"]);
    }
}

#[tokio::test]
async fn no_rows_leave_the_checkpoint_as_it_came() {
    let world = World::start().await;
    let now = bridge::time::Moment::now().sql_s();
    let mark = kept(&format!("{now} UTC"));
    let meta = json!({"synchronization_checkpoint": mark});
    let reply = world.call(Component::Contacts, meta, Value::Null).await;
    assert_eq!(reply.body, json!({"synchronization_checkpoint": mark, "contacts": []}));
}

#[tokio::test]
async fn a_checkpoint_in_the_future_is_refused_and_says_the_way_out() {
    let world = World::start().await;
    for text in ["2099-01-01 00:00:00 UTC".to_owned(), kept("2099-01-01 00:00:00 UTC")] {
        let reply =
            world.call(Component::Contacts, json!({"synchronization_checkpoint": text}), Value::Null).await;
        let (status, error) = (reply.status, &reply.body["error"]);
        assert_eq!((status, error["code"].as_str()), (400, Some("bad_checkpoint")), "{text}");
        assert!(error["message"].as_str().unwrap().contains("contacts.generation"), "{error}");
    }
    assert!(world.control().requests().is_empty());
}

#[tokio::test]
async fn a_bare_date_is_one_of_another_bridge_and_a_day_is_read_again() {
    let world = World::start().await;
    let meta = json!({"synchronization_checkpoint": "2025-03-01 00:00:00 UTC"});
    world.call(Component::Contacts, meta, Value::Null).await;
    let sent = world.control().requests().remove(0);
    assert!(sent.query.starts_with("updated_from=2025-02-28T00%3A00%3A00.000000Z&"), "{}", sent.query);
}

#[tokio::test]
async fn a_checkpoint_of_another_integration_is_refused() {
    let world = World::start().await;
    let text = kept("2025-03-01 00:00:00 UTC").replace(".demo.", ".zendesk.");
    let reply =
        world.call(Component::Contacts, json!({"synchronization_checkpoint": text}), Value::Null).await;
    assert_eq!((reply.status, reply.body["error"]["code"].as_str()), (400, Some("bad_checkpoint")));
    assert!(world.control().requests().is_empty());
}

/// Every contact read singly as well; what the list says does where that fails.
const SINGLY: &str = r#"
limits: {page_size: 20, concurrency: 2}
contacts:
  steps:
    full:
      for_each: row
      on_error: warn
      fetch: {path: "/contacts/{{ row.id }}"}
      value: "{{ body }}"
"#;

fn ids(page: &Reply) -> Vec<String> {
    let contacts = page.body["contacts"].as_array().unwrap();
    contacts.iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
}

/// The path of a record of the first page, of which no other record's path is a beginning.
async fn a_record(world: &World) -> (String, String) {
    let first = ids(&world.call(Component::Contacts, json!({}), Value::Null).await);
    world.control().clear_requests();
    let id = first[5..].iter().find(|id| id.len() > 2).unwrap().clone();
    let path = format!("/api/v1/contacts/{id}");
    (id, path)
}

#[tokio::test]
async fn a_record_that_the_crm_cannot_show_does_not_stop_its_page() {
    for status in [403, 500] {
        let world = World::with_overlay(SINGLY).await;
        let (broken, path) = a_record(&world).await;
        world.fault(&path, FaultKind::Status, |f| Fault { status: Some(status), times: 9, ..f });
        let page = world.call(Component::Contacts, json!({}), Value::Null).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let found = ids(&page);
        assert!(found.contains(&broken) && found.len() > 10, "{status}: {found:?}");
    }
}

#[tokio::test]
async fn records_that_all_fail_are_the_crms_failure_and_nothing_counts_as_delivered() {
    let world = World::with_overlay(SINGLY).await;
    world.fault("/api/v1/contacts/", FaultKind::Status, |f| Fault { status: Some(403), times: 999, ..f });
    let page = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert_eq!((page.status, &page.body["error"]["code"]), (502, &json!("crm_unreadable")), "{}", page.body);
}

#[tokio::test]
async fn a_limit_met_between_records_ends_the_page_there_and_the_next_goes_on() {
    let world = World::with_overlay(SINGLY).await;
    let (limited, path) = a_record(&world).await;
    world.fault(&path, FaultKind::Status, |f| Fault { status: Some(429), times: 6, ..f });
    let mut kept = Kept::default();
    let page = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let first = ids(&page);
    assert!((1..18).contains(&first.len()) && !first.contains(&limited), "{first:?}");
    let asked = world.control().requests().iter().filter(|r| r.path.starts_with("/api/v1/contacts/")).count();
    assert!(asked < 20, "rows after the limit are not asked for: {asked}");
    world.control().clear_faults();
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    assert_eq!(kept.contacts.len(), people(&world).len());
}

#[tokio::test]
async fn slow_records_shorten_the_page_and_the_run_comes_to_its_end() {
    let world = World::with_overlay(SINGLY).await;
    world.fault("/api/v1/contacts/", FaultKind::Slow, |f| Fault { millis: Some(700), times: 20, ..f });
    let page = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let delivered = page.body["contacts"].as_array().unwrap().len();
    assert!((1..20).contains(&delivered), "{delivered} in three seconds");
    assert!(page.body["next_offset"].is_string());
    world.control().clear_faults();
    let mut kept = Kept::default();
    world.player.sync(&mut kept, |_| {}).await.unwrap();
    assert_eq!(kept.contacts.len(), people(&world).len());
}

/// Contacts in pages by number, of which the CRM is not told.
const MISSPELT: &str = r#"
contacts:
  page: {number: {start: 1}}
  checkpoint: {mode: snapshot, accept_loss: for this test, field: null, id: null, id_min: null, step: null, drain: null}
  fetch: {query: {sort: "{{ 'updated_at' if page else 'updated_at' }}"}}
limits: {page_size: 20}
"#;

#[tokio::test]
async fn a_page_that_comes_again_and_again_is_no_progress_and_not_a_sync_without_end() {
    let world = World::with_overlay(MISSPELT).await;
    let mut second = world.call(Component::Contacts, json!({}), Value::Null).await;
    for _ in 0..4 {
        let next = json!({"offset": second.body["next_offset"]});
        assert!(next["offset"].is_string(), "{}", second.body);
        second = world.call(Component::Contacts, next, Value::Null).await;
    }
    assert_eq!(second.body["error"]["code"], "no_progress", "{}", second.body);
    let message = second.body["error"]["message"].as_str().unwrap();
    assert!(message.contains("does the CRM know the parameter"), "{message}");
}

#[tokio::test]
async fn a_condition_that_asks_a_step_that_failed_leaves_nobody_out() {
    let overlay =
        format!("{SINGLY}  where: \"{{{{ row.kind == 'person' and steps.full.id is not none }}}}\"\n");
    let world = World::with_overlay(&overlay).await;
    let (broken, path) = a_record(&world).await;
    world.fault(&path, FaultKind::Status, |f| Fault { status: Some(500), times: 9, ..f });
    let page = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert!(ids(&page).contains(&broken), "{}", page.body);
}

#[tokio::test]
async fn a_full_page_that_says_nothing_of_more_is_not_taken_for_the_end() {
    let overlay = "limits: {page_size: 20}\ncontacts: {more: \"{{ body.hasMore }}\"}\n";
    let world = World::with_overlay(overlay).await;
    let page = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert_eq!((page.status, &page.body["error"]["code"]), (502, &json!("crm_unreadable")), "{}", page.body);
    assert!(page.body["error"]["message"].as_str().unwrap().contains("is it named right?"), "{}", page.body);
}
