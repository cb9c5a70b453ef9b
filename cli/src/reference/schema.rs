//! The JSON Schemas that editors read: `docs/manifest.schema.json`, `docs/overlay.schema.json`,
//! `docs/fixture.schema.json`.

use bridge::manifest::PLACES;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::types::ALSO;
use super::{referred, standard};
use crate::fixture::Fixture;

/// The schema of `manifest.yaml` as the types have it.
#[must_use]
pub fn plain_schema() -> Value {
    let mut schema = bridge::manifest::model::schema::schema();
    describe(&mut schema);
    tidy(&mut schema);
    patch(&mut schema);
    schema
}

/// The schema of `manifest.yaml` for editors: keys with templates say which names those may use.
#[must_use]
pub fn manifest_schema() -> Value {
    let mut schema = plain_schema();
    for place in PLACES {
        let names: Vec<String> = place.names().map(|name| format!("`{name}`")).collect();
        if let Some(key) = at(&mut schema, place.path)
            && let Some(text) = key.get("description").and_then(Value::as_str)
            && !names.is_empty()
        {
            key["description"] = Value::from(format!("{text}\n\nNames: {}.", names.join(", ")));
        }
    }
    relax(&mut schema);
    explain(&mut schema);
    schema
}

/// The schema of a file that is laid over a manifest, and of a manifest that extends another: nothing in it is
/// mandatory, and null takes a key away.
#[must_use]
pub fn overlay_schema() -> Value {
    let mut schema = manifest_schema();
    optional(&mut schema);
    schema
}

fn optional(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(optional),
        Value::Object(map) => {
            let mandatory = map.shift_remove("required").is_some();
            if mandatory && map.is_empty() {
                return;
            }
            map.values_mut().for_each(optional);
            for key in
                map.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut)
            {
                let text = key.as_object_mut().and_then(|map| map.shift_remove("description"));
                *key = json!({"anyOf": [key, {"type": "null"}]});
                if let (Some(text), Some(map)) = (text, key.as_object_mut()) {
                    map.insert("description".to_owned(), text);
                }
            }
            if let Some(members) = map.get_mut("additionalProperties").filter(|members| members.is_object()) {
                *members = json!({"anyOf": [members, {"type": "null"}]});
            }
        }
        _ => {}
    }
}

/// Editors show the text of the innermost schema of a key: that of its type, instead of its own. So
/// types lose their texts to the keys and members that have none.
fn explain(schema: &mut Value) {
    let mut texts = Map::new();
    for (name, definition) in schema["definitions"].as_object_mut().into_iter().flatten() {
        let text = definition.as_object_mut().and_then(|map| map.shift_remove("description"));
        texts.insert(name.clone(), text.unwrap_or_default());
    }
    members(schema, &texts);
}

fn members(schema: &mut Value, texts: &Map<String, Value>) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|item| members(item, texts)),
        Value::Object(map) => {
            for key in ["additionalProperties", "items"] {
                if let Some(member) = map.get_mut(key)
                    && let Some(name) = member.get("$ref").and(referred(member))
                    && let Some(text) = texts.get(name).filter(|text| text.is_string())
                {
                    *member = json!({"description": text, "allOf": [member]});
                }
            }
            map.values_mut().for_each(|value| members(value, texts));
        }
        _ => {}
    }
}

/// The schema of a fixture for editors.
#[must_use]
pub fn fixture_schema() -> Value {
    let mut schema = plain_fixture_schema();
    explain(&mut schema);
    schema
}

/// The schema of a fixture as the types have it.
#[must_use]
pub fn plain_fixture_schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<Fixture>().to_value();
    describe(&mut schema);
    tidy(&mut schema);
    schema
}

fn describe(schema: &mut Value) {
    // Editors would show a title above every text.
    if let Some(map) = schema.as_object_mut() {
        map.shift_remove("title");
    }
    schema["$comment"] = Value::from("Made by `talkdesk-bridge generate` from the types; do not edit.");
}

/// Takes out what says nothing to people: "or null" of optional keys, formats of numbers, and keys
/// that a type shares with others but does not have.
fn tidy(schema: &mut Value) {
    let Value::Object(map) = schema else {
        if let Value::Array(items) = schema {
            items.iter_mut().for_each(tidy);
        }
        return;
    };
    // A key may be called `format` too: that one has a schema, not a word.
    if map.get("format").is_some_and(Value::is_string) {
        map.shift_remove("format");
    }
    if let Some(Value::Object(properties)) = map.get_mut("properties") {
        properties.retain(|_, key| referred(key) != Some("Unused") && !is_unused(key));
        properties.values_mut().for_each(not_null);
    }
    if let Some(Value::Object(definitions)) = map.get_mut("definitions") {
        definitions.shift_remove("Unused");
    }
    if let Some(Value::String(text)) = map.get_mut("description") {
        *text = text.split("\n\n").map(|part| part.replace('\n', " ")).collect::<Vec<_>>().join("\n\n");
    }
    map.values_mut().for_each(tidy);
}

