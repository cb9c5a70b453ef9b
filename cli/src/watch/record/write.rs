//! Exchanges as a fixture's file holds them.

use bridge::crm::transport::{Incoming, Outgoing};
use serde_json::{Map, Value, json};

use crate::fixture::Sent;

/// One exchange as a fixture writes it.
pub fn exchange(sent: &Outgoing, got: &Incoming) -> Value {
    let Sent { method, url, query, body, .. } = Sent::of(sent);
    let headers: Map<String, Value> =
        got.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    let text = || Value::from(String::from_utf8_lossy(&got.body).as_ref());
    let answered = match got.body.is_empty() {
        true => Value::Null,
        false => serde_json::from_slice(&got.body).unwrap_or_else(|_| text()),
    };
    json!({
        "request": {"method": method, "url": url, "query": query, "body": body},
        "response": {"status": got.status, "headers": headers, "body": answered},
    })
}

/// A fixture without what says nothing: null, and empty maps where they are the default. Bodies stay whole.
pub fn compact(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let whole = |key: &str| matches!(key, "body" | "data" | "meta");
            let says = |key: &str, value: &Value| !value.is_null() && (whole(key) || *value != json!({}));
            let kept = map.into_iter().filter(|(key, value)| says(key, value));
            kept.map(|(key, value)| if whole(&key) { (key, value) } else { (key, compact(value)) }).collect()
        }
        Value::Array(items) => items.into_iter().map(compact).collect(),
        other => other,
    }
}
