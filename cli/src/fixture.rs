//! A fixture: what Talkdesk asks, what the CRM is asked and answers, what Talkdesk gets.
//!
//! Fixtures stand in `manifests/<crm>/fixtures/*.json` and are replayed without a network. They
//! prove that a manifest sends what the vendor documents and reads what the vendor answers.

use std::path::Path;
use std::sync::Arc;

use bridge::crm::transport::Outgoing;
use bridge::manifest::{Manifest, why_unread};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::given;

/// The time at which a fixture plays that does not say it.
pub const NOW: &str = "2026-11-22T12:00:00Z";

/// One file: a run of one or several requests of Talkdesk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Fixture {
    /// Where the schema is, for editors: `../../../docs/fixture.schema.json`.
    #[serde(rename = "$schema")]
    pub schema: Option<String>,
    /// What it shows, in a few words.
    pub title: String,
    /// `auth_validation`, `contacts`, `agents`, `interactions` or `actions/<name>`.
    pub component: String,
    /// The vendor's page that documents the exchange, or how it was recorded.
    pub source: String,
    /// The time at which it plays.
    #[schemars(extend("default" = NOW))]
    pub now: Option<String>,
    /// The deployment's `TIME_ZONE`, such as `Europe/Lisbon`. Without it: UTC.
    pub time_zone: Option<String>,
    /// Lists of contacts that are off in the manifest (`contact_lists.*.off`) and on here.
    #[serde(default)]
    pub lists: Vec<String>,
    /// The fields of `auth` that Talkdesk sends.
    #[serde(default)]
    pub auth: Map<String, Value>,
    /// The fields of the account's secret; caller keys are added by the player.
    #[serde(default)]
    pub secret: Map<String, Value>,
    /// The requests of Talkdesk in order: one, or several pages of one run.
    pub turns: Vec<Turn>,
}

impl Fixture {
    /// The manifest as the fixture plays it: with its lists on.
    ///
    /// # Errors
    /// A list that the manifest does not have.
    pub fn manifest(&self, shipped: &Arc<Manifest>) -> Result<Arc<Manifest>, String> {
        let on = &shipped.document().contact_lists;
        if self.lists.iter().all(|name| on.contains_key(name)) {
            return Ok(shipped.clone());
        }
        shipped.with_lists(&self.lists).map(Arc::new).map_err(|problems| bridge::gateway::lines(&problems))
    }
}

/// One request of Talkdesk.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// The request's `meta`. The texts `$next_offset` and `$checkpoint` stand for what the turn before answered.
    #[serde(default)]
    pub meta: Value,
    /// The request's `data`.
    #[serde(default)]
    pub data: Value,
    /// What the CRM is asked, in any order, and all of it.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    /// What Talkdesk must get.
    pub expect: Expect,
}

/// One call to the CRM and its answer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// What must be sent to the CRM.
    pub request: Sent,
    /// What the CRM answers.
    pub response: Answered,
}

/// What must be sent to the CRM.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// The HTTP method.
    pub method: String,
    /// The URL without its query.
    pub url: String,
    /// The whole query, decoded; a parameter that repeats has a list. Absent: there is none.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// Headers that must be there, with their values.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// The whole body as JSON; a form as a map. Absent: there is none.
    pub body: Option<Value>,
}

impl Sent {
    /// What is sent, as a fixture writes it; without the headers, which hold credentials.
    pub fn of(request: &Outgoing) -> Self {
        let mut url = request.url.clone();
        url.set_query(None);
        let mut query = Map::new();
        for (name, value) in request.url.query_pairs() {
            gather(&mut query, &name, &value);
        }
        let kind = request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let form = kind.is_some_and(|(_, value)| value.contains("form-urlencoded"));
        let body = request.body.as_deref().map(|bytes| match form {
            true => {
                let mut map = Map::new();
                for (name, value) in url::form_urlencoded::parse(bytes) {
                    gather(&mut map, &name, &value);
                }
                Value::Object(map)
            }
            false => serde_json::from_slice(bytes).unwrap_or(Value::Null),
        });
        Self { method: request.method.to_owned(), url: url.into(), query, headers: Map::new(), body }
    }
}

/// A name's value; a name that comes again gets a list.
fn gather(map: &mut Map<String, Value>, name: &str, value: &str) {
    match map.get_mut(name) {
        None => {
            map.insert(name.to_owned(), value.into());
        }
        Some(Value::Array(list)) => list.push(value.into()),
        Some(one) => *one = Value::Array(vec![one.clone(), value.into()]),
    }
}

/// What the CRM answers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The answer's headers.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// JSON, or a text that is sent as it is. Absent: an empty body.
    pub body: Option<Value>,
}

/// What Talkdesk must get.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The HTTP status.
    pub status: u16,
    /// The whole body; `"*"` stands for anything.
    pub body: Value,
    /// Headers that must be there, with their values.
    #[serde(default)]
    pub headers: Map<String, Value>,
}

/// The folder of a manifest, which is given as a folder or as a file: fixtures, pictures and `local.json` are in it.
pub fn folder_of(manifest: &Path) -> &Path {
    if manifest.is_dir() { manifest } else { manifest.parent().unwrap_or(Path::new(".")) }
}

/// Reads all fixtures of a manifest's folder, in the order of their names.
///
/// # Errors
/// A file that is no fixture, with its name and the place.
pub fn read_all(folder: &Path) -> Result<Vec<(String, Fixture)>, String> {
    let fixtures = folder.join("fixtures");
    if !fixtures.exists() {
        return Ok(Vec::new());
    }
    let entries = std::fs::read_dir(&fixtures)
        .map_err(|error| format!("{}: {}", fixtures.display(), why_unread(&fixtures, &error)))?;
    let mut paths: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.display().to_string();
            Ok((name, read(&path)?))
        })
        .collect()
}

/// Reads one fixture.
///
/// # Errors
/// A file that is none, with its name, the place, and where the form is described.
pub fn read(path: &Path) -> Result<Fixture, String> {
    let (name, text) = (path.display(), given::text(path)?);
    let form = "docs/fixture.md has the form; `serve --record` writes one";
    let at = |error: &serde_json::Error| format!("{name}:{}:{}", error.line(), error.column());
    let value: Value = serde_json::from_str(&text).map_err(|e| format!("{}: is no JSON; {form}", at(&e)))?;
    if !value.is_object() {
        return Err(format!("{name}: a fixture is a JSON object; {form}"));
    }
    serde_json::from_str(&text).map_err(|error| {
        let said = error.to_string();
        let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
        format!("{}: {said}; {form}", at(&error))
    })
}
