//! An emulator, a bridge with a shipped manifest in front of it, and somebody who plays Talkdesk.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::client::HttpClient;
use bridge::gateway::{Bridge, Parts, lines};
use bridge::manifest::{File, Manifest};
use player::{Kept, Player, Reply, Run};
use serde_json::{Map, Value, json};
use talkdesk_bridge::serve::Server;

use crate::clock::TableClock;
use crate::table::Table;

mod requests;

pub use requests::{Asked, Emulator, Fault, Requests, answer, dated, emulate, serve};

/// The caller key of every world whose manifest asks for one.
pub const KEY: &str = "vendors-bridge-key-0123456789";

/// The access token that emulators of OAuth vendors accept.
pub const TOKEN: &str = "token-good";

/// One that was good until an hour ago.
pub const EXPIRED: &str = "token-expired";

/// One emulator with a bridge in front of it.
pub struct World {
    /// Plays Talkdesk.
    pub player: Player,
    /// The bridge; ends with the world.
    pub server: Server,
    /// What the emulator was asked.
    pub requests: Requests,
    task: tokio::task::JoinHandle<()>,
}

impl World {
    /// The manifest `manifests/<name>` in front of an emulator. `secret` becomes the account's
    /// secret; the caller key is added to it and to `auth` where the manifest wants one.
    ///
    /// The bridge goes by the vendor's clock, the table's.
    pub async fn start(
        name: &str,
        table: &Table,
        router: Router,
        auth: Map<String, Value>,
        secret: Option<Value>,
    ) -> World {
        Self::with_overlay(name, table, router, auth, secret, "").await
    }

    /// The same with an overlay (YAML; empty for none).
    pub async fn with_overlay(
        name: &str,
        table: &Table,
        router: Router,
        mut auth: Map<String, Value>,
        secret: Option<Value>,
        overlay: &str,
    ) -> World {
        let emulator = serve(router).await;
        let path = format!("{}/../manifests/{name}", env!("CARGO_MANIFEST_DIR"));
        let mut files =
            Manifest::files(std::path::Path::new(&path)).unwrap_or_else(|e| panic!("{path}: {e:?}"));
        if !overlay.is_empty() {
            files.push(File { name: "overlay.yaml".to_owned(), text: overlay.to_owned() });
        }
        let manifest =
            Manifest::load(&files).unwrap_or_else(|problems| panic!("{name}\n{}", lines(&problems)));
        let mut settings = Settings::new(ManifestChoice::Embedded(name.to_owned()));
        settings.crm_base_url = Some(loopback(&emulator.url).unwrap());
        let mut secret = secret.unwrap_or_else(|| json!({}));
        secret["caller_keys"] = json!([KEY]);
        if let Some(credentials) = &manifest.document().credentials {
            auth.entry(credentials.caller_key.clone()).or_insert_with(|| KEY.into());
        }
        let parts = Parts {
            transport: Arc::new(HttpClient::new(settings.crm_base_url.clone()).unwrap()),
            clock: Arc::new(TableClock::new(table)),
            store: Arc::new(FixedSecret::new(secret.to_string())),
        };
        let server = Server::start(Bridge::new(manifest, settings, parts), 0).await.unwrap();
        let player = Player::new(&server.url(), auth).unwrap();
        World { player, server, requests: emulator.requests, task: emulator.task }
    }

    /// Calls a component.
    pub async fn call(&self, component: Component, meta: Value, data: Value) -> Reply {
        self.player.call(component, "", meta, data).await.unwrap()
    }

    /// Executes an action.
    pub async fn act(&self, action: &str, meta: Value, data: Value) -> Reply {
        self.player.call(Component::Actions, action, meta, data).await.unwrap()
    }

