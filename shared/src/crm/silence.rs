//! A CRM that is silent is known by account, so that not every request waits for it in vain.
//!
//! After three requests in a row of which no call was answered, the next ones have a moment only: an
//! agent's screen shows the error at once, and a dead CRM does not fill the account's functions. Any
//! answer, also a refusal, ends that; ten seconds after the last long wait a request waits as long as ever.

use std::time::Duration;

use super::per_account::PerAccount;
use super::{Engine, Session};
use crate::error::{Class, Failure};
use crate::time::Moment;

/// Requests in a row, of which no call was answered, after which a CRM counts as silent.
const REQUESTS: u32 = 3;
/// How long after the last of them requests have a moment only.
const PAUSE: Duration = Duration::from_secs(10);
/// The time of such a request: a CRM that is well again answers within it.
const MOMENT: Duration = Duration::from_millis(650);
/// A request that waited less tells nothing: a refused connection costs no time.
const LONG: Duration = Duration::from_secs(1);

/// What is known of one account's CRM.
#[derive(Default)]
pub struct Silent {
    requests: u32,
    until: Option<Moment>,
}

impl Silent {
    /// Whether a request of now has a moment only.
    fn is_known(&self, now: Moment) -> bool {
        self.until.is_some_and(|until| now < until)
    }

    /// A request is over: whether any of its calls was answered, and how long it waited for them.
    fn ended(&mut self, now: Moment, answered: bool, waited: Duration) {
        if answered {
            *self = Self::default();
        } else if waited >= LONG {
            self.requests += 1;
            self.until = (self.requests >= REQUESTS).then(|| now.plus(PAUSE));
        }
    }
}

/// The silence of all accounts' CRMs, by the fingerprint of their credentials.
pub type Silence = PerAccount<Silent>;

impl Engine {
    /// The session with the time that its CRM deserves.
    pub fn admit(&self, mut session: Session) -> Session {
        let now = self.clock.now();
        if self.silence.with(&session.fingerprint, |silent| silent.is_known(now)) {
            tracing::warn!(
                request_id = %session.request_id,
                "the CRM answered none of the last requests in time: this one has a moment only"
            );
            session.deadline = session.deadline.min(now.plus(MOMENT));
        }
        session
    }

    /// Learns from a request that is over.
    pub fn dismiss(&self, session: &Session, failure: Option<&Failure>) {
        let waited = session.figures.lock().map_or(Duration::ZERO, |figures| figures.crm_time);
        let silent = failure.is_some_and(|f| matches!(f.class, Class::CrmTimeout | Class::CrmUnreachable));
        let answered = session.was_answered();
        if answered || silent {
            let now = self.clock.now();
            self.silence.with(&session.fingerprint, |known| known.ended(now, answered, waited));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITED: Duration = Duration::from_secs(8);

    #[test]
    fn three_requests_in_vain_shorten_the_next_ones_for_ten_seconds() {
        let (mut silent, now) = (Silent::default(), Moment::EPOCH);
        for known in [false, false, true] {
            assert!(!silent.is_known(now));
            silent.ended(now, false, WAITED);
            assert_eq!(silent.is_known(now), known);
        }
        // What had a moment only proves nothing about a slow CRM.
        silent.ended(now.plus(Duration::from_secs(5)), false, MOMENT);
        assert!(!silent.is_known(now.plus(PAUSE)), "a request may wait again");
        silent.ended(now.plus(PAUSE), false, WAITED);
        assert!(silent.is_known(now.plus(PAUSE)), "and one more in vain is enough");
    }

    #[test]
    fn any_answer_ends_the_silence() {
        let (mut silent, now) = (Silent::default(), Moment::EPOCH);
        (0..REQUESTS).for_each(|_| silent.ended(now, false, WAITED));
        silent.ended(now, true, Duration::from_millis(20));
        assert!(!silent.is_known(now));
        silent.ended(now, false, WAITED);
        assert!(!silent.is_known(now), "the count begins anew");
    }

    #[test]
    fn connections_that_are_refused_at_once_are_no_silence() {
        let (mut silent, now) = (Silent::default(), Moment::EPOCH);
        (0..9).for_each(|_| silent.ended(now, false, Duration::from_millis(700)));
        assert!(!silent.is_known(now));
    }
}
