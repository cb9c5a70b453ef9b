//! `check --live`: a manifest against its real CRM, read only. What documents seldom say and what loses
//! contacts when it is wrong: order, precision, zone and inclusiveness of the filter, ignored conditions,
//! missing rights, clocks.

mod filter;
mod probe;

use std::path::PathBuf;

use bridge::contract::Component;
use bridge::manifest::Manifest;
use serde_json::{Value, json};

use crate::doctor;
use probe::Page;
pub use probe::Probe;

/// What `check --live` needs besides the manifest.
#[derive(clap::Args, Debug)]
pub struct LiveArguments {
    /// Ask the real CRM too, read only: order and filter of contacts, rights, clocks.
    #[arg(long, requires = "secret_file")]
    live: bool,
    /// With --live: a file with the account's secret, as Secrets Manager would hold it.
    #[arg(long)]
    secret_file: Option<PathBuf>,
    /// With --live: the CRM's address on this machine, instead of the manifest's (loopback only).
    #[arg(long)]
    crm_url: Option<String>,
    /// With --live: a field of `auth`, as name=value; repeat it. The caller key comes from the secret.
    #[arg(long = "auth", value_name = "NAME=VALUE")]
    auth: Vec<String>,
}

/// What was found, and whether it is right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is right.
    pub good: bool,
    /// A sentence for people.
    pub text: String,
}

impl Finding {
    fn good(text: impl Into<String>) -> Self {
        Self { good: true, text: text.into() }
    }

    fn bad(text: impl Into<String>) -> Self {
        Self { good: false, text: text.into() }
    }
}

impl LiveArguments {
    /// Whether the CRM is asked.
    pub fn wanted(&self) -> bool {
        self.live
    }

    /// Asks the CRM by the manifest that `read` gives; true when everything is right.
    ///
    /// # Errors
    /// Arguments that cannot be used.
    pub async fn run(
        self,
        read: impl Fn() -> Result<Manifest, String>,
        mut print: impl FnMut(&str),
    ) -> Result<bool, String> {
        let path = self.secret_file.unwrap_or_default();
        let secret = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let manifest = read()?;
        let further: Vec<String> = manifest.document().contact_lists.keys().cloned().collect();
        let auth = doctor::auth(&manifest, &self.auth, Some(&path))?;
        let crm = self.crm_url.as_deref();
        let mut findings = examine(&Probe::new(manifest, secret.clone(), auth.clone(), crm)?).await;
        for name in further {
            let Some(manifest) = read()?.of_list(&name) else { continue };
            let probe = Probe::new(manifest, secret.clone(), auth.clone(), crm)?;
            let first = probe.contacts(None).await;
            let found = filter::examine(&probe, &first).await.into_iter();
            findings.extend(found.map(|f| Finding { text: format!("list {name}: {}", f.text), ..f }));
        }
        for finding in &findings {
            print(&format!("{:<6}{}\n", if finding.good { "ok" } else { "WRONG" }, finding.text));
        }
        let wrong = findings.iter().filter(|finding| !finding.good).count();
        print(&match wrong {
            0 => "\nNothing wrong was found. Writes were not tried.\n".to_owned(),
            _ => format!("\n{wrong} of {} wrong.\n", findings.len()),
        });
        Ok(wrong == 0)
    }
}

/// Everything that can be seen without a write.
pub async fn examine(probe: &Probe) -> Vec<Finding> {
    let mut findings = vec![answered(probe, Component::AuthValidation, Value::Null).await.0];
    if !findings[0].good {
        return findings;
    }
    let offers = |component| probe.manifest().offers(component);
    let mut contact = None;
    if offers(Component::Contacts) {
        let first = probe.contacts(None).await;
        contact = first.answer["contacts"][0]["id"].as_str().map(str::to_owned);
        findings.extend(clock(&first));
        findings.extend(filter::examine(probe, &first).await);
        findings.extend(limits(&first));
    }
    if offers(Component::Agents) {
        let (finding, answer) = answered(probe, Component::Agents, Value::Null).await;
        let none = finding.good && answer["agents"].as_array().is_none_or(Vec::is_empty);
        findings.push(match none {
            true => Finding::bad(
                "agents: the CRM names no user with an e-mail: is the right to read users missing?",
            ),
            false => finding,
        });
    }
    if let (true, Some(id)) = (offers(Component::Interactions), contact) {
        let data = json!({"contact_external_id": id});
        findings.push(answered(probe, Component::Interactions, data).await.0);
        findings.push(stranger(probe).await);
    }
    findings
}

/// An address and a number that nobody has must find nobody: else an agent sees a stranger's history.
async fn stranger(probe: &Probe) -> Finding {
    let data =
        json!({"contact_emails": ["nobody-7f3a9c@nowhere.example.com"], "contact_phones": ["+12025550199"]});
    let (status, answer, lines) = probe.ask(Component::Interactions, data).await;
    match (status, answer.as_array().map(Vec::len)) {
        (200, Some(0)) => Finding::good("look-ups: an address and a number that nobody has find nobody"),
        (200, _) => Finding::bad(
            "look-ups: an address and a number that nobody has find somebody: the CRM ignores a condition. Let `value` \
             be null when the record does not carry what was asked for",
        ),
        _ => Finding::bad(format!("look-ups: {status}{lines}")),
    }
}

/// A component's answer as a finding.
async fn answered(probe: &Probe, component: Component, data: Value) -> (Finding, Value) {
    let (status, answer, lines) = probe.ask(component, data).await;
    let finding = match status {
        200 => Finding::good(format!("{}: answered", component.name())),
        _ => {
            let message = answer["error"]["message"].as_str().unwrap_or_default();
            Finding::bad(format!("{}: {status} {message}{lines}", component.name()))
        }
    };
    (finding, answer)
}

/// The CRM's clock beside ours.
fn clock(first: &Page) -> Option<Finding> {
    let skew = first.skew?;
    let seconds = skew.as_secs();
    Some(match seconds {
        0..=30 => Finding::good("clock: the CRM's and ours agree"),
        _ => Finding::bad(format!(
            "clock: the CRM's and ours differ by {seconds} s; every sync goes back by so much: set the wrong one right"
        )),
    })
}

/// What the CRM says of its limits.
fn limits(first: &Page) -> Option<Finding> {
    let told: Vec<_> = first.limits.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (!told.is_empty()).then(|| Finding::good(format!("limits that the CRM names: {}", told.join(", "))))
}
