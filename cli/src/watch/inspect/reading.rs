//! How the rows of a request are read: by which requests they came, where they are in an answer, and what the
//! manifest makes of them.

use bridge::contract::Component;
use bridge::crm::{Scope, route};
use bridge::manifest::Manifest;
use bridge::manifest::expression::Template;
use bridge::manifest::model::{List, MAIN_LIST, Read};
use minijinja::Value as Name;
use minijinja::value::Serde;
use serde_json::Value;

use super::fields::{Field, agent, contact, interaction};
use super::places::list_at;
use crate::watch::{Call, Conversation};

/// How one kind of rows is read.
pub struct Reading<'m> {
    /// `contact`, `agent`, a further list or a type of interactions.
    pub kind: String,
    routes: Vec<String>,
    records: &'m Template,
    /// Which rows count.
    pub condition: Option<&'m Template>,
    /// The row's id in the CRM.
    pub id: &'m Template,
    /// What stands before an id at Talkdesk.
    prefix: &'m str,
    /// What a row becomes.
    pub fields: Vec<Field<'m>>,
    /// Whether the rows come from a step, so that any list of any answer may hold them.
    pub from_steps: bool,
    /// Why a row that counts may not be in the answer.
    pub held: &'static str,
    /// The records of this kind in the answer.
    pub made: Vec<&'m Value>,
}

/// Every kind of rows of a request.
pub fn readings<'m>(conversation: &'m Conversation, manifest: &'m Manifest) -> Vec<Reading<'m>> {
    let (document, answer) = (manifest.document(), &conversation.answer);
    let list = |value: &'m Value| value.as_array().into_iter().flatten().collect::<Vec<_>>();
    match conversation.component {
        Component::Contacts => lists(conversation, manifest),
        Component::Agents => {
            let held = "not in this answer: an agent needs an id and an e-mail address";
            let agents = document.agents.iter().map(|spec| {
                let (id, fields) = (&spec.map.id, agent(&spec.map));
                Reading::of(spec, "agent", id, fields, held, list(&answer["agents"]))
            });
            agents.collect()
        }
        Component::Interactions => {
            let held = "not in this answer: it needs an id and a date, and the newest are shown (`limits.interactions`)";
            let types = document.interactions.iter().flat_map(|spec| spec.types.iter());
            let types = types.map(|(name, spec)| {
                let made = list(answer).into_iter().filter(|one| one["type"] == name.as_str()).collect();
                Reading::of(spec, name, &spec.map.id, interaction(&spec.map), held, made)
            });
            types.collect()
        }
        Component::AuthValidation | Component::Actions => Vec::new(),
    }
}

/// The lists of contacts that a request went through: from the one where it began to the one whose contacts are
/// in the answer. Of lists that ask the same address only the last is shown: rows do not say whose they are.
fn lists<'m>(conversation: &'m Conversation, manifest: &'m Manifest) -> Vec<Reading<'m>> {
    let (document, answer) = (manifest.document(), &conversation.answer);
    let made: Vec<_> = answer["contacts"].as_array().into_iter().flatten().collect();
    let named = made.first().and_then(|contact| Some(document.list_of(contact["id"].as_str()?).0.to_owned()));
    let mut readings: Vec<_> = document
        .lists()
        .map(|List { name, prefix, spec }| {
            let drain = spec.checkpoint.as_ref().and_then(|rules| rules.drain.as_ref());
            let kind = if name == MAIN_LIST { "contact" } else { name };
            let held = "not in this answer: its time step may not be complete, it is younger than `settle`, or a \
                        page before showed it already; a later page or run delivers it";
            let made = if named.as_deref() == Some(name) { made.clone() } else { Vec::new() };
            let mut reading = Reading::of(spec, kind, &spec.map.id, contact(&spec.map), held, made);
            reading.routes.extend(drain.map(route));
            reading.prefix = prefix;
            reading
        })
        .collect();
    let at = |list: Option<String>| document.lists().position(|known| Some(known.name) == list.as_deref());
    let first = at(list_at(&conversation.request["meta"]["offset"], manifest)).unwrap_or(0);
    let last = at(named).or_else(|| at(list_at(&answer["next_offset"], manifest)));
    readings.truncate(last.map_or(readings.len(), |last| last + 1));
    let routes = readings.last().map_or_else(Vec::new, |reading| reading.routes.clone());
    let end = readings.len().saturating_sub(1);
    let kept = readings.into_iter().enumerate().skip(first.min(end));
    let apart =
        kept.filter(|(index, it)| *index == end || !it.routes.iter().any(|route| routes.contains(route)));
    apart.map(|(_, reading)| reading).collect()
}

impl<'m> Reading<'m> {
    /// The rows of one section, whose ids are those at Talkdesk.
    fn of<M, C>(
        spec: &'m Read<M, C>,
        kind: &str,
        id: &'m Template,
        fields: Vec<Field<'m>>,
        held: &'static str,
        made: Vec<&'m Value>,
    ) -> Self {
        Self {
            kind: kind.to_owned(),
            routes: vec![route(&spec.fetch)],
            records: &spec.records,
            condition: spec.r#where.as_ref(),
            id,
            prefix: "",
            fields,
            from_steps: spec.rows.is_some(),
            held,
            made,
        }
    }

    /// The rows that a call brought, where it is one of this reading's.
    pub fn rows_of(&self, call: &Call, body: &Value, scope: &Scope) -> Vec<Name> {
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
    pub fn take(&mut self, id: Option<&str>) -> Option<&'m Value> {
        let own = |made: &Value| made["id"].as_str().and_then(|it| it.strip_prefix(self.prefix)) == id;
        let index = id.and_then(|_| self.made.iter().position(|made| own(made)))?;
        Some(self.made.remove(index))
    }

    /// Whether a row counts; one for which it cannot be evaluated does.
    pub fn passes(&self, names: &Name) -> bool {
        self.condition.is_none_or(|condition| condition.eval(names).map_or(true, |value| value.is_true()))
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
