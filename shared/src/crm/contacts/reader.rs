//! One list of contacts, as one request reads it.

use std::time::Duration;

use super::checkpoint::Kept;
use super::clock::Clocks;
use super::place::Place;
use super::read::Reading;
use super::run::Run;
use super::{MAX_CALLS, Spec, Turn, deliver, way};
use crate::contract::contacts::Contact;
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

/// Contacts of one list.
pub(super) struct Delivered {
    pub contacts: Vec<Contact>,
    /// What Talkdesk is to keep of the list.
    pub kept: Kept,
    /// Whether the list goes on.
    pub more: bool,
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

    /// The next contacts: those of the first page that has any, while there is time.
    ///
    /// # Errors
    /// Whatever the CRM says, and what would lose contacts without a word.
    pub async fn next(&self, run: &mut Run, budget: Duration) -> Result<Delivered, Failure> {
        let mut size = self.full;
        loop {
            let reading = match self.read(run, size).await {
                Err(failure) if failure.class == Class::CursorGone && run.restart(self.rules) => continue,
                // Pages that overlap cannot be as small as these contacts are large.
                Err(failure) if failure.class == Class::NoProgress && size < self.full => {
                    return Err(deliver::too_much());
                }
                other => other?,
            };
            let reading = self.confirmed(run, reading).await?;
            let Some((turn, contacts)) = self.delivered(run, &reading, &mut size).await? else { continue };
            run.turned(&reading.rows, self.spec, turn.next.as_ref())?;
            if let Some(clocks) = run.clocks {
                run.saw(&reading.keys, clocks, self.engine.clock().now());
            }
            let next = self.closing(run, turn.next)?;
            let mark = match next {
                None if !run.rows_seen => run.base.clone(),
                _ => turn.mark,
            };
            if let (Some(place), true, true) = (&next, contacts.is_empty(), self.has_time(budget)) {
                run.go_to(place.clone(), mark);
                continue;
            }
            let (empty, now) = (reading.rows.is_empty(), self.engine.clock().now());
            let kept = run.kept(self.rules, mark.clone(), next.as_ref(), empty, now);
            let more = next.is_some();
            if let Some(place) = next {
                run.go_to(place, mark);
            }
            return Ok(Delivered { contacts, kept, more });
        }
    }

    /// What the mode makes of a page.
    pub fn decide(&self, run: &Run, page: &Reading) -> Result<Turn, Failure> {
        let now = self.engine.clock().now();
        let clocks = run.clocks.unwrap_or_else(|| Clocks::new(None, now, now));
        way::of(self.rules.mode).decide(&way::Seen { spec: self.spec, rules: self.rules, run, clocks, page })
    }

    /// Where the run goes on, if it may have another page.
    fn closing(&self, run: &Run, next: Option<Place>) -> Result<Option<Place>, Failure> {
        let closing = run.pages + 1 >= self.engine.manifest().document().limits.pages;
        match next {
            Some(place) if closing && place.may_close() => Ok(None),
            Some(_) if closing && !way::of(self.rules.mode).moves_on() => {
                let detail = "the run has more pages than limits.pages, and its mode cannot close early";
                Err(Failure::new(Class::NoProgress, detail))
            }
            other => Ok(other),
        }
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
