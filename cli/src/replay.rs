//! Plays a fixture: a bridge whose network is the fixture and whose clock stands still.

use std::sync::Arc;

use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::Transport;
use bridge::crm::contacts::checkpoint::{Kept, mark_of};
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;
use bridge::manifest::model::MAIN_LIST;
use bridge::time::Moment;
use bridge::zone::Zone;
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, NOW, Turn};

mod compare;
mod script;

pub use compare::compare;
pub use script::Calls;
use script::{Script, StoppedClock};

const CHECKPOINT: &str = "synchronization_checkpoint";
const CALLER_KEY: &str = "fixture-caller-key-0123456789";

/// One turn as it was played: what Talkdesk sent and got.
#[derive(Clone, Debug)]
pub struct Played {
    /// The body that was sent, the caller key included.
    pub request: Value,
    /// The status that came back.
    pub status: u16,
    /// The headers that came back.
    pub headers: Vec<(&'static str, String)>,
    /// The body that came back.
    pub answer: Value,
    /// How many calls the CRM got, and how many times they waited for one another: calls that are open at
    /// the same time are one round trip.
    pub calls: Calls,
}

/// Plays a fixture against a manifest.
///
/// # Errors
/// What differed, one line each.
pub async fn play(manifest: &Arc<Manifest>, fixture: &Fixture) -> Result<(), Vec<String>> {
    exchanges(manifest, fixture).await.map(drop)
}

/// Plays a fixture and keeps what Talkdesk sent and got in each turn.
///
/// # Errors
/// What differed, one line each.
pub async fn exchanges(manifest: &Arc<Manifest>, fixture: &Fixture) -> Result<Vec<Played>, Vec<String>> {
    let (played, differences) = run(manifest, fixture, false).await?;
    if differences.is_empty() { Ok(played) } else { Err(differences) }
}

/// Plays a fixture with a CRM that takes its time, to count calls: those that are not needed any more when an
/// earlier answer comes are made too, and the fixture need not know of them.
///
/// # Errors
/// A fixture that cannot be played.
pub async fn counted(manifest: &Arc<Manifest>, fixture: &Fixture) -> Result<Vec<Played>, Vec<String>> {
    run(manifest, fixture, true).await.map(|(played, _)| played)
}

/// What was played, and what differed. `slow`: whether the CRM takes its time.
async fn run(
    manifest: &Arc<Manifest>,
    fixture: &Fixture,
    slow: bool,
) -> Result<(Vec<Played>, Vec<String>), Vec<String>> {
    let script = Arc::new(Script::new(slow));
    let stage = Stage::of(manifest, fixture, script.clone()).map_err(|problem| vec![problem])?;
    let mut differences = Vec::new();
    let mut played: Vec<Played> = Vec::new();
    for (number, turn) in fixture.turns.iter().enumerate() {
        script.begin(turn);
        let (mut done, calls) = script.played(stage.play(turn, played.last())).await;
        done.calls = calls;
        let found = unexpected(turn, &done, &script);
        differences.extend(found.into_iter().map(|d| format!("turn {}: {d}", number + 1)));
        played.push(done);
    }
    Ok((played, differences))
}

/// A bridge whose clock stands still, and what Talkdesk sends it.
pub struct Stage {
    bridge: Bridge,
    component: Component,
    path: String,
    auth: Map<String, Value>,
}

impl Stage {
    /// The bridge of a fixture, with a way to a CRM.
    ///
    /// # Errors
    /// A component, list, time or zone that there is not.
    pub fn of(
        manifest: &Arc<Manifest>,
        fixture: &Fixture,
        transport: Arc<dyn Transport>,
    ) -> Result<Self, String> {
        let manifest = &fixture.manifest(manifest)?;
        let (component, path) = component(&fixture.component)?;
        let now = Moment::parse(fixture.now.as_deref().unwrap_or(NOW)).ok_or("`now` is not a time")?;
        let mut auth = fixture.auth.clone();
        if let Some(credentials) = &manifest.document().credentials {
            auth.entry(credentials.caller_key.clone()).or_insert_with(|| CALLER_KEY.into());
        }
        let mut secret = fixture.secret.clone();
        secret.insert("caller_keys".to_owned(), json!([CALLER_KEY]));
        let parts = Parts {
            transport,
            clock: Arc::new(StoppedClock::at(now)),
            store: Arc::new(FixedSecret::new(Value::Object(secret).to_string())),
        };
        let mut settings = Settings::new(ManifestChoice::Embedded(String::new()));
        settings.time_zone = fixture.time_zone.as_deref().map(Zone::named).transpose()?;
        Ok(Self { bridge: Bridge::new(manifest.clone(), settings, parts), component, path, auth })
    }

