//! `docs/manifest.md` and the schemas: every key has a text and an example that loads, the places say
//! what `check` says, and every manifest fits the schema.

use std::collections::BTreeSet;

use bridge::manifest::{File, Manifest, NAMES, PLACES};
use serde_json::{Value, json};
use talkdesk_bridge::reference::{
    STANDARD_EXAMPLE, TypeDoc, examples, fixture_schema, manifest_schema, overlay_schema,
    plain_fixture_schema, plain_schema, standard, types,
};

use crate::tree::{files, root};

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), text: text.to_owned() }
}

fn demo() -> File {
    file("demo", &std::fs::read_to_string(root().join("manifests/demo/manifest.yaml")).unwrap())
}

fn keys(types: &[TypeDoc]) -> impl Iterator<Item = String> {
    types.iter().flat_map(|one| one.keys.iter().map(move |key| format!("{}.{}", one.name, key.name)))
}

#[test]
fn every_key_and_type_of_manifests_and_fixtures_has_a_text() {
    let mut all = types(&plain_schema(), "Document");
    all.extend(types(&plain_fixture_schema(), "Fixture"));
    let silent: Vec<String> = all
        .iter()
        .flat_map(|one| one.keys.iter().map(move |key| (format!("{}.{}", one.name, key.name), &key.text)))
        .chain(all.iter().map(|one| (one.name.clone(), &one.text)))
        .filter(|(_, text)| text.split_whitespace().count() < 3)
        .map(|(name, _)| name)
        .collect();
    assert!(
        silent.is_empty(),
        "say what it is in its comment in shared/src/manifest/model*, cli/src/fixture.rs: {silent:?}"
    );
}

