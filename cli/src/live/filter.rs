//! How a CRM lists its contacts by change: what `checkpoint` says is held against what the CRM does.

use std::collections::HashSet;
use std::time::Duration;

use bridge::manifest::model::{Checkpoint, Mode};
use bridge::time::Moment;

use super::Finding;
use super::advice::refusal;
use super::page::{Page, Row};
use super::probe::Probe;

const HOUR: Duration = Duration::from_secs(3600);
/// Zones reach from 12 hours west of Greenwich to 14 hours east of it.
const ZONES: u32 = 14;

/// The findings about order, precision and filter.
pub async fn examine(probe: &Probe, first: &Page) -> Vec<Finding> {
    let Some(spec) = &probe.manifest().document().contacts else { return Vec::new() };
    let Some(rules) = &spec.checkpoint else { return Vec::new() };
    if first.status != 200 {
        let refusal = refusal(probe, first.status, &first.answer, &first.why);
        return vec![Finding::bad(format!("contacts: {refusal}"))];
    }
    let mut findings = vec![Finding::good(format!("contacts: a first page of {} rows", first.rows.len()))];
    if rules.mode == Mode::Cursor {
        findings.push(Finding::good("contacts: a feed with a position of its own; its filter is the CRM's"));
        return findings;
    }
    let stamps: Vec<Moment> = first.rows.iter().filter_map(|row| row.stamp).collect();
    let none = |key: &str| first.answer[key].as_array().is_none_or(Vec::is_empty);
    if !first.rows.is_empty() && none("contacts") && first.answer["next_offset"].is_null() {
        findings.push(Finding::bad(
            "contacts: rows came and none was delivered: `where` leaves all of them out, or they are one step with \
             more rows than a page, and the request of `drain` does not find them",
        ));
        return findings;
    }
    if first.rows.is_empty() {
        findings.push(Finding::bad(
            "contacts: there are none, so nothing can be said of order and filter: make some, or give the API user the \
             right to see those that there are (record rules, teams, companies)",
        ));
        return findings;
    }
    if rules.mode == Mode::Snapshot && rules.field.is_none() {
        findings.push(without_stamps(probe, rules, first).await);
        return findings;
    }
    if rules.field.is_none() {
        findings.push(Finding::good(
            "contacts: without `checkpoint.field` nothing can be said of order and filter",
        ));
        return findings;
    }
    if stamps.len() < first.rows.len() {
        let missing = first.rows.len() - stamps.len();
        findings
            .push(Finding::bad(format!("checkpoint.field: {missing} rows have no time that can be read")));
        return findings;
    }
    if rules.mode == Mode::Range {
        findings.push(order(&stamps));
    }
    findings.extend(precision(rules, &stamps));
    if rules.mode == Mode::Newest {
        // It has no filter: the run ends at the first row that is old enough.
        let sorted = stamps.windows(2).all(|pair| pair[0] >= pair[1]);
        findings.push(match sorted {
            true => Finding::good("order: the newest first"),
            false => Finding::bad("order: mode newest needs the newest first, and the rows come otherwise"),
        });
        return findings;
    }
    let (future, past): (Vec<Row>, Vec<Row>) =
        first.rows.iter().cloned().partition(|row| row.stamp.is_some_and(|stamp| stamp > Moment::now()));
    findings.extend(ahead(&future));
    findings.extend(from_a_row_on(probe, rules, &past).await);
    findings
}

/// A snapshot may print no time: then all that can be seen is whether less comes when less is asked for.
async fn without_stamps(probe: &Probe, rules: &Checkpoint, first: &Page) -> Finding {
    if rules.full_every.is_some_and(|every| every.0.is_zero()) {
        return Finding::good("filter: none, every run reads everything");
    }
    match probe.contacts(Some(Moment::now())).await.rows.len() < first.rows.len() {
        true => Finding::good("filter: asked for what changed from now on, the CRM sends less than at first"),
        false => Finding::bad(
            "filter: asked for what changed from now on, the CRM sends as much as at first: it ignores the condition, \
             or everything was changed just now",
        ),
    }
}

fn order(stamps: &[Moment]) -> Finding {
    match stamps.windows(2).position(|pair| pair[0] > pair[1]) {
        None => Finding::good("order: ascending by change"),
        Some(index) => Finding::bad(format!(
            "order: row {} is younger than the row after it. Mode range needs an ascending order by change: sort, \
             or use mode snapshot",
            index + 1
        )),
    }
}

