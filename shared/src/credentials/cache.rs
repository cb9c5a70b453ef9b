//! Secrets in memory: asked for ahead of time, old rather than none, and never waited for long.
//!
//! Lambda stops the process between two requests. A refresh that goes on behind a request may
//! therefore sleep for hours: nobody waits for one that began before his own request, and what it
//! brings counts as old as its question.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{Either, select};

use crate::clock::Clock;
use crate::time::Moment;

use super::{Secret, SecretError, SecretStore};

mod entries;
#[cfg(test)]
mod tests;

use entries::{Answer, Entries, Flight, Known};

/// The longest that one question to the store may take.
const TRY: Duration = Duration::from_secs(2);
/// The longest that all tries of one question may take.
const WHOLE: Duration = Duration::from_secs(4);
/// The first wait between two tries; the next one is three times as long.
const PAUSE: Duration = Duration::from_millis(100);
/// How long a request waits for the refresh of a secret that it has, but that is out of date.
const GRACE: Duration = Duration::from_millis(50);
/// The same, when the refresh before was lost while the process slept.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long before the end of its life a secret is asked for again.
const AHEAD: Duration = Duration::from_secs(60);
/// How long an old secret counts as fresh after a refresh that failed.
const REST: Duration = Duration::from_secs(30);
/// How long a missing or unusable secret stays so, and how often a rotated one is looked for: the
/// same, so that a caller cannot tell an account that does not exist from a wrong key.
const RECHECK: Duration = Duration::from_secs(10);

/// The cache. One per bridge.
pub struct SecretCache(Arc<Inner>);

struct Inner {
    store: Arc<dyn SecretStore>,
    clock: Arc<dyn Clock>,
    ttl: Duration,
    entries: Mutex<Entries>,
}

impl SecretCache {
    /// A cache over a store; `ttl` is how long a secret is good without asking again.
    pub fn new(store: Arc<dyn SecretStore>, clock: Arc<dyn Clock>, ttl: Duration) -> Self {
        Self(Arc::new(Inner { store, clock, ttl, entries: Mutex::default() }))
    }

    /// The secret of a name, waiting for at most `limit` when there is none in memory. What is in
    /// memory is answered at once, or after 50 ms when it is out of date.
    ///
    /// # Errors
    /// Why there is none. A transient failure is hidden as long as an old value is there.
    pub async fn get(&self, name: &str, limit: Duration) -> Result<Arc<Secret>, SecretError> {
        let (now, ttl) = (self.0.clock.now(), self.0.ttl);
        match self.0.entries(|entries| entries.known(name, now)) {
            Known::Good(good)
                if now < good.rests_until || now < good.fetched.plus(ttl - AHEAD.min(ttl / 5)) =>
            {
                Ok(good.secret)
            }
            Known::Good(good) => {
                let flight = self.0.flight(name);
                let out_of_date = now >= good.fetched.plus(ttl);
                let patience = if flight.replaces_lost { PATIENCE } else { GRACE };
                let patience = patience.saturating_sub(now.since(flight.begun)).min(limit);
                let patience = if out_of_date { patience } else { Duration::ZERO };
                match self.0.wait(flight, patience).await {
                    Some(Err(SecretError::Unavailable(_))) | None => Ok(good.secret),
                    Some(answer) => answer,
                }
            }
            Known::Bad(error) => Err(error),
            Known::Nothing => {
                let answer = self.0.wait(self.0.flight(name), limit.min(WHOLE)).await;
                answer.unwrap_or_else(|| Err(SecretError::Unavailable("no answer in time".to_owned())))
            }
        }
    }

    /// The secret asked for again, because the one in memory was refused; `None` when it is the same,
    /// was asked for a moment ago, or does not come within `limit`.
    pub async fn renewed(&self, name: &str, refused: &Arc<Secret>, limit: Duration) -> Option<Arc<Secret>> {
        let now = self.0.clock.now();
        let Known::Good(good) = self.0.entries(|entries| entries.known(name, now)) else { return None };
        if !Arc::ptr_eq(&good.secret, refused) {
            return Some(good.secret);
        }
        if now < good.asked.plus(RECHECK) {
            return None;
        }
        self.0.wait(self.0.flight(name), limit.min(TRY)).await?.ok()
    }
}

impl Inner {
    fn entries<T>(&self, change: impl FnOnce(&mut Entries) -> T) -> T {
        let mut entries = crate::lock::lock(&self.entries);
        change(&mut entries)
    }

    /// The question about a name that is on its way, or a new one. Everybody shares it.
    fn flight(self: &Arc<Self>, name: &str) -> Flight {
        let begun = self.clock.now();
        let lost = WHOLE + TRY;
        self.entries(|entries| {
            entries.flight(name, begun, lost, || {
                let (inner, name) = (self.clone(), name.to_owned());
                async move { inner.ask(&name, begun).await }.boxed().shared()
            })
        })
    }

    /// Waits for a question's answer. What does not come in time is left to go on by itself.
    async fn wait(&self, flight: Flight, span: Duration) -> Option<Answer> {
        if !span.is_zero()
            && let Some(answer) = self.within(span, flight.answer.clone()).await
        {
            return Some(answer);
        }
        // Without a runtime nobody goes on: the next one to ask does.
        if let (false, Ok(runtime)) = (flight.left_alone(), tokio::runtime::Handle::try_current()) {
            runtime.spawn(flight.answer);
        }
        None
    }

    /// Asks the store, three times at most, and remembers the answer.
    async fn ask(&self, name: &str, begun: Moment) -> Answer {
        let end = begun.plus(WHOLE);
        let mut pause = PAUSE;
        let mut tries = 1;
        let answer = loop {
            let left = end.since(self.clock.now());
            let answer = self.within(TRY.min(left), self.store.fetch(name)).await;
            match answer.unwrap_or_else(|| Err(SecretError::Unavailable("no answer in time".to_owned()))) {
                Err(SecretError::Unavailable(_)) if tries < 3 && self.clock.now().plus(pause) < end => {
                    self.clock.sleep(pause).await;
                    (tries, pause) = (tries + 1, pause * 3);
                }
                answer => break answer.and_then(|text| Secret::parse(&text)).map(Arc::new),
            }
        };
        let now = self.clock.now();
        let had_one = self.entries(|entries| entries.remember(name, &answer, begun, now, now.plus(REST)));
        if let (true, Err(reason)) = (had_one, &answer) {
            tracing::warn!(secret = name, %reason, "secret not refreshed");
        }
        answer
    }

    /// The outcome of a future, or nothing when it takes longer than `span`.
    async fn within<T>(&self, span: Duration, future: impl Future<Output = T>) -> Option<T> {
        let end = async { self.clock.sleep(span).await };
        match select(pin!(future), pin!(end)).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(_) => None,
        }
    }
}
