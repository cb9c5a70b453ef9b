//! A run: where it began, how far it came, where it goes on.

use std::time::Duration;

use minijinja::Value;
use sha2::{Digest as _, Sha256};

use super::checkpoint::{self, History, Kept, Mark};
use super::clock::Clocks;
use super::place::Place;
use super::shown::Shown;
use super::{Key, Spec};
use crate::crm::Scope;
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Mode};
use crate::time::Moment;

/// How often a counted page may come again before it counts as one that does not move on.
const AGAIN: u8 = 4;
/// How far the clock of the stamps may be behind ours at most: a day holds every time zone.
pub(super) const BEHIND: u64 = 86_400;

/// A run between two pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Whether it began without a checkpoint: Talkdesk has no contact of this list yet.
    pub initial: bool,
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
    pub(super) fn at(place: Place, base: Mark, history: History) -> Self {
        let mark = base.clone();
        Self {
            initial: false,
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
        // Pages of this run were delivered: what comes again comes whatever it has become.
        self.initial = false;
        true
    }

    /// Puts what a request for the next page needs into the scope; gives back the server's page.
    pub fn enter(&self, scope: &mut Scope, rules: &Checkpoint) -> Position {
        scope.set("initial", self.initial);
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
