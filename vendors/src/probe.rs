//! One plain HTTP/1.1 exchange, for tests that hold an emulator itself against its documentation.

use std::io::{Read as _, Write as _};

use axum::Router;
use serde_json::Value;

use crate::world::serve;

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The head, as it came, names in lower case.
    pub head: Vec<(String, String)>,
    /// The body; null when it is not JSON.
    pub body: Value,
}

impl Answer {
    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Asks an emulator, without a bridge between. Nothing in `target` is changed or encoded.
pub async fn ask(
    router: &Router,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let emulator = serve(router.clone()).await;
    let host = emulator.url.trim_start_matches("http://").to_owned();
    let mut text = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let exchange = move || {
        let mut stream = std::net::TcpStream::connect(host).expect("a connection");
        stream.write_all(text.as_bytes()).expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer
    };
    let answer = tokio::task::spawn_blocking(exchange).await.expect("an exchange");
    emulator.task.abort();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|l| l.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let pairs = lines.filter_map(|l| l.split_once(": "));
    let head = pairs.map(|(n, v)| (n.to_lowercase(), v.to_owned())).collect();
    Answer { status, head, body: serde_json::from_str(body).unwrap_or(Value::Null) }
}
