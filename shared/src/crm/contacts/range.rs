//! Mode `range`: filter by stamp inclusively, ascending; withhold the newest open bucket of every
//! page; drain a bucket by id when it is larger than a page.
//!
//! Why not `> last stamp`, offsets or `(stamp, id)` pairs: `make prove-sync` shows what they lose.

use std::time::Duration;

use super::checkpoint::{Mark, limit, step};
use super::clock::Clocks;
use super::place::{Link, Place};
use super::run::Run;
use super::shown::{Last, Shown};
use super::way::{Begin, Seen, Way};
use super::{Key, Spec, Turn};
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Page};
use crate::time::Moment;

/// How far beyond a run's beginning rows are left to the next run, which comes sooner than that.
const AHEAD: Duration = Duration::from_secs(900);
/// A filter may be rounded down to the minute.
const ROUNDING: Duration = Duration::from_secs(60);
pub(super) const IGNORED: &str = "Every contact that the CRM gave is older than what was asked for: it ignores the filter by time, or reads it in another time zone.";

/// The mode.
pub(super) struct Range;

impl Way for Range {
    fn begin(&self, begin: Begin<'_>) -> Place {
        Place::Query { from: begin.from, shown: begin.shown }
    }

    fn decide(&self, seen: &Seen<'_>) -> Result<Turn, Failure> {
        let stable = self.follows(seen.spec);
        let page = seen.page;
        match &seen.run.place {
            Place::Drain { from, to, .. } if walks(seen.spec, seen.rules) => {
                return walk(seen, (*from, *to), None);
            }
            Place::Walk { from, to: Some(to), last, .. } => return walk(seen, (*from, *to), last.as_ref()),
            _ => {}
        }
        decide(seen.rules, seen.run, seen.clocks, &page.keys, page.more, page.next.as_ref(), stable)
    }

    fn has(&self, spec: &Spec, rules: &Checkpoint, place: &Place) -> bool {
        let page = spec.page.as_ref();
        match place {
            Place::Query { .. } => true,
            Place::Drain { from, to, last_id, page: token, .. } => {
                let token = token.clone().map(Link::Page);
                let known =
                    token.as_ref().is_none_or(|t| page.is_some_and(|p| t.fits(p)) && last_id.is_none());
                rules.drain.is_some() && from < to && known
            }
            Place::Stable { page: link, .. } => page.is_some_and(|p| p.stable && link.fits(p)),
            Place::Walk { from, to: Some(to), .. } => from < to && walks(spec, rules),
            _ => false,
        }
    }

    fn moves_on(&self) -> bool {
        true
    }
}

/// Whether a bucket's pages are counted, and so read with an overlap. Who has accepted a loss may have
/// pages that cannot be.
fn walks(spec: &Spec, rules: &Checkpoint) -> bool {
    rules.drain.is_some() && rules.accept_loss.is_none() && spec.page.as_ref().is_some_and(Page::counted)
}

/// A counted page of a bucket, in order of the ids.
fn walk<'a>(seen: &Seen<'a>, (from, to): (i64, i64), last: Option<&'a Last>) -> Result<Turn, Failure> {
    let (run, page) = (seen.run, seen.page);
    let walk = seen.walk(from, Some(to), last)?;
    let (limit, step) = (limit(seen.rules, seen.clocks.started), step(seen.rules));
    let bounds = Bounds { run, limit, until: seen.clocks.until, step };
    let (follows, last) = walk.follows(|key| key.id.as_ref())?;
    let mark = bounds.mark(Moment::from_micros(from));
    if !follows {
        return Ok(Turn { deliver: Vec::new(), next: Some(walk.back()), mark });
    }
    if page.more {
        return Ok(Turn { deliver: (0..page.keys.len()).collect(), next: Some(walk.on(last)), mark });
    }
    drain(&bounds, (from, to), None, &page.keys, false, None)
}

/// Decides about one page.
///
/// # Errors
/// `NoProgress` when the page does not move on; `CrmUnreadable` when rows are out of order or no
/// row has a stamp, because either would lose contacts silently.
pub fn decide(
    rules: &Checkpoint,
    run: &Run,
    clocks: Clocks,
    keys: &[Key],
    more: bool,
    next: Option<&Position>,
    stable: bool,
) -> Result<Turn, Failure> {
    let bounds = Bounds { run, limit: limit(rules, clocks.started), until: clocks.until, step: step(rules) };
    match &run.place {
        Place::Drain { from, to, last_id, .. } => {
            drain(&bounds, (*from, *to), last_id.as_deref(), keys, more, next)
        }
        Place::Stable { from, .. } => follow(&bounds, Moment::from_micros(*from), keys, next),
        Place::Query { from, .. } if stable => follow(&bounds, Moment::from_micros(*from), keys, next),
        Place::Query { from, .. } => query(&bounds, Moment::from_micros(*from), keys, more),
        _ => Err(Failure::new(Class::BadOffset, "the offset belongs to another mode")),
    }
}

