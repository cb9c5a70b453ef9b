//! The CRM's rows beside what became of them: contacts, agents and interactions.
//!
//! The bridge does not say which row became what, so the rows are read again here, with the manifest's own
//! `records`, `where` and `id`, and found in the answer by their id.

use bridge::contract::Component;
use bridge::crm::{Scope, route};
use bridge::manifest::Manifest;
use bridge::manifest::expression::{Template, as_text};
use minijinja::Value as Name;
use minijinja::value::Serde;
use serde_json::{Value, json};

use super::cut::{Size, cut};
use super::fields::{Field, agent, contact, field, interaction};
use crate::names;
use crate::watch::view::{View, answered};
use crate::watch::{Call, Conversation};

/// How one kind of rows is read.
struct Reading<'m> {
    kind: String,
    routes: Vec<String>,
    records: &'m Template,
    condition: Option<&'m Template>,
    id: &'m Template,
    fields: Vec<Field<'m>>,
    /// Whether the rows come from a step, so that any list of any answer may hold them.
    from_steps: bool,
    /// Why a row that counts may not be in the answer.
    held: &'static str,
    /// The records of this kind in the answer.
    made: Vec<&'m Value>,
}

/// Every kind of rows that the conversation read, with its rows and records.
pub fn of(conversation: &Conversation, manifest: &Manifest, size: Size, view: &mut View<'_>) -> Value {
    let auth = &conversation.request["auth"];
    let scope = names::of_account(manifest, auth, &json!({}));
    let readings = readings(conversation, manifest);
    readings.into_iter().map(|reading| paired(reading, conversation, &scope, size, view)).collect()
}

fn readings<'m>(conversation: &'m Conversation, manifest: &'m Manifest) -> Vec<Reading<'m>> {
    let (document, answer) = (manifest.document(), &conversation.answer);
    let list = |value: &'m Value| value.as_array().into_iter().flatten().collect::<Vec<_>>();
    match conversation.component {
        Component::Contacts => document.contacts.iter().map(|spec| {
            let drain = spec.checkpoint.as_ref().and_then(|rules| rules.drain.as_ref());
            Reading {
                kind: "contact".to_owned(),
                routes: [Some(&spec.fetch), drain].into_iter().flatten().map(route).collect(),
                records: &spec.records,
                condition: spec.r#where.as_ref(),
                from_steps: spec.rows.is_some(),
                id: &spec.map.id,
                fields: contact(&spec.map),
                held: "not in this answer: its time step may not be complete, it is younger than `settle`, or a page \
                       before showed it already; a later page or run delivers it",
                made: list(&answer["contacts"]),
            }
        }).collect(),
        Component::Agents => document.agents.iter().map(|spec| Reading {
            kind: "agent".to_owned(),
            routes: vec![route(&spec.fetch)],
            records: &spec.records,
            condition: spec.r#where.as_ref(),
            from_steps: spec.rows.is_some(),
            id: &spec.map.id,
            fields: agent(&spec.map),
            held: "not in this answer: an agent needs an id and an e-mail address",
            made: list(&answer["agents"]),
        }).collect(),
        Component::Interactions => {
            let types = document.interactions.iter().flat_map(|spec| spec.types.iter());
            types.map(|(name, spec)| Reading {
                kind: name.clone(),
                routes: vec![route(&spec.fetch)],
                records: &spec.records,
                condition: spec.r#where.as_ref(),
                from_steps: spec.rows.is_some(),
                id: &spec.map.id,
                fields: interaction(&spec.map),
                held: "not in this answer: it needs an id and a date, and the newest are shown (`limits.interactions`)",
                made: list(answer).into_iter().filter(|one| one["type"] == name.as_str()).collect(),
            }).collect()
        }
        Component::AuthValidation | Component::Actions => Vec::new(),
    }
}

