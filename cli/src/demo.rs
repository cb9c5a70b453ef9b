//! `demo`: the demo CRM and the bridge in one process, and Talkdesk played against them.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use bridge::clock::SystemClock;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::client::HttpClient;
use bridge::gateway::{Bridge, Parts, lines};
use bridge::manifest::Manifest;
use demo_crm::{Control, DemoCrm, Kind, Options};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Map, Value, json};

use crate::serve::Server;
use player::{Kept, Player, Reply};

const BRIDGE_KEY: &str = "demo-bridge-key-0123456789";
/// The demo CRM's clock goes on by this much between two syncs, so that `settle` has passed.
const LATER: i64 = 600_000;

/// Plays the demo and prints the report; true when all went well.
///
/// # Errors
/// When it cannot start.
pub async fn run(mut print: impl FnMut(&str)) -> Result<bool, String> {
    let crm = DemoCrm::start(Options::default()).await.map_err(|e| e.to_string())?;
    let manifest = Manifest::embedded("demo").map_err(|problems| lines(&problems))?;
    let mut settings = Settings::new(ManifestChoice::Embedded("demo".to_owned()));
    settings.crm_base_url = Some(loopback(crm.url())?);
    let secret = json!({"caller_keys": [BRIDGE_KEY], "api_key": crm.api_key()});
    let parts = Parts {
        transport: Arc::new(HttpClient::new(settings.crm_base_url.clone())?),
        clock: Arc::new(SystemClock),
        store: Arc::new(FixedSecret::new(secret.to_string())),
    };
    let server = Server::start(Bridge::new(manifest, settings, parts), 0).await?;
    let mut auth = Map::new();
    auth.insert("account".to_owned(), "acme".into());
    auth.insert("bridge_key".to_owned(), BRIDGE_KEY.into());
    let player = Player::new(&server.url(), auth)?;
    print(&format!("demo CRM {}\nbridge   {}\n\n", crm.url(), server.url()));
    let mut report = Report::default();
    report.play(&player, crm.control()).await;
    print(&report.text());
    crm.stop().await;
    Ok(report.failures == 0)
}

#[derive(Default)]
struct Report {
    lines: Vec<(bool, &'static str, String, Duration)>,
    failures: usize,
}

impl Report {
    fn add(&mut self, good: bool, what: &'static str, found: impl Into<String>, took: Duration) {
        self.failures += usize::from(!good);
        self.lines.push((good, what, found.into(), took));
    }

    /// Adds a call's line: good when the status is right and `describe` finds what it looks for.
    fn reply(
        &mut self,
        what: &'static str,
        status: u16,
        reply: Result<Reply, String>,
        describe: impl Fn(&Value) -> Option<String>,
    ) -> Value {
        match reply {
            Ok(reply) => {
                let json = reply.header("content-type") == "application/json";
                let found = describe(&reply.body).filter(|_| reply.status == status && json);
                let text = found.clone().unwrap_or_else(|| format!("unexpected: {}", reply.body));
                self.add(found.is_some(), what, format!("{} {text}", reply.status), reply.took);
                reply.body
            }
            Err(problem) => {
                self.add(false, what, problem, Duration::ZERO);
                Value::Null
            }
        }
    }

    async fn play(&mut self, player: &Player, crm: &Control) {
        let none = || Value::Null;
        let good = player.call(Component::AuthValidation, "", none(), none()).await;
        self.reply("validate credentials", 200, good, |b| (*b == json!({})).then(|| "accepted".to_owned()));
        let stranger = player.with_auth("bridge_key", "not-the-right-key-at-all");
        let bad = stranger.call(Component::AuthValidation, "", none(), none()).await;
        self.reply("validate a wrong key", 401, bad, |b| b["error"]["code"].as_str().map(str::to_owned));
        let agents = player.call(Component::Agents, "", json!({"offset": null}), none()).await;
        self.reply("agents", 200, agents, |b| {
            b["agents"].as_array().filter(|a| !a.is_empty()).map(|a| format!("{} agents", a.len()))
        });
        let mut kept = Kept::default();
        self.sync(player, crm, &mut kept, "initial contact sync").await;
        let changed = crm.touch(25).unwrap_or_default();
        crm.advance_clock(LATER);
        self.sync(player, crm, &mut kept, "incremental sync after 25 changes").await;
        self.contact(player, &changed).await;
    }

    /// Runs a sync with a bar and compares what is kept with what the CRM holds.
    async fn sync(&mut self, player: &Player, crm: &Control, kept: &mut Kept, what: &'static str) {
        let truth = crm.contacts().unwrap_or_default();
        let people: Vec<_> = truth.iter().filter(|c| c.kind == Kind::Person && !c.archived).collect();
        let bar = ProgressBar::new(people.len() as u64);
        if let Ok(style) = ProgressStyle::with_template("{msg:34} {bar:30} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        let result = player.sync(kept, |run| bar.set_position(run.delivered as u64)).await;
        bar.finish_and_clear();
        let held = |id: i64| kept.contacts.get(&id.to_string());
        let missing = people.iter().filter(|c| held(c.id).is_none()).count();
        let stale = people.iter().filter(|c| {
            let title = c.title.as_deref().map(str::trim).filter(|t| !t.is_empty());
            held(c.id).is_some_and(|kept| kept["title"].as_str() != title)
        });
        let stale = stale.count();
        match result {
            Ok(run) => {
                let text = format!(
                    "{} contacts in {} pages; of {} in the CRM {missing} missing, {stale} stale",
                    run.delivered,
                    run.pages,
                    people.len()
                );
                self.add(missing == 0 && stale == 0, what, text, run.took);
            }
            Err(problem) => self.add(false, what, problem, Duration::ZERO),
        }
    }

    /// Runs actions for one contact and looks at its interactions before and after.
    async fn contact(&mut self, player: &Player, changed: &[i64]) {
        let id = changed.first().copied().unwrap_or(1).to_string();
        let meta = json!({"contact_external_id": id, "agent_external_id": "1"});
        let ticket = json!({"subject": "Call missed in Talkdesk", "description": "Please call back.", "priority": "high"});
        let ticket = player.call(Component::Actions, "create_ticket", meta.clone(), ticket).await;
        self.reply("action: create a ticket", 201, ticket, |b| b["message"].as_str().map(str::to_owned));
        let note = json!({"note": "Asked about the invoice."});
        let note = player.call(Component::Actions, "add_note", meta, note).await;
        self.reply("action: add a note", 201, note, |b| b["message"].as_str().map(str::to_owned));
        let asked = json!({"interaction_types": ["ticket", "note", "call"]});
        let contact = json!({"contact_external_id": id});
        let shown = player.call(Component::Interactions, "", asked, contact).await;
        self.reply("interactions of that contact", 200, shown, |b| {
            let list = b.as_array()?;
            let has = |kind: &str| list.iter().any(|i| i["type"] == kind);
            let subject = list.iter().find(|i| i["type"] == "ticket")?["subject"].as_str()?;
            (has("ticket") && has("note")).then(|| format!("{} shown, among them \"{subject}\"", list.len()))
        });
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for (good, what, found, took) in &self.lines {
            let mark = if *good { "ok  " } else { "FAIL" };
            let _ = writeln!(text, "{mark}  {what:<34} {found:<75} {:>6.1} ms", took.as_secs_f64() * 1000.0);
        }
        let verdict = match self.failures {
            0 => "All five components answered as Talkdesk expects.".to_owned(),
            n => format!("{n} of {} checks failed.", self.lines.len()),
        };
        let _ = writeln!(text, "\n{verdict}");
        text
    }
}
