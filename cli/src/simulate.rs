//! `simulate`: plays Talkdesk against any bridge, in any language, and reports where it does not
//! keep to the contract.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bridge::contract::Component;
use bridge::contract::schema::schemas;
use bridge::crm::contacts::checkpoint::Kept;
use serde_json::{Map, Value, json};

use crate::given;
use player::{Player, Reply};

/// Arguments of `simulate`.
#[derive(clap::Args, Debug)]
pub struct SimulateArguments {
    /// The bridge: the URL in front of `/auth_validation` and so on.
    url: String,
    /// A field of `auth`, as name=value; repeat it.
    #[arg(long = "auth", value_name = "NAME=VALUE")]
    auth: Vec<String>,
    /// Components to leave out, because the bridge does not offer them.
    #[arg(long, value_name = "COMPONENT")]
    without: Vec<String>,
    /// Stop the contact sync after this many pages.
    #[arg(long, default_value_t = 100_000)]
    pages: usize,
}

/// What was found.
#[derive(Default)]
struct Findings {
    lines: Vec<String>,
    problems: Vec<String>,
}

impl SimulateArguments {
    /// Plays every component; true when the contract is kept.
    ///
    /// # Errors
    /// Arguments that cannot be used.
    pub async fn run(self, mut print: impl FnMut(&str)) -> Result<bool, String> {
        let mut auth = Map::new();
        for pair in &self.auth {
            let (name, value) = given::pair("--auth", pair)?;
            auth.insert(name.to_owned(), value.into());
        }
        for name in &self.without {
            if Component::from_name(name).is_none() {
                let known: Vec<_> = Component::ALL.iter().map(|c| c.name()).collect();
                return Err(format!("--without {name}: one of {}", known.join(", ")));
            }
        }
        let player = Player::new(&self.url, auth)?;
        let offered = |component: Component| !self.without.iter().any(|name| name == component.name());
        let mut findings = Findings::default();
        if offered(Component::AuthValidation) {
            findings.validation(&player).await;
        }
        if offered(Component::Agents) {
            findings.agents(&player).await;
        }
        let mut kept = player::Kept::default();
        if offered(Component::Contacts) {
            findings.contacts(&player, &mut kept, self.pages).await;
        }
        if offered(Component::Interactions) {
            findings.interactions(&player, &kept).await;
        }
        for component in Component::ALL.into_iter().filter(|c| *c != Component::Actions && offered(*c)) {
            findings.refusals(&player, component).await;
        }
        print(&findings.text());
        Ok(findings.problems.is_empty())
    }
}

impl Findings {
    fn says(&mut self, line: impl Into<String>) {
        self.lines.push(line.into());
    }

    fn problem(&mut self, line: impl Into<String>) {
        self.problems.push(line.into());
    }

    /// Checks what every answer must have; gives back its body.
    fn answer(
        &mut self,
        what: &str,
        schema: &str,
        status: u16,
        reply: Result<Reply, String>,
    ) -> Option<Value> {
        let reply = match reply {
            Ok(reply) => reply,
            Err(problem) => {
                self.problem(format!("{what}: {problem}"));
                return None;
            }
        };
        self.says(format!("{what:<44} {} {:>8.1} ms", reply.status, reply.took.as_secs_f64() * 1000.0));
        if !reply.header("content-type").starts_with("application/json") {
            self.problem(format!(
                "{what}: the content type is `{}`, not application/json (contract §1)",
                reply.header("content-type")
            ));
        }
        if reply.status != status {
            self.problem(format!("{what}: status {} instead of {status}: {}", reply.status, reply.body));
            return None;
        }
        for problem in unlike(schema, &reply.body) {
            self.problem(format!("{what}: {problem}"));
        }
        Some(reply.body)
    }

    async fn validation(&mut self, player: &Player) {
        let reply = player.call(Component::AuthValidation, "", Value::Null, Value::Null).await;
        self.answer("validation with the given credentials", "auth_response", 200, reply);
        let nobody = player.without_auth();
        let reply = nobody.call(Component::AuthValidation, "", Value::Null, Value::Null).await;
        self.answer("validation without credentials", "", 401, reply);
    }

    async fn agents(&mut self, player: &Player) {
        let (mut offset, mut count, mut emails) = (Value::Null, 0, BTreeMap::new());
        for _ in 0..1000 {
            let reply = player.call(Component::Agents, "", json!({"offset": offset}), Value::Null).await;
            let Some(body) = self.answer("agents", "agents_response", 200, reply) else { return };
            for agent in body["agents"].as_array().into_iter().flatten() {
                count += 1;
                *emails.entry(agent["email"].to_string().to_lowercase()).or_insert(0) += 1;
            }
            match &body["next_offset"] {
                Value::Null => break,
                next if *next == offset => {
                    self.problem("agents: next_offset is the offset just received: an endless loop");
                    break;
                }
                next => offset = next.clone(),
            }
        }
        self.says(format!("  {count} agents"));
        if emails.values().any(|n| *n > 1) {
            self.problem("agents: an e-mail appears twice; Talkdesk matches agents by it");
        }
    }

