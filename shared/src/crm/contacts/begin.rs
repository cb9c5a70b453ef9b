//! Where a run begins: from a checkpoint, or from the manifest's start.

use std::time::Duration;

use super::checkpoint::{self, History, Kept, Mark};
use super::run::{BEHIND, Run};
use super::way::Begin;
use super::{Spec, modes};
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Mode};
use crate::time::Moment;

/// How far a checkpoint may lie ahead of our own clock, which is only roughly right.
const AHEAD: Duration = Duration::from_secs(300);
/// How far a run goes back before a mark of another bridge, whose runs may have taken that long.
const FOREIGN: Duration = Duration::from_secs(86_400);

impl Run {
    /// A run from a checkpoint; a full one from the manifest's start when there is none, when the
    /// manifest is of a newer generation, or when `full_every` says that one is due.
    ///
    /// A mark without a history is one of another bridge, or of an older one of ours: its clock may
    /// have stood for "now" at the end of a long run, so the run begins a day before it.
    ///
    /// # Errors
    /// `BadCheckpoint` for one that lies in the future.
    pub fn begin(spec: &Spec, kept: Option<Kept>, now: Moment) -> Result<Self, Failure> {
        let Some(rules) = &spec.checkpoint else {
            return Err(Failure::new(Class::Internal, "contacts without a checkpoint"));
        };
        let millis = now.micros().div_euclid(1_000);
        let Some(kept) = kept else {
            return Ok(Self { initial: true, ..Self::full(spec, rules, now, None) });
        };
        let generation = spec.generation.unwrap_or(1);
        let time = match &kept.mark {
            Mark::Time(moment) => Some(*moment),
            Mark::Cursor(_) => None,
        };
        let (mark, history) = match (kept.mark, kept.history) {
            (mark, Some(history)) => (mark, history),
            // As if a full run had ended with the mark: one becomes due when the mark is old.
            (mark, None) => {
                let ended = time.map_or(millis, |t| t.micros().div_euclid(1_000));
                let every =
                    rules.full_every.map_or(0, |e| i64::try_from(e.0.as_millis()).unwrap_or(i64::MAX));
                let first = ended.saturating_sub(every);
                let history = History {
                    generation: 1,
                    first,
                    began: first,
                    last: Some(ended),
                    behind: BEHIND,
                    seen: ended,
                    ..History::default()
                };
                (
                    time.map_or(mark, |time| Mark::Time(time.minus(FOREIGN).max(checkpoint::start(rules)))),
                    history,
                )
            }
        };
        if history.generation < generation || full_is_due(rules, &history, millis) {
            return Ok(Self::full(spec, rules, now, Some(&history)));
        }
        if time.is_some_and(|time| time > now.plus(AHEAD)) {
            let detail = "the checkpoint lies in the future: a run from it would find nothing";
            return Err(Failure::new(Class::BadCheckpoint, detail).with_message(
                "The synchronization checkpoint lies in the future: contacts would be missed. Start an initial synchronization without it, or raise contacts.generation in the manifest.",
            ));
        }
        let start = checkpoint::start(rules);
        let back = Duration::from_micros(u64::try_from(history.back).unwrap_or(0));
        let from = match &mark {
            Mark::Time(time) => time.minus(rules.overlap.0).minus(back).max(start),
            Mark::Cursor(_) => start,
        };
        let from = from.floor(checkpoint::step(rules)).max(start).micros();
        let cursor = match &mark {
            Mark::Cursor(cursor) if rules.mode == Mode::Cursor => Some(cursor.clone()),
            _ => None,
        };
        let shown = history.shown.clone();
        let place = modes::of(rules.mode).begin(Begin { spec, rules, from, cursor, shown });
        Ok(Self::at(place, mark, History { shown: None, ..history }))
    }

    /// A run over everything.
    fn full(spec: &Spec, rules: &Checkpoint, now: Moment, earlier: Option<&History>) -> Self {
        let start = checkpoint::start(rules);
        let from = start.floor(checkpoint::step(rules)).max(start).micros();
        let place = modes::of(rules.mode).begin(Begin { spec, rules, from, cursor: None, shown: None });
        let (generation, began) = (spec.generation.unwrap_or(1), now.micros().div_euclid(1_000));
        let history = History {
            generation,
            first: earlier.filter(|known| known.generation == generation).map_or(began, |known| known.first),
            began,
            last: None,
            behind: BEHIND,
            seen: began,
            back: 0,
            shown: None,
        };
        Self::at(place, Mark::Time(start), history)
    }
}

/// Whether everything is to be read again. After a first run soon, and then after twice the time
/// each: while an account is new its rights are still being arranged. At the latest after
/// `full_every`. A run that took long is not repeated before as much time has passed again.
fn full_is_due(rules: &Checkpoint, history: &History, now: i64) -> bool {
    let Some(every) = rules.full_every else { return false };
    let every = i64::try_from(every.0.as_millis()).unwrap_or(i64::MAX);
    // One that never ends, because its first checkpoint is the one that is kept, is begun again.
    let Some(last) = history.last else { return now.saturating_sub(history.began) >= every };
    let age = last.saturating_sub(history.first).div_euclid(60_000) * 60_000;
    now.saturating_sub(last) >= every.min(age).max(1)
}
