//! The Contact Retriever's operation: contacts without losing any (contract §3).
//!
//! Talkdesk asks for page after page; nothing is kept here between two pages. What a page must
//! know travels in `next_offset` ([`offset`]); what is safely delivered stands in
//! `synchronization_checkpoint` ([`checkpoint`]). The modes decide, without any I/O, what of a page
//! may be delivered and where to go on; `pages` takes a list's pages one after the other: `read` reads one,
//! `confirm` asks again for what was shown and is gone, `deliver` maps what is delivered.

use minijinja::Value;

use crate::contract::contacts::ContactsResponse;
use crate::error::Failure;
use crate::manifest::expression::{Template, TimeValue, WHERE};
use crate::manifest::model::{Checkpoint, ContactMap, Read};
use crate::time::Moment;

use super::{Engine, Scope, Session};

mod begin;
pub mod checkpoint;
pub mod clock;
mod confirm;
pub mod cursor;
pub(super) mod deliver;
mod lists;
mod modes;
pub mod newest;
pub mod offset;
mod packed;
mod pages;
pub mod place;
pub mod range;
mod read;
mod reader;
mod reading;
pub mod run;
pub mod shown;
pub mod snapshot;
pub mod walk;
mod way;

use checkpoint::Mark;
use lists::Round;
use pages::Delivered;
use place::Place;
use reader::Reader;

/// Calls to the CRM in one request: beyond it the rest is another request's, whatever time is left.
pub(super) const MAX_CALLS: u32 = 200;

/// The manifest's section, with its checkpoint.
pub type Spec = Read<ContactMap, Checkpoint>;

/// A row as the modes see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The stamp, floored to `step`; `None` when the row has none that can be read.
    pub stamp: Option<Moment>,
    /// The id that `drain` compares.
    pub id: Option<String>,
    /// What the list is sorted by, where that never changes (`order`).
    pub order: Option<String>,
}

/// What a mode decides about one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which rows are delivered, by their index.
    pub deliver: Vec<usize>,
    /// Where the next page begins; `None` when the run is complete.
    pub next: Option<Place>,
    /// The mark that covers exactly what has been delivered.
    pub mark: Mark,
}

/// Whether a row counts. A condition that cannot be evaluated, or that asks a step that failed, lets the
/// row through: delivering too much is repaired by the next sync, delivering too little by nothing.
pub(super) fn wanted(condition: Option<&Template>, names: &Value) -> bool {
    let Some(condition) = condition else { return true };
    let scope = names.downcast_object_ref::<Scope>().map(|scope| scope.with(WHERE, true).value());
    condition.eval(scope.as_ref().unwrap_or(names)).map_or(true, |v| v.is_true())
        || asks_in_vain(condition, names)
}

/// Whether a condition reads a step that failed, and does not ask whether it did.
fn asks_in_vain(condition: &Template, names: &Value) -> bool {
    let expressions = condition.expressions();
    let read = || expressions.iter().flat_map(|expression| &expression.found().names);
    let steps = read().filter(|path| path.len() > 1 && path[0] == "steps");
    let failed = |name: &str| {
        let step = names.get_attr("steps").and_then(|steps| steps.get_attr(name));
        step.and_then(|step| step.get_attr("failed")).is_ok_and(|failed| failed == Value::from(true))
    };
    let asked = |name: &str| read().any(|path| path.len() > 2 && path[1] == name && path[2] == "failed");
    steps.into_iter().any(|path| failed(&path[1]) && !asked(&path[1]))
}

impl Engine {
    /// One page of a run over the manifest's lists: initial or incremental, first or next.
    ///
    /// # Errors
    /// An offset or checkpoint that is not ours, or whatever the CRM says. Nothing is lost: the
    /// same request can be made again.
    pub async fn contacts(
        &self,
        session: &Session,
        checkpoint: Option<&str>,
        offset: Option<&str>,
    ) -> Result<ContactsResponse, Failure> {
        let (document, now) = (self.manifest().document(), self.clock().now());
        let mut round = match offset {
            Some(text) => Round::decode(document, text, self.manifest().hash())?,
            None => None,
        }
        // Without an offset, or with one of another manifest: from the checkpoint.
        .map_or_else(|| Round::begin(document, checkpoint, now), Ok)?;
        round.run.clocks = round.run.clocks.map(|clocks| clocks.not_after(now));
        let budget = session.remaining(self.clock());
        loop {
            let list = round.list();
            let reader = Reader::open(self, session, list.spec, &round.run).await?;
            let Delivered { mut contacts, kept, more } = reader.next(&mut round.run, budget).await?;
            round.own(&mut contacts)?;
            round.keep(kept);
            let goes_on = more || round.next_list(self.clock().now())?;
            if contacts.is_empty() && goes_on && reader.has_time(budget) {
                continue;
            }
            if !goes_on {
                session.figures(|f| f.checkpoint = round.oldest());
            }
            session.figures(|f| {
                f.records_out += contacts.len();
                f.run_finished = Some(!goes_on);
            });
            let next_offset = goes_on.then(|| round.encode(self.manifest().hash()));
            let synchronization_checkpoint = round.checkpoint(self.manifest().name());
            return Ok(ContactsResponse { next_offset, synchronization_checkpoint, contacts });
        }
    }
}

fn time(moment: Moment) -> Value {
    TimeValue::value(moment)
}
