//! What was shown must come again. A page's newest bucket is withheld because the next page begins
//! with it; when it does not, a filter means something else than it says, and going on would lose
//! contacts without a word.

use std::time::Duration;

use super::Key;
use super::checkpoint::{limit, start, step};
use super::place::Place;
use super::reader::Reader;
use super::reading::Reading;
use super::run::{Run, behind};
use super::shown::Shown;
use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;
use crate::time::Moment;

impl Reader<'_> {
    /// The page, when it agrees with what was shown before. Withheld rows that are not on it are
    /// looked for where they were seen: if they are still there, the two answers contradict each
    /// other. A last page that is empty although it was announced is asked for once more.
    ///
    /// # Errors
    /// `CrmUnreadable` for a contradiction, with a sentence that names its usual causes.
    pub(super) async fn confirmed(&self, run: &mut Run, page: Reading) -> Result<Reading, Failure> {
        if let Some((shown, from, to)) = run.place.shown(step(self.rules)) {
            if again((from, to), &page) {
                return Ok(page);
            }
            let draining = matches!(run.place, Place::Drain { .. });
            let missing = Missing { shown: shown.clone(), from, to: draining.then_some(to), page };
            let place = std::mem::replace(&mut run.place, Place::query(missing.shown.since));
            let before = self.read(run, self.full).await;
            run.place = place;
            return self.gone(run, missing, before?);
        }
        let announced = match &run.place {
            Place::Stable { .. } => true,
            Place::Snapshot { page, .. } => page.is_some(),
            Place::Drain { last_id, page, .. } => last_id.is_some() || page.is_some(),
            _ => false,
        };
        if announced && page.rows.is_empty() && page.next.is_none() {
            return self.read(run, self.full).await;
        }
        Ok(page)
    }

    /// Judges a page that lacks what was shown by what the CRM has `before` it.
    fn gone(&self, run: &mut Run, missing: Missing, before: Reading) -> Result<Reading, Failure> {
        let (rules, now) = (self.rules, self.engine.clock().now());
        // Another row may only just have appeared, if it is young. The same one was there; whatever it was
        // changed to since it was shown is later than the page's beginning, if that lies back far enough.
        let settled = settled(rules, run, [&before, &missing.page], now);
        // A row that was changed while the CRM answered stands where its old stamp was: only settled ones tell.
        let reached =
            missing.page.keys.iter().map(|key| key.stamp).filter(|stamp| *stamp < settled).max().flatten();
        let lacking: Vec<&Key> = before.keys.iter().filter(|key| missing.lacks(key, reached)).collect();
        let whole = !missing.page.more && (run.pages == 0 || Some(missing.from) < settled);
        let same = |key: &Key| whole && key.id.is_some() && key.id == missing.shown.id;
        let contradicts =
            lacking.iter().any(|key| same(key) || missing.still_in_bucket(key) || key.stamp < settled);
        if run.clocks.is_some_and(|clocks| missing.from >= limit(rules, clocks.started)) {
            // No checkpoint gets there: the next run reads it again.
            return Ok(missing.page);
        }
        if run.pages == 0 && before.rows.is_empty() {
            // Everything is gone, or hidden for now: nothing is delivered, and the checkpoint stays.
            let to = missing.shown.to.or(Some(missing.from.plus(step(rules)).micros()));
            run.history.shown = Some(Shown { to, ..missing.shown });
            return Ok(missing.page);
        }
        if !before.rows.is_empty() && !contradicts {
            // They were changed or deleted meanwhile; changed ones come with their new stamps.
            anchor(rules, run, &missing, &before);
            return Ok(missing.page);
        }
        if run.pages == 0 && missing.shown.since == start(rules).micros() {
            // All contacts were one page, and are again: they are delivered whatever the filter means.
            tracing::warn!(
                request_id = %self.session.request_id, from = %missing.from,
                "the CRM does not show its newest contact when asked from its time on: everything is read"
            );
            run.make_full(rules);
            return Ok(before);
        }
        Err(contradiction(&missing))
    }
}

