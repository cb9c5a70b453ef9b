//! Which names a template may use, place by place.
//!
//! `secret.*`, the token and secret `auth` fields exist only where the request's credentials are
//! built. A name that a place does not have is an error when the manifest loads.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::Findings;
use super::model::{
    Checkpoint, ConnectionAuth, ContactMap, Document, Identify, Lines, LookUpEach, Mode, Page, Read, Sign,
};

mod place;
pub mod table;
mod values;
mod walk;

use super::problem::Problem;
use place::{ANSWER, Place};
use walk::{Walk, at, path};

/// Checks every template of the manifest; gives back the path of each with the names that it may use.
pub fn check(document: &Document, findings: &mut Findings) -> Vec<(Vec<String>, Vec<String>)> {
    let mut walk = Walk { findings, places: Vec::new() };
    let base = Place::new(document);
    connection(&mut walk, document, &base);
    let constants = base.without("const").quoted();
    for (name, tree) in &document.r#const {
        walk.constant(&path(&["const", name]), tree, &constants);
    }
    if let Some(credentials) = &document.credentials {
        walk.template(&path(&["credentials", "secret"]), &credentials.secret, &base.unread());
    }
    for (index, rule) in document.errors.iter().enumerate() {
        let here = vec!["errors".to_owned(), index.to_string()];
        let place = base.with(ANSWER);
        walk.condition(&at(&here, "when"), rule.when.as_ref(), &place);
        walk.optional(&at(&here, "message"), rule.message.as_ref(), &place);
        walk.optional(&at(&here, "detail"), rule.detail.as_ref(), &place);
        walk.optional(&at(&here, "retry_after"), rule.retry_after.as_ref(), &place);
        walk.optional(&at(&here, "id"), rule.id.as_ref(), &place);
    }
    if let Some(validation) = &document.auth_validation {
        let here = path(&["auth_validation"]);
        walk.fetch(&at(&here, "fetch"), &validation.fetch, &base);
        let answer = base.with(ANSWER);
        walk.condition(&at(&here, "ok"), validation.ok.as_ref(), &answer);
        let answer = walk.steps(&here, &validation.steps, &answer, &answer, &answer);
        for (key, template) in &validation.result {
            walk.template(&at(&at(&here, "result"), key), template, &answer);
        }
    }
    for (section, list) in document.contact_sections() {
        let here: Vec<&str> = section.split('.').collect();
        contacts(&mut walk, &path(&here), list, &base);
    }
    if let Some(agents) = &document.agents {
        let here = path(&["agents"]);
        let place = base.with(["page_size"]).with(page(agents.page.as_ref()));
        let row = read(&mut walk, &here, agents, &base, &place);
        let map = at(&here, "map");
        for (key, template) in
            [("id", &agents.map.id), ("name", &agents.map.name), ("email", &agents.map.email)]
        {
            walk.template(&at(&map, key), template, &row);
        }
    }
    interactions(&mut walk, document, &base);
    if let Some(survivor) = &document.survivor {
        look_up(&mut walk, &path(&["survivor"]), survivor, &base.with(["contact"]));
    }
    for (name, action) in &document.actions {
        walk.action(&path(&["actions", name]), action, &base);
    }
    walk.places
}

/// Refuses expressions where the manifest has plain text: they would be shown, or asked for, as they stand. What
/// stands in `defaults` is judged where it goes to; fields of forms may hold Talkdesk's own notation.
pub fn stray(json: &Value, places: &[(Vec<String>, Vec<String>)], findings: &mut Findings) {
    let known: BTreeSet<&[String]> = places.iter().map(|(path, _)| path.as_slice()).collect();
    let mut left = vec![(Vec::new(), json)];
    while let Some((path, value)) = left.pop() {
        match value {
            Value::Object(members) => {
                left.extend(members.iter().map(|(key, value)| (at(&path, key), value)));
            }
            Value::Array(items) => {
                left.extend(
                    items.iter().enumerate().map(|(index, item)| (at(&path, &index.to_string()), item)),
                );
            }
            // A list of templates stands under one path.
            Value::String(text) if text.contains("{{") => {
                let form = |key: &String| ["defaults", "integration", "input"].contains(&key.as_str());
                let own = path.iter().any(form);
                if !own && !(1..=path.len()).rev().any(|end| known.contains(&path[..end])) {
                    let problem = Problem::new("this is plain text: an expression in it stays as it stands");
                    findings.error(path, problem);
                }
            }
            _ => {}
        }
    }
}