fn paired(
    mut reading: Reading<'_>,
    conversation: &Conversation,
    account: &Scope,
    size: Size,
    view: &mut View<'_>,
) -> Value {
    let failed = conversation.status >= 400;
    let mut group = Group { size: size.rows, ..Group::default() };
    for (number, call) in conversation.calls.iter().enumerate() {
        let Ok((status @ 200..300, body)) = answered(call) else { continue };
        let scope = account.with("status", status).with("body", Name::from(Serde(&body)));
        for row in reading.rows_of(call, &body, &scope) {
            let names = scope.with("row", row.clone()).value();
            let id = reading.id.eval(&names).ok().and_then(|id| as_text(&id)).map(|id| id.trim().to_owned());
            let made = reading.take(id.as_deref());
            if made.is_none() && reading.from_steps {
                continue;
            }
            let why = match (made, &id, reading.passes(&names)) {
                (Some(_), ..) => "",
                (None, _, false) => "left out by `where`",
                (None, None, _) => "skipped: it has no id",
                (None, Some(_), _) if failed => "not delivered: the request failed",
                (None, Some(_), _) => reading.held,
            };
            let row = serde_json::to_value(&row).unwrap_or_default();
            group.add(made.is_some(), || {
                json!({
                    "id": view.under("id", &id.map_or(Value::Null, Value::from)),
                    "call": number,
                    "row": view.json(&cut(&row, size)),
                    "made": made.map(|made| view.json(&cut(made, size))),
                    "why": why,
                })
            });
        }
    }
    for made in &reading.made {
        let why =
            "no row with this id was found: `map.id` needs a step, or the row came in an earlier answer";
        group.add(
            true,
            || json!({"id": view.under("id", &made["id"]), "made": view.json(&cut(made, size)), "why": why}),
        );
    }
    json!({
        "kind": reading.kind,
        "where": reading.condition.map(Template::source),
        "fields": reading.fields.iter().map(|(name, made_of)| field(name, made_of)).collect::<Vec<_>>(),
        "sent": group.sent,
        "left": group.left,
        "rows": group.rows,
        "more": group.more,
    })
}

/// Rows for the page, so many at most, and how many there were.
#[derive(Default)]
struct Group {
    size: usize,
    rows: Vec<Value>,
    more: usize,
    /// In the answer, and not in it.
    sent: usize,
    left: usize,
}

impl Group {
    fn add(&mut self, sent: bool, row: impl FnOnce() -> Value) {
        *if sent { &mut self.sent } else { &mut self.left } += 1;
        match self.rows.len() < self.size {
            true => self.rows.push(row()),
            false => self.more += 1,
        }
    }
}

/// Every object in the lists of an answer.
fn objects<'v>(value: &'v Value, found: &mut Vec<&'v Value>) {
    match value {
        Value::Array(items) => {
            found.extend(items.iter().filter(|item| item.is_object()));
            items.iter().for_each(|item| objects(item, found));
        }
        Value::Object(map) => map.values().for_each(|item| objects(item, found)),
        _ => {}
    }
}

impl<'m> Reading<'m> {
    /// The rows that a call brought, where it is one of this reading's.
    fn rows_of(&self, call: &Call, body: &Value, scope: &Scope) -> Vec<Name> {
        if self.from_steps {
            let mut found = Vec::new();
            objects(body, &mut found);
            return found.into_iter().map(|row| Name::from(Serde(row))).collect();
        }
        if !self.routes.contains(&call.sent.route) {
            return Vec::new();
        }
        let rows = self.records.eval(&scope.value()).ok();
        rows.and_then(|rows| Some(rows.try_iter().ok()?.collect())).unwrap_or_default()
    }

    /// The record of the answer with this id. A row that comes twice has become one record: the first has it.
    fn take(&mut self, id: Option<&str>) -> Option<&'m Value> {
        let index = self.made.iter().position(|made| made["id"].as_str().is_some_and(|it| Some(it) == id))?;
        Some(self.made.remove(index))
    }

    /// Whether a row counts; one for which it cannot be evaluated does.
    fn passes(&self, names: &Name) -> bool {
        self.condition.is_none_or(|condition| condition.eval(names).map_or(true, |value| value.is_true()))
    }
}
