//! `graphql` of a request: an operation and its variables, written into the request's body before anything
//! reads it, and held against each other.
//!
//! Values go into variables only, so that none can become a part of the operation's text.

use super::problem::Problem;
use super::source::{Node, Position};

// The path stands here because `build/main.rs` takes this file in, too.
#[path = "graphql/operation.rs"]
mod operation;

use operation::{Operation, Variable};

/// Writes every `graphql` of a manifest's requests into their bodies. Defaults are incomplete, and stand in the
/// entries by now.
///
/// # Errors
/// What the operation and its variables do not agree on, with its place.
pub fn requests(tree: &mut Node) -> Result<(), (Position, Problem)> {
    for (name, node) in tree.members_mut() {
        if matches!(name, "fetch" | "drain") && node.get("graphql").is_some() {
            written(node)?;
        } else if !matches!(name, "const" | "defaults") {
            requests(node)?;
        }
    }
    Ok(())
}

/// `method`, `body` and `reads` as the operation has them. What the request says itself stays.
fn written(fetch: &mut Node) -> Result<(), (Position, Problem)> {
    let at = fetch.position();
    let wrong = |at: Position, text: &str| Err((at, Problem::new(text).at_path("graphql")));
    let Some(mut graphql) = fetch.take(&["graphql"]) else { return Ok(()) };
    if fetch.get("body").or(fetch.get("form")).is_some() {
        return wrong(at, "a request has `graphql`, `body` or `form`, one of them");
    }
    if let Some((key, node)) = graphql.members().find(|(key, _)| !matches!(*key, "query" | "variables")) {
        let problem = Problem::new(format!("unknown key `{key}`")).at_path("graphql");
        return Err((node.position(), problem.allowing(key, ["query", "variables"])));
    }
    let Some(text) = graphql.get("query").and_then(Node::text).map(str::to_owned) else {
        return wrong(graphql.position(), "`query` is missing: the operation's text");
    };
    let place = graphql.get("query").map_or(at, Node::position);
    let operation =
        Operation::read(&text).map_err(|why| (place, Problem::new(why).at_path("graphql.query")))?;
    agrees(&operation, place, graphql.get("variables"))?;
    let mut entries = Vec::new();
    if let Some(mut query) = graphql.take(&["query"]) {
        query.replace(&text, &operation.text);
        entries.push(("query".to_owned(), query));
    }
    entries.extend(graphql.take(&["variables"]).map(|variables| ("variables".to_owned(), variables)));
    let body = Node::map(place, entries);
    let usual = if operation.reads { "{method: POST, reads: true}" } else { "{method: POST}" };
    let usual = Node::parse(usual, 0, "").map_err(|problem| (at, problem))?.placed(place);
    fetch.stand_on(&usual);
    fetch.merge(&Node::map(place, vec![("body".to_owned(), body)]));
    Ok(())
}

/// Every variable is declared, used and, where the operation insists on it, given.
fn agrees(operation: &Operation, at: Position, given: Option<&Node>) -> Result<(), (Position, Problem)> {
    let given: Vec<(&str, &Node)> = given.into_iter().flat_map(Node::members).collect();
    let declared = || operation.variables.iter().map(|variable| variable.name.as_str());
    let problem = |text: String| Problem::new(text).at_path("graphql");
    for Variable { name, mandatory } in &operation.variables {
        if !operation.used.contains(name) {
            return Err((at, problem(format!("`${name}` is declared, but the operation does not use it"))));
        }
        if *mandatory && !given.iter().any(|(key, _)| key == name) {
            return Err((
                at,
                problem(format!("`variables` has no `{name}`, which the operation insists on")),
            ));
        }
    }
    for name in &operation.used {
        if !declared().any(|known| known == name) {
            return Err((
                at,
                problem(format!("`${name}` is used, but not declared")).allowing(name, declared()),
            ));
        }
    }
    for (key, node) in given {
        if !declared().any(|known| known == key) {
            let text = format!("the operation declares no `${key}`");
            return Err((node.position(), problem(text).allowing(key, declared())));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "graphql/tests.rs"]
mod tests;