/// Whether the stamps are printed more coarsely than `step` says.
fn precision(rules: &Checkpoint, stamps: &[Moment]) -> Option<Finding> {
    let distinct: HashSet<i64> = stamps.iter().map(|stamp| stamp.micros()).collect();
    if distinct.len() < 5 {
        return Some(Finding::good(
            "step: not measured, because the page has fewer than five different times: change some contacts one by one",
        ));
    }
    let units = [(1, "PT0.000001S"), (1_000, "PT0.001S"), (1_000_000, "PT1S"), (60_000_000, "PT1M")];
    let (unit, name) =
        *units.iter().rev().find(|(unit, _)| distinct.iter().all(|stamp| stamp % unit == 0))?;
    let step = i64::try_from(rules.step().as_micros()).unwrap_or(i64::MAX);
    Some(match step < unit {
        true => Finding::bad(format!(
            "step: the CRM prints whole steps of {name}, and the manifest says less: rows of one step are lost at a \
             page's end. Set checkpoint.step: {name}"
        )),
        false => Finding::good(format!("step: stamps are printed in steps of {name}")),
    })
}

/// Rows that are stamped later than now. A clock that is ahead by less than an hour has a finding of its own.
fn ahead(rows: &[Row]) -> Option<Finding> {
    let last = rows.iter().max_by_key(|row| row.stamp)?;
    let (stamp, id) = (last.stamp?, last.id.as_deref().unwrap_or("?"));
    (stamp > Moment::now().plus(HOUR)).then(|| {
        Finding::bad(format!(
            "checkpoint.field: {} of the rows are stamped in the future, the last one (id {id}) at {}: every run \
             delivers them again until then. Correct them in the CRM, or name a field that says when a row was changed",
            rows.len(),
            stamp.iso_s()
        ))
    })
}

/// Asks from a row's own time on: the row must come again, and nothing older.
async fn from_a_row_on(probe: &Probe, rules: &Checkpoint, rows: &[Row]) -> Vec<Finding> {
    // The newest row of the page that has an id; its own time is asked for.
    let newest = rows.iter().filter(|row| row.id.is_some()).max_by_key(|row| row.stamp);
    let Some((row, stamp)) = newest.and_then(|row| Some((row, row.stamp?))) else { return Vec::new() };
    let page = probe.contacts(Some(stamp)).await;
    let mut findings = Vec::new();
    let oldest = page.rows.iter().filter_map(|row| row.stamp).min();
    if let Some(oldest) =
        oldest.filter(|oldest| *oldest < stamp.minus(rules.overlap.0).floor(rules.step()).minus(rules.step()))
    {
        findings.push(too_early(probe, stamp, oldest).await);
    }
    let again = |page: &Page| page.rows.iter().any(|other| other.id == row.id);
    if again(&page) {
        if page.status != 200 {
            let refusal = refusal(probe, page.status, &page.answer, &page.why);
            findings.push(Finding::bad(format!(
                "contacts: asked from a row's time on, the row comes, and yet: {refusal}"
            )));
        }
        if findings.is_empty() {
            findings.push(Finding::good(
                "filter: asked from a row's time on, the CRM sends that row and nothing older",
            ));
        }
        return findings;
    }
    // Where older rows came instead, that has been said, and why.
    if !findings.is_empty() {
        return findings;
    }
    if again(&probe.contacts(Some(stamp.minus(rules.step()))).await) {
        findings.push(Finding::bad(
            "filter: it means \"after\", not \"at or after\": ask one step earlier (checkpoint.overlap), or with `>=`",
        ));
        return findings;
    }
    for hours in 1..=ZONES {
        if again(&probe.contacts(Some(stamp.minus(HOUR * hours))).await) {
            findings.push(Finding::bad(format!(
                "filter: the row comes only when asked {hours} h earlier: the CRM reads times in another zone than it \
                 prints them. Set the API user's zone to UTC, or send the time in its zone"
            )));
            return findings;
        }
    }
    findings.push(Finding::bad(
        "filter: asked from a row's own time on, the row does not come, also not from 14 h earlier: does the filter \
         read another field than checkpoint.field?",
    ));
    findings
}

/// Rows that are older than asked for: a filter that is ignored, or a zone in the east.
async fn too_early(probe: &Probe, asked: Moment, oldest: Moment) -> Finding {
    let now = probe.contacts(Some(Moment::now())).await;
    let long_ago = Moment::now().minus(HOUR * (ZONES + 24));
    if now.rows.iter().filter_map(|row| row.stamp).any(|stamp| stamp < long_ago) {
        return Finding::bad(
            "filter: asked for what changed from now on, the CRM sends rows of days ago: it ignores the condition. \
             Look up its name, and try it with a value that must match nothing",
        );
    }
    let hours = asked.skew(oldest).as_secs().div_ceil(3600);
    Finding::bad(format!(
        "filter: rows come that are up to {hours} h older than asked for: the CRM reads times in another zone than it \
         prints them. Set the API user's zone to UTC, or send the time in its zone"
    ))
}
