//! Contacts and agents.

use std::time::Duration;

use bridge::contract::Component;
use player::Kept;
use serde_json::{Value, json};
use vendors::freshdesk::Freshdesk;
use vendors::table::Table;
use vendors::world::{Missed, live, missed};

use super::{AGENT, KEY, NOW, SETTLED, id, office, world};

#[tokio::test]
async fn nobody_is_lost_while_rows_change() {
    for (name, lag) in [("visible at once", 0), ("visible up to 100 s late", 100)] {
        let (desk, world) = office(730).await;
        let table = desk.table.clone();
        table.set_lag(Duration::from_secs(lag));
        let synced = live(&world, &table, 6, SETTLED, |table, page| {
            table.touch(9);
            table.pass(Duration::from_secs(2));
            if page % 5 == 3 {
                // Larger than a page, with one stamp.
                table.burst(230);
            }
        })
        .await;
        world.lost_nothing(&format!("freshdesk, {name}"), &table, &synced, id);
    }
}

#[tokio::test]
async fn an_interrupted_walk_starts_again_without_a_gap() {
    let (desk, world) = office(350).await;
    let mut kept = Kept::default();
    world.player.sync_at_most(&mut kept, 2, |_| {}).await.unwrap();
    assert_eq!(kept.contacts.len(), 200);
    desk.table.touch(20);
    world.sync(&mut kept, |_| {}).await;
    desk.table.pass(SETTLED);
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(missed(&desk.table, &kept, id), Missed { lost: 0, stale: 0 });
}

#[tokio::test]
async fn a_quiet_sync_sends_the_documented_query_and_maps_what_is_printed() {
    let (_desk, world) = office(3).await;
    let mut kept = Kept::default();
    world.sync(&mut kept, |_| {}).await;
    let asked = world.requests.last("/contacts");
    assert_eq!(asked.parameter("_updated_since"), Some("1970-01-01T00:00:00Z"));
    assert_eq!((asked.parameter("per_page"), asked.parameter("page")), (Some("100"), Some("1")));
    let contact = &kept.contacts[&id(1)];
    assert_eq!(
        (&contact["name"], &contact["phones"][0]),
        (&json!("Given1 Family v1"), &json!("+14155550001"))
    );
    assert_eq!(contact["url"], format!("https://acme.freshdesk.com/a/contacts/{}", id(1)));
}

#[tokio::test]
async fn credentials_are_checked_and_agents_are_people_who_work() {
    let (desk, world) = office(1).await;
    for number in 0..120 {
        desk.add_agent(
            600 + number,
            "Page Filler",
            &format!("filler{number}@acme.com"),
            "support_agent",
            false,
        );
    }
    desk.add_agent(800, "Gone", "gone@acme.com", "support_agent", true);
    desk.add_agent(801, "Collaborator", "c@acme.com", "collaborator", false);
    let reply = world.call(Component::AuthValidation, json!({}), Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let agents = world.agents().await;
    assert_eq!(agents.len(), 121);
    assert!(
        agents.contains(&json!({"id": AGENT.to_string(), "name": "John Doe", "email": "john@acme.com"})),
        "{agents:?}"
    );
    // An agent's key that is not an administrator's cannot list agents: validation says so before they do.
    desk.set_admin(false);
    let reply = world.call(Component::AuthValidation, json!({}), Value::Null).await;
    let message = reply.body["error"]["message"].as_str().unwrap_or_default();
    assert!(reply.status == 401 && message.contains("list agents"), "{}", reply.body);
    let reply = world.call(Component::Agents, json!({}), Value::Null).await;
    assert_eq!((reply.status, reply.body["error"]["code"].as_str()), (403, Some("forbidden")));
    desk.set_key("another");
    for (component, status) in [
        (Component::AuthValidation, 401),
        (Component::Contacts, 401),
        (Component::Agents, 401),
        (Component::Interactions, 401),
        (Component::Actions, 400),
    ] {
        let data = json!({"subject": "x", "contact_external_id": id(1)});
        let reply = world
            .player
            .call(component, "create_ticket", json!({"contact_external_id": id(1)}), data)
            .await
            .unwrap();
        assert_eq!(
            (reply.status, reply.body["error"]["code"].as_str()),
            (status, Some("credentials_refused")),
            "{component:?}"
        );
    }
}

/// Late rows are lost when the manifest waits for a second only: the emulator is worth something.
#[tokio::test]
async fn without_settling_late_rows_would_be_lost() {
    let desk = Freshdesk::new(Table::new(300, NOW), KEY);
    desk.table.set_lag(Duration::from_secs(100));
    let world = world(&desk, "contacts: {checkpoint: {settle: PT1S, full_every: null}}\n").await;
    let mut kept = Kept::default();
    for _ in 0..12 {
        desk.table.touch(30);
        desk.table.pass(Duration::from_secs(5));
        world.sync(&mut kept, |_| {}).await;
    }
    desk.table.pass(SETTLED);
    world.sync(&mut kept, |_| {}).await;
    let Missed { lost, stale } = missed(&desk.table, &kept, id);
    println!("freshdesk, settle PT1S: lost={lost} stale={stale}");
    assert!(lost + stale > 0);
}