fn is_unused(key: &Value) -> bool {
    let choices = key.get("anyOf").and_then(Value::as_array);
    choices.is_some_and(|choices| choices.iter().any(|choice| referred(choice) == Some("Unused")))
}

/// A key that may be missing need not be allowed to be null as well.
fn not_null(key: &mut Value) {
    let Value::Object(map) = key else { return };
    if map.get("default") == Some(&Value::Null) {
        map.shift_remove("default");
    }
    if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
        choices.retain(|choice| choice != &json!({"type": "null"}));
        if let [one] = choices.as_slice()
            && let Some(name) = referred(one).map(str::to_owned)
        {
            map.shift_remove("anyOf");
            map.insert("allOf".to_owned(), json!([{"$ref": format!("#/definitions/{name}")}]));
        }
    }
    if let Some(Value::Array(types)) = map.get_mut("type")
        && types.len() == 2
        && types.contains(&Value::from("null"))
    {
        types.retain(|name| name != "null");
        let one = types.first().cloned().unwrap_or_default();
        map.insert("type".to_owned(), one);
    }
}

/// Keys that hold the difference to something else (`drain`), or a part of it (`defaults`).
fn patch(schema: &mut Value) {
    for (path, of, text) in [
        ("contacts.checkpoint.drain", "Fetch", "The difference to `fetch`; null takes a key away."),
        ("contact_lists.*.contacts", "ReadContactMap", "The difference to the section `contacts`."),
        ("contact_lists.*.contacts.map", "ContactMap", "The difference to the map of `contacts`."),
        (
            "contact_lists.*.contacts.checkpoint",
            "Checkpoint",
            "The difference to the checkpoint of `contacts`.",
        ),
        ("defaults.actions", "Action", "Keys of every action."),
        ("defaults.identify", "Identify", "Keys of every look-up."),
        ("defaults.types", "ReadInteractionMap", "Keys of every type."),
    ] {
        let Some(mut part) = schema["definitions"].get(of).cloned() else { continue };
        part["description"] = Value::from(text);
        for key in part["properties"].as_object_mut().into_iter().flat_map(Map::values_mut) {
            let text = key.as_object_mut().and_then(|map| map.shift_remove("description"));
            *key = json!({"description": text.unwrap_or_default(), "anyOf": [key, {"type": "null"}]});
        }
        part.as_object_mut().and_then(|map| map.shift_remove("required"));
        schema["definitions"][format!("{of}Patch")] = part;
        if let Some(key) = at(schema, path) {
            let text = key.get("description").cloned().unwrap_or_default();
            *key = json!({"description": text, "allOf": [{"$ref": format!("#/definitions/{of}Patch")}]});
        }
    }
}

/// What is mandatory may come from `defaults`, from the standard, or from the manifest that is extended; an
/// action's inputs may be named only.
fn relax(schema: &mut Value) {
    for name in ["Action", "ReadInteractionMap", "Identify", "InteractionMap"] {
        if let Some(definition) = schema["definitions"][name].as_object_mut() {
            definition.shift_remove("required");
        }
    }
    let mandatory = schema.as_object_mut().and_then(|map| map.shift_remove("required")).unwrap_or_default();
    schema["anyOf"] = json!([{"required": ["extends"]}, {"required": mandatory}]);
    let standard = standard();
    let names: Vec<String> = standard.inputs.into_keys().chain(standard.groups.into_keys()).collect();
    let mut part = schema["definitions"]["ActionInput"].clone();
    part.as_object_mut().and_then(|map| map.shift_remove("required"));
    schema["definitions"]["ActionInputPatch"] = part;
    let entry = json!({"anyOf": [
        {"enum": names},
        {"type": "object", "additionalProperties": {"$ref": "#/definitions/ActionInputPatch"}},
    ]});
    let properties = [("Action", "/properties/input"), ("ActionPatch", "/properties/input/anyOf/0")];
    for (name, pointer) in properties {
        if let Some(input) = schema["definitions"][name].pointer_mut(pointer).and_then(Value::as_object_mut) {
            input.shift_remove(ALSO);
            let text = input.shift_remove("description");
            let list = json!({"type": "array", "items": entry});
            let map = Value::Object(std::mem::take(input));
            input.extend(text.map(|text| ("description".to_owned(), text)));
            input.insert("anyOf".to_owned(), json!([list, map]));
        }
    }
}

/// The schema of the key at a path such as `interactions.types.*.fetch`.
fn at<'s>(schema: &'s mut Value, path: &str) -> Option<&'s mut Value> {
    let mut pointer = String::new();
    for key in path.split('.') {
        let here = schema.pointer(&pointer)?;
        let (base, holder) = match referred(here) {
            Some(name) => {
                let base = format!("/definitions/{name}");
                (base.clone(), schema.pointer(&base)?)
            }
            None => (pointer.clone(), here),
        };
        pointer = match key {
            "*" if holder.get("items").is_some() => format!("{base}/items"),
            "*" => format!("{base}/additionalProperties"),
            key => format!("{base}/properties/{key}"),
        };
        schema.pointer(&pointer)?;
    }
    schema.pointer_mut(&pointer)
}
