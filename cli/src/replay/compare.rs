//! How what was expected and what was found differ, for people.

use bridge::crm::transport::Outgoing;
use serde_json::{Map, Value};

use crate::fixture::Sent;

/// Compares JSON; `"*"` in what is expected stands for anything but null.
pub fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::String(any), found) if any == "*" && !found.is_null() => {}
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                match found.get(key) {
                    Some(other) => compare(&format!("{path}.{key}"), value, other, differences),
                    None => differences.push(format!("{path}.{key} is missing, expected {value}")),
                }
            }
            for key in found.keys().filter(|key| !expected.contains_key(*key)) {
                differences.push(format!("{path}.{key} is not expected: {}", found[key]));
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (a, b)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{path} is {found}, expected {expected}")),
    }
}

/// How a request differs from what must be sent.
pub fn unlike(expected: &Sent, request: &Outgoing) -> Vec<String> {
    let mut differences = Vec::new();
    let found = Sent::of(request);
    compare("method", &expected.method.clone().into(), &found.method.into(), &mut differences);
    compare("url", &expected.url.clone().into(), &found.url.into(), &mut differences);
    let expected_query: Map<String, Value> =
        expected.query.iter().map(|(k, v)| (k.clone(), as_texts(v))).collect();
    compare("query", &Value::Object(expected_query), &Value::Object(found.query), &mut differences);
    for (name, value) in &expected.headers {
        let found = request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        let found = found.map_or(Value::Null, |(_, v)| v.as_str().into());
        compare(&format!("header {name}"), value, &found, &mut differences);
    }
    match (&expected.body, found.body) {
        (None, None) => {}
        (expected, found) => compare(
            "body",
            expected.as_ref().unwrap_or(&Value::Null),
            &found.unwrap_or(Value::Null),
            &mut differences,
        ),
    }
    differences
}

/// Query values are text on the wire; fixtures may write numbers.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(as_texts).collect()),
        Value::String(_) => value.clone(),
        other => Value::String(other.to_string()),
    }
}
