//! What a manifest leaves unsaid because it is usual: standard actions and inputs, `defaults` of a section.
//!
//! All of it is written into the tree before anything reads it, for embedded manifests while the bridge is
//! built: what runs knows complete actions and readings only.

use super::problem::Problem;
use super::source::{Node, Position};

/// The standard actions and inputs as YAML.
pub const STANDARD: &str = include_str!("standard.yaml");

/// Where the entries of a section stand for which `defaults` has a key.
const SECTIONS: [(&str, &[&str]); 3] = [
    ("actions", &["actions"]),
    ("identify", &["interactions", "identify"]),
    ("types", &["interactions", "types"]),
];

/// Lays an overlay over a manifest, before `defaults` are written into either: those of the overlay lie over
/// the manifest's, and what the overlay takes away from an action, a type or a further list of contacts no
/// default and no section `contacts` brings back.
///
/// # Errors
/// As [`actions`].
pub fn lay_over(tree: &mut Node, overlay: &Node) -> Result<(), (Position, Problem)> {
    let known: Vec<String> =
        tree.get("actions").into_iter().flat_map(Node::members).map(|(name, _)| name.to_owned()).collect();
    let mut overlay = overlay.clone();
    for path in [["actions"].as_slice(), &["interactions", "types"], &["contact_lists"]] {
        let Some(section) = tree.at_path_mut(path) else { continue };
        if let Some(changes) = overlay.take(path) {
            section.merge_marking(&changes);
        }
    }
    tree.merge(&overlay);
    actions(tree, |name| !known.iter().any(|known| known == name))
}

/// Writes the defaults into the entries of their sections.
pub fn defaults(tree: &mut Node) {
    for (key, path) in SECTIONS {
        let usual = tree.at_path(&["defaults", key]).cloned();
        if let (Some(usual), Some(section)) = (usual, tree.at_path_mut(path)) {
            section.members_mut().for_each(|(_, entry)| entry.stand_on(&usual));
        }
    }
    tree.sweep();
}

/// Completes the actions: the standard ones that are `new`, and the inputs of all.
///
/// # Errors
/// An input that is only named and not a standard one, with its place.
pub fn actions(tree: &mut Node, new: impl Fn(&str) -> bool) -> Result<(), (Position, Problem)> {
    let standard =
        Node::parse(STANDARD, 0, "standard.yaml").map_err(|problem| (Position::default(), problem))?;
    let crm =
        tree.at_path(&["integration", "display_name"]).and_then(Node::text).unwrap_or_default().to_owned();
    for (name, action) in tree.at_path_mut(&["actions"]).into_iter().flat_map(Node::members_mut) {
        if let (true, Some(usual)) = (new(name), standard.at_path(&["actions", name])) {
            let mut usual = usual.placed(action.position());
            if let Some(text) = usual.at_path_mut(&["description"]) {
                text.replace("{crm}", &crm);
            }
            action.stand_on(&usual);
        }
        if let Some(input) = action.at_path_mut(&["input"]) {
            inputs(input, &standard)?;
        }
    }
    Ok(())
}

/// A list of inputs as a map: a name is the standard input or a group of them, a map of one name is the
/// input with changes.
fn inputs(input: &mut Node, standard: &Node) -> Result<(), (Position, Problem)> {
    let Some(items) = input.items() else { return Ok(()) };
    let mut whole: Vec<(String, Node)> = Vec::new();
    for item in items {
        let given: Vec<(&str, Option<&Node>)> = match item.text() {
            Some(name) => vec![(name, None)],
            None => item.members().map(|(name, changes)| (name, Some(changes))).collect(),
        };
        if given.is_empty() {
            let problem = Problem::new("an input is a name, or a name with what it is");
            return Err((item.position(), problem));
        }
        let named: Vec<(&str, Option<&Node>)> = match given.as_slice() {
            [(group, None)] if standard.at_path(&["groups", group]).is_some() => members(standard, group),
            _ => given,
        };
        for (name, changes) in named {
            let one = input_named(name, changes, item.position(), standard)?;
            if whole.iter().any(|(known, _)| known == name) {
                return Err((item.position(), Problem::new(format!("the input `{name}` stands here twice"))));
            }
            whole.push((name.to_owned(), one));
        }
    }
    *input = Node::map(input.position(), whole);
    Ok(())
}

/// The inputs of a group, unchanged.
fn members<'n>(standard: &'n Node, group: &str) -> Vec<(&'n str, Option<&'n Node>)> {
    let names = standard.at_path(&["groups", group]).and_then(Node::items).unwrap_or_default();
    names.iter().filter_map(Node::text).map(|name| (name, None)).collect()
}

fn input_named(
    name: &str,
    changes: Option<&Node>,
    at: Position,
    standard: &Node,
) -> Result<Node, (Position, Problem)> {
    let usual = standard.at_path(&["inputs", name]).map(|usual| usual.placed(at));
    match (usual, changes) {
        (Some(mut usual), Some(changes)) => {
            usual.merge(changes);
            Ok(usual)
        }
        (Some(one), None) => Ok(one),
        (None, Some(own)) => Ok(own.clone()),
        (None, None) => {
            let sections = ["inputs", "groups"].into_iter().filter_map(|section| standard.get(section));
            let known = sections.flat_map(Node::members).map(|(name, _)| name);
            let problem = Problem::new(format!("there is no standard input `{name}`: say what it is"));
            Err((at, problem.allowing(name, known)))
        }
    }
}

#[cfg(test)]
#[path = "standard/tests.rs"]
mod tests;
