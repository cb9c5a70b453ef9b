//! What the manifests send, held against what the vendors publish (`vendors/openapi`).

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value, json};
use talkdesk_bridge::fixture::{Sent, read_all};
use url::Url;

#[test]
fn every_request_of_a_fixture_is_one_that_its_vendor_publishes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut problems = Vec::new();
    let mut held = 0;
    for entry in std::fs::read_dir(root.join("openapi")).unwrap() {
        let file = entry.unwrap().path();
        let Some(published) = Published::read(&file) else { continue };
        let crm = file.file_stem().unwrap().to_str().unwrap();
        let mut used = BTreeSet::new();
        for (name, fixture) in read_all(&root.join("../manifests").join(crm)).unwrap() {
            // What the vendor refuses as wrong in a fixture is wrong on purpose.
            let exchanges = fixture.turns.iter().flat_map(|turn| &turn.exchanges);
            for exchange in exchanges.filter(|exchange| exchange.response.status != 400) {
                let found = published.problems(&exchange.request, &mut used);
                problems.extend(found.into_iter().map(|problem| format!("{crm}, {name}: {problem}")));
                held += 1;
            }
        }
        let unused = published.entries().into_iter().filter(|entry| !used.contains(entry));
        problems.extend(unused.map(|entry| format!("{crm}: no fixture needs {entry:?} of the document")));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(held > 0, "no document was found");
}

#[test]
fn a_request_that_the_vendor_does_not_publish_is_noticed() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi/pipedrive.json");
    let published = Published::read(&file).unwrap();
    let sent = |method: &str, path: &str, query: Value, body: Value| {
        let url = format!("https://acme.pipedrive.com/api/{path}");
        let body = Some(body).filter(|body| !body.is_null());
        let query = query.as_object().cloned().unwrap_or_default();
        let sent = Sent { method: method.to_owned(), url, query, headers: Map::new(), body };
        published.problems(&sent, &mut BTreeSet::new())
    };
    let none = Value::Null;
    for (problems, expected) in [
        (sent("GET", "v2/person", none.clone(), none.clone()), "is not published"),
        (sent("PUT", "v2/persons", none.clone(), none.clone()), "is not published"),
        (sent("GET", "v2/persons", json!({"sort": "id"}), none.clone()), "query sort is unknown"),
        (sent("GET", "v2/persons", json!({"sort_by": "name"}), none.clone()), "query sort_by"),
        (sent("GET", "v2/persons", json!({"limit": "many"}), none.clone()), "query limit"),
        (sent("GET", "v2/persons/search", none.clone(), none.clone()), "query term is missing"),
        (sent("GET", "v2/persons", none.clone(), json!({})), "a body is not published"),
        (sent("POST", "v2/deals", none.clone(), none.clone()), "the body is missing"),
        (sent("POST", "v2/deals", none.clone(), json!({})), "\"title\" is a required property"),
        (sent("POST", "v2/deals", none.clone(), json!({"title": "a", "status": 1})), "/status"),
        (sent("POST", "v2/deals", none.clone(), json!({"title": "a", "notes": "b"})), "notes"),
        (sent("POST", "v2/persons", none.clone(), json!({"emails": [{"email": "a"}]})), "/emails/0"),
        (sent("POST", "v1/notes", none.clone(), json!({"content": "a", "text": "b"})), "text"),
    ] {
        assert!(problems.iter().any(|p| p.contains(expected)), "{expected}: {problems:?}");
    }
    for (path, body) in [
        ("v2/deals", json!({"title": "a", "custom_fields": {"mine": 1}})),
        ("v1/notes", json!({"content": "a", "person_id": 1, "pinned_to_person_flag": 1})),
    ] {
        let problems = sent("POST", path, none.clone(), body);
        assert!(problems.is_empty(), "{path}: {problems:?}");
    }
}

/// A vendor's document, and its schemas with what they do not name forbidden.
struct Published {
    document: Value,
    schemas: Value,
}

impl Published {
    fn read(file: &Path) -> Option<Self> {
        if file.extension()? != "json" {
            return None;
        }
        let document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        document.get("openapi")?;
        let mut schemas = document["components"]["schemas"].clone();
        let mut parts = BTreeSet::new();
        parts_of_others(&schemas, &mut parts);
        for (name, schema) in schemas.as_object_mut().unwrap() {
            close(schema, parts.contains(name));
        }
        Some(Self { document, schemas })
    }

    /// Everything in the document that a fixture should need.
    fn entries(&self) -> Vec<String> {
        let mut entries = Vec::new();
        for (path, item) in self.document["paths"].as_object().unwrap() {
            entries.extend(item.as_object().unwrap().keys().map(|m| format!("{} {path}", m.to_uppercase())));
        }
        entries.extend(self.document["x-not-covered"].as_object().unwrap().keys().cloned());
        entries.extend(self.exceptions().map(|e| e["problem"].as_str().unwrap().to_owned()));
        entries
    }

    fn exceptions(&self) -> impl Iterator<Item = &Value> {
        self.document["x-exceptions"].as_array().unwrap().iter()
    }

