//! `check --missing`: what a manifest's fixtures do not show yet. A manifest without fixtures passes every
//! test that it has.

use std::collections::BTreeSet;

use bridge::manifest::Manifest;
use serde_json::Value;

use crate::fixture::{Fixture, Turn};

/// What CONTRIBUTING asks to be shown and no fixture shows, in the order of the components.
pub fn missing(manifest: &Manifest, fixtures: &[(String, Fixture)]) -> Vec<String> {
    let mut shown = BTreeSet::new();
    for (_, fixture) in fixtures {
        for turn in &fixture.turns {
            shown.extend(shows(manifest, fixture, turn));
            shown.extend(lists(manifest).filter(|(_, prefix)| has_id(turn, prefix)).map(|(text, _)| text));
        }
    }
    wanted(manifest).into_iter().filter(|wanted| !shown.contains(wanted)).collect()
}

/// What is to be shown of each further list of contacts, and the prefix of its ids.
fn lists(manifest: &Manifest) -> impl Iterator<Item = (String, &str)> {
    let lists = manifest.document().contact_lists.iter();
    lists.map(|(name, list)| (format!("contacts: somebody of the list {name}"), list.id_prefix.as_str()))
}

fn has_id(turn: &Turn, prefix: &str) -> bool {
    let contacts = turn.expect.body["contacts"].as_array().into_iter().flatten();
    contacts.filter_map(|contact| contact["id"].as_str()).any(|id| id.starts_with(prefix))
}

/// What a manifest's fixtures should show.
fn wanted(manifest: &Manifest) -> Vec<String> {
    let document = manifest.document();
    let mut wanted = Vec::new();
    let mut want = |parts: &[&str]| wanted.extend(parts.iter().map(|part| (*part).to_owned()));
    if document.auth_validation.is_some() {
        want(&["auth_validation: good credentials", "auth_validation: refused credentials"]);
    }
    if document.contacts.is_some() {
        want(&["contacts: a first page", "contacts: a further page", "contacts: an incremental run"]);
        want(&["contacts: no rows", "contacts: refused credentials", "contacts: a rate limit"]);
    }
    if document.agents.is_some() {
        want(&["agents: a page"]);
    }
    wanted.extend(lists(manifest).map(|(text, _)| text));
    if let Some(interactions) = &document.interactions {
        for name in interactions.types.keys() {
            wanted.push(format!("interactions: {name} with rows"));
            wanted.push(format!("interactions: {name} without rows"));
        }
        if !interactions.identify.is_empty() {
            wanted.push("interactions: a contact known by e-mail only".to_owned());
            wanted.push("interactions: a contact known by phone only".to_owned());
        }
    }
    for (name, action) in &document.actions {
        wanted.push(format!("actions/{name}: done"));
        if action.on_conflict.is_some() {
            wanted.push(format!("actions/{name}: the record exists already"));
        }
    }
    if !document.actions.is_empty() {
        wanted.push("actions: a value that the CRM refuses".to_owned());
        wanted.push("actions: a rate limit".to_owned());
        wanted.push("actions: refused credentials".to_owned());
    }
    wanted
}

/// What one turn shows.
fn shows(manifest: &Manifest, fixture: &Fixture, turn: &Turn) -> Vec<String> {
    let status = turn.expect.status;
    let answered = |code: u16| turn.exchanges.iter().any(|exchange| exchange.response.status == code);
    match fixture.component.as_str() {
        "auth_validation" if status == 200 => vec!["auth_validation: good credentials".to_owned()],
        "auth_validation" if !turn.exchanges.is_empty() => {
            vec!["auth_validation: refused credentials".to_owned()]
        }
        "contacts" => contacts(turn).into_iter().map(|what| format!("contacts: {what}")).collect(),
        "agents" if rows(turn, "agents") > 0 => vec!["agents: a page".to_owned()],
        "interactions" => interactions(turn),
        action if action.starts_with("actions/") => {
            // Too many requests and old credentials say nothing of the record.
            let about = |status: u16| (400..500).contains(&status) && !matches!(status, 401 | 429);
            // Some CRMs refuse under 200: what Talkdesk gets tells.
            let exists = status == 201 && says_conflict(manifest, action, turn);
            let invalid =
                !turn.exchanges.is_empty() && matches!(code(turn), "invalid" | "not_found" | "conflict");
            let refused =
                exists || invalid || turn.exchanges.iter().any(|exchange| about(exchange.response.status));
            let mut shown = Vec::new();
            if status == 201 {
                shown.push(format!("{action}: done"));
            }
            if refused {
                shown.push(match status {
                    201 => format!("{action}: the record exists already"),
                    _ => "actions: a value that the CRM refuses".to_owned(),
                });
            }
            if answered(429) || code(turn) == "rate_limited" {
                shown.push("actions: a rate limit".to_owned());
            }
            if answered(401) || code(turn) == "credentials_refused" {
                shown.push("actions: refused credentials".to_owned());
            }
            shown
        }
        _ => Vec::new(),
    }
}

/// Whether an action's answer is the one for a record that exists already.
fn says_conflict(manifest: &Manifest, action: &str, turn: &Turn) -> bool {
    let name = action.trim_start_matches("actions/");
    let action = manifest.document().actions.get(name);
    let message = action.and_then(|a| a.on_conflict.as_ref()).and_then(|c| c.message.as_ref());
    message.is_some_and(|message| turn.expect.body["message"].as_str() == Some(message.source()))
}

fn contacts(turn: &Turn) -> Vec<&'static str> {
    let has = |name: &str| turn.meta[name].as_str().is_some_and(|text| !text.is_empty());
    let mut shown = Vec::new();
    match turn.expect.status {
        200 if rows(turn, "contacts") == 0 => shown.push("no rows"),
        200 if has("offset") => shown.push("a further page"),
        200 if has("synchronization_checkpoint") => shown.push("an incremental run"),
        200 => shown.push("a first page"),
        401 | 403 => shown.push("refused credentials"),
        429 | 503 => shown.push("a rate limit"),
        _ => {}
    }
    if turn.exchanges.iter().any(|exchange| exchange.response.status == 429) {
        shown.push("a rate limit");
    }
    shown
}

fn interactions(turn: &Turn) -> Vec<String> {
    if turn.expect.status != 200 {
        return Vec::new();
    }
    let answered = turn.expect.body.as_array().into_iter().flatten();
    let found: BTreeSet<&str> = answered.filter_map(|interaction| interaction["type"].as_str()).collect();
    let asked = turn.meta["interaction_types"].as_array().cloned().unwrap_or_default();
    let mut shown: Vec<_> = found.iter().map(|kind| format!("interactions: {kind} with rows")).collect();
    let empty = asked.iter().filter_map(Value::as_str).filter(|kind| !found.contains(kind));
    shown.extend(empty.map(|kind| format!("interactions: {kind} without rows")));
    let given = |name: &str| turn.data[name].as_array().is_some_and(|list| !list.is_empty());
    if turn.data["contact_external_id"].as_str().is_none_or(str::is_empty) && !turn.exchanges.is_empty() {
        if given("contact_emails") {
            shown.push("interactions: a contact known by e-mail only".to_owned());
        }
        if given("contact_phones") {
            shown.push("interactions: a contact known by phone only".to_owned());
        }
    }
    shown
}

fn code(turn: &Turn) -> &str {
    turn.expect.body["error"]["code"].as_str().unwrap_or_default()
}

fn rows(turn: &Turn, name: &str) -> usize {
    turn.expect.body[name].as_array().map_or(0, Vec::len)
}
