//! `serve --inspect`: the last requests as a page on this machine, for whoever writes a manifest.
//!
//! Every conversation is masked when it is over and kept as the text that the page gets, so nothing that may
//! not be shown stays in memory for its sake, and what is kept is counted in bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use bridge::clock::BoxFuture;
use bridge::lock::lock;
use bridge::manifest::Manifest;
use serde_json::{Value, json};

mod action;
mod advice;
mod cut;
mod entry;
mod fields;
mod pairs;
mod places;
mod reading;
pub mod server;

use super::mask::Mask;
use super::view::View;
use super::{Conversation, Observer};

/// Requests that are kept.
const MOST: usize = 100;
/// Bytes that are kept of all of them.
const ROOM: usize = 24 << 20;

/// Keeps the last conversations for the page.
pub struct Inspect {
    manifest: Arc<Manifest>,
    mask: Mutex<Mask>,
    show: bool,
    kept: Mutex<Kept>,
}

/// What is kept, the oldest first.
#[derive(Default)]
struct Kept {
    entries: VecDeque<Entry>,
    /// How many requests were seen in all: the number of the last one.
    seen: u64,
    bytes: usize,
}

/// One conversation, ready to be sent.
struct Entry {
    number: u64,
    summary: Value,
    detail: Arc<str>,
}

impl Inspect {
    /// Keeps conversations of a bridge that runs `manifest`; with `show` people are left as they are.
    pub fn new(manifest: Arc<Manifest>, mask: Mask, show: bool) -> Self {
        Self { manifest, mask: Mutex::new(mask), show, kept: Mutex::default() }
    }

    /// The list of what is kept, the newest first; nothing when the last request is `seen` already.
    pub fn feed(&self, seen: Option<u64>) -> Option<Value> {
        let kept = lock(&self.kept);
        let entries: Vec<_> = kept.entries.iter().rev().map(|entry| &entry.summary).collect();
        (seen != Some(kept.seen)).then(|| {
            json!({
                "integration": self.manifest.document().integration.display_name,
                "name": self.manifest.name(),
                "people_shown": self.show,
                "seen": kept.seen,
                "dropped": kept.seen - entries.len() as u64,
                "entries": entries,
            })
        })
    }

    /// One of the requests as JSON; none when it is not kept (any more).
    pub fn entry(&self, number: u64) -> Option<Arc<str>> {
        let kept = lock(&self.kept);
        kept.entries.iter().find(|entry| entry.number == number).map(|entry| entry.detail.clone())
    }
}

impl Observer for Inspect {
    fn see<'a>(&'a self, conversation: &'a Conversation) -> BoxFuture<'a, ()> {
        let mut mask = lock(&self.mask);
        let mut view = View::of(conversation, &self.manifest, &mut mask, self.show);
        let mut kept = lock(&self.kept);
        let number = kept.seen + 1;
        let (summary, detail) = entry::of(number, conversation, &self.manifest, &mut view);
        kept.add(Entry { number, summary, detail: detail.into() });
        Box::pin(async {})
    }
}

impl Kept {
    fn add(&mut self, entry: Entry) {
        self.seen = entry.number;
        self.bytes += entry.detail.len();
        self.entries.push_back(entry);
        while self.entries.len() > MOST || (self.bytes > ROOM && self.entries.len() > 1) {
            let Some(oldest) = self.entries.pop_front() else { break };
            self.bytes -= oldest.detail.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_requests_and_bytes_are_kept_and_no_more() {
        let mut kept = Kept::default();
        let entry =
            |number, size: usize| Entry { number, summary: Value::Null, detail: "x".repeat(size).into() };
        (1..=MOST as u64 + 5).for_each(|number| kept.add(entry(number, 10)));
        assert_eq!((kept.entries.len(), kept.entries[0].number, kept.seen), (MOST, 6, MOST as u64 + 5));
        kept.add(entry(500, ROOM - 5));
        assert_eq!(kept.entries.len(), 1, "a large one pushes the others out");
        kept.add(entry(501, 10));
        assert_eq!((kept.entries.len(), kept.bytes), (1, 10));
    }
}
