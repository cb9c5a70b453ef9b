//! Mode `snapshot`: only "changed since", no order to rely on. The lower bound is frozen, every
//! page answers the old checkpoint, and only the last one moves it.

use super::checkpoint::{Mark, limit, step};
use super::clock::Clocks;
use super::place::{Link, Place};
use super::range::{IGNORED, ignored};
use super::run::Run;
use super::shown::Last;
use super::way::{Begin, Seen, Way};
use super::{Key, Spec, Turn};
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Page};
use crate::time::Moment;

/// The mode.
pub(super) struct Snapshot;

impl Way for Snapshot {
    fn begin(&self, begin: Begin<'_>) -> Place {
        if walks(begin.spec, begin.rules) {
            return Place::Walk { from: begin.from, to: None, at: 0, last: None };
        }
        Place::Snapshot { from: begin.from, page: None }
    }

    fn decide(&self, seen: &Seen<'_>) -> Result<Turn, Failure> {
        match &seen.run.place {
            Place::Walk { from, to: None, last, .. } => walk(seen, *from, last.as_ref()),
            _ => decide(seen.rules, seen.run, seen.clocks, &seen.page.keys, seen.page.next.as_ref()),
        }
    }

    fn has(&self, spec: &Spec, rules: &Checkpoint, place: &Place) -> bool {
        match place {
            Place::Snapshot { page: link, .. } => {
                link.as_ref().is_none_or(|link| spec.page.as_ref().is_some_and(|page| link.fits(page)))
            }
            Place::Walk { to: None, .. } => walks(spec, rules),
            _ => false,
        }
    }

    fn moves_on(&self) -> bool {
        false
    }

    fn follows(&self, _: &Spec) -> bool {
        true
    }
}

/// Whether the pages are counted, in an order that never changes, and so read with an overlap.
fn walks(spec: &Spec, rules: &Checkpoint) -> bool {
    rules.order.is_some() && spec.page.as_ref().is_some_and(Page::counted)
}

/// A counted page of everything, in an order that never changes.
fn walk<'a>(seen: &Seen<'a>, from: i64, last: Option<&'a Last>) -> Result<Turn, Failure> {
    let (run, page) = (seen.run, seen.page);
    let walk = seen.walk(from, None, last)?;
    let (follows, last) = walk.follows(|key| key.order.as_ref())?;
    let mark = Mark::Time(run.base_time());
    if !follows {
        return Ok(Turn { deliver: Vec::new(), next: Some(walk.back()), mark });
    }
    if page.start == 0 {
        asked(seen.rules, from, &page.keys)?;
    }
    Ok(turn(seen.rules, run, seen.clocks, &page.keys, page.more.then(|| walk.on(last))))
}

/// Decides about one page. Within it rows are delivered in the order of their stamps.
///
/// # Errors
/// An offset of another mode.
pub fn decide(
    rules: &Checkpoint,
    run: &Run,
    clocks: Clocks,
    keys: &[Key],
    next: Option<&Position>,
) -> Result<Turn, Failure> {
    let Place::Snapshot { from, page } = &run.place else {
        return Err(Failure::new(Class::BadOffset, "the offset belongs to another mode"));
    };
    if page.is_none() {
        asked(rules, *from, keys)?;
    }
    let next = next.and_then(Link::of).map(|page| Place::Snapshot { from: *from, page: Some(page) });
    Ok(turn(rules, run, clocks, keys, next))
}

/// Refuses a first page of which no row was asked for.
fn asked(rules: &Checkpoint, from: i64, keys: &[Key]) -> Result<(), Failure> {
    if ignored(step(rules), Moment::from_micros(from), keys) {
        return Err(Failure::new(Class::CrmUnreadable, IGNORED).with_message(IGNORED));
    }
    Ok(())
}

fn turn(rules: &Checkpoint, run: &Run, clocks: Clocks, keys: &[Key], next: Option<Place>) -> Turn {
    let mut deliver: Vec<usize> = (0..keys.len()).collect();
    deliver.sort_by_key(|index| keys[*index].stamp);
    let base = run.base_time();
    let mark = match next {
        Some(_) => base,
        None => limit(rules, clocks.started).minus(rules.overlap.0).max(base),
    };
    Turn { deliver, next, mark: Mark::Time(mark) }
}