#[test]
fn every_key_has_an_example_that_loads_and_holds_it() {
    let examples = examples().unwrap();
    let types = types(&plain_schema(), "Document");
    let wanted: BTreeSet<String> = keys(&types).collect();
    let given: BTreeSet<String> = examples.keys().cloned().collect();
    let missing: Vec<_> = wanted.difference(&given).collect();
    let unknown: Vec<_> = given.difference(&wanted).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "examples.yaml: missing {missing:?}, no such key {unknown:?}"
    );
    let mut wrong = Vec::new();
    for (key, text) in &examples {
        if let Err(problems) = Manifest::load(&[demo(), file(key, text)]) {
            wrong.push(bridge::gateway::lines(&problems));
        }
        let value: Value = serde_saphyr::from_str(text).unwrap();
        let mut held = BTreeSet::new();
        for (section, value) in value.as_object().unwrap() {
            walk(&types, section, "Document", &json!({ section: value }), &mut held);
        }
        if !held.contains(key) {
            wrong.push(format!("the example of {key} does not hold it"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Which keys of which types a value holds.
fn walk(types: &[TypeDoc], section: &str, name: &str, value: &Value, held: &mut BTreeSet<String>) {
    let Some(one) = types.iter().find(|one| one.name == name) else { return };
    for (key, value) in value.as_object().into_iter().flatten() {
        let Some(doc) = one.keys.iter().find(|doc| doc.name == *key) else { continue };
        held.insert(format!("{name}.{key}"));
        let Some(inner) = &doc.refers else { continue };
        let inner = if key == "map" { map_of(section) } else { inner };
        match (doc.kind.as_str(), value) {
            (kind, Value::Object(members)) if kind.starts_with("map by name") => {
                members.values().for_each(|member| walk(types, section, inner, member, held));
            }
            (_, Value::Array(members)) => {
                members.iter().for_each(|member| walk(types, section, inner, member, held))
            }
            _ => walk(types, section, inner, value, held),
        }
    }
}

/// The type of a reading's `map`, which its section decides.
fn map_of(section: &str) -> &'static str {
    match section {
        "contacts" => "ContactMap",
        "agents" => "AgentMap",
        _ => "InteractionMap",
    }
}

/// A template that uses every name there is: `check` names those that the place does not have.
#[test]
fn the_places_of_the_reference_are_those_of_check() {
    let names: Vec<&str> = NAMES.iter().map(|name| name.name).collect();
    let probe = format!("{{{{ [{}] | size }}}}", names.join(", "));
    let mut wrong = Vec::new();
    for place in PLACES {
        let problems = Manifest::load(&[demo(), file("probe", &at(place.path, &probe).to_string())])
            .err()
            .unwrap_or_default();
        let said: Vec<String> =
            problems.iter().map(|p| p.to_string().lines().next().unwrap_or_default().to_owned()).collect();
        let refused = |name: &str| {
            let (unknown, hidden) =
                (format!("the name `{name}` does not exist"), format!("`{name}` may stand only"));
            said.iter().any(|text| text.contains(&unknown) || text.contains(&hidden))
        };
        let allowed: BTreeSet<&str> = names.iter().copied().filter(|name| !refused(name)).collect();
        let always = ["auth", "const"];
        let documented: BTreeSet<&str> = place.names().chain(always).collect();
        // Only where there are pages that a request names, in mode `cursor`, in a look-up for each of some (which has `records` here).
        let conditional = |name: &&str| {
            ["page", "cursor", "number", "phone", "email"].contains(name) && !allowed.contains(*name)
        };
        let documented: BTreeSet<&str> = documented.into_iter().filter(|name| !conditional(name)).collect();
        if allowed != documented {
            wrong.push(format!("{}: check allows {allowed:?}, the table says {documented:?}", place.path));
        }
    }
    assert!(wrong.is_empty(), "shared/src/manifest/places/table.rs:\n{}", wrong.join("\n"));
}

/// An overlay over the demo manifest with a template at a path of the table.
fn at(path: &str, template: &str) -> Value {
    let whole = match path {
        "connection.auth.token.fetch" => json!({"path": template}),
        path if path.ends_with(".fetch") || path.ends_with(".drain") => {
            json!({"headers": {"X-Probe": template}})
        }
        path if path.ends_with("headers") || path.ends_with("query") || path == "auth_validation.result" => {
            json!({"probe": template})
        }
        path if path.ends_with(".page") => json!({"number": null, "token": template}),
        path if path.ends_with(".map") => json!({"name": template, "subject": template}),
        path if path.ends_with(".result") || path.ends_with(".on_conflict") => json!({"message": template}),
        "connection.envelope" => json!([template]),
        _ => json!(template),
    };
    let mut value = whole;
    for key in path.split('.').rev() {
        value = match key {
            "*" if path.starts_with("errors") => json!([merge(json!({"class": "invalid"}), value)]),
            "*" if path.contains("require") && value.get("that").is_some() => {
                json!([merge(value, json!({"message": "No."}))])
            }
            "*" if path.contains("identify") => {
                json!([merge(json!({"fetch": {"path": "/x"}, "value": "1", "records": "{{ body }}"}), value)])
            }
            "survivor" => json!({"survivor": merge(json!({"records": "{{ body }}"}), value)}),
            "*" if path.starts_with("actions") => json!({"create_contact": value}),
            "*" => json!({"note": value}),
            key => json!({ key: value }),
        };
    }
    if path.starts_with("survivor") {
        value["survivor"] = merge(json!({"fetch": {"path": "/x"}, "value": "1"}), value["survivor"].take());
    }
    if path.starts_with("connection.auth.token") {
        let token = &mut value["connection"]["auth"]["token"];
        *token = merge(json!({"fetch": {"path": "/x"}, "value": "1"}), token.take());
    }
    if path.starts_with("connection.auth.sign") {
        let sign = &mut value["connection"]["auth"]["sign"];
        *sign = merge(json!({"text": "{{ request.body }}", "key": "{{ secret.api_key }}"}), sign.take());
    }
    if path.starts_with("connection.auth.token.fetch") {
        value["connection"]["auth"]["token"]["fetch"] = json!({"headers": {"X-Probe": template}});
    }
    drop_unmapped(&mut value);
    value
}

fn merge(mut base: Value, over: Value) -> Value {
    for (key, value) in over.as_object().unwrap() {
        base[key] = value.clone();
    }
    base
}

/// Agents and contacts have no subject.
fn drop_unmapped(value: &mut Value) {
    for section in ["agents", "contacts"] {
        if let Some(map) = value.pointer_mut(&format!("/{section}/map")) {
            map.as_object_mut().unwrap().remove("subject");
        }
    }
    if let Some(map) = value.pointer_mut("/interactions/types/note/map") {
        map.as_object_mut().unwrap().remove("name");
    }
}

#[test]
fn the_standard_is_read_and_the_page_s_example_of_it_loads() {
    let standard = standard();
    assert!(standard.inputs.len() > 10);
    for (name, action) in &standard.actions {
        let known =
            |input: &String| standard.inputs.contains_key(input) || standard.groups.contains_key(input);
        assert!(action.input.iter().all(known), "{name}");
    }
    let grouped: Vec<&String> = standard.groups.values().flatten().collect();
    assert!(grouped.len() > 10 && grouped.iter().all(|input| standard.inputs.contains_key(*input)));
    let manifest = Manifest::load(&[demo(), file("example", STANDARD_EXAMPLE)]).unwrap();
    let input = &manifest.document().actions["log_call"].input;
    let whole =
        ["direction", "seconds", "summary"].into_iter().chain(grouped.iter().map(|name| name.as_str()));
    assert_eq!(input.keys().collect::<Vec<_>>(), whole.chain(["queue"]).collect::<Vec<_>>());
    assert!(input["summary"].mandatory && input["direction"].mandatory && !input["call_id"].mandatory);
}

#[test]
fn every_manifest_fits_the_schema_and_a_typo_does_not() {
    let whole = jsonschema::validator_for(&manifest_schema()).unwrap();
    let part = jsonschema::validator_for(&overlay_schema()).unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files(&["yaml"]).into_iter().filter(|(path, _)| path.ends_with("manifest.yaml")) {
        let (name, validator) = match text.contains("\nextends: ") {
            true => ("overlay", &part),
            false => ("manifest", &whole),
        };
        let names_schema =
            text.starts_with(&format!("# yaml-language-server: $schema=../../docs/{name}.schema.json\n"));
        assert!(names_schema, "{}: the first line names the schema for editors", path.display());
        let value: Value = serde_saphyr::from_str(&text).unwrap();
        for error in validator.iter_errors(&value) {
            wrong.push(format!("{}: {}: {error}", path.display(), error.instance_path()));
        }
        let mut typo = value;
        let records = typo["agents"].as_object_mut().unwrap().remove("records").unwrap();
        typo["agents"]["record"] = records;
        assert!(!validator.is_valid(&typo), "{}: `record` is no key", path.display());
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_fits_the_schema() {
    let validator = jsonschema::validator_for(&fixture_schema()).unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files(&["json"]) {
        if path.starts_with("manifests") && path.parent().unwrap().ends_with("fixtures") {
            let value: Value = serde_json::from_str(&text).unwrap();
            wrong.extend(validator.iter_errors(&value).map(|e| format!("{}: {e}", path.display())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