struct Bounds<'a> {
    run: &'a Run,
    /// `started − settle`: rows stamped before it change their stamps only to later ones.
    limit: Moment,
    /// What is stamped later belongs to a later run.
    until: Moment,
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

    fn bucket(&self, from: Moment, to: Moment, shown: Option<Shown>) -> Turn {
        let (from_micros, to) = (from.micros(), to.micros());
        let next = Place::Drain { from: from_micros, to, last_id: None, page: None, shown };
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
    // Beyond `limit` a row may have been changed back, from a clock that ran ahead, while the CRM answered.
    if (more || floor < bounds.limit) && ignored(bounds.step, floor, keys) {
        let class = if more { Class::NoProgress } else { Class::CrmUnreadable };
        return Err(Failure::new(class, IGNORED).with_message(IGNORED));
    }
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
            let ahead = bounds.until.plus(AHEAD).floor(bounds.step);
            if newest > bounds.until && newest < ahead {
                // Whoever changes contacts as fast as they are read must not keep a run going: what
                // is stamped after its beginning is read by the next one. Beyond, rows may stand that
                // no clock will reach for years.
                let next = Some(Place::query(ahead.micros()));
                return Ok(Turn { deliver, next, mark: bounds.mark(newest) });
            }
            let shown = Some(shown(keys, newest, floor));
            let next = Some(Place::Query { from: newest.micros(), shown });
            Ok(Turn { deliver, next, mark: bounds.mark(newest) })
        }
        // The whole page is one bucket: read it by id from its beginning.
        Some(_) => {
            let shown = Some(shown(keys, floor, floor));
            Ok(bounds.bucket(floor, floor.plus(bounds.step), shown))
        }
        // No row tells how far the page goes: only its id says so for every row up to `limit`.
        None => Ok(bounds.bucket(floor, bounds.limit, None)),
    }
}

/// The rows of a page that are stamped `bucket`, as the place after it remembers them.
fn shown(keys: &[Key], bucket: Moment, since: Moment) -> Shown {
    let mut rows = keys.iter().filter(|key| key.stamp == Some(bucket));
    let (first, rest) = (rows.next(), rows.count());
    let count = u32::try_from(rest).unwrap_or(u32::MAX - 1) + 1;
    Shown { count, id: first.and_then(|key| key.id.clone()), since: since.micros(), to: None }
}

/// Whether every stamp of a page is older than what was asked for, by more than a filter rounds.
pub(super) fn ignored(step: Duration, floor: Moment, keys: &[Key]) -> bool {
    let oldest = floor.minus(step.max(ROUNDING));
    let mut stamps = keys.iter().map(|key| key.stamp).peekable();
    stamps.peek().is_some() && stamps.all(|stamp| stamp.is_some_and(|stamp| stamp < oldest))
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
        return Ok(Turn { deliver, next: Some(Place::query(to)), mark });
    }
    let next = if let Some(Position::Page(page)) = next {
        Place::Drain { from, to, last_id: last_id.map(str::to_owned), page: Some(page.clone()), shown: None }
    } else {
        let reached = keys.last().and_then(|k| k.id.clone());
        let stuck =
            reached.is_none() || reached.as_deref() == last_id || falls_back(last_id, reached.as_deref());
        if stuck {
            return Err(Failure::new(Class::NoProgress, "reading one bucket by id does not move on"));
        }
        Place::Drain { from, to, last_id: reached, page: None, shown: None }
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
    if matches!(bounds.run.place, Place::Query { .. }) && ignored(bounds.step, from.floor(bounds.step), keys)
    {
        return Err(Failure::new(Class::CrmUnreadable, IGNORED).with_message(IGNORED));
    }
    let Some(link) = next.and_then(Link::of) else {
        return Ok(bounds.finished(deliver));
    };
    let reached = bounds.reached(from, keys.iter().filter_map(|k| k.stamp))?;
    let newest = reached.unwrap_or(from).max(from);
    let next = Some(Place::Stable { from: newest.micros(), page: link });
    Ok(Turn { deliver, next, mark: bounds.mark(newest) })
}
