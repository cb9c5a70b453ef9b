//! What clients sent, so that a test can assert the requests and not only their effect.

use std::collections::VecDeque;
use std::sync::Mutex;

use serde::Serialize;
use serde_json::Value;

use crate::lock::lock;

/// A benchmark sends millions of requests; the oldest ones are forgotten.
const KEPT: usize = 20_000;

/// A request to the API as it arrived, refused ones and those that met a fault included.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RecordedRequest {
    /// The HTTP method in capitals.
    pub method: String,
    /// The path as sent, still percent-encoded.
    pub path: String,
    /// The query as sent, still percent-encoded; empty when there was none.
    pub query: String,
    /// The body as JSON, as a string when it was not JSON, or null when it was empty.
    pub body: Value,
    /// The `Idempotency-Key` header.
    pub idempotency_key: Option<String>,
}

/// The requests so far, oldest first.
#[derive(Debug, Default)]
pub(crate) struct RequestLog(Mutex<VecDeque<RecordedRequest>>);

impl RequestLog {
    pub fn push(&self, request: RecordedRequest) {
        let mut log = lock(&self.0);
        if log.len() == KEPT {
            log.pop_front();
        }
        log.push_back(request);
    }

    pub fn all(&self) -> Vec<RecordedRequest> {
        lock(&self.0).iter().cloned().collect()
    }

    pub fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// A body for the log.
pub(crate) fn body_for_log(body: &[u8]) -> Value {
    if body.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(body).unwrap_or_else(|_| Value::String(String::from_utf8_lossy(body).into_owned()))
}
