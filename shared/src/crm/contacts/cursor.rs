//! Mode `cursor`: the server owns the position. The checkpoint is the last position all of whose
//! rows are older than `started − settle`.

use super::checkpoint::{Mark, limit};
use super::clock::Clocks;
use super::place::Place;
use super::run::Run;
use super::{Key, Turn};
use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;

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
