//! What `check --live --write` makes in a CRM: by the manifest's own actions, with inputs that say whose they are.

use std::collections::BTreeMap;

use bridge::manifest::Manifest;
use bridge::manifest::model::{Action, ActionInput};
use bridge::time::Moment;
use serde_json::{Map, Value};

/// What people find in the CRM afterwards.
pub const NAME: &str = "Talkdesk Bridge check";
/// Inputs that a contact gets although it could do without: somebody will look for it by them.
const IDENTITY: [&str; 4] = ["name", "first_name", "last_name", "email"];
/// The actions that change least, before any other one.
const GENTLE: [&str; 2] = ["add_note", "log_call"];

/// The actions that are run, in this order.
#[derive(Debug)]
pub struct Plan {
    /// Makes a contact.
    pub create: Write,
    /// Written to that contact until the CRM takes one: it may move the contact's time of change.
    pub change: Vec<Write>,
}

/// An action and what is filled in.
#[derive(Debug)]
pub struct Write {
    /// The action's key.
    pub action: String,
    /// Its inputs.
    pub data: Map<String, Value>,
}

impl Plan {
    /// The actions of a manifest that make and change a contact, with what `given` says and what it does not need
    /// to say. `now` makes the address of the contact that of no other one.
    ///
    /// # Errors
    /// A sentence, when no action makes a contact, or `given` names an input that none has.
    pub fn of(manifest: &Manifest, given: &BTreeMap<String, String>, now: Moment) -> Result<Self, String> {
        let actions = &manifest.document().actions;
        let makes = |action: &Action| action.result.contact_external_id.is_some() && !action.needs_contact;
        let Some((name, create)) = actions.iter().find(|(_, action)| makes(action)) else {
            return Err("no action of the manifest makes a contact (result.contact_external_id)".to_owned());
        };
        let about =
            |name: &str, action: &Action| !makes(action) && (action.needs_contact || GENTLE.contains(&name));
        let mut change: Vec<_> = actions.iter().filter(|(name, action)| about(name, action)).collect();
        change.sort_by_key(|(name, _)| GENTLE.iter().position(|it| it == name).unwrap_or(GENTLE.len()));
        let known = |input: &String| {
            create.input.contains_key(input) || change.iter().any(|(_, it)| it.input.contains_key(input))
        };
        if let Some(unknown) = given.keys().find(|input| !known(input)) {
            return Err(format!("--input {unknown}: no action that is run has such an input"));
        }
        let write =
            |name: &str, action: &Action| Write { action: name.to_owned(), data: fill(action, given, now) };
        let create = write(name, create);
        Ok(Self { create, change: change.into_iter().map(|(name, action)| write(name, action)).collect() })
    }

    /// What will be written, for people, before it is.
    pub fn text(&self) -> String {
        let mut text = "\n--write now makes in the CRM, by the manifest's own actions:\n".to_owned();
        text.push_str(&format!("  {}\n", self.create.text()));
        if let Some(first) = self.change.first() {
            text.push_str(&format!("  {}, for that contact only", first.text()));
            let rest: Vec<_> = self.change[1..].iter().map(|write| write.action.as_str()).collect();
            if !rest.is_empty() {
                text.push_str(&format!(" (if the CRM refuses it: {})", rest.join(", ")));
            }
            text.push('\n');
        }
        text.push_str("No action deletes: remove the contact yourself afterwards.\n\n");
        text
    }
}

impl Write {
    fn text(&self) -> String {
        let inputs = self.data.iter().map(|(name, value)| match value {
            Value::String(text) => format!("{name} = {text}"),
            other => format!("{name} = {other}"),
        });
        format!("{}: {}", self.action, inputs.collect::<Vec<_>>().join(", "))
    }
}

fn fill(action: &Action, given: &BTreeMap<String, String>, now: Moment) -> Map<String, Value> {
    let mut data = Map::new();
    for (key, input) in &action.input {
        let wanted = input.mandatory && input.default.is_none() || IDENTITY.contains(&key.as_str());
        match given.get(key) {
            Some(text) => data.insert(key.clone(), text.as_str().into()),
            None if wanted => data.insert(key.clone(), value(key, input, now)),
            None => None,
        };
    }
    data
}

/// A value that the input takes.
fn value(key: &str, input: &ActionInput, now: Moment) -> Value {
    match (input.r#type.as_deref(), key) {
        (Some("select"), _) => input.choices().next().unwrap_or_default().into(),
        (Some("number"), _) => input.min.unwrap_or(1.0).into(),
        (Some("datetime"), _) => now.iso_s().into(),
        (Some("time"), _) => "12:00".into(),
        (Some("key/value"), _) => Value::Array(Vec::new()),
        (_, "email") => format!("talkdesk-bridge-check-{}@example.com", now.micros() / 1_000).into(),
        // A number that the plan of North America keeps for fiction.
        (_, "phone" | "mobile") => "+12025550199".into(),
        (_, "last_name") => "check".into(),
        (_, "first_name") => "Talkdesk Bridge".into(),
        _ => NAME.into(),
    }
}