    async fn contacts(&mut self, player: &Player, kept: &mut player::Kept, pages: usize) {
        for what in ["initial contact sync", "incremental contact sync"] {
            let before = kept.checkpoint.clone();
            match player.sync_at_most(kept, pages, |_| {}).await {
                Ok(run) => {
                    self.says(format!(
                        "{what:<44} {} contacts in {} pages, {:.1} s",
                        run.delivered,
                        run.pages,
                        run.took.as_secs_f64()
                    ));
                    if kept.checkpoint.as_deref().is_none_or(str::is_empty) {
                        self.problem(format!("{what}: the last page has no synchronization_checkpoint: every run will be a full one"));
                    }
                    let everybody = run.delivered >= kept.contacts.len() && kept.contacts.len() > 500;
                    match (&before, &kept.checkpoint) {
                        (Some(before), Some(after)) if everybody && is_full(before, after) => {
                            self.says(
                                "  everybody again: a full run was due (contacts.checkpoint.full_every)"
                                    .to_owned(),
                            );
                        }
                        (Some(_), _) if everybody => self.problem(format!(
                            "{what}: delivered everybody again; the checkpoint does not help"
                        )),
                        _ => {}
                    }
                }
                Err(problem) => self.problem(format!("{what}: {problem}")),
            }
        }
        let all = kept.contacts.len();
        let with = |field: &str| {
            kept.contacts.values().filter(|c| c[field].as_array().is_some_and(|l| !l.is_empty())).count()
        };
        let (phones, emails) = (with("phones"), with("emails"));
        let plus = kept.contacts.values().flat_map(|c| c["phones"].as_array().into_iter().flatten());
        let (mut e164, mut other) = (0, 0);
        plus.for_each(
            |p| if p.as_str().is_some_and(|p| p.starts_with('+')) { e164 += 1 } else { other += 1 },
        );
        self.says(format!("  {all} contacts, {phones} with a phone number, {emails} with an e-mail; {e164} numbers in E.164, {other} not"));
        let first: Vec<Value> = kept.contacts.values().take(1000).cloned().collect();
        let body = json!({"contacts": first, "synchronization_checkpoint": "x"});
        for problem in unlike("contacts_response", &body).into_iter().take(5) {
            self.problem(format!("contacts: {problem}"));
        }
    }

    async fn interactions(&mut self, player: &Player, kept: &player::Kept) {
        let Some(id) = kept.contacts.keys().next() else { return };
        let known = json!({"contact_external_id": id});
        let reply = player.call(Component::Interactions, "", json!({}), known.clone()).await;
        if let Some(body) = self.answer("interactions of a contact", "interactions_response", 200, reply) {
            let count = body.as_array().map_or(0, Vec::len);
            self.says(format!("  {count} interactions"));
        }
        let reply = player.call(Component::Interactions, "", json!({"interaction_types": []}), known).await;
        if let Some(body) = self.answer("interactions of no type", "interactions_response", 200, reply)
            && body != json!([])
        {
            self.problem("interactions: none were asked for, but some came (contract §11.20)");
        }
        let reply = player.call(Component::Interactions, "", json!({}), json!({})).await;
        self.answer("interactions of nobody", "interactions_response", 200, reply);
    }

    /// What no bridge may do with garbage.
    async fn refusals(&mut self, player: &Player, component: Component) {
        let what = component.path();
        match player.raw("POST", what, "{").await {
            Ok(reply) if (400..500).contains(&reply.status) => {}
            Ok(reply) => {
                self.problem(format!("{what}: a body that is not JSON gets {}, not a 4xx", reply.status))
            }
            Err(problem) => self.problem(problem),
        }
        match player.raw("GET", what, "").await {
            Ok(reply) if reply.status == 405 => {}
            Ok(reply) => {
                self.problem(format!("{what}: GET gets {}, not 405 (contract §11.28)", reply.status))
            }
            Err(problem) => self.problem(problem),
        }
    }

    fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            let _ = writeln!(text, "{line}");
        }
        text.push('\n');
        for problem in &self.problems {
            let _ = writeln!(text, "PROBLEM  {problem}");
        }
        let _ = match self.problems.len() {
            0 => writeln!(text, "The bridge keeps to the contract."),
            n => writeln!(text, "{n} problems."),
        };
        text
    }
}

/// How a body differs from a schema of the contract, without quoting values.
fn unlike(schema: &str, body: &Value) -> Vec<String> {
    let Some((_, schema)) = schemas().into_iter().find(|(name, _)| *name == schema) else {
        return Vec::new();
    };
    let Ok(validator) = jsonschema::validator_for(&schema) else { return Vec::new() };
    validator
        .iter_errors(body)
        .map(|error| format!("{} does not fit the contract: {}", error.instance_path(), error.masked()))
        .collect()
}

/// Whether a full run lies between two checkpoints of ours. Of another bridge's nothing is known.
fn is_full(before: &str, after: &str) -> bool {
    let began = |text: &str| {
        let integration = text.rsplit(' ').next()?.split('.').nth(1)?;
        Kept::parse(text, integration).ok()?.history.map(|history| history.began)
    };
    began(before).zip(began(after)).is_some_and(|(before, after)| before < after)
}
