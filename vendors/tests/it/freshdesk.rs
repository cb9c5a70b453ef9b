//! `manifests/freshdesk` against a strict emulator of Freshdesk's API v2.

use std::time::Duration;

use serde_json::{Map, Value, json};
use vendors::freshdesk::{Freshdesk, contact_id};
use vendors::table::Table;
use vendors::world::World;

mod actions;
mod interactions;
mod strict;
mod sync;

const KEY: &str = "freshdesk-api-key-0123456789";
const NOW: &str = "2026-05-01T07:25:37.250000Z";
const SETTLED: Duration = Duration::from_secs(600);
const AGENT: u64 = 501_001_204_047;

fn id(number: u64) -> String {
    contact_id(number).to_string()
}

async fn office(count: u64) -> (Freshdesk, World) {
    let desk = Freshdesk::new(Table::new(count, NOW), KEY);
    desk.add_agent(AGENT, "John Doe", "john@acme.com", "support_agent", false);
    let world = world(&desk, "").await;
    (desk, world)
}

async fn world(desk: &Freshdesk, overlay: &str) -> World {
    let mut auth = Map::new();
    auth.insert("account".to_owned(), "acme".into());
    let secret = json!({"domain": "acme", "api_key": KEY});
    World::with_overlay("freshdesk", &desk.table, desk.router(), auth, Some(secret), overlay).await
}

/// A contact that exists already is named, not refused.
async fn act_again(world: &World, data: Value) -> Value {
    let reply = world.act("create_contact", json!({}), data).await;
    assert!(reply.status < 300, "{} {}", reply.status, reply.body);
    reply.body
}
