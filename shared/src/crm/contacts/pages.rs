//! The next contacts of a list: page after page, until one has any.

use std::time::Duration;

use super::checkpoint::Kept;
use super::place::Place;
use super::reader::Reader;
use super::run::Run;
use super::{deliver, modes};
use crate::contract::contacts::Contact;
use crate::error::{Class, Failure};

/// Contacts of one list.
pub(super) struct Delivered {
    pub contacts: Vec<Contact>,
    /// What Talkdesk is to keep of the list.
    pub kept: Kept,
    /// Whether the list goes on.
    pub more: bool,
}

impl Reader<'_> {
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

    /// Where the run goes on, if it may have another page.
    fn closing(&self, run: &Run, next: Option<Place>) -> Result<Option<Place>, Failure> {
        let closing = run.pages + 1 >= self.engine.manifest().document().limits.pages;
        match next {
            Some(place) if closing && place.may_close() => Ok(None),
            Some(_) if closing && !modes::of(self.rules.mode).moves_on() => {
                let detail = "the run has more pages than limits.pages, and its mode cannot close early";
                Err(Failure::new(Class::NoProgress, detail))
            }
            other => Ok(other),
        }
    }
}
