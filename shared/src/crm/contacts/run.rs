//! A run: where it began, how far it came, where it goes on.

use std::time::Duration;

use minijinja::Value;
use sha2::{Digest as _, Sha256};

use super::checkpoint::{self, History, Kept, Mark};
use super::clock::Clocks;
use super::place::{Place, Shown};
use super::way::{self, Begin};
use super::{Key, Spec};
use crate::crm::Scope;
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Mode};
use crate::time::Moment;

/// How far a checkpoint may lie ahead of our own clock, which is only roughly right.
const AHEAD: Duration = Duration::from_secs(300);
/// How often a counted page may come again before it counts as one that does not move on.
const AGAIN: u8 = 4;
/// How far a run goes back before a mark of another bridge, whose runs may have taken that long.
const FOREIGN: Duration = Duration::from_secs(86_400);
/// How far the clock of the stamps may be behind ours at most: a day holds every time zone.
const BEHIND: u64 = 86_400;

/// A run between two pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// When the run's first query ran; none before.
    pub clocks: Option<Clocks>,
    /// The mark that the run began with: marks never fall behind it.
    pub base: Mark,
    /// The mark of the page before.
    pub mark: Mark,
    /// Pages so far.
    pub pages: u64,
    /// Whether the CRM had any row.
    pub rows_seen: bool,
    /// The newest stamp so far that is not in the future, in microseconds.
    pub newest: Option<i64>,
    /// The id of its row.
    pub newest_id: Option<String>,
    /// By how many seconds the clock of the stamps is behind at most, by what the pages showed.
    pub behind: Option<u64>,
    /// What came along with the mark.
    pub history: History,
    /// Where the next page begins.
    pub place: Place,
    /// A digest of the rows of the page before, where pages are counted, and how often they came again.
    pub page: Option<(u32, u8)>,
}

