//! Plays a fixture: a bridge whose network is the fixture and whose clock stands still.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::Clock;
use bridge::crm::contacts::checkpoint::{Kept, mark_of};
use bridge::crm::transport::BoxFuture;
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;
use bridge::time::Moment;
use bridge::zone::Zone;
use serde_json::{Map, Value, json};

use crate::fixture::{Fixture, NOW, Turn};

mod network;

pub use network::Calls;
use network::{Script, State};

const CHECKPOINT: &str = "synchronization_checkpoint";
const CALLER_KEY: &str = "fixture-caller-key-0123456789";

/// One turn as it was played: what Talkdesk sent and got.
#[derive(Clone, Debug)]
pub struct Played {
    /// The body that was sent, the caller key included.
    pub request: Value,
    /// The status that came back.
    pub status: u16,
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
    let (component, path) = component(&fixture.component).map_err(|problem| vec![problem])?;
    let now = Moment::parse(fixture.now.as_deref().unwrap_or(NOW))
        .ok_or_else(|| vec!["`now` is not a time".to_owned()])?;
    let script = Arc::new(Script::new(slow));
    let mut auth = fixture.auth.clone();
    if let Some(credentials) = &manifest.document().credentials {
        auth.entry(credentials.caller_key.clone()).or_insert_with(|| CALLER_KEY.into());
    }
    let mut secret = fixture.secret.clone();
    secret.insert("caller_keys".to_owned(), json!([CALLER_KEY]));
    let parts = Parts {
        transport: script.clone(),
        clock: Arc::new(StoppedClock(Mutex::new(now))),
        store: Arc::new(FixedSecret::new(Value::Object(secret).to_string())),
    };
    let mut settings = Settings::new(ManifestChoice::Embedded(String::new()));
    settings.time_zone =
        fixture.time_zone.as_deref().map(Zone::named).transpose().map_err(|why| vec![why])?;
    let bridge = Bridge::new(manifest.clone(), settings, parts);
    let mut differences = Vec::new();
    let mut played: Vec<Played> = Vec::new();
    for (number, turn) in fixture.turns.iter().enumerate() {
        let mut found = Vec::new();
        let before = played.last().map_or(&Value::Null, |turn| &turn.answer);
        let done = play_turn(&bridge, component, &path, &auth, turn, &script, before, &mut found).await;
        played.push(done);
        differences.extend(found.into_iter().map(|d| format!("turn {}: {d}", number + 1)));
    }
    Ok((played, differences))
}

#[expect(clippy::too_many_arguments, reason = "one turn's circumstances, used here only")]
async fn play_turn(
    bridge: &Bridge,
    component: Component,
    path: &str,
    auth: &Map<String, Value>,
    turn: &Turn,
    script: &Script,
    before: &Value,
    differences: &mut Vec<String>,
) -> Played {
    if let Ok(mut state) = script.turn.lock() {
        *state = State::new(&turn.exchanges);
    }
    let mut meta = filled_in(&turn.meta, before);
    if let Some(checkpoint) = meta.get_mut(CHECKPOINT) {
        *checkpoint = as_kept(checkpoint, bridge);
    }
    let body = json!({"auth": auth, "meta": meta, "data": turn.data});
    let request = HttpRequest {
        method: "POST".to_owned(),
        path: path.to_owned(),
        body: body.to_string().into_bytes(),
        request_id: "fixture".to_owned(),
        deadline: None,
    };
    let (response, calls) = script.played(bridge.handle(component, request)).await;
    let answer: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    if let Ok(state) = script.turn.lock() {
        differences.extend(state.surprises.iter().cloned());
        for exchange in state.exchanges.iter().flatten() {
            differences.push(format!("never asked: {} {}", exchange.request.method, exchange.request.url));
        }
    }
    if response.status != turn.expect.status {
        differences.push(format!("status {} instead of {}: {answer}", response.status, turn.expect.status));
    } else {
        let mut answer = answer.clone();
        if let Some(Value::String(text)) = answer.get_mut(CHECKPOINT) {
            *text = mark_of(text).to_owned();
        }
        compare("body", &turn.expect.body, &answer, differences);
    }
    for (name, expected) in &turn.expect.headers {
        let found = response.headers.iter().find(|(n, _)| n == name).map(|(_, v)| Value::from(v.as_str()));
        compare(&format!("header {name}"), expected, &found.unwrap_or(Value::Null), differences);
    }
    Played { request: body, status: response.status, answer, calls }
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

/// A fixture writes a checkpoint's mark: it stands for one that this bridge handed out.
fn as_kept(checkpoint: &Value, bridge: &Bridge) -> Value {
    let name = bridge.manifest().name();
    let generation = bridge.manifest().document().contacts.as_ref().and_then(|c| c.generation).unwrap_or(1);
    match checkpoint.as_str().map(|text| Kept::parse(text, name)) {
        Some(Ok(Kept { mark, history: None })) => {
            let now = bridge.clock().now();
            Value::from(Kept::settled(mark, generation, now).text(name))
        }
        _ => checkpoint.clone(),
    }
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

/// Compares JSON; `"*"` in what is expected stands for anything but null.
pub fn compare(path: &str, expected: &Value, found: &Value, differences: &mut Vec<String>) {
    match (expected, found) {
        (Value::String(any), found) if any == "*" && !found.is_null() => {}
        (Value::Object(expected), Value::Object(found)) => {
            for (key, value) in expected {
                match found.get(key) {
                    Some(other) => compare(&format!("{path}.{key}"), value, other, differences),
                    None => differences.push(format!("{path}.{key} is missing, expected {value}")),
                }
            }
            for key in found.keys().filter(|key| !expected.contains_key(*key)) {
                differences.push(format!("{path}.{key} is not expected: {}", found[key]));
            }
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            for (index, (a, b)) in expected.iter().zip(found).enumerate() {
                compare(&format!("{path}[{index}]"), a, b, differences);
            }
        }
        (expected, found) if expected == found => {}
        (expected, found) => differences.push(format!("{path} is {found}, expected {expected}")),
    }
}

/// A clock that moves only when somebody sleeps.
struct StoppedClock(Mutex<Moment>);

impl Clock for StoppedClock {
    fn now(&self) -> Moment {
        self.0.lock().map_or(Moment::EPOCH, |now| *now)
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        if let Ok(mut now) = self.0.lock() {
            *now = now.plus(span);
        }
        Box::pin(async {})
    }
}
