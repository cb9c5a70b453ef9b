//! An emulator, a bridge with a shipped manifest in front of it, and somebody who plays Talkdesk.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header, request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::SystemClock;
use bridge::crm::client::HttpClient;
use bridge::gateway::{Bridge, Parts, lines};
use bridge::manifest::{File, Manifest};
use serde_json::{Map, Value, json};
use talkdesk_bridge::player::{Kept, Player, Reply, Run};
use talkdesk_bridge::serve::Server;

use crate::table::Table;

/// The caller key of every world whose manifest asks for one.
pub const KEY: &str = "vendors-bridge-key-0123456789";

/// The access token that emulators of OAuth vendors accept.
pub const TOKEN: &str = "token-good";

/// One that was good until an hour ago.
pub const EXPIRED: &str = "token-expired";

const MAX_BODY: usize = 8 * 1024 * 1024;

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

/// One request that an emulator received.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path, as sent (percent-encoded).
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// The status that was answered.
    pub status: u16,
}

impl Asked {
    fn read(parts: &request::Parts, bytes: &[u8]) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let text = |v: &HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.iter().map(|(n, v)| (n.to_string(), text(v))).collect(),
            body: serde_json::from_slice(bytes).unwrap_or(Value::Null),
            text: String::from_utf8_lossy(bytes).into_owned(),
            status: 0,
        }
    }

    /// The parts of the path, decoded.
    pub fn segments(&self) -> Vec<String> {
        let decoded = |s: &str| {
            let form = format!("x={}", s.replace('+', "%2B").replace('&', "%26"));
            let pair = url::form_urlencoded::parse(form.as_bytes()).into_owned().next();
            pair.map(|(_, v)| v).unwrap_or_default()
        };
        self.path.trim_start_matches('/').split('/').map(decoded).collect()
    }

    /// The token of `Authorization: Bearer …`.
    pub fn bearer(&self) -> Option<&str> {
        self.headers.get("authorization")?.strip_prefix("Bearer ")
    }

    /// Whether the body says that it is JSON.
    pub fn says_json(&self) -> bool {
        self.headers.get("content-type").is_some_and(|t| t.starts_with("application/json"))
    }

    /// A query parameter's first value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

type Hook = Arc<dyn Fn(&Asked) + Send + Sync>;

/// All requests of an emulator, and answers that stand before it. Copies share them.
#[derive(Clone, Default)]
pub struct Requests(Arc<Mutex<Desk>>);

#[derive(Default)]
struct Desk {
    asked: Vec<Asked>,
    faults: Vec<Fault>,
    hook: Option<Hook>,
}

/// An answer in place of the emulator's.
#[derive(Clone, Debug, Default)]
pub struct Fault {
    /// A part of the path.
    pub path: String,
    /// How often.
    pub times: usize,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Value,
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().expect("the requests' lock")
    }

    /// All requests so far.
    pub fn all(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// The requests whose path contains `part`.
    pub fn to(&self, part: &str) -> Vec<Asked> {
        self.all().into_iter().filter(|a| a.path.contains(part)).collect()
    }

    /// The last request whose path contains `part`.
    pub fn last(&self, part: &str) -> Asked {
        self.to(part).pop().unwrap_or_else(|| panic!("nothing was asked at {part}"))
    }

    /// Forgets them.
    pub fn clear(&self) {
        self.lock().asked.clear();
    }

    /// Requests that the emulator refused, with what was sent.
    pub fn refused(&self) -> Vec<Asked> {
        self.all().into_iter().filter(|a| a.status >= 400).collect()
    }

    /// Answers in place of the emulator.
    pub fn fault(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Runs before every answer: for what happens at the vendor meanwhile.
    pub fn before_each(&self, hook: impl Fn(&Asked) + Send + Sync + 'static) {
        self.lock().hook = Some(Arc::new(hook));
    }

    /// Nothing happens any more.
    pub fn quiet(&self) {
        let mut desk = self.lock();
        desk.hook = None;
        desk.faults.clear();
    }

    fn take_fault(&self, path: &str) -> Option<Fault> {
        let mut desk = self.lock();
        let fault = desk.faults.iter_mut().find(|f| f.times > 0 && path.contains(&f.path))?;
        fault.times -= 1;
        Some(fault.clone())
    }
}

/// An emulator that runs until its task is ended.
pub struct Emulator {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// What it was asked.
    pub requests: Requests,
    /// The task that serves.
    pub task: tokio::task::JoinHandle<()>,
}

/// Serves an emulator on a free loopback port, recording what it is asked.
pub async fn serve(router: Router) -> Emulator {
    let requests = Requests::default();
    let router = router.layer(from_fn_with_state(requests.clone(), record));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Emulator { url, requests, task }
}

async fn record(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let mut asked = Asked::read(&parts, &bytes);
    let hook = requests.lock().hook.clone();
    if let Some(hook) = hook {
        hook(&asked);
    }
    let response = match requests.take_fault(&asked.path) {
        Some(fault) => {
            let mut response = answer(fault.status, &fault.body);
            for (name, value) in fault.headers {
                response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
            }
            response
        }
        None => next.run(Request::from_parts(parts, Body::from(bytes))).await,
    };
    asked.status = response.status().as_u16();
    requests.lock().asked.push(asked);
    response
}

/// A JSON answer; null is no body.
pub fn answer(status: u16, body: &Value) -> Response {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A router that answers everything with one function, dated by the table's clock.
pub fn emulate(table: &Table, answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> Router {
    let router = Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
        answer(&Asked::read(&parts, &bytes))
    });
    dated(router, table)
}

/// Every answer has a `Date` header of the table's clock.
pub fn dated(router: Router, table: &Table) -> Router {
    router.layer(from_fn_with_state(table.clone(), date))
}

async fn date(State(table): State<Table>, request: Request, next: Next) -> Response {
    // What is stamped while the answer is made may be missing from it: the earlier time is honest.
    let now = table.now();
    let mut response = next.run(request).await;
    let text = now.calendar().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response.headers_mut().insert(header::DATE, HeaderValue::from_str(&text).unwrap());
    response
}

impl World {
    /// The manifest `manifests/<name>` in front of an emulator. `secret` becomes the account's
    /// secret; the caller key is added to it and to `auth` where the manifest wants one.
    pub async fn start(name: &str, router: Router, auth: Map<String, Value>, secret: Option<Value>) -> World {
        Self::with_overlay(name, router, auth, secret, "").await
    }

    /// The same with an overlay (YAML; empty for none).
    pub async fn with_overlay(
        name: &str,
        router: Router,
        mut auth: Map<String, Value>,
        secret: Option<Value>,
        overlay: &str,
    ) -> World {
        let emulator = serve(router).await;
        let path = format!("{}/../manifests/{name}/manifest.yaml", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"));
        let mut files = vec![File { name: "manifest.yaml".to_owned(), text }];
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
            clock: Arc::new(SystemClock),
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
