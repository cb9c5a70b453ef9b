//! A page of contacts as the CRM sent it, before the bridge mapped its rows.

use std::time::Duration;

use bridge::crm::transport::Incoming;
use bridge::time::Moment;
use serde_json::Value;

use crate::watch::view::said;
use crate::watch::{Call, Heard};

/// A row as the CRM sent it.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its id, as the manifest reads it.
    pub id: Option<String>,
    /// Its stamp, as the manifest reads it.
    pub stamp: Option<Moment>,
}

/// A page of contacts as the CRM sent it, and what became of it.
#[derive(Clone, Debug)]
pub struct Page {
    /// The rows of the call that has most with a time: steps may answer with lists too. None when no call has any.
    pub rows: Vec<Row>,
    /// What Talkdesk would get.
    pub status: u16,
    /// The body that Talkdesk would get.
    pub answer: Value,
    /// The calls that failed, and why the bridge says so.
    pub why: String,
    /// The CRM's clock, in whole seconds, and ours beside it.
    pub clocks: Option<(Moment, Moment)>,
    /// When it was answered: the earlier one of the CRM's clock and ours, which checkpoints go by.
    pub now: Moment,
    /// Headers about limits.
    pub limits: Vec<(String, String)>,
}

impl Page {
    /// The page that an answer of the bridge and its calls (`heard`) are; `rows` reads those of a call.
    pub fn of(status: u16, answer: Value, heard: &Heard, rows: impl Fn(&Incoming) -> Vec<Row>) -> Self {
        let answers: Vec<_> = heard.calls.iter().filter_map(|call| call.answer.as_ref().ok()).collect();
        let date = answers.last().and_then(|a| a.headers.iter().find(|(name, _)| name == "date"));
        let (date, ours) = (date.and_then(|(_, date)| Moment::parse_http_date(date)), Moment::now());
        let clocks = date.map(|date| (date, ours));
        // The header leaves the part of its second out.
        let now = date.map_or(ours, |date| date.plus(Duration::from_secs(1)).min(ours));
        let about =
            |name: &str| ["ratelimit", "rate-limit", "retry-after", "quota"].iter().any(|w| name.contains(w));
        let limits = answers
            .last()
            .map_or_else(Vec::new, |a| a.headers.iter().filter(|(name, _)| about(name)).cloned().collect());
        let timed = |rows: &Vec<Row>| (rows.iter().filter(|row| row.stamp.is_some()).count(), rows.len());
        let rows = answers.iter().map(|answer| rows(answer)).max_by_key(timed);
        let why = if status == 200 { String::new() } else { failures(heard) };
        Self { rows: rows.unwrap_or_default(), status, answer, why, clocks, now, limits }
    }

    /// How far the CRM's clock is from ours.
    pub fn skew(&self) -> Option<Duration> {
        self.clocks.map(|(theirs, ours)| theirs.skew(ours))
    }
}

/// The calls that failed, how often, and why the bridge says so, in parentheses.
pub fn failures(heard: &Heard) -> String {
    let mut failed: Vec<(String, usize)> = Vec::new();
    for line in heard.calls.iter().filter_map(failure) {
        match failed.iter_mut().find(|(known, _)| *known == line) {
            Some((_, times)) => *times += 1,
            None => failed.push((line, 1)),
        }
    }
    let broken = heard.calls.iter().any(|call| call.answer.is_err());
    let details = heard.lines.iter().flat_map(|line| &line.fields).filter(|(name, _)| name == "detail");
    for (_, detail) in details {
        // What the call says itself is not said twice.
        let bare = detail.strip_prefix("the CRM answered ").is_some_and(|rest| rest.parse::<u16>().is_ok());
        let place = heard.calls.last().filter(|_| failed.is_empty());
        let detail = place.map_or_else(|| detail.clone(), |call| format!("{}: {detail}", asked(call)));
        if !broken && !bare && failed.iter().all(|(known, _)| !known.ends_with(&detail)) {
            failed.push((detail, 1));
        }
    }
    let told = failed.into_iter().map(|(line, times)| match times {
        1 => line,
        _ => format!("{line}, {times} times"),
    });
    let told: Vec<String> = told.collect();
    if told.is_empty() { String::new() } else { format!(" ({})", told.join("; ")) }
}

fn asked(call: &Call) -> String {
    format!("{} {}", call.sent.method, call.sent.route)
}

/// A call that failed, without what was asked.
fn failure(call: &Call) -> Option<String> {
    let asked = asked(call);
    match &call.answer {
        Ok(answer) if answer.status < 400 => None,
        Ok(answer) => {
            let wait = answer.headers.iter().find(|(name, _)| name == "retry-after");
            let wait = wait.map_or_else(String::new, |(_, value)| format!(" with Retry-After {value}"));
            Some(format!("{asked}: {}{wait}", answer.status))
        }
        Err(error) => Some(format!("{asked}: {}", said(error))),
    }
}
