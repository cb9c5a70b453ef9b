//! Making trouble and telling the truth, for tests in Rust; `control/http.rs` is the same over HTTP.

use std::sync::atomic::Ordering;

use crate::clock::{Micros, Stamp};
use crate::crm::{Crm, Shared};
use crate::fault::Fault;
use crate::requests::RecordedRequest;
use crate::store::touch;
use crate::store::truth::{HeldContact, held_contacts};

pub(crate) mod http;

/// The back door of a running CRM. Clones reach the same CRM.
///
/// Its calls wait for the database, for milliseconds unless the CRM is very full.
#[derive(Clone)]
pub struct Control {
    crm: Shared,
}

/// Why the control could not do something.
#[derive(Debug)]
pub enum ControlError {
    /// The database failed.
    Database(rusqlite::Error),
    /// What was asked makes no sense; the text names the field.
    Invalid(String),
}

impl std::fmt::Display for ControlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Database(error) => write!(f, "the demo CRM's database failed: {error}"),
            Self::Invalid(problem) => f.write_str(problem),
        }
    }
}

impl std::error::Error for ControlError {}

impl From<rusqlite::Error> for ControlError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Control {
    pub(crate) fn new(crm: Shared) -> Self {
        Self { crm }
    }

    /// Adds faults behind those that still wait for their requests.
    pub fn add_faults(&self, faults: Vec<Fault>) -> Result<(), ControlError> {
        match faults.iter().find_map(Fault::problem) {
            Some(problem) => Err(ControlError::Invalid(problem.to_owned())),
            None => {
                self.crm.faults.add(faults);
                Ok(())
            }
        }
    }

    /// The faults that were not all met yet.
    pub fn waiting_faults(&self) -> Vec<Fault> {
        self.crm.faults.waiting()
    }

    /// Forgets the faults that still wait.
    pub fn clear_faults(&self) {
        self.crm.faults.clear();
    }

    /// Moves the CRM's clock: its `Date` header, its stamps, and what is visible by now.
    pub fn advance_clock(&self, millis: i64) {
        self.crm.clock.advance(millis);
    }

    /// Lets writes from now on become visible so much later than they are stamped. Lists and
    /// lookups run behind; reading one contact by its id does not, as with search indexes.
    pub fn set_visibility_lag(&self, millis: u32) {
        self.crm.clock.set_lag(millis);
    }

    /// Changes so many contacts with one single stamp, and says which.
    pub fn burst(&self, count: usize) -> Result<Vec<i64>, ControlError> {
        let stamp = self.crm.clock.stamp();
        change_some(&self.crm, count, |_| stamp)
    }

    /// Changes so many contacts, each with a stamp of its own, and says which.
    pub fn touch(&self, count: usize) -> Result<Vec<i64>, ControlError> {
        touch_some(&self.crm, count)
    }

    /// Changes so many contacts after every page of the contact list; 0 ends it.
    pub fn churn_per_request(&self, count: u32) {
        self.crm.churn_per_request.store(count, Ordering::Relaxed);
    }

    /// Changes one contact and stamps it with any moment, the future included.
    pub fn stamp(&self, id: i64, updated_at: Micros) -> Result<(), ControlError> {
        let stamp = self.crm.clock.stamp_of(updated_at);
        self.crm.store.write(|db| match touch::touch(db, id, stamp)? {
            0 => Err(ControlError::Invalid("id: There is no contact with this id.".to_owned())),
            _ => Ok(()),
        })
    }

    /// Every contact that the CRM holds, by id.
    pub fn contacts(&self) -> Result<Vec<HeldContact>, ControlError> {
        let now = self.crm.clock.now();
        Ok(self.crm.store.read(|db| held_contacts(db, now))?)
    }

    /// The requests to the API so far, oldest first; only the newest 20,000 are kept.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.crm.requests.all()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.crm.requests.clear();
    }
}

/// What other users change between two pages.
pub(crate) fn churn(crm: &Crm) -> Result<(), rusqlite::Error> {
    match crm.churn_per_request.load(Ordering::Relaxed) {
        0 => Ok(()),
        count => touch_some(crm, usize::try_from(count).unwrap_or(usize::MAX)).map(|_| ()),
    }
}

fn touch_some<E: From<rusqlite::Error>>(crm: &Crm, count: usize) -> Result<Vec<i64>, E> {
    let mut last = crm.clock.stamp();
    change_some(crm, count, |index| {
        let stamp = crm.clock.stamp();
        // Several changes fit into a microsecond; their stamps must differ all the same.
        if index > 0 {
            last.at = stamp.at.max(last.at.plus(1));
        }
        Stamp { at: last.at, ..stamp }
    })
}

fn change_some<E: From<rusqlite::Error>>(
    crm: &Crm,
    count: usize,
    mut stamp: impl FnMut(usize) -> Stamp,
) -> Result<Vec<i64>, E> {
    crm.store.write(|db| {
        let ids = touch::some_ids(db, &mut crm.random(), count)?;
        for (index, id) in ids.iter().enumerate() {
            touch::touch(db, *id, stamp(index))?;
        }
        Ok(ids)
    })
}
