//! What the calls of one request know of each other: whether one has written, was answered, is open.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Session;
use crate::clock::Clock;
use crate::error::Failure;
use crate::time::Moment;

/// What a message ends with when something was written before the failure.
pub const PART_DONE: &str = " A part of it was done before: look into the CRM before trying again.";

/// How far a request's calls have come.
#[derive(Default)]
pub struct Progress {
    written: AtomicBool,
    answered: AtomicBool,
    /// Whether an agent waits for the answer.
    watched: AtomicBool,
    /// How many calls are open, and since when there is one.
    open: Mutex<(usize, Option<Moment>)>,
}

impl Session {
    /// Remembers that the CRM has been written to, if `written`.
    pub(super) fn has_written(&self, written: bool) {
        self.progress.written.fetch_or(written, Ordering::Relaxed);
    }

    /// Remembers that the CRM has answered a call, whatever it said.
    pub(super) fn has_answered(&self) {
        self.progress.answered.store(true, Ordering::Relaxed);
    }

    /// Whether any call of this request was answered.
    pub(super) fn was_answered(&self) -> bool {
        self.progress.answered.load(Ordering::Relaxed)
    }

    /// Says that an agent waits for the answer: no call of this request is held back for the CRM's rate.
    pub(super) fn is_watched(&self) {
        self.progress.watched.store(true, Ordering::Relaxed);
    }

    /// Whether an agent waits for the answer.
    pub(super) fn watched(&self) -> bool {
        self.progress.watched.load(Ordering::Relaxed)
    }

    /// A failure that comes after a successful write of the same request says so: it must neither
    /// lead to the request being sent again, nor leave people believing that nothing was done.
    pub(super) fn told_of_writes(&self, failure: Failure) -> Failure {
        if !self.progress.written.load(Ordering::Relaxed) || failure.written {
            return failure;
        }
        let message = format!("{}{PART_DONE}", failure.message);
        failure.with_message(message).having_written()
    }

    /// A call goes out; it is over when what is given back is dropped, also if nobody waits for it.
    pub(super) fn call_opens<'a>(&'a self, clock: &'a dyn Clock) -> OpenCall<'a> {
        if let Ok(mut open) = self.progress.open.lock() {
            open.0 += 1;
            open.1.get_or_insert_with(|| clock.now());
        }
        OpenCall { session: self, clock }
    }
}

/// A call that is on its way. Time during which several are open counts once.
pub struct OpenCall<'a> {
    session: &'a Session,
    clock: &'a dyn Clock,
}

impl Drop for OpenCall<'_> {
    fn drop(&mut self) {
        let Ok(mut open) = self.session.progress.open.lock() else { return };
        open.0 = open.0.saturating_sub(1);
        if open.0 == 0
            && let Some(since) = open.1.take()
        {
            let span = self.clock.now().since(since);
            self.session.figures(|f| f.crm_time += span);
        }
    }
}
