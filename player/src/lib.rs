//! Plays Talkdesk: calls a bridge's endpoints as Talkdesk does, and keeps what Talkdesk would keep.
//!
//! How a request reaches the bridge is an [`Endpoint`]: [`Http`] here, Lambda's emulator in the end-to-end tests.

use std::collections::HashMap;
use std::time::Duration;

use bridge::contract::Component;
use serde_json::{Map, Value};

mod http;
mod kept;

pub use http::Http;
pub use kept::{Kept, MOST_PAGES, Run};

/// A way to a bridge.
pub trait Endpoint {
    /// Sends a request to a path, such as `/contact_sync`.
    ///
    /// # Errors
    /// No answer at all.
    fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> impl Future<Output = Result<Reply, String>> + Send;
}

impl<E: Endpoint + Sync> Endpoint for &E {
    fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
    ) -> impl Future<Output = Result<Reply, String>> + Send {
        E::send(self, method, path, body)
    }
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body; null when it was not JSON.
    pub body: Value,
    /// The headers; names in lower case.
    pub headers: HashMap<String, String>,
    /// From request to answer.
    pub took: Duration,
}

impl Reply {
    /// A header; empty where the answer has none of that name (in lower case).
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }
}

/// Somebody who calls a bridge.
#[derive(Clone)]
pub struct Player<E = Http> {
    endpoint: E,
    auth: Map<String, Value>,
}

impl<E: Endpoint> Player<E> {
    /// A player for a bridge with its `auth` fields.
    pub fn of(endpoint: E, auth: Map<String, Value>) -> Self {
        Self { endpoint, auth }
    }

    /// The same player with another value in `auth`.
    #[must_use]
    pub fn with_auth(&self, field: &str, value: &str) -> Self
    where
        E: Clone,
    {
        let mut player = self.clone();
        player.auth.insert(field.to_owned(), value.into());
        player
    }

    /// The same player without any `auth`.
    #[must_use]
    pub fn without_auth(&self) -> Self
    where
        E: Clone,
    {
        Self { endpoint: self.endpoint.clone(), auth: Map::new() }
    }

    /// Sends whatever to a path.
    ///
    /// # Errors
    /// No answer at all.
    pub async fn raw(&self, method: &str, path: &str, body: &str) -> Result<Reply, String> {
        self.endpoint.send(method, path, body).await
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
        let body = request(&self.auth, meta, data).to_string();
        self.endpoint.send("POST", &component.path_of(action), &body).await
    }
}

/// A request's body: what is null is not sent.
pub fn request(auth: &Map<String, Value>, meta: Value, data: Value) -> Value {
    let parts = [("auth", Value::from(auth.clone())), ("meta", meta), ("data", data)];
    Value::Object(
        parts.into_iter().filter(|(_, part)| !part.is_null()).map(|(k, v)| (k.to_owned(), v)).collect(),
    )
}
