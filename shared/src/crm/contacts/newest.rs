//! Mode `newest`: the CRM sorts by change, newest first, and filters by nothing. A run reads until what
//! is older than its lower bound; the checkpoint moves with its last page.
//!
//! Who is changed meanwhile moves to the front, which shifts the others back: they come twice. Who is
//! deleted lets the others move up, past a border: so pages overlap (`walk`).

use super::checkpoint::{Mark, limit, step};
use super::place::Place;
use super::shown::Last;
use super::way::{Begin, Seen, Way};
use super::{Spec, Turn};
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Page};
use crate::time::Moment;

/// The mode.
pub(super) struct Newest;

impl Way for Newest {
    fn begin(&self, begin: Begin<'_>) -> Place {
        Place::Walk { from: begin.from, to: None, at: 0, last: None }
    }

    fn decide(&self, seen: &Seen<'_>) -> Result<Turn, Failure> {
        decide(seen)
    }

    fn has(&self, spec: &Spec, _: &Checkpoint, place: &Place) -> bool {
        matches!(place, Place::Walk { to: None, .. }) && spec.page.as_ref().is_some_and(Page::counted)
    }

    fn moves_on(&self) -> bool {
        false
    }

    fn follows(&self, _: &Spec) -> bool {
        false
    }
}

/// Decides about one page.
///
/// # Errors
/// Rows that are not sorted by change, newest first; an offset of another mode.
fn decide(seen: &Seen<'_>) -> Result<Turn, Failure> {
    let Seen { rules, run, clocks, page, .. } = *seen;
    let Place::Walk { from, to: None, last, .. } = &run.place else {
        return Err(Failure::new(Class::BadOffset, "the offset belongs to another mode"));
    };
    let walk = seen.walk(*from, None, last.as_ref())?;
    let keys = walk.keys;
    let limit = limit(rules, clocks.started);
    let floor = Moment::from_micros(*from).floor(step(rules));
    // A younger stamp may have been set while the CRM answered: it does not tell where its row stood.
    let telling: Vec<Moment> = keys.iter().filter_map(|k| k.stamp).filter(|s| *s < limit).collect();
    if !telling.is_sorted_by(|a, b| a >= b) {
        let detail = "the rows are not sorted by the checkpoint's field, newest first";
        return Err(Failure::new(Class::CrmUnreadable, detail));
    }
    if !keys.is_empty() && keys.iter().all(|key| key.stamp.is_none()) {
        return Err(Failure::new(Class::CrmUnreadable, "no row has a readable time of its last change"));
    }
    let base = run.base_time();
    let shown = |last: &Last| {
        let stood = last.order.parse().map_or(Moment::EPOCH, Moment::from_micros);
        telling.iter().any(|stamp| *stamp > stood)
            || keys.iter().any(|key| key.id.is_some() && key.id == last.id)
    };
    if walk.start > 0 && !last.as_ref().is_some_and(shown) {
        return Ok(Turn { deliver: Vec::new(), next: Some(walk.back()), mark: Mark::Time(base) });
    }
    let deliver = (0..keys.len()).filter(|i| keys[*i].stamp.is_none_or(|stamp| stamp >= floor)).collect();
    let older = telling.last().is_some_and(|stamp| *stamp < floor);
    if !page.more || older {
        let reached = limit.minus(rules.overlap.0);
        return Ok(Turn { deliver, next: None, mark: Mark::Time(reached.max(base)) });
    }
    let last = keys.last().map(|key| Last {
        order: key.stamp.map_or(limit, |stamp| stamp.min(limit)).micros().to_string(),
        id: key.id.clone(),
    });
    Ok(Turn { deliver, next: Some(walk.on(last)), mark: Mark::Time(base) })
}
