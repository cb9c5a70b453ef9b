//! Asks a bridge in this process, and looks at the rows that the CRM sent before the bridge mapped them.

use std::sync::Arc;

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
use url::Url;

use super::page::{Page, Row, failures};
use crate::names;
use crate::watch::{Call, Heard, Watched, collected};

/// Pages of one look at most: more than that changes in a minute in no sandbox.
const PAGES: usize = 50;
/// A month in milliseconds.
const A_MONTH: i64 = 30 * 86_400_000;

/// Method, address and body of a call to the CRM.
pub type Asked = (&'static str, Url, Vec<u8>);

/// A bridge to a real CRM.
pub struct Probe {
    bridge: Bridge,
    auth: Map<String, Value>,
    secret: Value,
    redirected: bool,
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
        let redirected = settings.crm_base_url.is_some();
        Self { bridge: Bridge::new(manifest, settings, parts), auth, secret: known, redirected }
    }

    /// Whether the CRM stands elsewhere than the manifest says: at --crm-url.
    pub fn is_redirected(&self) -> bool {
        self.redirected
    }

    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        self.bridge.manifest()
    }

    /// One request; the third value names the calls that failed.
    pub async fn ask(&self, component: Component, meta: Value, data: Value) -> (u16, Value, String) {
        let (status, answer, heard) = self.send(component, component.path(), meta, data).await;
        (status, answer, failures(&heard))
    }

    /// The answer, and what the request asks the CRM for. None when it is not answered, and of signed requests, which
    /// are never the same twice.
    pub async fn requests(&self, component: Component, data: Value) -> Option<(Value, Vec<Asked>)> {
        let (status, answer, heard) = self.send(component, component.path(), Value::Null, data).await;
        let signed = self.manifest().document().connection.auth.sign.is_some();
        let asked = |call: Call| (call.sent.method, call.sent.url, call.sent.body.unwrap_or_default());
        (status == 200 && !signed).then(|| (answer, heard.calls.into_iter().map(asked).collect()))
    }

    /// Runs an action; the third value names the calls that failed.
    pub async fn act(&self, action: &str, meta: Value, data: Value) -> (u16, Value, String) {
        let path = Component::Actions.path_of(action);
        let (status, answer, heard) = self.send(Component::Actions, &path, meta, data).await;
        (status, answer, failures(&heard))
    }

    /// A page of contacts from a time on, or from the beginning.
    pub async fn contacts(&self, from: Option<Moment>) -> Page {
        let manifest = self.manifest();
        let generation = manifest.document().contacts.as_ref().and_then(|c| c.generation).unwrap_or(1);
        let checkpoint = from.map(|from| {
            let mut kept = Kept::settled(Mark::Time(from), generation, Moment::now());
            // Of an account that is old enough not to be read as a whole, whatever `full_every` says.
            kept.history.iter_mut().for_each(|history| history.first -= A_MONTH);
            kept.text(manifest.name())
        });
        self.page(&json!({"synchronization_checkpoint": checkpoint})).await
    }

    /// Reads what changed from a time on until a row is the one that is looked for; the last page, and that row.
    pub async fn find(&self, from: Moment, wanted: impl Fn(&Row) -> bool) -> (Page, Option<Row>) {
        let mut page = self.contacts(Some(from)).await;
        for _ in 1..PAGES {
            let row = page.rows.iter().find(|row| wanted(row)).cloned();
            if row.is_some() || page.status != 200 || page.answer["next_offset"].is_null() {
                return (page, row);
            }
            let offset = &page.answer["next_offset"];
            page = self.page(&json!({"offset": offset})).await;
        }
        (page, None)
    }

    async fn page(&self, meta: &Value) -> Page {
        let path = Component::Contacts.path();
        let (status, answer, heard) = self.send(Component::Contacts, path, meta.clone(), Value::Null).await;
        Page::of(status, answer, &heard, |answer| self.rows(answer))
    }

    async fn send(&self, component: Component, path: &str, meta: Value, data: Value) -> (u16, Value, Heard) {
        let body = json!({"auth": self.auth, "meta": meta, "data": data}).to_string().into_bytes();
        let request = HttpRequest {
            source: None,
            method: "POST".to_owned(),
            path: path.to_owned(),
            body,
            request_id: "live".to_owned(),
            deadline: None,
        };
        let (response, heard) = collected(self.bridge.handle(component, request)).await;
        (response.status, serde_json::from_slice(&response.body).unwrap_or_default(), heard)
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
