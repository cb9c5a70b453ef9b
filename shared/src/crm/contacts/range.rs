//! Mode `range`: filter by stamp inclusively, ascending; withhold the newest open bucket of every
//! page; drain a bucket by id when it is larger than a page (`crm-apis` §2.3).
//!
//! Why not `> last stamp`, offsets or `(stamp, id)` pairs: `make prove-sync` shows what they lose.

use super::checkpoint::{Mark, limit, step};
use super::state::{Link, Place, Run};
use super::{Key, Turn};
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;
use crate::time::Moment;

/// Decides about one page.
///
/// # Errors
/// `NoProgress` when the page does not move on; `CrmUnreadable` when rows are out of order or no
/// row has a stamp, because either would lose contacts silently.
pub fn decide(
    rules: &Checkpoint,
    run: &Run,
    started: Moment,
    keys: &[Key],
    more: bool,
    next: Option<&Position>,
    stable: bool,
) -> Result<Turn, Failure> {
    let bounds = Bounds { run, limit: limit(rules, started) };
    match &run.place {
        Place::Drain { from, last_id, .. } => {
            let bucket = Moment::from_micros(*from);
            drain(rules, &bounds, bucket, last_id.as_deref(), keys, more, next)
        }
        Place::Stable { from, .. } => follow(&bounds, Moment::from_micros(*from), keys, next),
        Place::Query { from } if stable => follow(&bounds, Moment::from_micros(*from), keys, next),
        Place::Query { from } => query(rules, &bounds, Moment::from_micros(*from), keys, more),
        _ => Err(Failure::new(Class::BadOffset, "the offset belongs to another mode")),
    }
}

struct Bounds<'a> {
    run: &'a Run,
    limit: Moment,
}

impl Bounds<'_> {
    /// The checkpoint when everything before `covered` is delivered: never past `limit`, never back.
    fn mark(&self, covered: Moment) -> Mark {
        Mark::Time(covered.min(self.limit).max(self.run.base_time()))
    }

    fn finished(&self, deliver: Vec<usize>) -> Turn {
        Turn { deliver, next: None, mark: self.mark(self.limit) }
    }
}

fn query(
    rules: &Checkpoint,
    bounds: &Bounds<'_>,
    from: Moment,
    keys: &[Key],
    more: bool,
) -> Result<Turn, Failure> {
    let floor = from.floor(step(rules));
    // Some servers round the filter down; what is older than asked has been delivered before.
    let asked = |key: &Key| key.stamp.is_none_or(|stamp| stamp >= floor);
    if !more {
        return Ok(bounds.finished((0..keys.len()).filter(|i| asked(&keys[*i])).collect()));
    }
    let stamps = || keys.iter().filter(|k| asked(k)).filter_map(|k| k.stamp);
    let Some(newest) = stamps().max() else {
        let class = if keys.iter().any(asked) { Class::CrmUnreadable } else { Class::NoProgress };
        return Err(Failure::new(
            class,
            "more rows are announced, but no row of this page has a stamp that was asked for",
        ));
    };
    ascending(stamps())?;
    if newest > floor {
        let closed = |key: &Key| key.stamp.is_none_or(|stamp| stamp < newest);
        let deliver = (0..keys.len()).filter(|i| asked(&keys[*i]) && closed(&keys[*i])).collect();
        let next = Some(Place::Query { from: newest.micros() });
        return Ok(Turn { deliver, next, mark: bounds.mark(newest) });
    }
    // The whole page is one bucket: read it by id from its beginning.
    let next = Some(Place::Drain { from: newest.micros(), last_id: None, page: None });
    Ok(Turn { deliver: Vec::new(), next, mark: bounds.mark(newest) })
}

fn drain(
    rules: &Checkpoint,
    bounds: &Bounds<'_>,
    bucket: Moment,
    last_id: Option<&str>,
    keys: &[Key],
    more: bool,
    next: Option<&Position>,
) -> Result<Turn, Failure> {
    let deliver = (0..keys.len()).collect();
    if !more {
        let after = bucket.plus(step(rules));
        let next = Some(Place::Query { from: after.micros() });
        return Ok(Turn { deliver, next, mark: bounds.mark(after) });
    }
    let from = bucket.micros();
    let next = if let Some(Position::Page(page)) = next {
        Place::Drain { from, last_id: last_id.map(str::to_owned), page: Some(page.clone()) }
    } else {
        let reached = keys.last().and_then(|k| k.id.clone());
        let stuck =
            reached.is_none() || reached.as_deref() == last_id || falls_back(last_id, reached.as_deref());
        if stuck {
            return Err(Failure::new(Class::NoProgress, "reading one time step by id does not move on"));
        }
        Place::Drain { from, last_id: reached, page: None }
    };
    Ok(Turn { deliver, next: Some(next), mark: bounds.mark(bucket) })
}

/// In any other order `mark` would cover rows that come later.
fn ascending(stamps: impl Iterator<Item = Moment>) -> Result<(), Failure> {
    if stamps.is_sorted() {
        return Ok(());
    }
    let detail = "the rows are not in ascending order of the checkpoint's field";
    Err(Failure::new(Class::CrmUnreadable, detail))
}

/// Numbers must grow; other ids are ordered by the server alone.
fn falls_back(before: Option<&str>, after: Option<&str>) -> bool {
    let number = |id: Option<&str>| id.and_then(|i| i.parse::<u64>().ok());
    matches!((number(before), number(after)), (Some(before), Some(after)) if after <= before)
}

/// The vendor's paging is a keyset that survives updates: its pages are followed to the end, and
/// the lower bound is only what to fall back to.
fn follow(bounds: &Bounds<'_>, from: Moment, keys: &[Key], next: Option<&Position>) -> Result<Turn, Failure> {
    let deliver: Vec<usize> = (0..keys.len()).collect();
    let Some(link) = next.and_then(Link::of) else {
        return Ok(bounds.finished(deliver));
    };
    ascending(keys.iter().filter_map(|k| k.stamp))?;
    let newest = keys.iter().filter_map(|k| k.stamp).max().unwrap_or(from).max(from);
    let next = Some(Place::Stable { from: newest.micros(), page: link });
    Ok(Turn { deliver, next, mark: bounds.mark(newest) })
}
