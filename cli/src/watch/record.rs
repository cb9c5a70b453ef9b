//! `serve --record`: fixtures out of live exchanges, without secrets and people.
//!
//! What the CRM answered is masked and shortened, then the bridge plays it again: what is sent and answered
//! in that play is what the fixture holds, so a recorded fixture passes `check` or is not written at all.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bridge::clock::BoxFuture;
use bridge::contract::Component;
use bridge::crm::contacts::checkpoint::mark_of;
use bridge::crm::transport::Incoming;
use bridge::lock::lock;
use bridge::manifest::Manifest;
use serde_json::{Map, Value, json};

pub mod account;
mod feed;
mod write;

use super::mask::{HOST, Mask};
use super::{Call, Conversation, Observer};
use crate::fixture::{Expect, Fixture, Turn};
use crate::replay::{Stage, as_written, play};
use feed::Feed;
use write::{compact, exchange};

/// Rows of a list that are kept: enough for a page with an order.
const ROWS: usize = 4;
/// Headers of an answer that a manifest may read.
const HEADERS: [&str; 6] = ["date", "link", "location", "retry-after", "content-type", "x-total-count"];

/// Writes fixtures.
pub struct Record {
    /// The manifest that answers.
    pub manifest: Arc<Manifest>,
    /// Takes secrets and people out.
    pub mask: Mutex<Mask>,
    /// Where the fixtures go.
    pub folder: PathBuf,
    /// The vendor's page or server that the exchanges belong to.
    pub source: String,
    /// `auth` and secret of the manifest's other fixtures, where it has some.
    pub account: account::Account,
    /// Runs that a further page may continue, by the offset that was handed out last.
    pub runs: Mutex<HashMap<String, Recording>>,
    /// Where it is said what became of a conversation.
    pub print: fn(&str),
}

/// A run of one or several requests as it is recorded.
#[derive(Clone)]
pub struct Recording {
    name: String,
    fixture: Fixture,
    /// For every turn the CRM's answers, with a few rows and with all of them.
    answers: Vec<[Vec<Answer>; 2]>,
}

/// A masked answer of the CRM, and what was asked for it.
#[derive(Clone)]
struct Answer {
    method: String,
    path: String,
    incoming: Incoming,
}

impl Observer for Record {
    fn see<'a>(&'a self, conversation: &'a Conversation) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let said = match self.record(conversation).await {
                Ok(name) => format!("recorded: {name}\n"),
                Err(why) => format!("not recorded ({}): {why}\n", conversation.path),
            };
            (self.print)(&said);
        })
    }
}

impl Record {
    async fn record(&self, conversation: &Conversation) -> Result<String, String> {
        if conversation.answer["error"]["code"] == "caller_refused" {
            return Err(
                "fixtures play with the account's own key, and this one was refused before any call. For \
                        refused credentials give the secret a wrong one of the CRM's"
                    .to_owned(),
            );
        }
        let mut recording = self.begun(conversation)?;
        let host = self.played_host(&recording).await?;
        recording.answers.push(self.masked(conversation, host.as_deref())?);
        // A page of which some rows are missing may contradict the next one: then all of them are kept.
        let fixture = match self.played(&recording, 0).await {
            Ok(fixture) => fixture,
            Err(_) => self.played(&recording, 1).await?,
        };
        let parsed: Fixture = serde_json::from_value(fixture.clone()).map_err(|e| e.to_string())?;
        play(&self.manifest, &parsed).await.map_err(|differences| differences.join("; "))?;
        let path = self.folder.join(&recording.name);
        let text = serde_json::to_string_pretty(&fixture).map_err(|e| e.to_string())?;
        std::fs::create_dir_all(&self.folder).map_err(|e| format!("{}: {e}", self.folder.display()))?;
        std::fs::write(&path, text + "\n").map_err(|e| format!("{}: {e}", path.display()))?;
        if let Some(offset) = conversation.answer["next_offset"].as_str() {
            let mut runs = lock(&self.runs);
            runs.insert(offset.to_owned(), recording.clone());
        }
        Ok(path.display().to_string())
    }

    /// The run that a conversation continues, or a new one; its last turn is this conversation's request.
    fn begun(&self, conversation: &Conversation) -> Result<Recording, String> {
        let mut mask = lock(&self.mask);
        if conversation.request["meta"]["offset"].is_null() {
            mask.forget();
        }
        mask.auth(&self.manifest, &conversation.request["auth"]);
        let mut meta = conversation.request["meta"].clone();
        let data = mask.json("", &conversation.request["data"]);
        let expect = Expect { status: conversation.status, body: Value::Null, headers: Map::new() };
        let runs = lock(&self.runs);
        let offset = meta["offset"].as_str().filter(|offset| !offset.is_empty()).map(str::to_owned);
        if let Some(Value::String(text)) = meta.get_mut("synchronization_checkpoint") {
            *text = mark_of(text).to_owned();
        }
        let mut recording = match offset {
            None => Recording {
                name: self.name(conversation),
                fixture: self.fixture(conversation),
                answers: Vec::new(),
            },
            Some(offset) => {
                meta["offset"] = "$next_offset".into();
                runs.get(&offset).cloned().ok_or("the page before this one was not recorded")?
            }
        };
        if conversation.component != Component::Contacts {
            meta = mask.json("", &meta);
        }
        recording.fixture.turns.push(Turn { meta, data, exchanges: Vec::new(), expect });
        Ok(recording)
    }

