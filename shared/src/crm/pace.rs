//! Keeps to the CRM's rate inside one function instance (Talkdesk asks for the next page at once,
//! so pacing must happen here). Every account has its own rate: a busy one holds up nobody else.

use std::collections::VecDeque;
use std::time::Duration;

use super::per_account::PerAccount;
use crate::time::Moment;

/// Remembers when calls were made.
pub struct Pacer {
    windows: Vec<(Duration, usize)>,
    calls: PerAccount<VecDeque<Moment>>,
}

impl Pacer {
    /// A pacer for calls per second and per minute.
    pub fn new(per_second: Option<u32>, per_minute: Option<u32>) -> Self {
        let windows = [(1, per_second), (60, per_minute)];
        Self {
            windows: windows
                .into_iter()
                .filter_map(|(s, n)| n.map(|n| (Duration::from_secs(s), n.max(1) as usize)))
                .collect(),
            calls: PerAccount::default(),
        }
    }

    /// Takes the account's next free place: how long to wait before calling. `account` is the fingerprint
    /// of its credentials. With a wait longer than `longest` no place is taken.
    pub fn reserve(&self, account: &str, now: Moment, longest: Duration) -> Result<Duration, Duration> {
        if self.windows.is_empty() {
            return Ok(Duration::ZERO);
        }
        self.calls.with(account, |calls| self.place(calls, now, longest))
    }

    /// Takes a place at once, whether one is free or not; later calls wait for it as for any other.
    pub fn go(&self, account: &str, now: Moment) {
        if !self.windows.is_empty() {
            self.calls.with(account, |calls| self.enter(calls, now));
        }
    }

    fn enter(&self, calls: &mut VecDeque<Moment>, at: Moment) {
        let place = calls.partition_point(|call| *call <= at);
        calls.insert(place, at);
        let longest_window = self.windows.iter().map(|(_, n)| *n).max().unwrap_or(1);
        while calls.len() > longest_window {
            calls.pop_front();
        }
    }

    fn place(
        &self,
        calls: &mut VecDeque<Moment>,
        now: Moment,
        longest: Duration,
    ) -> Result<Duration, Duration> {
        let mut at = now;
        for (span, count) in &self.windows {
            if calls.len() >= *count {
                at = at.max(calls[calls.len() - count].plus(*span));
            }
        }
        let wait = at.since(now);
        if wait > longest {
            return Err(wait);
        }
        self.enter(calls, at);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_beyond_the_rate_wait_for_the_oldest_to_age() {
        let pacer = Pacer::new(Some(2), None);
        let (now, long) = (Moment::EPOCH, Duration::from_secs(9));
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::ZERO));
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::ZERO));
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::from_secs(1)));
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::from_secs(1)));
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::from_secs(2)));
    }

    #[test]
    fn an_agents_call_goes_at_once_and_the_next_one_of_a_sync_waits_for_it() {
        let pacer = Pacer::new(Some(1), None);
        let (now, long) = (Moment::EPOCH, Duration::from_secs(9));
        pacer.go("a", now);
        pacer.go("a", now);
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::from_secs(1)));
        pacer.go("a", now);
        assert_eq!(pacer.reserve("a", now, long), Ok(Duration::from_secs(2)), "what was promised stands");
    }

    #[test]
    fn a_busy_account_holds_up_nobody_else() {
        let pacer = Pacer::new(None, Some(1));
        let now = Moment::EPOCH;
        assert!(pacer.reserve("busy", now, Duration::ZERO).is_ok());
        assert!(pacer.reserve("busy", now, Duration::ZERO).is_err());
        assert_eq!(pacer.reserve("quiet", now, Duration::ZERO), Ok(Duration::ZERO));
    }

    #[test]
    fn a_wait_that_is_too_long_takes_no_place() {
        let pacer = Pacer::new(None, Some(1));
        let now = Moment::EPOCH;
        assert!(pacer.reserve("a", now, Duration::ZERO).is_ok());
        assert_eq!(pacer.reserve("a", now, Duration::from_secs(5)), Err(Duration::from_secs(60)));
        assert_eq!(pacer.reserve("a", now, Duration::from_secs(60)), Ok(Duration::from_secs(60)));
    }
}