fn connection(walk: &mut Walk<'_>, document: &Document, base: &Place<'_>) {
    let connection = &document.connection;
    let here = path(&["connection"]);
    let secret = base.secret();
    walk.template(&at(&here, "base_url"), &connection.base_url, &secret);
    for (name, template) in &connection.headers {
        walk.template(&at(&at(&here, "headers"), name), template, &secret);
    }
    let ConnectionAuth { headers, query, token, sign } = &connection.auth;
    let here_auth = at(&here, "auth");
    // The request is known when its URL is made, its query included.
    let credential = secret.with(["token", "request"]);
    for (key, map, place) in [("headers", headers, &credential), ("query", query, &secret.with(["token"]))] {
        for (name, template) in map {
            walk.template(&at(&at(&here_auth, key), name), template, place);
        }
    }
    if let Some(token) = token {
        let here = at(&here_auth, "token");
        walk.fetch(&at(&here, "fetch"), &token.fetch, &secret);
        let answer = base.with(ANSWER);
        walk.condition(&at(&here, "ok"), token.ok.as_ref(), &answer);
        walk.template(&at(&here, "value"), &token.value, &answer);
        walk.optional(&at(&here, "ttl"), token.ttl.as_ref(), &answer);
    }
    if let Some(Sign { text, key, headers, query, .. }) = sign {
        let here = at(&here_auth, "sign");
        let whole = credential.finished();
        walk.template(&at(&here, "text"), text, &whole);
        for template in &key.0 {
            walk.template(&at(&here, "key"), template, &whole);
        }
        let signed = whole.with(["signature"]);
        for (name, template) in headers {
            walk.template(&at(&at(&here, "headers"), name), template, &signed);
        }
        for (name, template) in query {
            walk.template(&at(&at(&here, "query"), name), template, &signed);
        }
    }
    walk.condition(&at(&here, "ok"), connection.ok.as_ref(), &base.with(ANSWER));
    if let Some(envelope) = &connection.envelope {
        walk.tree(&at(&here, "envelope"), envelope, &credential.with(["body"]).quoted());
    }
}

fn contacts<'a>(
    walk: &mut Walk<'_>,
    here: &[String],
    contacts: &'a Read<ContactMap, Checkpoint>,
    base: &Place<'a>,
) {
    let cursor = contacts.checkpoint.as_ref().filter(|c| c.mode == Mode::Cursor).map(|_| "cursor");
    // Steps run once for a request, before its pages: they know where it begins.
    let begun = base.with(["from", "initial", "page_size", "now"]).with(cursor);
    let place = begun.with(page(contacts.page.as_ref()));
    let row = read(walk, here, contacts, &begun, &place);
    if let Some(checkpoint) = &contacts.checkpoint {
        let here = at(here, "checkpoint");
        let stamp = base.with(["row"]);
        walk.optional(&at(&here, "field"), checkpoint.field.as_ref(), &stamp);
        walk.optional(&at(&here, "id"), checkpoint.id.as_ref(), &stamp);
        walk.optional(&at(&here, "order"), checkpoint.order.as_ref(), &stamp);
        let answer = base.with(ANSWER).with(["cursor"]);
        walk.optional(&at(&here, "next"), checkpoint.next.as_ref(), &answer);
        walk.condition(&at(&here, "done"), checkpoint.done.as_ref(), &answer);
        if let Some(drain) = &checkpoint.drain {
            let place = place.with(["to", "last_id"]).steps_before(&contacts.steps);
            walk.fetch(&at(&here, "drain"), drain, &place);
        }
    }
    let map = at(here, "map");
    let m = &contacts.map;
    for (key, template) in [("id", &m.id), ("name", &m.name)] {
        walk.template(&at(&map, key), template, &row);
    }
    for (key, template) in [
        ("company", &m.company),
        ("title", &m.title),
        ("photo_url", &m.photo_url),
        ("address", &m.address),
        ("twitter", &m.twitter),
        ("url", &m.url),
    ] {
        walk.optional(&at(&map, key), template.as_ref(), &row);
    }
    for (key, Lines(lines)) in [("emails", &m.emails), ("phones", &m.phones), ("websites", &m.websites)] {
        for template in lines {
            walk.template(&at(&map, key), template, &row);
        }
    }
}