    /// All agents, page by page.
    pub async fn agents(&self) -> Vec<Value> {
        let (mut agents, mut offset) = (Vec::new(), Value::Null);
        for _ in 0..100 {
            let reply = self.call(Component::Agents, json!({"offset": offset}), Value::Null).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            agents.extend(reply.body["agents"].as_array().cloned().unwrap_or_default());
            offset = reply.body["next_offset"].clone();
            if offset.is_null() {
                return agents;
            }
        }
        panic!("the agents do not end");
    }

    /// A token that the vendor does not take is a 401 in every component. `data` is what `action` needs.
    pub async fn refuses(&self, token: &str, contact: &str, action: &str, data: Value) {
        let player = self.player.with_auth("access_token", token);
        let who = json!({"contact_external_id": contact});
        for component in Component::ALL {
            let (name, meta, data) = match component {
                Component::Actions => (action, who.clone(), data.clone()),
                Component::Interactions => ("", json!({}), who.clone()),
                _ => ("", json!({}), Value::Null),
            };
            let reply = player.call(component, name, meta, data).await.unwrap();
            assert_eq!(reply.status, 401, "{token} {component:?} {}", reply.body);
        }
    }

    /// Nothing is lost, nothing is stale, and the vendor refused no request.
    #[allow(clippy::print_stdout, reason = "how much was tried, for who runs it with --nocapture")]
    pub fn lost_nothing(
        &self,
        what: &str,
        table: &Table,
        (kept, runs): &(Kept, Vec<Run>),
        id: impl Fn(u64) -> String,
    ) {
        let Missed { lost, stale } = missed(table, kept, id);
        let pages: usize = runs.iter().map(|r| r.pages).sum();
        let delivered: usize = runs.iter().map(|r| r.delivered).sum();
        println!("{what}: runs={} pages={pages} delivered={delivered} lost={lost} stale={stale}", runs.len());
        assert_eq!((lost, stale), (0, 0), "{what}");
        assert!(self.requests.refused().is_empty(), "{what}: {:?}", self.requests.refused().first());
    }

    /// One run of the contact synchronization.
    pub async fn sync(&self, kept: &mut Kept, page: impl FnMut(&Run)) -> Run {
        self.player.sync(kept, page).await.unwrap_or_else(|why| panic!("{why}"))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What a synchronization missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Missed {
    /// People that never came.
    pub lost: usize,
    /// People whose last version never came.
    pub stale: usize,
}

/// Compares what Talkdesk keeps with the table; `id` prints a person's id as the vendor does.
pub fn missed(table: &Table, kept: &Kept, id: impl Fn(u64) -> String) -> Missed {
    let mut missed = Missed { lost: 0, stale: 0 };
    for person in table.truth().iter().filter(|p| !p.archived) {
        match kept.contacts.get(&id(person.number)) {
            None => missed.lost += 1,
            Some(contact) => {
                let name = contact["name"].as_str().unwrap_or_default();
                missed.stale += usize::from(!name.ends_with(&person.last_name));
            }
        }
    }
    missed
}

/// The life of a synchronization: a first run and `rounds` more while `touch` changes the table
/// between the pages, then time passes until all is visible and settled, and one quiet run.
pub async fn live(
    world: &World,
    table: &Table,
    rounds: usize,
    settled: Duration,
    touch: impl Fn(&Table, usize),
) -> (Kept, Vec<Run>) {
    let (mut kept, mut runs, mut pages) = (Kept::default(), Vec::new(), 0);
    for _ in 0..=rounds {
        let run = world.sync(&mut kept, |_| {
            pages += 1;
            touch(table, pages);
        });
        runs.push(run.await);
        touch(table, pages);
        table.pass(Duration::from_secs(90));
    }
    table.pass(settled);
    runs.push(world.sync(&mut kept, |_| {}).await);
    (kept, runs)
}

/// Whether `text` is `pattern`, in which `wild` stands for any signs.
pub fn like(text: &str, pattern: &str, wild: char) -> bool {
    let mut parts = pattern.split(wild);
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}
