//! Plays Talkdesk: calls a bridge's endpoints as Talkdesk does, and keeps what Talkdesk would keep.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bridge::contract::Component;
use bridge::crm::client::tls;
use serde_json::{Map, Value, json};

/// Pages of one run at most: a bridge that never ends must not keep us for ever.
const MOST_PAGES: usize = 1_000_000;

/// Somebody who calls a bridge.
pub struct Player {
    client: reqwest::Client,
    base: String,
    auth: Map<String, Value>,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body; null when it was not JSON.
    pub body: Value,
    /// The content type.
    pub content_type: String,
    /// The methods that a 405 allows.
    pub allow: String,
    /// The clock of whoever answered, as the header `Date` shows it.
    pub date: String,
    /// From request to answer.
    pub took: Duration,
}

/// What Talkdesk keeps of a contact synchronization.
#[derive(Debug, Default)]
pub struct Kept {
    /// Contacts by id, in their last version.
    pub contacts: HashMap<String, Value>,
    /// The checkpoint of the last page.
    pub checkpoint: Option<String>,
}

/// What one run came to.
#[derive(Debug, Default)]
pub struct Run {
    /// Pages.
    pub pages: usize,
    /// Contacts delivered, repetitions included.
    pub delivered: usize,
    /// Time in all.
    pub took: Duration,
}

impl Player {
    /// A player for a bridge at `base` with its `auth` fields.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(base: &str, auth: Map<String, Value>) -> Result<Self, String> {
        Self::trusting(base, auth, tls()?)
    }

    /// A player that trusts other certificates than those of the public web.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn trusting(base: &str, auth: Map<String, Value>, tls: rustls::ClientConfig) -> Result<Self, String> {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .timeout(Duration::from_secs(40))
            .build()
            .map_err(|e| e.to_string())?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned(), auth })
    }

    /// The same player with another value in `auth`.
    #[must_use]
    pub fn with_auth(&self, field: &str, value: &str) -> Self {
        let mut auth = self.auth.clone();
        auth.insert(field.to_owned(), value.into());
        Self { client: self.client.clone(), base: self.base.clone(), auth }
    }

    /// The same player without any `auth`.
    #[must_use]
    pub fn without_auth(&self) -> Self {
        Self { client: self.client.clone(), base: self.base.clone(), auth: Map::new() }
    }

    /// Sends whatever to a path.
    ///
    /// # Errors
    /// No answer at all.
    pub async fn raw(&self, method: &str, path: &str, body: &str) -> Result<Reply, String> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?;
        let request = self.client.request(method, format!("{}{path}", self.base)).body(body.to_owned());
        self.reply(path, request).await
    }

    /// Calls a component; `action` names the action of [`Component::Actions`].
    ///
    /// # Errors
    /// No answer at all.
    pub async fn call(
        &self,
        component: Component,
        action: &str,
        meta: Value,
        data: Value,
    ) -> Result<Reply, String> {
        let path = component.path().replace("{name}", action);
        let mut body = json!({"auth": self.auth});
        for (key, value) in [("meta", meta), ("data", data)] {
            if !value.is_null() {
                body[key] = value;
            }
        }
        self.reply(&path, self.client.post(format!("{}{path}", self.base)).json(&body)).await
    }

    async fn reply(&self, path: &str, request: reqwest::RequestBuilder) -> Result<Reply, String> {
        let begun = Instant::now();
        let response = request.send().await.map_err(|e| format!("{path}: no answer: {}", reason(&e)))?;
        let status = response.status().as_u16();
        let header = |name: &str| {
            let value = response.headers().get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let (content_type, allow, date) = (header("content-type"), header("allow"), header("date"));
        let bytes = response.bytes().await.map_err(|_| format!("{path}: the answer ended too early"))?;
        let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
        Ok(Reply { status, body, content_type, allow, date, took: begun.elapsed() })
    }

    /// Runs a contact synchronization to its end, page by page, from what is kept.
    ///
    /// # Errors
    /// A page that is not a 200 with contacts.
    pub async fn sync(&self, kept: &mut Kept, page: impl FnMut(&Run)) -> Result<Run, String> {
        self.sync_at_most(kept, MOST_PAGES, page).await
    }

    /// The same, stopping after some pages as if Talkdesk had been interrupted.
    ///
    /// # Errors
    /// As [`Player::sync`].
    pub async fn sync_at_most(
        &self,
        kept: &mut Kept,
        pages: usize,
        mut page: impl FnMut(&Run),
    ) -> Result<Run, String> {
        let begun = Instant::now();
        let mut run = Run::default();
        let (checkpoint, mut offset) = (kept.checkpoint.clone(), Value::Null);
        while run.pages < pages {
            let meta = json!({"synchronization_checkpoint": checkpoint, "offset": offset});
            let reply = self.call(Component::Contacts, "", meta, Value::Null).await?;
            let Some(contacts) = reply.body["contacts"].as_array().filter(|_| reply.status == 200) else {
                return Err(format!("page {}: {} {}", run.pages + 1, reply.status, reply.body));
            };
            run.pages += 1;
            run.delivered += contacts.len();
            for contact in contacts {
                let id = contact["id"].as_str().ok_or("a contact without a text id")?;
                kept.contacts.insert(id.to_owned(), contact.clone());
            }
            kept.checkpoint = reply.body["synchronization_checkpoint"].as_str().map(str::to_owned);
            run.took = begun.elapsed();
            page(&run);
            match &reply.body["next_offset"] {
                Value::Null => return Ok(run),
                next if *next == offset => return Err("next_offset does not move on".to_owned()),
                next => offset = next.clone(),
            }
        }
        if pages < MOST_PAGES { Ok(run) } else { Err("the run does not end".to_owned()) }
    }
}

/// What is behind a failed request: the last of its causes, which names the refused connection or the
/// certificate that is not trusted.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    if error.is_timeout() { "it took too long".to_owned() } else { cause.to_string() }
}
