//! What the cache knows: good secrets, names without a usable one, and questions on their way.
//!
//! Callers choose names, so every map is bounded, and names without a secret never push out good
//! ones.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::{BoxFuture, Shared};

use crate::time::Moment;

use super::super::{Secret, SecretError};
use super::RECHECK;

/// Most secrets, and most names without one, that are kept.
pub(super) const MOST: usize = 1000;

/// What a question ends with.
pub(super) type Answer = Result<Arc<Secret>, SecretError>;

/// What is known about a name.
pub(super) enum Known {
    /// There is a secret, however old.
    Good(Good),
    /// A moment ago there was none that can be used.
    Bad(SecretError),
    /// Nobody has asked, or long ago.
    Nothing,
}

/// A secret in memory.
#[derive(Clone)]
pub(super) struct Good {
    /// The secret.
    pub secret: Arc<Secret>,
    /// When the question was asked that brought it.
    pub fetched: Moment,
    /// When the last question ended, whatever it brought.
    pub asked: Moment,
    /// Until when it is not asked for again, because the last question failed.
    pub rests_until: Moment,
    used: Moment,
}

/// A question on its way.
#[derive(Clone)]
pub(super) struct Flight {
    /// When it was asked.
    pub begun: Moment,
    /// Its answer, for everybody who waits.
    pub answer: Shared<BoxFuture<'static, Answer>>,
    /// Whether the question before never ended: the process slept meanwhile.
    pub replaces_lost: bool,
    alone: Arc<AtomicBool>,
}

impl Flight {
    /// Whether it was left to go on by itself before; from now on it is.
    pub fn left_alone(&self) -> bool {
        self.alone.swap(true, Ordering::Relaxed)
    }
}

#[derive(Default)]
pub(super) struct Entries {
    good: HashMap<String, Good>,
    bad: HashMap<String, (SecretError, Moment)>,
    flights: HashMap<String, Flight>,
}

impl Entries {
    /// What is known about a name, which is used now.
    pub fn known(&mut self, name: &str, now: Moment) -> Known {
        if let Some(good) = self.good.get_mut(name) {
            good.used = now;
            return Known::Good(good.clone());
        }
        match self.bad.get(name) {
            Some((error, asked)) if now < asked.plus(RECHECK) => Known::Bad(error.clone()),
            _ => Known::Nothing,
        }
    }

    /// The question about a name; one that began more than `lost` ago is asked anew.
    pub fn flight(
        &mut self,
        name: &str,
        now: Moment,
        lost: Duration,
        ask: impl FnOnce() -> Shared<BoxFuture<'static, Answer>>,
    ) -> Flight {
        let known = self.flights.get(name);
        if let Some(flight) = known.filter(|flight| now < flight.begun.plus(lost)) {
            return flight.clone();
        }
        let replaces_lost = known.is_some();
        let flight = Flight { begun: now, answer: ask(), replaces_lost, alone: Arc::default() };
        if self.flights.len() >= MOST {
            self.flights.retain(|_, flight| now < flight.begun.plus(lost));
        }
        self.flights.insert(name.to_owned(), flight.clone());
        flight
    }

    /// Remembers the answer of a question that began at `begun`. An old secret stays, and rests,
    /// when the store could not be asked. Says whether there was one.
    pub fn remember(
        &mut self,
        name: &str,
        answer: &Answer,
        begun: Moment,
        now: Moment,
        rests_until: Moment,
    ) -> bool {
        if self.flights.get(name).is_some_and(|flight| flight.begun == begun) {
            self.flights.remove(name);
        }
        let known = self.good.get_mut(name);
        let had_one = known.is_some();
        if known.as_ref().is_some_and(|good| good.fetched > begun) {
            // A later question has been answered already.
            return false;
        }
        match (answer, known) {
            (Ok(secret), known) => {
                let used = known.map_or(now, |good| good.used);
                let good = Good {
                    secret: secret.clone(),
                    fetched: begun,
                    asked: now,
                    rests_until: Moment::EPOCH,
                    used,
                };
                make_room(&mut self.good, name, |good| good.used);
                self.good.insert(name.to_owned(), good);
                self.bad.remove(name);
            }
            (Err(SecretError::Unavailable(_)), Some(good)) => {
                (good.asked, good.rests_until) = (now, rests_until);
            }
            (Err(SecretError::Unavailable(_)), None) => {}
            (Err(error), _) => {
                self.good.remove(name);
                make_room(&mut self.bad, name, |(_, asked)| *asked);
                self.bad.insert(name.to_owned(), (error.clone(), now));
            }
        }
        had_one
    }
}

/// Room for one more name: the one whose time is oldest goes.
fn make_room<T>(map: &mut HashMap<String, T>, name: &str, time: impl Fn(&T) -> Moment) {
    if map.len() < MOST || map.contains_key(name) {
        return;
    }
    let oldest = map.iter().min_by_key(|(_, entry)| time(entry)).map(|(name, _)| name.clone());
    oldest.map(|name| map.remove(&name));
}
