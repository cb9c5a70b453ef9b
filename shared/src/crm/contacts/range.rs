//! Mode `range`: filter by stamp inclusively, ascending; withhold the newest open bucket of every
//! page; drain a bucket by id when it is larger than a page.
//!
//! Why not `> last stamp`, offsets or `(stamp, id)` pairs: `make prove-sync` shows what they lose.

use std::time::Duration;

use super::checkpoint::{Mark, limit, step};
use super::place::{Link, Place};
use super::run::Run;
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
    let bounds = Bounds { run, limit: limit(rules, started), step: step(rules) };
    match &run.place {
        Place::Drain { from, to, last_id, .. } => {
            drain(&bounds, (*from, *to), last_id.as_deref(), keys, more, next)
        }
        Place::Stable { from, .. } => follow(&bounds, Moment::from_micros(*from), keys, next),
        Place::Query { from } if stable => follow(&bounds, Moment::from_micros(*from), keys, next),
        Place::Query { from } => query(&bounds, Moment::from_micros(*from), keys, more),
        _ => Err(Failure::new(Class::BadOffset, "the offset belongs to another mode")),
    }
}

struct Bounds<'a> {
    run: &'a Run,
    /// `started − settle`: rows stamped before it change their stamps only to later ones.
    limit: Moment,
    step: Duration,
}

impl Bounds<'_> {
    /// The checkpoint when everything before `covered` is delivered: never past `limit`, never back.
    fn mark(&self, covered: Moment) -> Mark {
        Mark::Time(covered.min(self.limit).max(self.run.base_time()))
    }

    fn finished(&self, deliver: Vec<usize>) -> Turn {
        Turn { deliver, next: None, mark: self.mark(self.limit) }
    }

    fn bucket(&self, from: Moment, to: Moment) -> Turn {
        let next = Place::Drain { from: from.micros(), to: to.micros(), last_id: None, page: None };
        Turn { deliver: Vec::new(), next: Some(next), mark: self.mark(from) }
    }

    /// Whether a stamp tells where its row stood in the answer's order, when the page begins at
    /// `from`. Some CRMs choose the ids first and load the rows afterwards: a row that changes in
    /// between stands where its old stamp was, and its new one is not older than `limit`. Such a
    /// stamp must neither count as out of order nor move the bound past rows that were not read.
    /// Beyond `limit` nothing depends on it: the next run begins there at the latest.
    fn tells(&self, from: Moment, stamp: Moment) -> bool {
        stamp < self.limit || from >= self.limit
    }

    /// How far a page that begins at `from` goes for certain: its newest stamp that tells.
    ///
    /// # Errors
    /// Rows out of order: a mark would cover rows that come later.
    fn reached(&self, from: Moment, stamps: impl Iterator<Item = Moment>) -> Result<Option<Moment>, Failure> {
        let telling: Vec<Moment> = stamps.filter(|stamp| self.tells(from, *stamp)).collect();
        if from < self.limit && !telling.is_sorted() {
            let detail = "the rows are not in ascending order of the checkpoint's field";
            return Err(Failure::new(Class::CrmUnreadable, detail));
        }
        Ok(telling.into_iter().max())
    }
}

fn query(bounds: &Bounds<'_>, from: Moment, keys: &[Key], more: bool) -> Result<Turn, Failure> {
    let floor = from.floor(bounds.step);
    // Some servers round the filter down; what is older than asked has been delivered before.
    let asked = |key: &Key| key.stamp.is_none_or(|stamp| stamp >= floor);
    if !more {
        return Ok(bounds.finished((0..keys.len()).filter(|i| asked(&keys[*i])).collect()));
    }
    let stamps = || keys.iter().filter(|k| asked(k)).filter_map(|k| k.stamp);
    if stamps().next().is_none() {
        let class = if keys.iter().any(asked) { Class::CrmUnreadable } else { Class::NoProgress };
        return Err(Failure::new(
            class,
            "more rows are announced, but no row of this page has a stamp that was asked for",
        ));
    }
    match bounds.reached(floor, stamps())? {
        Some(newest) if newest > floor => {
            let closed =
                |key: &Key| key.stamp.is_none_or(|stamp| stamp < newest || !bounds.tells(floor, stamp));
            let deliver = (0..keys.len()).filter(|i| asked(&keys[*i]) && closed(&keys[*i])).collect();
            let next = Some(Place::Query { from: newest.micros() });
            Ok(Turn { deliver, next, mark: bounds.mark(newest) })
        }
        // The whole page is one bucket: read it by id from its beginning.
        Some(_) => Ok(bounds.bucket(floor, floor.plus(bounds.step))),
        // No row tells how far the page goes: only its id says so for every row up to `limit`.
        None => Ok(bounds.bucket(floor, bounds.limit)),
    }
}

fn drain(
    bounds: &Bounds<'_>,
    (from, to): (i64, i64),
    last_id: Option<&str>,
    keys: &[Key],
    more: bool,
    next: Option<&Position>,
) -> Result<Turn, Failure> {
    let deliver = (0..keys.len()).collect();
    if !more {
        let mark = bounds.mark(Moment::from_micros(to));
        return Ok(Turn { deliver, next: Some(Place::Query { from: to }), mark });
    }
    let next = if let Some(Position::Page(page)) = next {
        Place::Drain { from, to, last_id: last_id.map(str::to_owned), page: Some(page.clone()) }
    } else {
        let reached = keys.last().and_then(|k| k.id.clone());
        let stuck =
            reached.is_none() || reached.as_deref() == last_id || falls_back(last_id, reached.as_deref());
        if stuck {
            return Err(Failure::new(Class::NoProgress, "reading one bucket by id does not move on"));
        }
        Place::Drain { from, to, last_id: reached, page: None }
    };
    Ok(Turn { deliver, next: Some(next), mark: bounds.mark(Moment::from_micros(from)) })
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
    let reached = bounds.reached(from, keys.iter().filter_map(|k| k.stamp))?;
    let newest = reached.unwrap_or(from).max(from);
    let next = Some(Place::Stable { from: newest.micros(), page: link });
    Ok(Turn { deliver, next, mark: bounds.mark(newest) })
}
