//! Talkdesk: asks for page after page, keeps what it gets by id, and is not always patient.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::contacts::checkpoint::mark_of;
use bridge::gateway::{Bridge, HttpRequest, Parts};
use serde_json::{Value, json};

use super::checks;
use super::crm::Crm;
use super::outcome::Outcome;
use super::server::{Server, id};
use super::setup::{Keeps, SECOND, Setup};

/// Failures that another try may cure. Anything else fails the trial.
const TRANSIENT: [&str; 5] =
    ["rate_limited", "crm_unavailable", "crm_timeout", "cursor_gone", "crm_unreachable"];

/// Talkdesk with one integration.
pub struct Talkdesk {
    bridge: Bridge,
    runtime: tokio::runtime::Runtime,
    pub server: Server,
    pub delivered: HashMap<usize, usize>,
    kept: Option<String>,
    /// Every checkpoint ever seen: a run may begin with any of them.
    seen: Vec<String>,
    pub outcome: Outcome,
    /// Whether a page's broken promise ends the trial.
    pub strict: bool,
    /// Whether the bridge may say that the CRM contradicts itself: Talkdesk gives up and comes again.
    pub loud_allowed: bool,
}

impl Talkdesk {
    pub fn new(setup: &Setup) -> Self {
        let server = Server::new(Crm::new(setup));
        let parts = Parts {
            transport: std::sync::Arc::new(server.clone()),
            clock: std::sync::Arc::new(server.clone()),
            store: std::sync::Arc::new(FixedSecret::new("{}")),
        };
        let settings = Settings::new(ManifestChoice::Embedded(String::new()));
        Self {
            bridge: Bridge::new(setup.manifest(), settings, parts),
            runtime: tokio::runtime::Builder::new_current_thread().build().unwrap(),
            server,
            delivered: HashMap::new(),
            kept: None,
            seen: Vec::new(),
            outcome: Outcome::default(),
            strict: true,
            loud_allowed: false,
        }
    }

    fn chance(&self, divisor: u32) -> bool {
        let mut state = self.server.state();
        let likelihood = if state.crm.busy { state.crm.setup.broken / divisor } else { 0 };
        state.crm.random.percent(likelihood)
    }

    fn any_seen(&self) -> Option<String> {
        let index = self.server.state().crm.random.index(self.seen.len());
        self.seen.get(index).cloned()
    }

    /// One run, to its end or until Talkdesk breaks it off.
    ///
    /// # Errors
    /// A broken promise.
    pub fn run(&mut self) -> Result<(), String> {
        let setup = self.server.state().crm.setup.clone();
        let base = if self.chance(1) { self.any_seen() } else { self.kept.clone() };
        self.outcome.runs += 1;
        let (mut offset, mut accompanying) = (None::<String>, base.clone());
        let mut watch = checks::Watch::new(base);
        let longest = setup.pages().min(5_000) + 4 * setup.rows + 200;
        for page in 0.. {
            if page > longest {
                return Err(format!("the run does not end: {page} pages"));
            }
            let Some(answer) = self.ask(accompanying.as_deref(), offset.as_deref())? else { return Ok(()) };
            let as_before = watch.clone();
            let mark = self.receive(&mut watch, offset.as_deref(), &answer)?;
            let next = answer["next_offset"].as_str().map(str::to_owned);
            let highest = self.kept.as_ref().is_none_or(|kept| *kept < mark);
            let keep = match setup.keeps {
                Keeps::First => page == 0,
                Keeps::Last => next.is_none(),
                Keeps::Latest => true,
                Keeps::Highest => highest,
            };
            if keep {
                self.kept = Some(mark);
            }
            let Some(next) = next else { return Ok(()) };
            if self.chance(3) {
                // The same request again, as after an answer that got lost on the way.
                let first_query = self.server.state().first_query;
                if let Some(again) = self.ask(accompanying.as_deref(), offset.as_deref())? {
                    self.receive(&mut as_before.clone(), offset.as_deref(), &again)?;
                }
                self.server.state().first_query = first_query;
            }
            let waits = self.chance(3);
            self.server.state().crm.pass(if waits { 900 * SECOND } else { setup.pause });
            if self.chance(3) {
                return Ok(());
            }
            offset = Some(next);
            // An offset stands for itself, whatever checkpoint comes along.
            accompanying = if self.chance(1) { self.any_seen() } else { accompanying };
        }
        Ok(())
    }

    /// One page, with a few tries. `None` when Talkdesk gives up.
    fn ask(&mut self, checkpoint: Option<&str>, offset: Option<&str>) -> Result<Option<Value>, String> {
        for _ in 0..4 {
            if offset.is_none() {
                self.server.state().first_query = None;
            }
            let body = json!({
                "auth": {"account": "a"},
                "meta": {"synchronization_checkpoint": checkpoint, "offset": offset},
            });
            let request = HttpRequest {
                source: None,
                method: "POST".to_owned(),
                path: "/contact-sync".to_owned(),
                body: body.to_string().into_bytes(),
                request_id: "model".to_owned(),
                deadline: None,
            };
            let response = self.runtime.block_on(self.bridge.handle(Component::Contacts, request));
            let answer: Value = serde_json::from_slice(&response.body).unwrap();
            if response.status == 200 {
                return Ok(Some(answer));
            }
            let code = answer["error"]["code"].as_str().unwrap_or_default();
            let state = self.server.state();
            // Every row of a page may be deleted before it is loaded: then the page leads nowhere.
            let vanished = code == "no_progress" && state.crm.setup.ids_first;
            if self.loud_allowed && ["crm_unreadable", "no_progress"].contains(&code) {
                drop(state);
                self.outcome.loud += 1;
                return Ok(None);
            }
            if !(TRANSIENT.contains(&code) || vanished) || !state.crm.busy {
                return Err(format!("{}: {answer}", response.status));
            }
        }
        Ok(None)
    }

    /// Takes a page in; gives back its checkpoint.
    fn receive(
        &mut self,
        watch: &mut checks::Watch,
        offset: Option<&str>,
        answer: &Value,
    ) -> Result<String, String> {
        self.outcome.pages += 1;
        for contact in answer["contacts"].as_array().unwrap() {
            let text = |key: &str| contact[key].as_str().unwrap();
            let row = id(text("id"));
            let prefix = self.server.state().crm.setup.kind.prefix(row);
            assert_eq!(text("id").trim_end_matches(|c: char| c == 'k' || c.is_ascii_digit()), prefix);
            self.delivered.insert(row, text("name")[1..].parse().unwrap());
            self.outcome.deliveries += 1;
        }
        let mark = answer["synchronization_checkpoint"].as_str().unwrap().to_owned();
        let state = self.server.state();
        if self.strict {
            watch.progress(&state, offset, answer["next_offset"].as_str())?;
            watch.mark(&state, &mark)?;
            checks::covered(&state.crm, &mark, &self.delivered)?;
        }
        drop(state);
        if !self.seen.contains(&mark) {
            self.seen.push(mark.clone());
        }
        Ok(mark)
    }
}

/// The position inside a cursor's checkpoint.
pub fn cursor_of(mark: &str) -> Option<(i64, usize)> {
    let bytes = URL_SAFE_NO_PAD.decode(mark_of(mark).strip_prefix("cursor:")?).ok()?;
    Some(super::server::position(&String::from_utf8(bytes).ok()?))
}