fn interactions(walk: &mut Walk<'_>, document: &Document, base: &Place<'_>) {
    let Some(interactions) = &document.interactions else { return };
    let here = path(&["interactions"]);
    let contact = base.with(["contact"]);
    for (index, identify) in interactions.identify.iter().enumerate() {
        look_up(walk, &at(&at(&here, "identify"), &index.to_string()), identify, &contact);
    }
    for (kind, operation) in &interactions.types {
        let here = at(&at(&here, "types"), kind);
        let place = contact.with(["page_size", "limit"]).with(page(operation.page.as_ref()));
        let row = read(walk, &here, operation, &contact, &place);
        let (map, m) = (at(&here, "map"), &operation.map);
        for (key, template) in [("id", &m.id), ("subject", &m.subject), ("date", &m.date)] {
            walk.template(&at(&map, key), template, &row);
        }
        for (key, template) in [
            ("description", &m.description),
            ("url", &m.url),
            ("priority", &m.priority),
            ("status", &m.status),
        ] {
            walk.optional(&at(&map, key), template.as_ref(), &row);
        }
    }
}

fn look_up<'a>(walk: &mut Walk<'_>, here: &[String], look_up: &'a Identify, place: &Place<'a>) {
    let mut place = place.with(look_up.for_each.iter().flat_map(|each| each.names().iter().copied()));
    place.forms = look_up.for_each == Some(LookUpEach::Phone);
    let place = &place;
    walk.condition(&at(here, "when"), look_up.when.as_ref(), place);
    walk.fetch(&at(here, "fetch"), &look_up.fetch, place);
    let answer = place.with(ANSWER);
    walk.condition(&at(here, "ok"), look_up.ok.as_ref(), &answer);
    if let Some(records) = &look_up.records {
        walk.rows(&at(here, "records"), records, &answer);
    }
    let found = answer.with(look_up.records.as_ref().map(|_| "row"));
    walk.condition(&at(here, "where"), look_up.r#where.as_ref(), &found);
    walk.template(&at(here, "value"), &look_up.value, &found);
    walk.optional(&at(here, "list"), look_up.list.as_ref(), &found);
}

/// The name of the page, where there are pages that a request asks for by name.
fn page(paging: Option<&Page>) -> Option<&'static str> {
    paging.filter(|page| page.next_url.is_none()).map(|_| "page")
}

/// Checks what all readings share; gives back the place of `where` and `map`. `begun` is the place of what
/// comes before the pages.
fn read<'a, M, C>(
    walk: &mut Walk<'_>,
    here: &[String],
    operation: &'a Read<M, C>,
    begun: &Place<'a>,
    place: &Place<'a>,
) -> Place<'a> {
    // What a first run leaves out it leaves to the CRM: whoever comes is delivered, in every run the same.
    let page = place.without("initial").with(ANSWER);
    walk.steps(here, &operation.steps, begun, &page.with(["rows"]), &page.with(["row"]));
    walk.condition(&at(here, "when"), operation.when.as_ref(), &begun.steps_before(&operation.steps));
    walk.optional(&at(here, "rows"), operation.rows.as_ref(), &begun.steps_before(&operation.steps));
    let place = place.steps_before(&operation.steps);
    walk.fetch(&at(here, "fetch"), &operation.fetch, &place);
    let answer = place.without("initial").with(ANSWER);
    walk.condition(&at(here, "ok"), operation.ok.as_ref(), &answer);
    walk.rows(&at(here, "records"), &operation.records, &answer);
    walk.condition(&at(here, "more"), operation.more.as_ref(), &answer);
    if let Some(page) = &operation.page {
        let here = at(here, "page");
        walk.optional(&at(&here, "token"), page.token.as_ref(), &answer);
        walk.optional(&at(&here, "next_url"), page.next_url.as_ref(), &answer);
    }
    let row = answer.with(["row"]).steps(operation.steps.keys());
    walk.condition(&at(here, "where"), operation.r#where.as_ref(), &row);
    row
}
