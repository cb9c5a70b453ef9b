//! Two clocks, the CRM's and ours, of which neither is believed alone.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::time::Moment;

/// A difference of the clocks that needs no word: `Date` has whole seconds, and calls take time.
const TOLERANCE: Duration = Duration::from_secs(30);

/// When a run's first query ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks {
    /// Rows stamped before it were there, or are late: the earlier of the two clocks, less their
    /// difference when that is more than they may differ.
    #[serde(with = "micros")]
    pub started: Moment,
    /// The later of the two: what is stamped after it is of a later run.
    #[serde(with = "micros")]
    pub until: Moment,
    /// The difference in seconds, 0 within the tolerance.
    #[serde(skip)]
    pub skew: u64,
}

impl Clocks {
    /// `date` is the CRM's clock when it was asked, if it told; our clock stood between `begun` and
    /// `ended` then.
    pub fn new(date: Option<Moment>, begun: Moment, ended: Moment) -> Self {
        let date = date.unwrap_or(begun);
        let difference = date.since(ended).max(begun.since(date));
        let skew = if difference > TOLERANCE { difference } else { Duration::ZERO };
        let started = date.min(begun).minus(skew);
        Self { started, until: date.max(begun), skew: skew.as_secs() }
    }

    /// As they may have been at most: an offset from outside may say anything.
    #[must_use]
    pub fn not_after(self, now: Moment) -> Self {
        Self { started: self.started.min(now), ..self }
    }
}

mod micros {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::time::Moment;

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    pub fn serialize<S: Serializer>(moment: &Moment, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(moment.micros())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Moment, D::Error> {
        i64::deserialize(deserializer).map(Moment::from_micros)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Moment {
        Moment::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn the_earlier_clock_counts_and_a_large_difference_is_taken_off() {
        let clocks = |date| Clocks::new(date, at(1000), at(1002));
        assert_eq!(clocks(None), Clocks { started: at(1000), until: at(1000), skew: 0 });
        assert_eq!(clocks(Some(at(990))), Clocks { started: at(990), until: at(1000), skew: 0 });
        assert_eq!(clocks(Some(at(1010))), Clocks { started: at(1000), until: at(1010), skew: 0 });
        assert_eq!(clocks(Some(at(8202))), Clocks { started: at(1000 - 7200), until: at(8202), skew: 7200 });
        assert_eq!(clocks(Some(at(900))), Clocks { started: at(800), until: at(1000), skew: 100 });
    }
}
