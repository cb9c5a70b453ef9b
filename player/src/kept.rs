//! What Talkdesk keeps of its contact synchronizations, and how it runs one.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use bridge::contract::Component;
use serde_json::{Value, json};

use crate::{Endpoint, Player};

/// Pages of one run at most: a bridge that never ends must not keep us for ever.
pub const MOST_PAGES: usize = 1_000_000;

/// What Talkdesk keeps of its contact synchronizations.
#[derive(Debug, Default)]
pub struct Kept {
    /// Contacts by id, each in the version that came last.
    pub contacts: HashMap<String, Value>,
    /// The last page's checkpoint.
    pub checkpoint: Option<String>,
    /// Contacts received, repetitions included.
    pub received: usize,
}

/// What one run came to.
#[derive(Debug, Default)]
pub struct Run {
    /// Pages.
    pub pages: usize,
    /// Contacts delivered, repetitions included.
    pub delivered: usize,
    /// Whether the last page said that it is the last.
    pub ended: bool,
    /// Time in all.
    pub took: Duration,
}

impl Kept {
    fn take(&mut self, contacts: &[Value], checkpoint: Option<&str>) -> Result<(), String> {
        for contact in contacts {
            let id = contact["id"].as_str().ok_or("a contact without a text id")?;
            self.contacts.insert(id.to_owned(), contact.clone());
            self.received += 1;
        }
        self.checkpoint = checkpoint.map(str::to_owned);
        Ok(())
    }
}

impl<E: Endpoint> Player<E> {
    /// Runs a contact synchronization to its end, page by page, from what is kept.
    ///
    /// # Errors
    /// A page that is not a 200 with contacts.
    pub async fn sync(&self, kept: &mut Kept, page: impl FnMut(&Run)) -> Result<Run, String> {
        self.sync_at_most(kept, MOST_PAGES, page).await
    }

    /// The same, stopping after some pages as if Talkdesk had been interrupted.
    ///
    /// # Errors
    /// As [`Player::sync`].
    pub async fn sync_at_most(
        &self,
        kept: &mut Kept,
        pages: usize,
        mut page: impl FnMut(&Run),
    ) -> Result<Run, String> {
        self.sync_beside(kept, pages, async |run: &Run| page(run)).await
    }

    /// The same while something else happens after every page.
    ///
    /// # Errors
    /// As [`Player::sync`].
    pub async fn sync_beside(
        &self,
        kept: &mut Kept,
        pages: usize,
        mut after: impl AsyncFnMut(&Run),
    ) -> Result<Run, String> {
        let begun = Instant::now();
        let mut run = Run::default();
        let (checkpoint, mut offset) = (kept.checkpoint.clone(), Value::Null);
        while run.pages < pages {
            let meta = json!({"synchronization_checkpoint": checkpoint, "offset": offset});
            let reply = self.call(Component::Contacts, "", meta, Value::Null).await?;
            let Some(contacts) = reply.body["contacts"].as_array().filter(|_| reply.status == 200) else {
                return Err(format!("page {}: {} {}", run.pages + 1, reply.status, reply.body));
            };
            run.pages += 1;
            run.delivered += contacts.len();
            kept.take(contacts, reply.body["synchronization_checkpoint"].as_str())?;
            run.took = begun.elapsed();
            let next = &reply.body["next_offset"];
            run.ended = next.is_null();
            after(&run).await;
            if run.ended {
                return Ok(run);
            }
            if *next == offset {
                return Err("next_offset does not move on".to_owned());
            }
            offset = next.clone();
        }
        if pages < MOST_PAGES { Ok(run) } else { Err("the run does not end".to_owned()) }
    }
}
