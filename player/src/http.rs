//! A bridge behind a URL.

use std::time::{Duration, Instant};

use bridge::crm::client::tls;
use serde_json::{Map, Value};

use crate::{Endpoint, Player, Reply};

/// The URL in front of `/auth_validation` and so on, and a client for it.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    base: String,
}

impl Player<Http> {
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
        Ok(Self::of(Http { client, base: base.trim_end_matches('/').to_owned() }, auth))
    }
}

impl Endpoint for Http {
    async fn send(&self, method: &str, path: &str, body: &str) -> Result<Reply, String> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(|e| e.to_string())?;
        let request = self.client.request(method, format!("{}{path}", self.base));
        let request = request.header("content-type", "application/json").body(body.to_owned());
        let begun = Instant::now();
        let response = request.send().await.map_err(|e| format!("{path}: no answer: {}", reason(&e)))?;
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers =
            headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()));
        let headers = headers.collect();
        let bytes = response.bytes().await.map_err(|_| format!("{path}: the answer ended too early"))?;
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Ok(Reply { status, body, headers, took: begun.elapsed() })
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
