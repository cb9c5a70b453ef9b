//! The CRM's rows beside what became of them: contacts, agents and interactions.
//!
//! The bridge does not say which row became what, so the rows are read again here, with the manifest's own
//! `records`, `where` and `id`, and found in the answer by their id.

use bridge::crm::Scope;
use bridge::manifest::Manifest;
use bridge::manifest::expression::{Template, as_text};
use minijinja::Value as Name;
use minijinja::value::Serde;
use serde_json::{Value, json};

use super::cut::{Size, cut};
use super::fields::field;
use super::reading::{Reading, readings};
use crate::names;
use crate::watch::Conversation;
use crate::watch::view::{View, answered};

/// Every kind of rows that the conversation read, with its rows and records.
pub fn of(conversation: &Conversation, manifest: &Manifest, size: Size, view: &mut View<'_>) -> Value {
    let auth = &conversation.request["auth"];
    let scope = names::of_account(manifest, auth, &json!({}));
    let readings = readings(conversation, manifest);
    readings.into_iter().map(|reading| paired(reading, conversation, &scope, size, view)).collect()
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