    /// Plays one turn after the one before.
    pub async fn play(&self, turn: &Turn, before: Option<&Played>) -> Played {
        let mut meta = filled_in(&turn.meta, before.map_or(&Value::Null, |before| &before.answer));
        if let Some(checkpoint) = meta.get_mut(CHECKPOINT) {
            *checkpoint = as_kept(checkpoint, &self.bridge);
        }
        let request = json!({"auth": self.auth, "meta": meta, "data": turn.data});
        let sent = HttpRequest {
            source: None,
            method: "POST".to_owned(),
            path: self.path.clone(),
            body: request.to_string().into_bytes(),
            request_id: "fixture".to_owned(),
            deadline: None,
        };
        let response = self.bridge.handle(self.component, sent).await;
        let answer = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
        Played {
            request,
            status: response.status,
            headers: response.headers,
            answer,
            calls: Calls::default(),
        }
    }
}

/// How a turn went otherwise than its fixture says.
fn unexpected(turn: &Turn, done: &Played, script: &Script) -> Vec<String> {
    let mut differences = script.surprises();
    if done.status != turn.expect.status {
        let Played { status, answer, .. } = done;
        differences.push(format!("status {status} instead of {}: {answer}", turn.expect.status));
    } else {
        compare("body", &turn.expect.body, &as_written(&done.answer), &mut differences);
    }
    for (name, expected) in &turn.expect.headers {
        let found = done.headers.iter().find(|(n, _)| *n == name).map(|(_, v)| Value::from(v.as_str()));
        compare(&format!("header {name}"), expected, &found.unwrap_or(Value::Null), &mut differences);
    }
    differences
}

/// An answer as a fixture writes it: of a checkpoint its mark alone.
pub fn as_written(answer: &Value) -> Value {
    let mut answer = answer.clone();
    if let Some(Value::String(text)) = answer.get_mut(CHECKPOINT) {
        *text = mark_of(text).to_owned();
    }
    answer
}

/// The component of a fixture, and the path that Talkdesk would use.
///
/// # Errors
/// A name that is no component's, with the known ones.
pub fn component(name: &str) -> Result<(Component, String), String> {
    if let Some(action) = name.strip_prefix("actions/") {
        return Ok((Component::Actions, format!("/actions/{action}")));
    }
    Component::from_name(name)
        .filter(|c| *c != Component::Actions)
        .map(|c| (c, c.path().to_owned()))
        .ok_or_else(|| {
            format!(
                "`{name}` is not a component: auth_validation, contacts, agents, interactions or actions/NAME"
            )
        })
}

/// A fixture writes a checkpoint's mark: it stands for one that this bridge handed out, of all its lists where
/// it is a time.
fn as_kept(checkpoint: &Value, bridge: &Bridge) -> Value {
    let (name, document) = (bridge.manifest().name(), bridge.manifest().document());
    let Some(Ok(Kept { mark, history: None })) = checkpoint.as_str().map(|text| Kept::parse(text, name))
    else {
        return checkpoint.clone();
    };
    let now = bridge.clock().now();
    let lists = document.lists().filter(|list| list.name == MAIN_LIST || mark.time().is_some());
    let settled = |generation: Option<u32>| Kept::settled(mark.clone(), generation.unwrap_or(1), now);
    let all: Vec<_> = lists.map(|list| (list.name, settled(list.spec.generation))).collect();
    Value::from(Kept::text_of_all(all.iter().map(|(list, kept)| (*list, kept)).collect(), name))
}

/// Puts the answer before into `$next_offset` and `$checkpoint`.
fn filled_in(value: &Value, before: &Value) -> Value {
    match value {
        Value::String(text) if text == "$next_offset" => before["next_offset"].clone(),
        Value::String(text) if text == "$checkpoint" => before["synchronization_checkpoint"].clone(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(k, v)| (k.clone(), filled_in(v, before))).collect())
        }
        other => other.clone(),
    }
}
