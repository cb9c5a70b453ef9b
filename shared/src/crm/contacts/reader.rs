//! One list of contacts, as one request reads it.

use std::time::Duration;

use super::clock::Clocks;
use super::place::Place;
use super::reading::Reading;
use super::run::Run;
use super::way::Seen;
use super::{MAX_CALLS, Spec, Turn, modes};
use crate::crm::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;

/// What the pages of one list are read with.
pub(super) struct Reader<'a> {
    pub engine: &'a Engine,
    pub session: &'a Session,
    pub spec: &'a Spec,
    pub rules: &'a Checkpoint,
    /// The names that the steps before the pages have brought.
    pub scope: Scope,
    /// How many rows a page has at most, by the manifest.
    pub full: u64,
}

impl<'a> Reader<'a> {
    /// Makes the steps that come before the pages of `run`.
    ///
    /// # Errors
    /// `BadOffset` for a link that leads away; a step's failure.
    pub async fn open(
        engine: &'a Engine,
        session: &'a Session,
        spec: &'a Spec,
        run: &Run,
    ) -> Result<Self, Failure> {
        let Some(rules) = &spec.checkpoint else {
            return Err(Failure::new(Class::Internal, "contacts without a checkpoint"));
        };
        stays(engine, session, spec, &run.place)?;
        let full = engine.manifest().document().limits.page_size.max(1);
        // Steps see where this request begins.
        let mut scope = session.scope.with("page_size", full);
        run.enter(&mut scope, rules);
        let scope = engine.steps_before(session, &spec.steps, scope).await?;
        Ok(Self { engine, session, spec, rules, scope, full })
    }

    /// An empty page may be hard to read for Talkdesk: whether there is time for another one.
    pub fn has_time(&self, budget: Duration) -> bool {
        self.session.remaining(self.engine.clock()) > budget.mul_f64(0.4) && self.session.calls() < MAX_CALLS
    }

    /// What the mode makes of a page.
    pub fn decide(&self, run: &Run, page: &Reading) -> Result<Turn, Failure> {
        let now = self.engine.clock().now();
        let clocks = run.clocks.unwrap_or_else(|| Clocks::new(None, now, now));
        modes::of(self.rules.mode).decide(&Seen { spec: self.spec, rules: self.rules, run, clocks, page })
    }
}

/// Whether the link of an offset's place stays where the section's request goes. Where the request's path
/// is known only after the steps, the CRM's own address must do until then.
fn stays(engine: &Engine, session: &Session, spec: &Spec, place: &Place) -> Result<(), Failure> {
    let Some(link) = place.link() else { return Ok(()) };
    let known = engine.page_url(session, &spec.fetch, &session.scope, &link);
    let stays = match known {
        Err(failure) if failure.class == Class::NotFound => engine.in_folder(session, &link),
        other => other.map(|_| ()),
    };
    stays.map_err(|failure| Failure::new(Class::BadOffset, failure.detail))
}
