//! What was shown must come again. A page's newest bucket is withheld because the next page begins
//! with it; when it does not, a filter means something else than it says, and going on would lose
//! contacts without a word.

use super::Spec;
use super::checkpoint::{limit, start, step};
use super::place::{Place, Shown};
use super::read::Reading;
use super::run::Run;
use crate::crm::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;
use crate::time::Moment;

impl Engine {
    /// The page, when it agrees with what was shown before. Withheld rows that are not on it are
    /// looked for where they were seen: if they are still there, the two answers contradict each
    /// other. A snapshot's last page that is empty although it was announced is asked for once more.
    ///
    /// # Errors
    /// `CrmUnreadable` for a contradiction, with a sentence that names its usual causes.
    pub(super) async fn confirmed(
        &self,
        session: &Session,
        spec: &Spec,
        rules: &Checkpoint,
        run: &mut Run,
        scope: &Scope,
        page: Reading,
    ) -> Result<Reading, Failure> {
        if let Some((shown, from, to)) = run.place.shown(step(rules)) {
            let (shown, bucket) = (shown.clone(), Bucket { from, to });
            if bucket.again(&shown, &page) {
                return Ok(page);
            }
            return self.gone(session, spec, rules, run, scope, (&shown, bucket), page).await;
        }
        let announced = matches!(run.place, Place::Snapshot { page: Some(_), .. });
        if announced && page.rows.is_empty() && page.next.is_none() {
            let size = self.manifest().document().limits.page_size.max(1);
            return self.read(session, spec, rules, run, scope, size).await;
        }
        Ok(page)
    }

    #[expect(clippy::too_many_arguments, reason = "one page's circumstances, used here only")]
    async fn gone(
        &self,
        session: &Session,
        spec: &Spec,
        rules: &Checkpoint,
        run: &mut Run,
        scope: &Scope,
        (shown, bucket): (&Shown, Bucket),
        page: Reading,
    ) -> Result<Reading, Failure> {
        let size = self.manifest().document().limits.page_size.max(1);
        let place = std::mem::replace(&mut run.place, Place::query(shown.since));
        let before = self.read(session, spec, rules, run, scope, size).await;
        run.place = place;
        let before = before?;
        // Late rows may still appear in a young bucket: there only the same row tells.
        let settled = run.clocks.is_some_and(|clocks| bucket.to <= limit(rules, clocks.started));
        let there = |key: &super::Key| {
            bucket.holds(key.stamp) && (settled || shown.id.is_none() || key.id == shown.id)
        };
        if !before.rows.is_empty() && !before.keys.iter().any(there) {
            // They were changed or deleted meanwhile; changed ones come with their new stamps.
            return Ok(page);
        }
        if run.pages == 0 && shown.since == start(rules).micros() && !before.rows.is_empty() {
            // All contacts were one page, and are again: they are delivered whatever the filter means.
            tracing::warn!(
                request_id = %session.request_id, from = %bucket.from,
                "the CRM does not show its newest contact when asked from its time on: everything is read"
            );
            run.make_full(rules);
            return Ok(before);
        }
        let count = shown.count;
        let first = page.keys.iter().filter_map(|key| key.stamp).min();
        let cause = match first {
            None => "it gave an empty page".to_owned(),
            Some(first) if first < bucket.from => format!("the page begins with {first}"),
            Some(first) => format!("the first that came is stamped {first}"),
        };
        let message = format!(
            "The CRM showed {count} contact(s) stamped {from} and no longer does when it is asked for that time and later: {cause}. Its filter reads times in another zone (set the API user's time zone to UTC), takes `>` for `>=`, or the page was empty by accident.",
            from = bucket.from,
        );
        Err(Failure::new(Class::CrmUnreadable, message.clone()).with_message(message))
    }
}

/// The time steps that the withheld rows stood in.
#[derive(Clone, Copy)]
struct Bucket {
    from: Moment,
    to: Moment,
}

impl Bucket {
    fn holds(self, stamp: Option<Moment>) -> bool {
        stamp.is_some_and(|stamp| self.from <= stamp && stamp < self.to)
    }

    /// Whether any of the withheld rows is on a page: at its old time, or changed since.
    fn again(self, shown: &Shown, page: &Reading) -> bool {
        page.keys.iter().any(|key| self.holds(key.stamp) || (key.id.is_some() && key.id == shown.id))
    }
}
