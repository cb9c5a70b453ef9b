//! The schema's definitions as a list of types with their keys, in the order in which they are met.

use serde_json::Value;

use super::referred;

/// The key of a schema under which another form of the value is named, in words.
pub const ALSO: &str = "x-also";

/// A type of the manifest: a map with fixed keys.
#[derive(Clone, Debug)]
pub struct TypeDoc {
    /// Its name; the three readings of rows are one type here.
    pub name: String,
    /// What it is.
    pub text: String,
    /// Where it stands: paths, `*` for names that the manifest chooses.
    pub places: Vec<String>,
    /// Its keys.
    pub keys: Vec<Key>,
}

/// One key of a type.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key.
    pub name: String,
    /// What it is.
    pub text: String,
    /// What its value may be, in words.
    pub kind: String,
    /// Whether it must be there.
    pub mandatory: bool,
    /// The value when it is missing, as JSON.
    pub default: Option<Value>,
    /// The values that it may have, with their meaning.
    pub choices: Vec<(String, String)>,
    /// The type of its value or of its members.
    pub refers: Option<String>,
}

/// The types of a schema, the root first, which is called `root`.
#[must_use]
pub fn types(schema: &Value, root: &str) -> Vec<TypeDoc> {
    let mut found = Vec::new();
    visit(schema, root, schema, "", &mut found);
    found
}

/// `ReadContactMap`, `ReadAgentMap` and `ReadInteractionMap` differ in `map` only; a patch has some of the
/// keys of its type.
fn common(name: &str) -> &str {
    match name {
        name if name.ends_with("Patch") => common(name.trim_end_matches("Patch")),
        name if name.starts_with("Read") => "Read",
        name => name,
    }
}

fn visit(root: &Value, name: &str, definition: &Value, path: &str, found: &mut Vec<TypeDoc>) {
    let Some(properties) = definition.get("properties").and_then(Value::as_object) else { return };
    let name = common(name);
    let known = found.iter().position(|t| t.name == name);
    let index = known.unwrap_or_else(|| {
        let text = text(definition);
        found.push(TypeDoc { name: name.to_owned(), text, places: Vec::new(), keys: Vec::new() });
        found.len() - 1
    });
    found[index].places.push(path.to_owned());
    for (key, schema) in properties {
        if !found[index].keys.iter().any(|k| k.name == *key) {
            let mandatory =
                definition["required"].as_array().is_some_and(|all| all.contains(&key.as_str().into()));
            found[index].keys.push(one_key(root, key, schema, mandatory));
        }
        let here = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        let members = schema.get("additionalProperties").or_else(|| schema.get("items"));
        for (schema, here) in
            std::iter::once((schema, here.clone())).chain(members.map(|m| (m, format!("{here}.*"))))
        {
            if let Some(name) = referred(schema)
                && let Some(definition) = root["definitions"].get(name)
            {
                visit(root, name, definition, &here, found);
            }
        }
    }
}

fn text(schema: &Value) -> String {
    schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn one_key(root: &Value, name: &str, schema: &Value, mandatory: bool) -> Key {
    let (mut kind, refers) = kind(root, schema);
    if let Some(also) = schema.get(ALSO).and_then(Value::as_str) {
        kind = format!("{kind}, or {also}");
    }
    let definition = refers.as_ref().and_then(|name| root["definitions"].get(name));
    let choices = choices(schema).or_else(|| definition.and_then(choices)).unwrap_or_default();
    let default = schema.get("default").filter(|value| !matches!(value, Value::Object(_) | Value::Array(_)));
    let refers = refers.map(|name| common(&name).to_owned());
    Key {
        name: name.to_owned(),
        text: text(schema),
        kind,
        mandatory,
        default: default.cloned(),
        choices,
        refers,
    }
}

fn choices(schema: &Value) -> Option<Vec<(String, String)>> {
    if let Some(all) = schema.get("enum").and_then(Value::as_array) {
        return Some(all.iter().filter_map(Value::as_str).map(|v| (v.to_owned(), String::new())).collect());
    }
    let all = schema.get("oneOf").and_then(Value::as_array)?;
    let one = |choice: &Value| Some((choice.get("const")?.as_str()?.to_owned(), text(choice)));
    Some(all.iter().filter_map(one).collect())
}

/// What a value may be, in words, and the definition that it refers to.
fn kind(root: &Value, schema: &Value) -> (String, Option<String>) {
    if let Some(name) = referred(schema) {
        let definition = &root["definitions"][name];
        let words = match name {
            "Template" => "template",
            "Tree" => "JSON with templates",
            "Span" => "span",
            "Lines" => "template, or list of templates",
            "Statuses" => "status, or list of statuses",
            "Optional" => "name",
            _ if choices(definition).is_some() => "choice",
            _ => "map",
        };
        return (words.to_owned(), Some(name.to_owned()));
    }
    if choices(schema).is_some() {
        return ("choice".to_owned(), None);
    }
    let (outer, members) = match (schema.get("additionalProperties"), schema.get("items")) {
        (Some(members), _) if members.is_object() => ("map by name", Some(members)),
        (_, Some(members)) => ("list", Some(members)),
        _ => ("", None),
    };
    if let Some(members) = members {
        let (inner, name) = kind(root, members);
        let inner = if inner == "any value" { String::new() } else { format!(" of {}", plural(&inner)) };
        return (format!("{outer}{inner}"), name);
    }
    let words = match schema.get("type").and_then(Value::as_str) {
        Some("string") => "text",
        Some("integer" | "number") => "number",
        Some("boolean") => "true or false",
        Some("object") => "map",
        _ => "any value",
    };
    (words.to_owned(), None)
}

fn plural(words: &str) -> String {
    match words {
        "text" => "texts".to_owned(),
        "JSON with templates" => words.to_owned(),
        "map by name" => "maps".to_owned(),
        words => format!("{words}s"),
    }
}
