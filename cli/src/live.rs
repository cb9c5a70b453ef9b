//! `check --live`: a manifest against its real CRM, read only unless `--write` is said. What documents seldom say
//! and what loses contacts when it is wrong: order, precision, zone and inclusiveness of the filter, ignored
//! conditions, missing rights, clocks, how late rows show.

mod advice;
mod arguments;
mod filter;
mod look_ups;
mod page;
mod probe;
mod settle;
mod write;

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use bridge::contract::Component;
use bridge::manifest::model::Mode;
use bridge::time::Moment;
use serde_json::{Value, json};

use advice::refusal;
pub use arguments::LiveArguments;
use page::Page;
pub use probe::Probe;
pub use settle::{Patience, measure, rules};
pub use write::Plan;

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

    fn line(&self) -> String {
        format!("{:<6}{}\n", if self.good { "ok" } else { "WRONG" }, self.text)
    }
}

/// Everything that can be seen without a write.
pub async fn examine(probe: &Probe) -> Vec<Finding> {
    let mut findings = vec![answered(probe, Component::AuthValidation, "", Value::Null, Value::Null).await.0];
    if !findings[0].good {
        return findings;
    }
    let offers = |component| probe.manifest().offers(component);
    let mut contacts = Value::Null;
    if offers(Component::Contacts) {
        let first = probe.contacts(None).await;
        contacts = first.answer["contacts"].clone();
        findings.extend(clock(&first));
        findings.extend(filter::examine(probe, &first).await);
        findings.extend(limits(&first));
    }
    if offers(Component::Agents) {
        let (finding, answer) = answered(probe, Component::Agents, "", Value::Null, Value::Null).await;
        let none = finding.good && answer["agents"].as_array().is_none_or(Vec::is_empty);
        findings.extend(colleagues(probe, &contacts, &answer["agents"]).await);
        findings.push(match none {
            true => Finding::bad(
                "agents: the CRM names no user with an e-mail: give the API user the right to read users, and the users \
                 who answer calls an address",
            ),
            false => finding,
        });
    }
    if let (true, Some(id)) = (offers(Component::Interactions), contacts[0]["id"].as_str()) {
        // One after the other: together, a type that is refused is left out of an answer that is good.
        for (kind, _) in probe.manifest().document().interactions.iter().flat_map(|it| it.types.iter()) {
            let (meta, data) = (json!({"interaction_types": [kind]}), json!({"contact_external_id": id}));
            findings.push(answered(probe, Component::Interactions, kind, meta, data).await.0);
        }
        findings.push(look_ups::stranger(probe).await);
        findings.extend(look_ups::known(probe, &contacts).await);
    }
    findings
}

/// Agents who are delivered as contacts, in a first run or in one that begins a month ago: the same id and address in
/// both lists is one record, and an agent is nobody who calls.
async fn colleagues(probe: &Probe, contacts: &Value, agents: &Value) -> Option<Finding> {
    let spec = probe.manifest().document().contacts.as_ref()?.checkpoint.as_ref()?;
    let month = Duration::from_secs(30 * 86_400);
    let later = match spec.mode {
        Mode::Cursor => Value::Null,
        _ => probe.contacts(Some(Moment::now().minus(month))).await.answer["contacts"].take(),
    };
    let members = |list: &'_ Value| list.as_array().cloned().unwrap_or_default();
    let agents: HashMap<String, String> =
        members(agents).iter().filter_map(|it| pair(it, &it["email"])).collect();
    let both = [contacts, &later].into_iter().flat_map(members);
    let of = |contact: &Value| {
        let (id, email) = pair(contact, &contact["emails"][0])?;
        (agents.get(&id) == Some(&email)).then_some(id)
    };
    let ids: BTreeSet<String> = both.filter_map(|contact| of(&contact)).collect();
    let ids: Vec<String> = ids.into_iter().collect();
    (!ids.is_empty()).then(|| {
        Finding::bad(format!(
            "contacts: {} of those that were looked at are agents too ({}): let `where` of contacts leave out who answers \
             calls",
            ids.len(),
            ids.iter().take(5).map(|id| format!("id {id}")).collect::<Vec<_>>().join(", ")
        ))
    })
}

fn pair(record: &Value, email: &Value) -> Option<(String, String)> {
    Some((record["id"].as_str()?.to_owned(), email.as_str()?.to_lowercase()))
}

/// A component's answer as a finding; `part` is what of it was asked for, where that is not all.
async fn answered(
    probe: &Probe,
    component: Component,
    part: &str,
    meta: Value,
    data: Value,
) -> (Finding, Value) {
    let (status, answer, lines) = probe.ask(component, meta, data).await;
    let name = if part.is_empty() { String::new() } else { format!(" ({part})") };
    let name = format!("{}{name}", component.name());
    let finding = match status {
        200 => Finding::good(format!("{name}: answered")),
        _ => Finding::bad(format!("{name}: {}", refusal(probe, status, &answer, &lines))),
    };
    (finding, answer)
}

/// The CRM's clock beside ours.
fn clock(first: &Page) -> Option<Finding> {
    let (theirs, ours) = first.clocks?;
    let seconds = first.skew()?.as_secs();
    let (first, second) =
        if theirs > ours { ("the CRM's", "this machine's") } else { ("this machine's", "the CRM's") };
    Some(match seconds {
        0..=30 => Finding::good("clock: the CRM's and ours agree"),
        _ => Finding::bad(format!(
            "clock: {first} is {seconds} s ahead of {second} ({} there, {} here); every sync goes back by so much: set \
             the wrong one right",
            theirs.iso_s(),
            ours.iso_s()
        )),
    })
}

/// What the CRM says of its limits.
fn limits(first: &Page) -> Option<Finding> {
    let told: Vec<_> = first.limits.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    (!told.is_empty()).then(|| Finding::good(format!("limits that the CRM names: {}", told.join(", "))))
}
