//! A client that shows what was on the wire, cut-off bodies included; no HTTP library would.

use std::collections::BTreeMap;
use std::time::Duration;

use demo_crm::{DemoCrm, Options};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// An answer as it arrived.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// Names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// The code and the fields of an error.
    pub fn refusal(&self) -> (u16, String, Value) {
        let error = &self.json()["error"];
        assert!(error["message"].as_str().is_some_and(|text| !text.is_empty()), "{error}");
        (self.status, error["code"].as_str().unwrap().to_owned(), error["fields"].clone())
    }

    pub fn promised_length(&self) -> usize {
        self.headers["content-length"].parse().unwrap()
    }
}

/// A CRM for one test.
pub struct Crm {
    pub server: DemoCrm,
    /// How long to wait for an answer: long, on a busy machine, unless none is to come.
    pub patience: Duration,
}

impl Crm {
    pub async fn start() -> Self {
        Self::with(300).await
    }

    pub async fn with(contacts: u32) -> Self {
        let options = Options { contacts, ..Options::default() };
        Self { server: DemoCrm::start(options).await.unwrap(), patience: Duration::from_secs(20) }
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, None).await
    }

    pub async fn post(&self, target: &str, body: Value) -> Answer {
        self.send("POST", target, Some(body)).await
    }

    pub async fn send(&self, method: &str, target: &str, body: Option<Value>) -> Answer {
        let key = format!("X-Api-Key: {}", self.server.api_key());
        self.exchange(method, target, &[&key], body).await.unwrap()
    }

    /// None when no answer came.
    pub async fn exchange(
        &self,
        method: &str,
        target: &str,
        headers: &[&str],
        body: Option<Value>,
    ) -> Option<Answer> {
        let host = self.server.url().trim_start_matches("http://");
        let mut request = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
        request.push_str("Connection: close\r\n");
        for header in headers {
            request.push_str(&format!("{header}\r\n"));
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        if !body.is_empty() {
            let length = body.len();
            request.push_str(&format!("Content-Type: application/json\r\nContent-Length: {length}\r\n"));
        }
        request.push_str(&format!("\r\n{body}"));
        self.raw(&request).await
    }

    /// Sends bytes and reads until the connection is closed or patience ends.
    pub async fn raw(&self, request: &str) -> Option<Answer> {
        let host = self.server.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut received = Vec::new();
        // Whatever ends it, what has arrived until then counts.
        let _ = timeout(self.patience, stream.read_to_end(&mut received)).await;
        parse(&received)
    }
}

fn parse(received: &[u8]) -> Option<Answer> {
    let end = received.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&received[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    Some(Answer { status, headers, body: received[end + 4..].to_vec() })
}

/// The ids of the contacts in an answer.
pub fn ids(answer: &Answer) -> Vec<i64> {
    let body = answer.json();
    let contacts = body["contacts"].as_array().unwrap_or_else(|| panic!("{body}"));
    contacts.iter().map(|contact| contact["id"].as_i64().unwrap()).collect()
}