    /// What of a request the vendor does not publish; `used` collects what of the document it needed.
    fn problems(&self, sent: &Sent, used: &mut BTreeSet<String>) -> Vec<String> {
        let url = Url::parse(&sent.url).unwrap();
        let Some((name, operation)) = self.operation(&sent.method, url.path()) else {
            let left_out = self.document["x-not-covered"].as_object().unwrap().keys().find(|key| {
                key.split_once(' ').is_some_and(|(m, path)| m == sent.method && fits(path, url.path()))
            });
            used.extend(left_out.cloned());
            let problem = format!("{} {} is not published", sent.method, url.path());
            return if left_out.is_some() { Vec::new() } else { vec![problem] };
        };
        let mut problems = self.query(operation, &sent.query);
        problems.extend(self.body(operation, sent.body.as_ref()));
        problems.retain(|problem| {
            let allowed = self.exceptions().find(|e| {
                name.contains(e["operation"].as_str().unwrap())
                    && problem.contains(e["problem"].as_str().unwrap())
            });
            used.extend(allowed.map(|e| e["problem"].as_str().unwrap().to_owned()));
            allowed.is_none()
        });
        let problems = problems.into_iter().map(|problem| format!("{name}: {problem}")).collect();
        used.insert(name);
        problems
    }

    /// The operation with the fewest parameters in its path.
    fn operation(&self, method: &str, path: &str) -> Option<(String, &Value)> {
        let key = method.to_lowercase();
        let paths = self.document["paths"].as_object().unwrap().iter();
        paths
            .filter(|(template, item)| fits(template, path) && item.get(&key).is_some())
            .min_by_key(|(template, _)| template.matches('{').count())
            .map(|(template, item)| (format!("{method} {template}"), &item[&key]))
    }

    fn query(&self, operation: &Value, query: &Map<String, Value>) -> Vec<String> {
        let parameters = operation["parameters"].as_array().into_iter().flatten();
        let known: Vec<_> = parameters.filter(|p| p["in"] == "query").collect();
        let mut problems = Vec::new();
        for parameter in &known {
            let name = parameter["name"].as_str().unwrap();
            if parameter["required"] == true && !query.contains_key(name) {
                problems.push(format!("query {name} is missing"));
            }
        }
        for (name, value) in query {
            let Some(parameter) = known.iter().find(|p| p["name"] == name.as_str()) else {
                problems.push(format!("query {name} is unknown"));
                continue;
            };
            let several = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for text in several.iter().filter_map(Value::as_str) {
                // A query has no types: `1` may be a number or a text.
                let errors = self.errors(&parameter["schema"], &json!(text));
                let typed = serde_json::from_str::<Value>(text).ok();
                if !typed.is_some_and(|typed| self.errors(&parameter["schema"], &typed).is_empty()) {
                    problems.extend(errors.into_iter().map(|error| format!("query {name}{error}")));
                }
            }
        }
        problems
    }

    fn body(&self, operation: &Value, body: Option<&Value>) -> Vec<String> {
        match (body, operation.pointer("/requestBody/content/application~1json/schema")) {
            (Some(body), Some(schema)) => self.errors(schema, body),
            (Some(_), None) => vec!["a body is not published".to_owned()],
            (None, Some(_)) => vec!["the body is missing".to_owned()],
            (None, None) => Vec::new(),
        }
    }

    fn errors(&self, schema: &Value, value: &Value) -> Vec<String> {
        let mut schema = schema.clone();
        schema["components"] = json!({ "schemas": self.schemas });
        let validator = jsonschema::validator_for(&schema).unwrap();
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

/// Whether a path is of a template such as `/notes/{id}`.
fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(&path).all(|(t, p)| t == p || t.starts_with('{') && !p.is_empty())
}

/// The schemas that stand in an `allOf`.
fn parts_of_others(schema: &Value, found: &mut BTreeSet<String>) {
    match schema {
        Value::Array(items) => items.iter().for_each(|item| parts_of_others(item, found)),
        Value::Object(fields) => {
            let parts = fields.get("allOf").and_then(Value::as_array).into_iter().flatten();
            let names = parts.filter_map(|part| part["$ref"].as_str()?.rsplit('/').next());
            found.extend(names.map(str::to_owned));
            fields.values().for_each(|value| parts_of_others(value, found));
        }
        _ => {}
    }
}

/// Forbids the properties that a schema with properties does not name, unless it says something of
/// them. A part of an `allOf` does not know the others: there the whole decides.
fn close(schema: &mut Value, part: bool) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| close(item, false)),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                match (key.as_str(), value) {
                    ("properties", Value::Object(named)) => named.values_mut().for_each(|s| close(s, false)),
                    ("allOf", Value::Array(parts)) => parts.iter_mut().for_each(|s| close(s, true)),
                    (_, value) => close(value, false),
                }
            }
            if fields.contains_key("allOf") {
                fields.entry("unevaluatedProperties").or_insert(json!(false));
            } else if fields.contains_key("properties") && !part {
                fields.entry("additionalProperties").or_insert(json!(false));
            }
        }
        _ => {}
    }
}
