//! Plays a fixture: a bridge whose network is the fixture and whose clock stands still.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::contacts::checkpoint::{Kept, mark_of};
use bridge::crm::transport::{BoxFuture, Incoming, Outgoing, TransportError};
use bridge::crm::{Clock, Transport};
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;
use bridge::time::Moment;
use bridge::zone::Zone;
use serde_json::{Map, Value, json};

use crate::fixture::{Exchange, Fixture, NOW, Turn};

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
    let (component, path) = component(&fixture.component).map_err(|problem| vec![problem])?;
    let now = Moment::parse(fixture.now.as_deref().unwrap_or(NOW))
        .ok_or_else(|| vec!["`now` is not a time".to_owned()])?;
    let script = Arc::new(Script { turn: Mutex::default() });
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
    if differences.is_empty() { Ok(played) } else { Err(differences) }
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
        *state =
            State { exchanges: turn.exchanges.iter().cloned().map(Some).collect(), surprises: Vec::new() };
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
    let response = bridge.handle(component, request).await;
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
    Played { request: body, status: response.status, answer }
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

/// The network of a fixture.
struct Script {
    turn: Mutex<State>,
}

#[derive(Default)]
struct State {
    exchanges: Vec<Option<Exchange>>,
    surprises: Vec<String>,
}

impl Transport for Script {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let result = self.turn.lock().ok().map(|mut state| state.answer(&request));
        Box::pin(async move { result.unwrap_or(Err(TransportError::Broken)) })
    }
}

impl State {
    fn answer(&mut self, request: &Outgoing) -> Result<Incoming, TransportError> {
        let mut nearest: Option<Vec<String>> = None;
        for slot in &mut self.exchanges {
            let Some(exchange) = slot else { continue };
            let differences = unlike(&exchange.request, request);
            if differences.is_empty() {
                let response = exchange.response.clone();
                *slot = None;
                return Ok(incoming(response));
            }
            if nearest.as_ref().is_none_or(|n| differences.len() < n.len()) {
                nearest = Some(differences);
            }
        }
        let why = nearest.map_or_else(|| "nothing more was to be asked".to_owned(), |d| d.join("; "));
        self.surprises.push(format!("unexpected call {} {}: {why}", request.method, request.url.path()));
        // 418 has no meaning in any CRM: it is not repeated and shows up as it is.
        Ok(Incoming { status: 418, headers: Vec::new(), body: Vec::new() })
    }
}

fn incoming(response: crate::fixture::Answered) -> Incoming {
    let body = match response.body {
        None => Vec::new(),
        Some(Value::String(text)) => text.into_bytes(),
        Some(json) => json.to_string().into_bytes(),
    };
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let headers = response.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), text(v)));
    Incoming { status: response.status, headers: headers.collect(), body }
}

/// How a request differs from what must be sent.
fn unlike(expected: &crate::fixture::Sent, request: &Outgoing) -> Vec<String> {
    let mut differences = Vec::new();
    let mut url = request.url.clone();
    url.set_query(None);
    compare("method", &expected.method.clone().into(), &request.method.into(), &mut differences);
    compare("url", &expected.url.clone().into(), &url.as_str().into(), &mut differences);
    let mut query = Map::new();
    for (name, value) in request.url.query_pairs() {
        gather(&mut query, &name, &value);
    }
    let expected_query: Map<String, Value> =
        expected.query.iter().map(|(k, v)| (k.clone(), as_texts(v))).collect();
    compare("query", &Value::Object(expected_query), &Value::Object(query), &mut differences);
    for (name, value) in &expected.headers {
        let found = request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        let found = found.map_or(Value::Null, |(_, v)| v.as_str().into());
        compare(&format!("header {name}"), value, &found, &mut differences);
    }
    let form = request
        .headers
        .iter()
        .any(|(n, v)| n.eq_ignore_ascii_case("content-type") && v.contains("form-urlencoded"));
    let body = request.body.as_deref().map(|bytes| {
        if form {
            let mut map = Map::new();
            for (name, value) in url::form_urlencoded::parse(bytes) {
                gather(&mut map, &name, &value);
            }
            return Value::Object(map);
        }
        serde_json::from_slice(bytes).unwrap_or(Value::Null)
    });
    match (&expected.body, body) {
        (None, None) => {}
        (expected, found) => compare(
            "body",
            expected.as_ref().unwrap_or(&Value::Null),
            &found.unwrap_or(Value::Null),
            &mut differences,
        ),
    }
    differences
}

fn gather(map: &mut Map<String, Value>, name: &str, value: &str) {
    match map.get_mut(name) {
        None => {
            map.insert(name.to_owned(), value.into());
        }
        Some(Value::Array(list)) => list.push(value.into()),
        Some(one) => *one = Value::Array(vec![one.clone(), value.into()]),
    }
}

/// Query values are text on the wire; fixtures may write numbers.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(as_texts).collect()),
        Value::String(_) => value.clone(),
        other => Value::String(other.to_string()),
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
