//! `check --live --write`: how late a row shows after its stamp, which `checkpoint.settle` has to cover.

use std::time::{Duration, Instant};

use bridge::manifest::model::{Checkpoint, Mode};
use bridge::time::Moment;
use serde_json::{Value, json};

use super::Finding;
use super::page::Row;
use super::probe::Probe;
use super::write::{Plan, Write};

/// One look at a quiet CRM is not the longest that a busy one takes.
const MARGIN: u32 = 3;
/// How far back it is looked: the CRM's clock may be behind ours.
const BACK: Duration = Duration::from_secs(60);

/// How long is waited for a row, and how often it is looked for at most.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// At most so long for a new contact.
    pub wait: Duration,
    /// At least so long between two looks; longer where it takes longer.
    pub pause: Duration,
}

impl Patience {
    /// Longer than `settle` where that is possible.
    pub fn with(rules: &Checkpoint) -> Self {
        let wait = (rules.settle.0 * 2).clamp(Duration::from_secs(30), Duration::from_secs(900));
        Self { wait, pause: Duration::from_millis(250) }
    }
}

/// A row that was waited for.
struct Sight {
    row: Row,
    /// How late it showed, from its stamp or, without one, from the write on.
    late: Duration,
}

/// Makes a contact, then changes it, and looks when each shows.
pub async fn measure(probe: &Probe, plan: &Plan, patience: Patience) -> Vec<Finding> {
    let Some(rules) = rules(probe) else { return Vec::new() };
    let begun = Begun::now();
    let name = &plan.create.action;
    let (status, answer, lines) = run(probe, &plan.create, &Value::Null).await;
    let message = answer["message"].as_str().or(answer["error"]["message"].as_str()).unwrap_or_default();
    let Some(id) = answer["contact_external_id"].as_str().filter(|_| status == 201) else {
        return vec![Finding::bad(format!(
            "settle: not measured: {name} was refused: {status} {message}{lines}. Give what it asks for with --input \
             NAME=VALUE, or give the API user the right"
        ))];
    };
    let Some(new) = look(probe, rules, begun, patience, |row| row.id.as_deref() == Some(id)).await else {
        return vec![Finding::bad(format!(
            "settle: not measured: {name} made contact {id}, and the list does not show it within {}: does the request \
             of `contacts` leave such a contact out, or is it later than that? Look at it with serve --trace",
            told(patience.wait)
        ))];
    };
    let mut findings = vec![verdict(rules, "a new contact", new.late)];
    findings.push(changed(probe, plan, rules, id, &new).await);
    findings
}

/// The rules of the list, if its rows become visible at some time: a feed's position is the CRM's own.
pub fn rules(probe: &Probe) -> Option<&Checkpoint> {
    let rules = probe.manifest().document().contacts.as_ref()?.checkpoint.as_ref()?;
    (rules.mode != Mode::Cursor).then_some(rules)
}

/// A second write, to the contact that the first one made.
async fn changed(probe: &Probe, plan: &Plan, rules: &Checkpoint, id: &str, new: &Sight) -> Finding {
    let by_hand = "Change that contact by hand and see with serve --trace when it comes";
    let Some(before) = new.row.stamp else {
        return Finding::good(format!(
            "settle: of a changed contact not measured: rows print no time. {by_hand}"
        ));
    };
    // Another stamp needs another step.
    tokio::time::sleep(rules.step().min(Duration::from_secs(60))).await;
    let begun = Begun::now();
    let mut taken = None;
    for write in &plan.change {
        let (status, ..) = run(probe, write, &json!({"contact_external_id": id})).await;
        if status == 201 {
            taken = Some(&write.action);
            break;
        }
    }
    let Some(action) = taken else {
        return Finding::good(format!(
            "settle: of a changed contact not measured: no action that needs a contact was taken. {by_hand}"
        ));
    };
    let wait = (new.late * MARGIN).max(Duration::from_secs(5));
    let patience = Patience { wait, pause: Duration::from_millis(250) };
    let moved = |row: &Row| row.id.as_deref() == Some(id) && row.stamp.is_some_and(|stamp| stamp > before);
    match look(probe, rules, begun, patience, moved).await {
        Some(sight) => verdict(rules, "a changed contact", sight.late),
        None => Finding::good(format!(
            "settle: of a changed contact not measured: {action} moves no contact's time. {by_hand}"
        )),
    }
}

/// The moment before a write, on two clocks.
#[derive(Clone, Copy)]
struct Begun {
    moment: Moment,
    instant: Instant,
}

impl Begun {
    fn now() -> Self {
        Self { moment: Moment::now(), instant: Instant::now() }
    }
}

async fn run(probe: &Probe, write: &Write, meta: &Value) -> (u16, Value, String) {
    probe.act(&write.action, meta.clone(), Value::Object(write.data.clone())).await
}

/// Reads what changed until `wanted` is among it; nothing when that takes too long.
async fn look(
    probe: &Probe,
    rules: &Checkpoint,
    begun: Begun,
    patience: Patience,
    wanted: impl Fn(&Row) -> bool,
) -> Option<Sight> {
    let skew = probe.contacts(Some(begun.moment)).await.skew().unwrap_or_default();
    let from = begun.moment.minus(skew + BACK + rules.overlap.0 + rules.step());
    loop {
        let (page, row) = probe.find(from, &wanted).await;
        if let Some(row) = row {
            // Rows of the step in which the checkpoint stands are read again: they may be later by a step.
            let late = row
                .stamp
                .map_or(begun.instant.elapsed(), |stamp| page.now.since(stamp).saturating_sub(rules.step()));
            return Some(Sight { row, late });
        }
        if begun.instant.elapsed() > patience.wait {
            return None;
        }
        let pause = (begun.instant.elapsed() / 10).clamp(patience.pause, Duration::from_secs(5));
        tokio::time::sleep(pause).await;
    }
}

fn verdict(rules: &Checkpoint, what: &str, late: Duration) -> Finding {
    let (settle, proposal) = (rules.settle.0, Duration::from_secs((late * MARGIN).as_secs() + 1));
    let measured = format!("settle: {what} showed {} after its stamp at most", told(late));
    match late > settle {
        true => Finding::bad(format!(
            "{measured}, and the checkpoint stays only {} behind: a run in between loses it. Set checkpoint.settle: \
             PT{}S or more, {MARGIN} times what was measured, because a busy CRM is later",
            told(settle),
            proposal.as_secs()
        )),
        false => Finding::good(format!(
            "{measured}; the checkpoint stays {} behind. {MARGIN} times what was measured is PT{}S: less than that is \
             too little, and the vendor may name a longer time",
            told(settle),
            proposal.as_secs()
        )),
    }
}

/// A time for people.
fn told(time: Duration) -> String {
    match time.as_secs() {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        10..=119 => format!("{} s", time.as_secs()),
        _ => format!("{} min", time.as_secs() / 60),
    }
}
