//! Example input and response of every component: the manifest's fixtures played through the
//! engine. Only where a manifest has no fixture a made-up request stands, and says so.

use std::path::Path;
use std::sync::Arc;

use bridge::contract::Component;
use bridge::contract::integration::FieldType;
use bridge::gateway::lines;
use bridge::manifest::Manifest;
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, folder_of, read_all};
use crate::replay::{Played, exchanges};

/// One request of Talkdesk and what it is answered.
#[derive(Clone, Debug)]
pub struct Example {
    /// The situation, in a few words.
    pub title: String,
    /// The request's body; credentials are replaced by their field's name.
    pub request: Value,
    /// Status and body of the answer; `None` when the request is made up.
    pub answer: Option<(u16, Value)>,
    /// How many of the answer's records are not shown.
    pub left_out: usize,
}

/// At most this many records of an answer are shown.
const SHOWN: usize = 5;

/// The examples of one manifest.
#[derive(Debug)]
pub struct Examples<'a> {
    manifest: &'a Manifest,
    played: Vec<(Fixture, Vec<Played>)>,
}

impl<'a> Examples<'a> {
    /// Plays every fixture in a manifest's folder.
    ///
    /// # Errors
    /// A fixture that does not pass: its example would not be true.
    pub async fn play(manifest: &'a Manifest, path: &Path, overlay: Option<&Path>) -> Result<Self, String> {
        let shared = Arc::new(Manifest::read(path, overlay).map_err(|problems| lines(&problems))?);
        let mut played = Vec::new();
        for (name, fixture) in read_all(folder_of(path))? {
            let turns = exchanges(&shared, &fixture).await.map_err(|differences| {
                format!(
                    "the fixture {name} does not pass, so its example would be wrong; see `talkdesk-bridge check`:\n  {}",
                    differences.join("\n  ")
                )
            })?;
            played.push((fixture, turns));
        }
        Ok(Self { manifest, played })
    }

    /// The examples of a component other than actions.
    pub fn of(&self, component: Component) -> Vec<Example> {
        let name = component.name();
        let found = match component {
            Component::AuthValidation => vec![
                self.best(name, "Good credentials", good),
                self.best(name, "Refused credentials", |p| {
                    p.answer["error"]["code"] == "credentials_refused"
                })
                .or_else(|| self.best(name, "Refused request", |p| p.status == 401)),
            ],
            Component::Contacts => vec![
                self.best(name, "Initial synchronization, first page", |p| {
                    good(p) && !has(p, "offset") && !has(p, "synchronization_checkpoint")
                }),
                self.best(name, "Next page", |p| good(p) && has(p, "offset")),
                self.best(name, "Incremental synchronization, first page", |p| {
                    good(p) && !has(p, "offset") && has(p, "synchronization_checkpoint")
                }),
            ],
            _ => vec![self.best(name, "Example", good)],
        };
        self.or_made_up(found, || made_up(component, None))
    }

    /// The examples of one action.
    pub fn of_action(&self, action: &str) -> Vec<Example> {
        let name = format!("actions/{action}");
        let found = vec![
            self.best(&name, "Success", good),
            self.best(&name, "Refusal; the agent reads the message", |p| p.status >= 400),
        ];
        let inputs = self.manifest.document().actions.get(action).map(|a| &a.input);
        let inputs = inputs.into_iter().flatten().map(|(key, input)| (key.clone(), input.name.clone()));
        self.or_made_up(found, || made_up(Component::Actions, Some(inputs.collect())))
    }

    fn or_made_up(&self, found: Vec<Option<Example>>, request: impl FnOnce() -> Value) -> Vec<Example> {
        let found: Vec<Example> = found.into_iter().flatten().collect();
        if !found.is_empty() {
            return found;
        }
        let mut request = request();
        let fields = self.manifest.document().integration.authentication.keys();
        request["auth"] = Value::Object(fields.map(|f| (f.clone(), placeholder(f))).collect());
        vec![Example { title: "Made-up request".to_owned(), request, answer: None, left_out: 0 }]
    }

    /// The first turn that fits, if possible one whose answer holds something, but not a page full.
    fn best(&self, component: &str, title: &str, fits: impl Fn(&Played) -> bool) -> Option<Example> {
        let turns = self.played.iter().filter(|(fixture, _)| fixture.component == component);
        let fitting: Vec<&Played> = turns.flat_map(|(_, turns)| turns).filter(|p| fits(p)).collect();
        let count = |p: &&&Played| records(&mut p.answer.clone()).map_or(1, |list| list.len());
        let found = fitting
            .iter()
            .find(|p| (1..=SHOWN).contains(&count(p)))
            .or_else(|| fitting.iter().find(|p| count(p) > 0))
            .or(fitting.first())?;
        let mut answer = found.answer.clone();
        let mut left_out = 0;
        if let Some(list) = records(&mut answer) {
            left_out = list.len().saturating_sub(SHOWN);
            list.truncate(SHOWN);
        }
        Some(Example {
            title: title.to_owned(),
            request: self.masked(&found.request),
            answer: Some((found.status, answer)),
            left_out,
        })
    }

    /// The request without anything that looks like a credential: only fields that the manifest
    /// declares as open keep their value.
    fn masked(&self, request: &Value) -> Value {
        let document = self.manifest.document();
        let caller_key = document.credentials.as_ref().map(|c| c.caller_key.as_str());
        let mut request = request.clone();
        if let Some(auth) = request["auth"].as_object_mut() {
            for (name, value) in auth {
                let field = document.integration.authentication.get(name);
                let open = field.is_some_and(|f| !f.secret && f.r#type == FieldType::Input);
                if !open || caller_key == Some(name) {
                    *value = placeholder(name);
                }
            }
        }
        // Members that Talkdesk leaves out in this situation.
        if let Some(members) = request.as_object_mut() {
            members.retain(|_, value| !value.is_null());
        }
        request
    }
}

fn placeholder(field: &str) -> Value {
    Value::String(format!("<{field}>"))
}

fn good(played: &Played) -> bool {
    (200..300).contains(&played.status)
}

fn has(played: &Played, key: &str) -> bool {
    !played.request["meta"][key].is_null()
}

/// The list of contacts, agents or interactions in an answer.
fn records(answer: &mut Value) -> Option<&mut Vec<Value>> {
    match answer {
        Value::Array(list) => Some(list),
        Value::Object(members) => {
            let key = ["contacts", "agents"].into_iter().find(|key| members.contains_key(*key))?;
            members.get_mut(key)?.as_array_mut()
        }
        _ => None,
    }
}

/// What Talkdesk sends according to its documents (contract §2 to §6).
fn made_up(component: Component, inputs: Option<Vec<(String, String)>>) -> Value {
    match component {
        Component::AuthValidation => json!({ "auth": {} }),
        Component::Contacts | Component::Agents => json!({ "auth": {}, "meta": {} }),
        Component::Interactions => json!({
            "auth": {},
            "meta": { "interaction_types": null },
            "data": {
                "contact_external_id": "1",
                "contact_name": "Jane Example",
                "contact_emails": ["jane@example.com"],
                "contact_phones": ["+15125550100"],
            },
        }),
        Component::Actions => {
            let data: Map<String, Value> =
                inputs.unwrap_or_default().into_iter().map(|(key, name)| (key, name.into())).collect();
            json!({ "auth": {}, "meta": { "contact_external_id": "1", "agent_external_id": "1" }, "data": data })
        }
    }
}