/// Tells pages apart.
fn digest(rows: &[Value]) -> u32 {
    let text: Vec<String> = rows.iter().map(ToString::to_string).collect();
    let digest = Sha256::digest(text.join("\n"));
    u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]])
}

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
            return Ok(Self::full(spec, rules, now, None));
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
        let place = way::of(rules.mode).begin(Begin { spec, rules, from, cursor, shown });
        Ok(Self::at(place, mark, History { shown: None, ..history }))
    }

    /// A run over everything.
    fn full(spec: &Spec, rules: &Checkpoint, now: Moment, earlier: Option<&History>) -> Self {
        let start = checkpoint::start(rules);
        let from = start.floor(checkpoint::step(rules)).max(start).micros();
        let place = way::of(rules.mode).begin(Begin { spec, rules, from, cursor: None, shown: None });
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

    fn at(place: Place, base: Mark, history: History) -> Self {
        let mark = base.clone();
        Self {
            clocks: None,
            base,
            mark,
            pages: 0,
            rows_seen: false,
            newest: None,
            newest_id: None,
            behind: None,
            history,
            place,
            page: None,
        }
    }

    /// Takes note of a page's rows, before it goes on to `next`.
    ///
    /// # Errors
    /// `NoProgress` for the very rows of the page before, again and again: the CRM does not know the page's
    /// parameter, and would show them for ever. Once or twice a list that changes may look like that.
    pub fn turned(&mut self, rows: &[Value], spec: &Spec, next: Option<&Place>) -> Result<(), Failure> {
        // Only further pages that are counted are told apart: elsewhere every page is asked for by what it holds.
        let counts = next.is_some_and(|place| place.counts(spec.page.as_ref()));
        let page = (!rows.is_empty() && counts).then(|| digest(rows));
        let again = self.page.filter(|(before, _)| Some(*before) == page).map_or(0, |(_, times)| times + 1);
        if again >= AGAIN {
            let why = "a page has the very rows of the pages before: does the CRM know the parameter that the page \
                       is asked for by?";
            return Err(Failure::new(Class::NoProgress, why).with_message(why));
        }
        self.page = page.map(|page| (page, again));
        Ok(())
    }

    /// Goes on to the next page.
    pub fn go_to(&mut self, place: Place, mark: Mark) {
        self.place = place;
        self.mark = mark;
        self.pages += 1;
    }

    /// Remembers what a page showed that came by `now`.
    pub fn saw(&mut self, keys: &[Key], clocks: Clocks, now: Moment) {
        self.rows_seen |= !keys.is_empty();
        if let Some(behind) = behind(keys, now) {
            self.behind = Some(self.behind.map_or(behind, |known| known.min(behind)));
        }
        for key in keys {
            let Some(stamp) = key.stamp.filter(|stamp| *stamp <= clocks.until).map(Moment::micros) else {
                continue;
            };
            if self.newest.is_none_or(|newest| newest <= stamp) {
                self.newest = Some(stamp);
                self.newest_id.clone_from(&key.id);
            }
        }
    }

    /// By how many seconds the clock of the stamps may be behind a run's clocks, as far as is known. It
    /// may drift while nothing shows where it stands: by 1 % of that time.
    pub fn behind(&self, rules: &Checkpoint, clocks: Clocks) -> u64 {
        let unseen = checkpoint::limit(rules, clocks.started)
            .micros()
            .div_euclid(1_000)
            .saturating_sub(self.history.seen)
            .max(0);
        let known = self.history.behind.saturating_add(unseen.unsigned_abs() / 100_000);
        self.behind.map_or(known, |shown| known.min(shown)).min(BEHIND)
    }

    /// What Talkdesk is to keep after a page: `mark`, and from where the next run reads.
    ///
    /// A clock that is behind ours stamps rows that belong before the mark when they come. How far
    /// it can be behind is known from the newest stamp: it was there when that was set, and has gone
    /// on since. The next run begins so much earlier, `settle` included. `empty`: the page had no row.
    pub fn kept(
        &self,
        rules: &Checkpoint,
        mark: Mark,
        next: Option<&Place>,
        empty: bool,
        now: Moment,
    ) -> Kept {
        let mut history = self.history.clone();
        let full = history.last.is_none();
        if next.is_none() && full {
            history.last = Some(now.micros().div_euclid(1_000));
        }
        let (Mark::Time(at), Some(clocks)) = (&mark, self.clocks) else {
            return Kept { mark, history: Some(history) };
        };
        if self.behind.is_some() {
            history.behind = self.behind(rules, clocks);
            history.seen = checkpoint::limit(rules, clocks.started).micros().div_euclid(1_000);
        }
        if self.rows_seen && rules.mode != Mode::Cursor {
            let behind = if rules.field.is_some() { history.behind } else { 0 };
            let mut reach = checkpoint::limit(rules, clocks.started).minus(Duration::from_secs(behind));
            match next {
                Some(next) => reach = reach.min(next.from().plus(rules.overlap.0)),
                // Nothing at all where the page before had announced more: the next run looks again. In a
                // bucket it has been asked for twice.
                None if empty && self.pages > 0 && !matches!(self.place, Place::Drain { .. }) => {
                    reach = reach.min(self.place.from());
                }
                None => {}
            }
            if let Some((shown, from)) = self.owed(rules, next, full) {
                history.shown = Some(shown);
                reach = reach.min(from);
            }
            history.back = (at.micros() - reach.micros()).max(0);
        }
        Kept { mark, history: Some(history) }
    }

    /// What the next run must be shown again, and from where on it must ask for that.
    fn owed(&self, rules: &Checkpoint, next: Option<&Place>, full: bool) -> Option<(Shown, Moment)> {
        let step = checkpoint::step(rules);
        if let Some(shown) = &self.history.shown {
            // This run was not shown something that is too young to tell why.
            return Some((shown.clone(), Moment::from_micros(shown.to?).minus(step)));
        }
        if let Some((shown, from, to)) = next.and_then(|place| place.shown(step)) {
            return Some((Shown { to: Some(to.micros()), ..shown.clone() }, from));
        }
        if next.is_some() || !full || self.pages > 0 || rules.mode != Mode::Range {
            return None;
        }
        // One page was everything: nothing has shown yet that the filter means what it says. So the next
        // run begins at the newest row.
        let bucket = Moment::from_micros(self.newest?).floor(step);
        let (id, since) = (self.newest_id.clone(), checkpoint::start(rules).micros());
        let to = Some(bucket.plus(step).micros());
        Some((Shown { count: 1, id, since, to }, bucket))
    }

    /// After `cursor_gone`: back to where no server's page is needed. False when there is no such
    /// place, or the run is there already.
    pub fn restart(&mut self, rules: &Checkpoint) -> bool {
        let place = match &self.place {
            Place::Stable { from, .. } => Place::query(*from),
            Place::Drain { from, to, page: Some(_), .. } => {
                Place::Drain { from: *from, to: *to, last_id: None, page: None, shown: None }
            }
            Place::Snapshot { from, page: Some(_) } => Place::Snapshot { from: *from, page: None },
            Place::Cursor { cursor: Some(_), .. } => {
                let from = checkpoint::start(rules);
                // The cursor that the base names is gone as well.
                self.base = Mark::Time(from);
                Place::Cursor { from: from.micros(), cursor: None, frozen: false }
            }
            _ => return false,
        };
        self.mark = self.base.clone();
        self.place = place;
        true
    }

    /// Puts what a request for the next page needs into the scope; gives back the server's page.
    pub fn enter(&self, scope: &mut Scope, rules: &Checkpoint) -> Position {
        scope.set("initial", self.history.last.is_none());
        self.place.enter(scope, rules)
    }

    /// Makes a run that has only begun a full one: what it asks for by time cannot be believed.
    pub fn make_full(&mut self, rules: &Checkpoint) {
        self.place = Place::query(checkpoint::start(rules).micros());
        self.history.last = None;
    }

    /// The time of the mark that the run began with; the epoch for a cursor.
    pub fn base_time(&self) -> Moment {
        match &self.base {
            Mark::Time(moment) => *moment,
            Mark::Cursor(_) => Moment::EPOCH,
        }
    }
}

/// By how many seconds the clock of the stamps is behind at most: a page that came by `now` shows how far
/// it has come. None where no row says.
pub fn behind(keys: &[Key], now: Moment) -> Option<u64> {
    let newest = keys.iter().filter_map(|key| key.stamp).filter(|stamp| *stamp <= now).max()?;
    Some((now.micros() - newest.micros()).unsigned_abs() / 1_000_000 + 1)
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