    fn fixture(&self, conversation: &Conversation) -> Fixture {
        let (auth, secret) = self.account.clone();
        let component = match conversation.component {
            Component::Actions => conversation.path.trim_start_matches('/').to_owned(),
            other => other.name().to_owned(),
        };
        Fixture {
            schema: Some("../../../docs/fixture.schema.json".to_owned()),
            title: format!("recorded: {component}, answered {}", conversation.status),
            component,
            source: self.source.clone(),
            now: Some(conversation.begun.iso_us()),
            time_zone: None,
            lists: Vec::new(),
            auth,
            secret,
            turns: Vec::new(),
        }
    }

    /// A name that no fixture of the folder has.
    fn name(&self, conversation: &Conversation) -> String {
        let what = conversation.path.trim_start_matches('/').replace(['/', '_'], "-");
        let mut number = 1;
        loop {
            let name = format!("recorded-{what}-{}-{number}.json", conversation.status);
            if !self.folder.join(&name).exists() {
                return name;
            }
            number += 1;
        }
    }

    /// The host that the fixture's account leads to, when the run calls the CRM at all.
    async fn played_host(&self, recording: &Recording) -> Result<Option<String>, String> {
        let feed = Arc::new(Feed::default());
        let stage = Stage::of(&self.manifest, &recording.fixture, feed.clone())?;
        if let Some(turn) = recording.fixture.turns.first() {
            stage.play(turn, None).await;
        }
        let host = feed.asked().first().and_then(|(sent, _)| sent.url.host_str().map(str::to_owned));
        Ok(host)
    }

    fn masked(&self, conversation: &Conversation, host: Option<&str>) -> Result<[Vec<Answer>; 2], String> {
        let mut mask = lock(&self.mask);
        let mut masked = |rows| -> Result<Vec<Answer>, String> {
            conversation.calls.iter().map(|call| answer(call, host, rows, &mut mask)).collect()
        };
        Ok([masked(ROWS)?, masked(usize::MAX)?])
    }

    /// Plays the masked run with one of its answers' lengths, and gives back the fixture as JSON.
    async fn played(&self, recording: &Recording, length: usize) -> Result<Value, String> {
        let feed = Arc::new(Feed::default());
        let stage = Stage::of(&self.manifest, &recording.fixture, feed.clone())?;
        let (mut turns, mut before) = (Vec::new(), None);
        for (turn, answers) in recording.fixture.turns.iter().zip(&recording.answers) {
            let answers = &answers[length];
            feed.fill(answers.clone());
            let done = stage.play(turn, before.as_ref()).await;
            let asked = feed.asked();
            if done.status != turn.expect.status || asked.len() != answers.len() {
                return Err(format!(
                    "without people and secrets it plays otherwise: status {} for {}, {} calls for {}. Is a step with \
                     `cache` answered from memory, record this first after a start",
                    done.status,
                    turn.expect.status,
                    asked.len(),
                    answers.len()
                ));
            }
            let exchanges: Vec<_> = asked.iter().map(|(sent, got)| exchange(sent, got)).collect();
            let mut body = as_written(&done.answer);
            if let Some(offset) = body.get_mut("next_offset").filter(|offset| offset.is_string()) {
                *offset = "*".into();
            }
            turns.push(compact(json!({
                "meta": turn.meta, "data": turn.data, "exchanges": exchanges,
                "expect": {"status": done.status, "body": body},
            })));
            before = Some(done);
        }
        let Fixture { schema, title, component, source, now, auth, secret, .. } = &recording.fixture;
        Ok(compact(json!({
            "$schema": schema, "title": title, "component": component, "source": source, "now": now,
            "auth": auth, "secret": secret, "turns": turns,
        })))
    }
}

/// One call's answer, masked and shortened.
fn answer(call: &Call, host: Option<&str>, rows: usize, mask: &mut Mask) -> Result<Answer, String> {
    let incoming = call.answer.as_ref().map_err(|error| format!("a call was not answered: {error:?}"))?;
    mask.sent(&call.sent);
    mask.host(call.sent.url.authority(), host.unwrap_or(HOST));
    let body = match serde_json::from_slice::<Value>(&incoming.body) {
        Ok(body) => mask.json("", &shortened(body, rows)).to_string().into_bytes(),
        Err(_) => mask.text(&String::from_utf8_lossy(&incoming.body)).into_bytes(),
    };
    let limits = |name: &str| name.contains("ratelimit") || name.contains("rate-limit");
    let kept = |name: &str| HEADERS.contains(&name) || limits(name);
    let headers = incoming.headers.iter().filter(|(name, _)| kept(name));
    let headers = headers.map(|(name, value)| (name.clone(), mask.text(value))).collect();
    Ok(Answer {
        method: call.sent.method.to_owned(),
        path: call.sent.url.path().to_owned(),
        incoming: Incoming { status: incoming.status, headers, body },
    })
}

/// A body with lists of so many rows at most.
fn shortened(body: Value, rows: usize) -> Value {
    match body {
        Value::Array(items) => items.into_iter().take(rows).map(|item| shortened(item, rows)).collect(),
        Value::Object(map) => map.into_iter().map(|(key, value)| (key, shortened(value, rows))).collect(),
        other => other,
    }
}