/// Whether a withheld row is on a page at its old time. That one of them was changed and is there with a
/// new time says nothing about the others.
fn again((from, to): (Moment, Moment), page: &Reading) -> bool {
    page.keys.iter().filter_map(|key| key.stamp).any(|stamp| from <= stamp && stamp < to)
}

/// A page that begins at `from` and lacks what was shown.
struct Missing {
    shown: Shown,
    from: Moment,
    /// Where the rows that were asked for end; none where nothing was said.
    to: Option<Moment>,
    page: Reading,
}

impl Missing {
    /// Whether a row is the one that was shown and stands where it stood, in a bucket that was read to its end:
    /// whatever clock stamps it, it was there all the time.
    fn still_in_bucket(&self, key: &Key) -> bool {
        let Some((stamp, to)) = key.stamp.zip(self.to) else { return false };
        key.id.is_some() && key.id == self.shown.id && self.from <= stamp && stamp < to
    }

    /// Whether a row that the CRM has belongs on a page that goes as far as `reached`, and is not there.
    fn lacks(&self, key: &Key, reached: Option<Moment>) -> bool {
        let Some(stamp) = key.stamp else { return false };
        let within = match self.to {
            Some(to) => !self.page.more && stamp < to,
            None => !self.page.more || reached.is_some_and(|reached| stamp < reached),
        };
        let on_page = |other: &Key| other == key || (key.id.is_some() && other.id == key.id);
        stamp >= self.from && within && !self.page.keys.iter().any(on_page)
    }
}

/// What is too young to tell must come in the next run; where nothing came at all, the newest row that the
/// CRM has. So that a filter which hides rows is found out later at least, nothing passes it until then.
fn anchor(rules: &Checkpoint, run: &mut Run, missing: &Missing, before: &Reading) {
    let reached = missing.page.keys.iter().filter_map(|key| key.stamp).max();
    let lacking = before.keys.iter().filter(|key| missing.lacks(key, reached)).min_by_key(|key| key.stamp);
    let newest = || before.keys.iter().filter(|_| missing.page.rows.is_empty()).max_by_key(|key| key.stamp);
    let (None, Some(Key { stamp: Some(stamp), id, .. })) = (&run.history.shown, lacking.or_else(newest))
    else {
        return;
    };
    let to = Some(stamp.plus(step(rules)).micros());
    run.history.shown = Some(Shown { count: 1, id: id.clone(), since: missing.shown.since, to });
    if run.pages == 0 {
        run.history.back = run.history.back.max(run.base_time().micros() - stamp.micros());
    }
}

/// Rows stamped before it were there when the run began, however far the clock of the stamps is behind.
fn settled(rules: &Checkpoint, run: &Run, pages: [&Reading; 2], now: Moment) -> Option<Moment> {
    let clocks = run.clocks?;
    let seen = pages.into_iter().filter_map(|page| behind(&page.keys, now)).min()?;
    Some(limit(rules, clocks.started).minus(Duration::from_secs(run.behind(rules, clocks).min(seen))))
}

fn contradiction(missing: &Missing) -> Failure {
    let (count, from) = (missing.shown.count, missing.from);
    let first = missing.page.keys.iter().filter_map(|key| key.stamp).min();
    let cause = match first {
        None => "it gave an empty page".to_owned(),
        Some(first) if first < from => format!("the page begins with {first}"),
        Some(first) => format!("the first that came is stamped {first}"),
    };
    let message = format!(
        "The CRM showed {count} contact(s) stamped {from} and no longer does when it is asked for that time and later: {cause}. Its filter reads times in another zone (set the API user's time zone to UTC), takes `>` for `>=`, or the page was empty by accident."
    );
    Failure::new(Class::CrmUnreadable, message.clone()).with_message(message)
}
