//! Mode `cursor`: the server owns the position. The checkpoint is the last position all of whose
//! rows are older than `started − settle`.

use minijinja::Value;

use super::checkpoint::{Mark, limit};
use super::clock::Clocks;
use super::place::Place;
use super::run::Run;
use super::way::{Begin, Seen, Way};
use super::{Key, Spec, Turn};
use crate::crm::page::unreadable;
use crate::error::{Class, Failure};
use crate::manifest::expression::{Template, as_text};
use crate::manifest::model::Checkpoint;

/// The mode.
pub(super) struct Cursor;

impl Way for Cursor {
    fn begin(&self, begin: Begin<'_>) -> Place {
        Place::Cursor { from: begin.from, cursor: begin.cursor, frozen: false }
    }

    /// The server's next position stands in the answer.
    fn decide(&self, seen: &Seen<'_>) -> Result<Turn, Failure> {
        let mut scope = seen.page.scope.clone();
        if let Place::Cursor { cursor, .. } = &seen.run.place {
            scope.set("cursor", cursor.as_deref().map_or(Value::from(()), Value::from));
        }
        let names = scope.value();
        let read = |t: &Option<Template>| t.as_ref().map(|t| t.eval(&names)).transpose();
        let next = read(&seen.rules.next).map_err(|e| unreadable(&e))?;
        let done = read(&seen.rules.done).map_err(|e| unreadable(&e))?;
        let next = next.and_then(|v| as_text(&v)).filter(|t| !t.is_empty());
        let done = done.is_some_and(|v| v.is_true());
        decide(seen.rules, seen.run, seen.clocks, &seen.page.keys, next, done)
    }

    fn has(&self, _: &Spec, _: &Checkpoint, place: &Place) -> bool {
        matches!(place, Place::Cursor { .. })
    }

    fn moves_on(&self) -> bool {
        true
    }
}

/// Decides about one page.
///
/// # Errors
/// `NoProgress` when the server is not done but names no new position.
pub fn decide(
    rules: &Checkpoint,
    run: &Run,
    clocks: Clocks,
    keys: &[Key],
    next: Option<String>,
    done: bool,
) -> Result<Turn, Failure> {
    let Place::Cursor { from, cursor, frozen } = &run.place else {
        return Err(Failure::new(Class::BadOffset, "the offset belongs to another mode"));
    };
    let limit = limit(rules, clocks.started);
    // A row that is younger than `settle` may have older neighbours that are not visible yet: they
    // will appear behind this position, so it must be read again. Without a stamp nobody knows.
    let young = rules.field.is_some() && keys.iter().any(|k| k.stamp.is_none_or(|s| s >= limit));
    let frozen = *frozen || young;
    let mark = match &next {
        Some(next) if !frozen => Mark::Cursor(next.clone()),
        _ => run.mark.clone(),
    };
    let deliver = (0..keys.len()).collect();
    if done {
        return Ok(Turn { deliver, next: None, mark });
    }
    let moved = next.is_some() && next != *cursor;
    if !moved {
        return Err(Failure::new(
            Class::NoProgress,
            "the CRM is not done, but its position does not move on",
        ));
    }
    let next = Some(Place::Cursor { from: *from, cursor: next, frozen });
    Ok(Turn { deliver, next, mark })
}
