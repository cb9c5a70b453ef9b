//! Mode `snapshot`: only "changed since", no order to rely on. The lower bound is frozen, every
//! page answers the old checkpoint, and only the last one moves it.

use super::checkpoint::{Mark, limit, step};
use super::clock::Clocks;
use super::place::{Link, Place};
use super::range::{IGNORED, ignored};
use super::run::Run;
use super::way::{Begin, Seen, Way};
use super::{Key, Spec, Turn};
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;
use crate::time::Moment;

/// The mode.
pub(super) struct Snapshot;

impl Way for Snapshot {
    fn begin(&self, begin: Begin) -> Place {
        Place::Snapshot { from: begin.from, page: None }
    }

    fn decide(&self, seen: &Seen<'_>) -> Result<Turn, Failure> {
        decide(seen.rules, seen.run, seen.clocks, &seen.page.keys, seen.page.next.as_ref())
    }

    fn has(&self, spec: &Spec, _: &Checkpoint, place: &Place) -> bool {
        let Place::Snapshot { page: link, .. } = place else { return false };
        link.as_ref().is_none_or(|link| spec.page.as_ref().is_some_and(|page| link.fits(page)))
    }

    fn moves_on(&self) -> bool {
        false
    }

    fn follows(&self, _: &Spec) -> bool {
        true
    }
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
    if page.is_none() && ignored(step(rules), Moment::from_micros(*from), keys) {
        return Err(Failure::new(Class::CrmUnreadable, IGNORED).with_message(IGNORED));
    }
    let mut deliver: Vec<usize> = (0..keys.len()).collect();
    deliver.sort_by_key(|index| keys[*index].stamp);
    let base = run.base_time();
    match next.and_then(Link::of) {
        Some(page) => Ok(Turn {
            deliver,
            next: Some(Place::Snapshot { from: *from, page: Some(page) }),
            mark: Mark::Time(base),
        }),
        None => {
            let reached = limit(rules, clocks.started).minus(rules.overlap.0);
            Ok(Turn { deliver, next: None, mark: Mark::Time(reached.max(base)) })
        }
    }
}
