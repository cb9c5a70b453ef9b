//! Asks a bridge in this process, and looks at the rows that the CRM sent before the bridge mapped them.

use std::sync::Arc;
use std::time::Duration;

use bridge::clock::SystemClock;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::Transport;
use bridge::crm::client::HttpClient;
use bridge::crm::contacts::checkpoint::{Kept, Mark};
use bridge::crm::transport::Incoming;
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;
use bridge::manifest::expression::{as_text, read_time};
use bridge::time::Moment;
use minijinja::Value as Name;
use minijinja::value::Serde;
use serde_json::{Map, Value, json};

use crate::names;
use crate::watch::{Call, Watched, collected};

/// A month in milliseconds.
const A_MONTH: i64 = 30 * 86_400_000;

/// A bridge to a real CRM.
pub struct Probe {
    bridge: Bridge,
    auth: Map<String, Value>,
    secret: Value,
}

/// A row as the CRM sent it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id, as the manifest reads it.
    pub id: Option<String>,
    /// Its stamp, as the manifest reads it.
    pub stamp: Option<Moment>,
}

/// A page of contacts as the CRM sent it, and what became of it.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The rows of the call that has most with a time: steps may answer with lists too. None when no call has any.
    pub rows: Vec<Row>,
    /// What Talkdesk would get.
    pub status: u16,
    /// The body that Talkdesk would get.
    pub answer: Value,
    /// How far the CRM's clock is from ours.
    pub skew: Option<Duration>,
    /// Headers about limits.
    pub limits: Vec<(String, String)>,
}

impl Probe {
    /// A probe with an account's secret and `auth`.
    ///
    /// # Errors
    /// An address that is not on this machine; a client that cannot be made.
    pub fn new(
        manifest: Manifest,
        secret: String,
        auth: Map<String, Value>,
        crm: Option<&str>,
    ) -> Result<Self, String> {
        let crm = crm.map(loopback).transpose().map_err(|why| format!("--crm-url: {why}"))?;
        let client = Arc::new(HttpClient::new(crm.clone())?);
        let mut settings = Settings::new(ManifestChoice::Embedded(String::new()));
        settings.crm_base_url = crm;
        Ok(Self::over(manifest, settings, secret, auth, client))
    }

    /// A probe with its own way to the CRM.
    pub fn over(
        manifest: Manifest,
        settings: Settings,
        secret: String,
        auth: Map<String, Value>,
        client: Arc<dyn Transport>,
    ) -> Self {
        let known = serde_json::from_str(&secret).unwrap_or_default();
        let store = Arc::new(FixedSecret::new(secret));
        let parts = Parts { transport: Arc::new(Watched(client)), clock: Arc::new(SystemClock), store };
        Self { bridge: Bridge::new(manifest, settings, parts), auth, secret: known }
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        self.bridge.manifest()
    }

    /// One request; the third value names the calls that failed.
    pub async fn ask(&self, component: Component, data: Value) -> (u16, Value, String) {
        let (status, answer, calls) = self.send(component, Value::Null, data).await;
        let failed: Vec<_> = calls.iter().filter_map(failure).collect();
        let lines = if failed.is_empty() { String::new() } else { format!(" ({})", failed.join("; ")) };
        (status, answer, lines)
    }

    /// A page of contacts from a time on, or from the beginning.
    pub async fn contacts(&self, from: Option<Moment>) -> Page {
        let manifest = self.manifest();
        let generation = manifest.document().contacts.as_ref().and_then(|c| c.generation).unwrap_or(1);
        let meta = from.map_or(Value::Null, |from| {
            let mut kept = Kept::settled(Mark::Time(from), generation, Moment::now());
            // Of an account that is old enough not to be read as a whole, whatever `full_every` says.
            kept.history.iter_mut().for_each(|history| history.first -= A_MONTH);
            json!({"synchronization_checkpoint": kept.text(manifest.name())})
        });
        let (status, answer, calls) = self.send(Component::Contacts, meta, Value::Null).await;
        let answers: Vec<_> = calls.iter().filter_map(|call| call.answer.as_ref().ok()).collect();
        let date = answers.last().and_then(|a| a.headers.iter().find(|(name, _)| name == "date"));
        let skew =
            date.and_then(|(_, date)| Moment::parse_http_date(date)).map(|date| date.skew(Moment::now()));
        let about =
            |name: &str| ["ratelimit", "rate-limit", "retry-after", "quota"].iter().any(|w| name.contains(w));
        let limits = answers
            .last()
            .map_or_else(Vec::new, |a| a.headers.iter().filter(|(name, _)| about(name)).cloned().collect());
        let timed = |rows: &Vec<Row>| (rows.iter().filter(|row| row.stamp.is_some()).count(), rows.len());
        let rows = answers.iter().map(|answer| self.rows(answer)).max_by_key(timed);
        Page { rows: rows.unwrap_or_default(), status, answer, skew, limits }
    }

    async fn send(&self, component: Component, meta: Value, data: Value) -> (u16, Value, Vec<Call>) {
        let body = json!({"auth": self.auth, "meta": meta, "data": data}).to_string().into_bytes();
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: component.path().to_owned(),
            body,
            request_id: "live".to_owned(),
            deadline: None,
        };
        let (response, calls) = collected(self.bridge.handle(component, request)).await;
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default(), calls)
    }

    /// The rows of an answer, if it is one of a contact list.
    fn rows(&self, answer: &Incoming) -> Vec<Row> {
        let manifest = self.manifest();
        let Some(spec) = &manifest.document().contacts else { return Vec::new() };
        let Some(rules) = &spec.checkpoint else { return Vec::new() };
        let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return Vec::new() };
        let mut scope = names::of_account(manifest, &self.auth, &self.secret)
            .with("status", answer.status)
            .with("body", Name::from(Serde(&body)));
        let Ok(records) = spec.records.eval(&scope.value()) else { return Vec::new() };
        let Ok(records) = records.try_iter() else { return Vec::new() };
        records
            .map(|row| {
                scope.set("row", row);
                let names = scope.value();
                let stamp = rules.field.as_ref().and_then(|field| field.eval(&names).ok());
                let stamp = stamp.and_then(|value| read_time(&value, None).ok().flatten());
                Row { id: spec.map.id.eval(&names).ok().and_then(|id| as_text(&id)), stamp }
            })
            .collect()
    }
}

/// A call that failed, without what was asked.
fn failure(call: &Call) -> Option<String> {
    let route = &call.sent.route;
    match &call.answer {
        Ok(answer) if answer.status < 400 => None,
        Ok(answer) => Some(format!("{} {route}: {}", call.sent.method, answer.status)),
        Err(error) => Some(format!("{} {route}: {error:?}", call.sent.method)),
    }
}
