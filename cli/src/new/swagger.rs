//! Swagger 2.0, which half of the vendors still publish, as OpenAPI 3 writes the same things: only those that
//! `new` looks at.

use serde_json::{Map, Value, json};

/// The document with its address, credentials and answers where version 3 has them. References stay good, because
/// what they lead to stays where it is.
pub fn upgraded(mut document: Value) -> Value {
    if !document["swagger"].as_str().is_some_and(|version| version.starts_with('2')) {
        return document;
    }
    document["openapi"] = "3.0.0".into();
    if let Some(host) = document["host"].as_str() {
        let path = document["basePath"].as_str().unwrap_or_default().trim_matches('/');
        let address =
            if path.is_empty() { format!("https://{host}") } else { format!("https://{host}/{path}") };
        document["servers"] = json!([{"url": address}]);
    }
    let mut schemes = document["securityDefinitions"].take();
    for scheme in schemes.as_object_mut().into_iter().flat_map(Map::values_mut) {
        if scheme["type"] == "basic" {
            *scheme = json!({"type": "http", "scheme": "basic"});
        }
    }
    if schemes.is_object() {
        document["components"] = json!({"securitySchemes": schemes});
    }
    let items = document["paths"].as_object_mut().into_iter().flat_map(Map::values_mut);
    let gets = items.filter_map(|item| item.get_mut("get"));
    let shared = gets.filter_map(|get| get.get_mut("responses").and_then(Value::as_object_mut));
    for answer in shared.flat_map(Map::values_mut) {
        answers_with_json(answer);
    }
    // Answers that several operations refer to.
    for answer in document["responses"].as_object_mut().into_iter().flat_map(Map::values_mut) {
        answers_with_json(answer);
    }
    document
}

fn answers_with_json(answer: &mut Value) {
    if let Some(schema) = answer.get_mut("schema").map(Value::take) {
        answer["content"] = json!({"application/json": {"schema": schema}});
    }
}
