//! A page of contacts as the CRM sent it, before the bridge mapped its rows.

use std::time::Duration;

use bridge::crm::transport::Incoming;
use bridge::time::Moment;
use serde_json::Value;

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
    /// How far the CRM's clock is from ours.
    pub skew: Option<Duration>,
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
        let skew = date.map(|date| date.skew(ours));
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
        Self { rows: rows.unwrap_or_default(), status, answer, why, skew, now, limits }
    }
}

/// The calls that failed, and why the bridge says so, in parentheses.
pub fn failures(heard: &Heard) -> String {
    let mut failed: Vec<_> = heard.calls.iter().filter_map(failure).collect();
    let details = heard.lines.iter().flat_map(|line| &line.fields).filter(|(name, _)| name == "detail");
    for (_, detail) in details {
        if !failed.contains(detail) {
            failed.push(detail.clone());
        }
    }
    if failed.is_empty() { String::new() } else { format!(" ({})", failed.join("; ")) }
}

/// A call that failed, without what was asked.
fn failure(call: &Call) -> Option<String> {
    let route = &call.sent.route;
    match &call.answer {
        Ok(answer) if answer.status < 400 => None,
        Ok(answer) => Some(format!("{} {route}: {}", call.sent.method, answer.status)),
        Err(error) => Some(format!("{} {route}: {error:?}", call.sent.method)),
    }
}
