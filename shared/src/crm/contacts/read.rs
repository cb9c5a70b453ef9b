//! Reads a page of the run's place.

use minijinja::Value;

use super::clock::Clocks;
use super::place::{Link, Place};
use super::reader::Reader;
use super::reading::Reading;
use super::run::Run;
use super::walk::{self, Window};
use super::{Key, MAX_CALLS, Spec, modes};
use crate::crm::Scope;
use crate::crm::around::Around;
use crate::crm::page::unreadable;
use crate::error::{Class, Failure};
use crate::manifest::expression::{Template, as_text, read_time};
use crate::manifest::model::{Checkpoint, Fetch};

/// How one page is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    fetch: &'a Fetch,
    draining: bool,
    size: u64,
    /// No smaller page will be tried.
    last: bool,
}

impl Reader<'_> {
    /// Reads the page at the run's place. Slow pages are asked for again in a smaller size; a page
    /// whose rows need calls of their own is as small as one request's calls allow.
    pub(super) async fn read(&self, run: &mut Run, mut size: u64) -> Result<Reading, Failure> {
        let Self { session, spec, rules, .. } = *self;
        let (fetch, draining) = asked_with(&run.place, spec, rules);
        let free = resizable(&run.place, spec, rules);
        let per_row = spec.steps.values().filter(|step| step.for_each.is_some()).count() as u64;
        if per_row > 0 && free {
            let left = u64::from(MAX_CALLS.saturating_sub(session.calls() + 1));
            size = size.min(left / per_row).max(1);
        }
        let shrinks = modes::of(rules.mode).moves_on() && free;
        let least = match (&run.place, &spec.page) {
            (Place::Walk { .. }, Some(page)) => page.least(),
            _ => 1,
        };
        loop {
            let last = !shrinks || size <= least.max(5);
            let asked = Asked { fetch, draining, size, last };
            match self.read_size(run, asked).await {
                Err(failure) if matches!(failure.class, Class::CrmTimeout | Class::CrmTooLarge) && !last => {
                    size = (size / 4).max(least);
                }
                other => return other,
            }
        }
    }

    async fn read_size(&self, run: &mut Run, asked: Asked<'_>) -> Result<Reading, Failure> {
        let Self { engine, session, spec, rules, .. } = *self;
        let mut scope = self.scope.clone();
        let mut position = run.enter(&mut scope, rules);
        let (mut start, mut size) = (0, asked.size);
        if let (Place::Walk { at, .. }, Some(page)) = (&run.place, &spec.page) {
            Window { start, size, position } = walk::window(*at, asked.size, page)?;
        }
        scope.set("page_size", size);
        position.enter(&mut scope, spec.page.as_ref());
        let url = engine.page_url(session, asked.fetch, &scope, &position)?;
        let around = Around {
            ok: spec.ok.as_ref(),
            empty_on: &spec.empty_on,
            page_url: url.as_ref(),
            part: (!asked.last).then_some(0.5),
            yields: !asked.last,
            ..Around::default()
        };
        let begun = engine.clock().now();
        let answer = engine.call(session, asked.fetch, &scope, around).await?;
        if run.clocks.is_none() {
            // Before the call: what is stamped while the CRM thinks may be missing from its answer.
            let clocks = Clocks::new(answer.asked, begun, engine.clock().now());
            if clocks.skew > 0 {
                session.figures(|f| f.clock_skew = clocks.skew);
                tracing::warn!(
                    request_id = %session.request_id, seconds = clocks.skew,
                    "the CRM's clock and ours differ: the checkpoint lies so much further back"
                );
            }
            run.clocks = Some(clocks);
        }
        let rows = engine.rows(session, spec, &answer, &mut scope)?;
        let names = scope.value();
        let mut more = match (&spec.more, answer.empty) {
            (_, true) => false,
            (None, _) => false,
            (Some(more), _) => follows(&more.eval(&names).map_err(|e| unreadable(&e))?, rows.len(), size)?,
        };
        let follows = asked.draining || modes::of(rules.mode).follows(spec);
        let next = match &spec.page {
            Some(page) if !answer.empty && follows => {
                let said = spec.more.as_ref().map(|_| more);
                engine.next_page(page, &position, &names, said, rows.len())?
            }
            _ => None,
        };
        if let Some(next) = &next {
            // A link that leads away is found before it is handed out.
            engine.page_url(session, asked.fetch, &scope, next)?;
        }
        more |= next.is_some();
        let keys = keys(rules, &rows, &scope);
        let scope = engine.steps_of_page(session, &spec.steps, scope, &rows).await?;
        Ok(Reading { rows, keys, more, next, scope, start, size, cut: false })
    }
}

fn keys(rules: &Checkpoint, rows: &[Value], scope: &Scope) -> Vec<Key> {
    let step = rules.step();
    let mut scope = scope.clone();
    rows.iter()
        .map(|row| {
            scope.set("row", row.clone());
            let names = scope.value();
            let value = |t: &Option<Template>| t.as_ref().and_then(|t| t.eval(&names).ok());
            let stamp = value(&rules.field).and_then(|v| read_time(&v, None).ok().flatten());
            let text = |t: &Option<Template>| value(t).and_then(|v| as_text(&v));
            Key { stamp: stamp.map(|s| s.floor(step)), id: text(&rules.id), order: text(&rules.order) }
        })
        .collect()
}

/// Whether rows follow, by what `more` gives for a page of `rows` rows.
///
/// # Errors
/// `CrmUnreadable` where a page is full and the answer has nothing by that name: taken for the end, it would
/// lose every row that follows.
fn follows(more: &Value, rows: usize, size: u64) -> Result<bool, Failure> {
    if more.is_undefined() && rows as u64 >= size {
        let why = "a full page has nothing of what `more` reads: is it named right? Where the CRM leaves it out at the \
                   end, write `| default(false)`";
        return Err(Failure::new(Class::CrmUnreadable, why).with_message(why));
    }
    Ok(more.is_true())
}

/// The request of a place, and whether it reads one bucket.
fn asked_with<'a>(place: &Place, spec: &'a Spec, rules: &'a Checkpoint) -> (&'a Fetch, bool) {
    match (place, &rules.drain) {
        (Place::Drain { .. } | Place::Walk { to: Some(_), .. }, Some(drain)) => (drain, true),
        _ => (&spec.fetch, false),
    }
}

/// Whether a place may be read in pages of another size. Page 3 of 25 rows is not page 3 of 100,
/// and a link has its size inside.
pub(super) fn resizable(place: &Place, spec: &Spec, rules: &Checkpoint) -> bool {
    let numbered = spec.page.as_ref().is_some_and(|page| page.number.is_some());
    let free = match place {
        Place::Query { .. } | Place::Cursor { .. } | Place::Walk { .. } => true,
        Place::Stable { page: Link::Url(_), .. } | Place::Snapshot { page: Some(Link::Url(_)), .. } => false,
        // The first page of a bucket whose pages overlap; where a loss is accepted, they follow by number.
        Place::Drain { page, .. } => !numbered || page.is_none() && rules.accept_loss.is_none(),
        Place::Stable { .. } | Place::Snapshot { .. } => !numbered,
    };
    free && asked_with(place, spec, rules).0.uses("page_size")
}
