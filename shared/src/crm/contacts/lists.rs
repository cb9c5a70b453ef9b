//! A run over several lists: `contacts`, then each of `contact_lists`, one after the other. Every list has a
//! run and a checkpoint of its own; Talkdesk keeps them all in one text, and one offset says where to go on.

use std::collections::BTreeMap;

use super::checkpoint::{self, Kept};
use super::modes;
use super::offset::{self, Sealed};
use super::run::Run;
use crate::contract::contacts::Contact;
use crate::error::{Class, Failure};
use crate::manifest::model::{Document, List};
use crate::time::Moment;

/// Where a run stands.
pub(super) struct Round<'a> {
    lists: Vec<List<'a>>,
    /// The list that is being read, and its run.
    at: usize,
    pub run: Run,
    /// What Talkdesk is to keep of each list; nothing of one that was never read.
    kept: BTreeMap<String, Kept>,
}

impl<'a> Round<'a> {
    /// A new run over the lists of `document` from a checkpoint.
    ///
    /// # Errors
    /// As [`Kept::parse_all`] and [`Run::begin`]; a document without contacts.
    pub fn begin(document: &'a Document, received: Option<&str>, now: Moment) -> Result<Self, Failure> {
        let lists: Vec<_> = document.lists().collect();
        let first = lists.first().ok_or_else(|| Failure::new(Class::Internal, "there are no contacts"))?;
        let kept = received.map(|text| Kept::parse_all(text, &document.integration.name)).transpose()?;
        let kept = kept.unwrap_or_default();
        let run = Run::begin(first.spec, kept.get(first.name).cloned(), now)?;
        Ok(Self { lists, at: 0, run, kept })
    }

    /// The run that an offset belongs to; `None` when that is one of another manifest or engine.
    ///
    /// # Errors
    /// `BadOffset` for what we cannot have handed out.
    pub fn decode(document: &'a Document, text: &str, hash: &str) -> Result<Option<Self>, Failure> {
        let Some(Sealed { run, list, kept }) = offset::open(text, hash)? else { return Ok(None) };
        let lists: Vec<_> = document.lists().collect();
        let refused = |why: &str| Failure::new(Class::BadOffset, why);
        let at = lists.iter().position(|known| known.name == list);
        let at = at.ok_or_else(|| refused("the offset's list is not one of this manifest"))?;
        if !modes::have(&run.place, lists[at].spec) {
            return Err(refused("the offset's place is not one of this manifest"));
        }
        Ok(Some(Self { lists, at, run, kept }))
    }

    /// The list that is being read.
    pub fn list(&self) -> List<'a> {
        self.lists[self.at]
    }

    /// Takes what is to be kept of the list after a page.
    pub fn keep(&mut self, kept: Kept) {
        self.kept.insert(self.list().name.to_owned(), kept);
    }

    /// Goes on to the next list; false when this was the last one.
    ///
    /// # Errors
    /// As [`Run::begin`].
    pub fn next_list(&mut self, now: Moment) -> Result<bool, Failure> {
        let Some(next) = self.lists.get(self.at + 1) else { return Ok(false) };
        let initial = self.run.initial;
        self.run = Run::begin(next.spec, self.kept.get(next.name).cloned(), now)?;
        // A list that is read for the first time beside others that are not may have been there before.
        self.run.initial &= initial;
        self.at += 1;
        Ok(true)
    }

    /// The offset of the run's next page.
    pub fn encode(&self, hash: &str) -> String {
        // What is kept of this list is known from its run, and of the others from here.
        offset::seal(&self.run, self.list().name, &self.kept_of(|list| list.name != self.list().name), hash)
    }

    /// The checkpoint for Talkdesk.
    pub fn checkpoint(&self, integration: &str) -> String {
        Kept::text_of_all(self.kept_of(|_| true), integration)
    }

    /// What is kept of the manifest's lists; nothing of those that it does not have any more.
    fn kept_of(&self, of: impl Fn(&List<'_>) -> bool) -> BTreeMap<&str, &Kept> {
        let lists = self.lists.iter().filter(|list| of(list));
        lists.filter_map(|list| Some((list.name, self.kept.get(list.name)?))).collect()
    }

    /// The oldest of the marks that are times: what is certainly delivered of every list that has any row.
    pub fn oldest(&self) -> Option<Moment> {
        let times = self.lists.iter().filter_map(|list| {
            let time = self.kept.get(list.name)?.mark.time()?;
            let begins = list.spec.checkpoint.as_ref().map(checkpoint::start);
            Some(time).filter(|time| begins.is_none_or(|begins| *time > begins))
        });
        times.min()
    }

    /// Puts the list's prefix before the ids of its contacts.
    ///
    /// # Errors
    /// `CrmUnreadable` for an id that would be taken for one of another list.
    pub fn own(&self, contacts: &mut [Contact]) -> Result<(), Failure> {
        let own = self.list();
        let others = self.lists.iter().filter(|list| !list.prefix.is_empty() && list.name != own.name);
        for contact in contacts {
            contact.id.insert_str(0, own.prefix);
            if let Some(other) = others.clone().find(|list| contact.id.starts_with(list.prefix)) {
                let why = format!(
                    "an id of the list `{}` begins with the prefix `{}` of the list `{}`: give that another id_prefix",
                    own.name, other.prefix, other.name
                );
                return Err(Failure::new(Class::CrmUnreadable, why.clone()).with_message(why));
            }
        }
        Ok(())
    }
}
