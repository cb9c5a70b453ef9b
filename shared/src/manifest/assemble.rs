//! From YAML to the one tree that everything is read from: standard actions and defaults filled in, overlays
//! laid over, `drain` and further lists of contacts made whole, named expressions written where they are named,
//! GraphQL operations written into bodies.
//!
//! `build/main.rs` uses this file too: an embedded manifest is assembled while the bridge is built.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::graphql;
use super::named;
use super::problem::Problem;
use super::source::{Node, Position};
use super::standard;
use crate::digest::hex;

/// Reads the files (name and text), lays the later ones over the first, and completes what is written as a
/// difference: `drain` to `fetch`, `contact_lists` to `contacts`. `judge` is asked about the expressions of `let`.
///
/// # Errors
/// The YAML's own error, with file and line.
pub fn assemble<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
    judge: named::Judge<'_>,
) -> Result<Node, Problem> {
    let mut names = Vec::new();
    let mut earlier = Vec::new();
    let mut lists = Vec::new();
    let mut whole: Option<Node> = None;
    for (index, (name, text)) in files.into_iter().enumerate() {
        names.push(name);
        let file = Node::parse(text, index, name)?;
        let laid = match &mut whole {
            Some(tree) => {
                lists.extend(list_names(tree));
                earlier.extend(named::names(tree));
                standard::lay_over(tree, &file)
            }
            None => standard::actions(whole.insert(file), |_| true),
        };
        laid.map_err(|complaint| placed(&names, complaint))?;
    }
    let mut tree = whole.ok_or_else(|| Problem::new("there is no manifest"))?;
    further_lists(&mut tree);
    standard::defaults(&mut tree);
    let known = list_names(&tree);
    lists.retain(|name| !known.contains(name));
    forget(&mut tree, &lists);
    complete_drain(tree.at_path_mut(&["contacts"]));
    for name in known {
        complete_drain(tree.at_path_mut(&["contact_lists", &name, "contacts"]));
    }
    named::expressions(&mut tree, &earlier, judge).map_err(|complaint| placed(&names, complaint))?;
    graphql::requests(&mut tree).map_err(|complaint| placed(&names, complaint))?;
    Ok(tree)
}

/// Makes every list of `contact_lists` whole, which is written as the difference to `contacts`.
fn further_lists(tree: &mut Node) {
    let Some(contacts) = tree.get("contacts").cloned() else { return };
    for name in list_names(tree) {
        if let Some(list) = tree.at_path_mut(&["contact_lists", &name, "contacts"]) {
            let mut whole = contacts.clone();
            whole.merge(list);
            *list = whole;
        }
    }
}

fn list_names(tree: &Node) -> Vec<String> {
    tree.get("contact_lists").into_iter().flat_map(Node::members).map(|(name, _)| name.to_owned()).collect()
}

/// Takes out the look-ups and the questions of validation that are about lists which are not there.
fn forget(tree: &mut Node, lists: &[String]) {
    let of_one = |node: &Node| {
        let list = node.get("list").and_then(Node::text);
        list.is_some_and(|list| lists.iter().any(|gone| gone == list))
    };
    for path in [["interactions", "identify"], ["auth_validation", "steps"]] {
        if let Some(section) = tree.at_path_mut(&path) {
            section.retain(|node| !of_one(node));
        }
    }
}

/// The manifest without the lists that say `off: true` and are not among `on`, and without the look-ups and the
/// questions of validation that are about them; nothing where no list goes.
pub fn without_off(tree: &Node, on: &[String]) -> Option<Node> {
    let is_off = |list: &Node| list.get("off").map(Node::to_json) == Some(Value::Bool(true));
    let lists = tree.get("contact_lists").into_iter().flat_map(Node::members);
    let off = lists.filter(|(name, list)| is_off(list) && !on.iter().any(|on| on == name));
    let off: Vec<String> = off.map(|(name, _)| name.to_owned()).collect();
    let mut rest = (!off.is_empty()).then(|| tree.clone())?;
    for name in &off {
        rest.take(&["contact_lists", name]);
    }
    forget(&mut rest, &off);
    Some(rest)
}

/// Makes `drain` whole, which is written as the difference to `fetch`.
fn complete_drain(contacts: Option<&mut Node>) {
    let Some(contacts) = contacts else { return };
    let fetch = contacts.get("fetch").cloned();
    if let (Some(fetch), Some(drain)) = (fetch, contacts.at_path_mut(&["checkpoint", "drain"])) {
        let mut whole = fetch;
        whole.merge(drain);
        *drain = whole;
    }
}

/// A complaint with the name of its file.
fn placed(names: &[&str], (at, problem): (Position, Problem)) -> Problem {
    problem.at_line(names.get(at.file).copied().unwrap_or_default(), at.line, at.column)
}

/// The folder whose manifest this one extends.
pub fn extended(text: &str) -> Option<String> {
    let tree = Node::parse(text, 0, "").ok()?;
    tree.get("extends").and_then(Node::text).map(str::to_owned)
}

/// The name of the deployed integration: that of the manifest which the function is built for. An overlay
/// may rename the integration, but not the functions' policy.
pub fn deployed<'a>(files: impl IntoIterator<Item = &'a str>) -> Value {
    let mut name = Value::Null;
    for (index, text) in files.into_iter().enumerate() {
        let Ok(tree) = Node::parse(text, 0, "") else { continue };
        let own = tree.at_path(&["integration", "name"]).map(Node::to_json);
        if index == 0 || tree.get("extends").is_some() {
            name = own.unwrap_or(name);
        }
    }
    name
}

/// Adds what `credentials: {caller_key: bridge_key}` leaves unsaid in a manifest of an OAuth type: one
/// secret for the whole deployment, which `deployed` names, and the field that Talkdesk asks for.
pub fn complete(json: &mut Value, deployed: impl FnOnce() -> Value) {
    let oauth = json["integration"]["authentication_type"].as_str().is_some_and(|t| t.starts_with("oauth2"));
    if !oauth || !json["credentials"].is_object() || !json["credentials"]["secret"].is_null() {
        return;
    }
    let name = deployed();
    json["credentials"]["secret"] =
        format!("talkdesk-bridge/{}/bridge", name.as_str().unwrap_or_default()).into();
    if json["credentials"]["caller_key"] == "bridge_key"
        && let Some(fields) = json["integration"]["authentication"].as_object_mut()
    {
        fields.entry("bridge_key").or_insert_with(|| {
            serde_json::json!({
                "display": "Bridge key",
                "help": "The key that your bridge's operator gave you",
                "secret": true,
            })
        });
    }
}

/// Eight hexadecimal digits that change with every change of meaning, not with comments or order of files.
pub fn hash(json: &Value) -> String {
    hex(&Sha256::digest(json.to_string())[..4])
}
