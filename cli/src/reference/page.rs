//! `docs/manifest.md`: every type and key of the manifest.

use std::fmt::Write as _;

use bridge::manifest::{NAMES, PLACES, PlaceNames};
use serde_json::Value;

use super::types::{Key, TypeDoc, types};
use super::{examples, plain_fixture_schema, plain_schema, standard};

const INTRODUCTION: &str = "\
# The manifest

Every key of `manifest.yaml`. This page is made by `talkdesk-bridge generate` from the types in `shared/src/manifest/model.rs` \
and its submodules, so it cannot be out of date; [CONTRIBUTING.md](../CONTRIBUTING.md) explains how to write a manifest. \
Editors complete and check a manifest with [manifest.schema.json](manifest.schema.json) when its first line is

```yaml
# yaml-language-server: $schema=../../docs/manifest.schema.json
```

An overlay, and a manifest that `extends` another, name [overlay.schema.json](overlay.schema.json), in which nothing is mandatory.

- A **template** is a text. One `{{ … }}` keeps the type of its value; anything else is text with holes. A missing path is null. \
The filters are in [CONTRIBUTING.md](../CONTRIBUTING.md#filters-and-functions), the names [below](#names).
- A **span** is a time in ISO 8601: `PT5M`, `PT0.001S`, `P1D`; no months or years.
- **JSON with templates** is written as YAML. An expression that gives null leaves its key out. `$json: …` is the content as JSON \
text, `$base64url: …` the content in base64 for URLs, `{$each: list, $as: name, $value: …}` one value per member of a list.
- Times are in UTC; sizes are in rows unless it says otherwise.

Each example can be laid over `manifests/demo` as it stands, and a test does so: \
`talkdesk-bridge check manifests/demo --overlay example.yaml`.
";

/// The page.
///
/// # Errors
/// When the examples cannot be read, or a key has none.
pub fn page() -> Result<String, String> {
    let types = types(&plain_schema(), "Document");
    let examples = examples()?;
    let mut text = format!("{INTRODUCTION}\n## Contents\n\n| type | where it stands |\n|---|---|\n");
    for one in &types {
        let _ = writeln!(text, "| [{}](#{}) | {} |", title(&one.name), anchor(&one.name), places(one, 6));
    }
    let _ = writeln!(text, "| [Standard actions and inputs](#standard) | `actions`, `actions.*.input` |");
    let _ = writeln!(text, "| [Names](#names) | templates |");
    for one in &types {
        let _ = writeln!(
            text,
            "\n<a id=\"{}\"></a>\n## {}\n\n{}\n",
            anchor(&one.name),
            title(&one.name),
            one.text
        );
        if !one.places[0].is_empty() {
            let _ = writeln!(text, "Stands at {}.\n", places(one, usize::MAX));
        }
        let _ = writeln!(text, "| key | value | default |\n|---|---|---|");
        for key in &one.keys {
            let _ = writeln!(
                text,
                "| [`{}`](#{}) | {} | {} |",
                key.name,
                key_anchor(one, key),
                key.kind,
                default(key)
            );
        }
        for key in &one.keys {
            let id = format!("{}.{}", one.name, key.name);
            let example = examples
                .get(&id)
                .ok_or_else(|| format!("cli/src/reference/examples.yaml: `{id}` is missing"))?;
            one_key(&mut text, &types, one, key, example);
        }
    }
    standard_entries(&mut text);
    names(&mut text);
    Ok(text)
}

fn standard_entries(text: &mut String) {
    let standard = standard();
    let _ = writeln!(
        text,
        "\n<a id=\"standard\"></a>\n## Standard actions and inputs\n\nWhat a manifest need not write, because it is the same \
         for every CRM. An action of one of these names brings its `display`, `description` and `input`, where the manifest has \
         none of its own; `{{crm}}` is `integration.display_name`.\n\n| action | display | description | input |\n|---|---|---|---|"
    );
    for (name, action) in &standard.actions {
        let inputs: Vec<String> = action.input.iter().map(|input| format!("`{input}`")).collect();
        let _ = writeln!(
            text,
            "| `{name}` | {} | {} | {} |",
            action.display,
            action.description,
            inputs.join(", ")
        );
    }
    let _ = writeln!(
        text,
        "\nIn a list of inputs a name stands for this; a map of one name changes a part of it, or is an input of the \
         manifest's own.\n\n```yaml\n{}\n```\n\n| input | what it is |\n|---|---|",
        STANDARD_EXAMPLE.trim_end()
    );
    for (name, inputs) in &standard.groups {
        let inputs: Vec<String> = inputs.iter().map(|input| format!("`{input}`")).collect();
        let _ = writeln!(text, "| `{name}` | these together: {} |", inputs.join(", "));
    }
    for (name, input) in &standard.inputs {
        let keys = input.as_object().into_iter().flatten();
        let keys: Vec<String> = keys.map(|(key, value)| format!("`{key}: {}`", plain(value))).collect();
        let _ = writeln!(text, "| `{name}` | {} |", keys.join(", "));
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Standard actions and inputs as a manifest uses them; a test lays it over the demo manifest.
pub const STANDARD_EXAMPLE: &str = include_str!("standard-example.yaml");

/// A whole fixture, which the tests replay.
const FIXTURE: &str = include_str!("../../../manifests/demo/fixtures/auth-good.json");

const FIXTURES: &str = "\
# Fixtures

A fixture is a file `manifests/<crm>/fixtures/*.json`: what Talkdesk asks, what the CRM is asked and answers, what Talkdesk gets. \
`talkdesk-bridge check` replays it without a network: everything in `exchanges` must be sent, nothing else may be, and the answer \
must be the expected one. This page is made by `talkdesk-bridge generate` from `cli/src/fixture.rs`; editors check a fixture \
with [fixture.schema.json](fixture.schema.json) when its key `$schema` names it (`../../../docs/fixture.schema.json`).

The time stands still at `now` unless a call takes time, and nobody else is asked: the secret is the fixture's own.
";

/// The page on fixtures.
#[must_use]
pub fn fixtures() -> String {
    let mut text = format!("{FIXTURES}\n```json\n{}\n```\n", FIXTURE.trim_end());
    for one in types(&plain_fixture_schema(), "Fixture") {
        let place = if one.places[0].is_empty() { "the whole file".to_owned() } else { places(&one, 1) };
        let _ = writeln!(text, "\n## {}\n\n{} Stands at: {place}.\n", one.name, one.text);
        let _ = writeln!(text, "| key | value | default | |\n|---|---|---|---|");
        for key in &one.keys {
            let line = key.text.replace('\n', " ").replace('|', "\\|");
            let _ = writeln!(text, "| `{}` | {} | {} | {line} |", key.name, key.kind, default(key));
        }
    }
    text
}

fn one_key(text: &mut String, types: &[TypeDoc], one: &TypeDoc, key: &Key, example: &str) {
    let _ = writeln!(text, "\n<a id=\"{}\"></a>\n### `{}`\n\n{}\n", key_anchor(one, key), key.name, key.text);
    let kind = match &key.refers {
        Some(name) if types.iter().any(|one| one.name == *name) => {
            format!("[{}](#{})", key.kind, anchor(name))
        }
        _ => key.kind.clone(),
    };
    let default = if key.mandatory { "Mandatory".to_owned() } else { format!("Default: {}", default(key)) };
    let _ = writeln!(text, "Value: {kind}. {default}.{}\n", known(one, key));
    for (choice, meaning) in &key.choices {
        let meaning = if meaning.is_empty() { String::new() } else { format!(": {meaning}") };
        let _ = writeln!(text, "- `{choice}`{meaning}");
    }
    if !key.choices.is_empty() {
        text.push('\n');
    }
    let _ = writeln!(text, "```yaml\n{}\n```", example.trim_end());
}

/// The names that the templates of a key may use, place by place where they differ.
fn known(one: &TypeDoc, key: &Key) -> String {
    let mut groups: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    for place in &one.places {
        let path = format!("{place}.{}", key.name);
        let Some(known) = PLACES.iter().find(|known| known.path == path) else { continue };
        let names: Vec<&str> = known.names().collect();
        match groups.iter_mut().find(|(same, _)| *same == names) {
            Some((_, places)) => places.push(format!("`{place}`")),
            None => groups.push((names, vec![format!("`{place}`")])),
        }
    }
    let listed = |names: &[&str]| match names {
        [] => "none besides".to_owned(),
        names => names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", "),
    };
    match groups.as_slice() {
        [] => String::new(),
        [(names, _)] if names.is_empty() => String::new(),
        [(names, _)] => format!(" [Names](#names): {}.", listed(names)),
        several => {
            let all =
                several.iter().map(|(names, places)| format!("in {}: {}", places.join(", "), listed(names)));
            format!(" [Names](#names) {}.", all.collect::<Vec<_>>().join("; "))
        }
    }
}

fn default(key: &Key) -> String {
    match (&key.default, key.mandatory) {
        (Some(value), _) => format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
        (None, true) => "mandatory".to_owned(),
        (None, false) => "none".to_owned(),
    }
}

fn names(text: &mut String) {
    let _ = writeln!(
        text,
        "\n<a id=\"names\"></a>\n## Names\n\nWhat templates may use.\n\n| name | what it holds |\n|---|---|"
    );
    for name in NAMES {
        let _ = writeln!(text, "| `{}` | {} |", name.name, name.summary);
    }
    let _ = writeln!(
        text,
        "\n`auth` and `const` are known everywhere, `page` where there are pages that a request asks for by name, `cursor` in mode `cursor`, `steps` in a section that has some: a step sees the steps before it, \
         with `for_each: row` also `row`, with `after` the answer of the write or of the page and that page's `rows`, in `auth_validation` the answer of the call, and its `ok` and `value` the step's own answer.\n\n\
         | place | names besides `auth`, `const` and `steps` |\n|---|---|"
    );
    let mut rest = PLACES;
    while let Some(first) = rest.first() {
        let same = |place: &&PlaceNames| section(place) == section(first) && place.groups == first.groups;
        let count = rest.iter().take_while(same).count();
        let paths: Vec<String> = rest[..count].iter().map(|place| format!("`{}`", place.path)).collect();
        let known: Vec<String> = first.names().map(|name| format!("`{name}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let _ = writeln!(text, "| {} | {known} |", paths.join(", "));
        rest = &rest[count..];
    }
}

fn section(place: &PlaceNames) -> &'static str {
    place.path.rsplit_once('.').map_or(place.path, |(section, _)| section)
}

fn places(one: &TypeDoc, most: usize) -> String {
    let all: Vec<String> = one.places.iter().take(most).map(|path| format!("`{path}`")).collect();
    let more = if one.places.len() > most { ", …" } else { "" };
    if one.places[0].is_empty() { "the whole file".to_owned() } else { format!("{}{more}", all.join(", ")) }
}

fn anchor(name: &str) -> String {
    name.to_lowercase()
}

fn key_anchor(one: &TypeDoc, key: &Key) -> String {
    format!("{}.{}", anchor(&one.name), key.name)
}

/// What a type is called on the page.
fn title(name: &str) -> &str {
    match name {
        "Document" => "The whole manifest",
        "Defaults" => "Defaults of a section",
        "Requirement" => "Requirement of an action",
        "Integration" => "Integration",
        "AuthenticationField" => "Field of auth",
        "Connection" => "Connection",
        "ConnectionAuth" => "Credentials of a request",
        "TokenCall" => "Token call",
        "Sign" => "Signature of a request",
        "Credentials" => "Credentials of an account",
        "Read" => "Reading rows",
        "Fetch" => "Request",
        "GraphQl" => "GraphQL operation",
        "Page" => "Page",
        "PageNumber" => "Beginning of counting",
        "Step" => "Step",
        "Checkpoint" => "Checkpoint",
        "ContactMap" => "Contact",
        "ContactList" => "Further list of contacts",
        "AgentMap" => "Agent",
        "InteractionMap" => "Interaction",
        "Interactions" => "Interactions",
        "Identify" => "Look-up of a contact",
        "Validation" => "Validation",
        "Action" => "Action",
        "ActionInput" => "Input of an action",
        "ActionResult" => "Answer of an action",
        "ErrorRule" => "Rule for failures",
        "HeaderMatch" => "Header condition",
        "Limits" => "Limits",
        other => other,
    }
}
