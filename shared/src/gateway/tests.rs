//! The gateway with a CRM that notes what it is asked, over the embedded manifests.

mod callers;
mod pasted;

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, LazyLock, Mutex};

use secrecy::SecretString;
use serde_json::{Map, Value, json};

use super::*;
use crate::clock::BoxFuture;
use crate::clock::Clock;
use crate::config::{ManifestChoice, Settings};
use crate::credentials::{SecretError, SecretStore};
use crate::crm::Transport;
use crate::crm::transport::{Incoming, Outgoing, TransportError};
use crate::manifest::{File, Manifest};

const KEY: &str = "0123456789abcdef";

/// A good account of every integration: its `auth`, its secret if it has one, and the field of
/// `auth` that is the CRM's host, or a part of it, with the whole host.
static ACCOUNTS: LazyLock<Map<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("../../tests/fixtures/accounts.json")).unwrap());

/// The `auth` of an integration's good account with its caller key, and its secret if it has one.
fn account(name: &str) -> (Map<String, Value>, Option<Map<String, Value>>) {
    let mut auth = ACCOUNTS[name]["auth"].as_object().unwrap().clone();
    let secret = ACCOUNTS[name]["secret"].as_object().map(|secret| {
        auth.insert("bridge_key".to_owned(), KEY.into());
        let mut secret = secret.clone();
        secret.insert("caller_keys".to_owned(), json!([KEY]));
        secret
    });
    (auth, secret)
}

/// The CRM, Secrets Manager and the clock.
#[derive(Default)]
struct World {
    answers: Mutex<VecDeque<(u16, Value)>>,
    sent: Mutex<Vec<Outgoing>>,
    /// By name, in their order; the last one stays.
    secrets: Mutex<HashMap<String, VecDeque<Result<String, SecretError>>>>,
    asked: Mutex<usize>,
    now: Mutex<i64>,
}

impl Transport for World {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        self.sent.lock().unwrap().push(request);
        let (status, body) = self.answers.lock().unwrap().pop_front().unwrap_or((418, json!({})));
        Box::pin(async move { Ok(Incoming { status, headers: Vec::new(), body: body.to_string().into() }) })
    }
}

impl Clock for World {
    fn now(&self) -> Moment {
        Moment::parse("2026-11-22T12:00:00Z")
            .unwrap()
            .plus(Duration::from_secs(*self.now.lock().unwrap() as u64))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl SecretStore for World {
    fn fetch<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        *self.asked.lock().unwrap() += 1;
        let mut secrets = self.secrets.lock().unwrap();
        let found = secrets.get_mut(name).map(|steps| match steps.len() {
            1 => steps[0].clone(),
            _ => steps.pop_front().unwrap(),
        });
        Box::pin(async { found.unwrap_or(Err(SecretError::Missing)).map(SecretString::from) })
    }
}

impl World {
    /// A bridge for an embedded manifest with something laid over it.
    fn bridge(self: &Arc<Self>, name: &str, overlay: &str) -> Bridge {
        let parts = Parts { transport: self.clone(), clock: self.clone(), store: self.clone() };
        let settings = Settings::new(ManifestChoice::Embedded(name.to_owned()));
        Bridge::new(manifest(name, overlay), settings, parts)
    }

    fn secret(&self, name: &str, steps: impl IntoIterator<Item = Result<String, SecretError>>) {
        self.secrets.lock().unwrap().insert(name.to_owned(), steps.into_iter().collect());
    }

    fn answer(&self, status: u16, body: Value) {
        self.answers.lock().unwrap().push_back((status, body));
    }

    /// What was sent since the last look: method, URL, headers and body.
    fn sent(&self) -> Vec<String> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        let line = |out: &Outgoing| {
            let body = String::from_utf8_lossy(out.body.as_deref().unwrap_or_default()).into_owned();
            format!("{} {} {:?} {body}", out.method, out.url, out.headers)
        };
        sent.iter().map(line).collect()
    }

    fn pass(&self, seconds: i64) {
        *self.now.lock().unwrap() += seconds;
    }
}

/// A manifest; each is read once, because that is what takes time here.
fn manifest(name: &str, overlay: &str) -> Arc<Manifest> {
    type Known = Mutex<HashMap<(String, String), Arc<Manifest>>>;
    static KNOWN: LazyLock<Known> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let read = || {
        let path = format!("{}/../manifests/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
        let mut files = Manifest::files(std::path::Path::new(&path)).unwrap();
        files.extend((!overlay.is_empty()).then(|| file("overlay.yaml", overlay)));
        Arc::new(Manifest::load(&files).unwrap_or_else(|problems| panic!("{}", lines(&problems))))
    };
    known.entry((name.to_owned(), overlay.to_owned())).or_insert_with(read).clone()
}

/// One request of a component: status and body.
async fn ask(bridge: &Bridge, component: Component, body: &Value) -> (u16, Value) {
    let request = HttpRequest {
        source: None,
        method: "POST".to_owned(),
        path: component.path_of("add_note"),
        body: body.to_string().into_bytes(),
        request_id: "test".to_owned(),
        deadline: None,
    };
    let answer = bridge.handle(component, request).await;
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

async fn validate(bridge: &Bridge, auth: &Map<String, Value>) -> (u16, Value) {
    ask(bridge, Component::AuthValidation, &json!({ "auth": auth })).await
}
