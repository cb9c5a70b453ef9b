//! Moments and spans with types: no bare integers for time.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};

/// A moment in UTC with microseconds, the finest stamp of any CRM that we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(i64);

impl Moment {
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Moment = Moment(0);

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The machine's clock. Only for deadlines and for answers without a `Date` header.
    pub fn now() -> Self {
        Self(Utc::now().timestamp_micros())
    }

    /// The start of the `step` that this moment falls into.
    #[must_use]
    pub fn floor(self, step: Duration) -> Self {
        let step = i64::try_from(step.as_micros()).unwrap_or(i64::MAX).max(1);
        Self(self.0.div_euclid(step).saturating_mul(step))
    }

    /// This moment and a span.
    #[must_use]
    pub fn plus(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This moment less a span.
    #[must_use]
    pub fn minus(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// The span since an earlier moment; nothing since one that is yet to come.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// How far apart another clock is, when this moment was read off it in whole seconds, rounded down.
    pub fn skew(self, ours: Self) -> Duration {
        let ahead = self.0.saturating_sub(ours.0);
        let apart = if ahead >= 0 { ahead } else { ahead.saturating_add(1_000_000).min(0) };
        Duration::from_micros(apart.unsigned_abs())
    }

    /// As a calendar time; saturates far outside of any CRM's years.
    pub fn calendar(self) -> DateTime<Utc> {
        Utc.timestamp_micros(self.0).single().unwrap_or(if self.0 < 0 {
            DateTime::<Utc>::MIN_UTC
        } else {
            DateTime::<Utc>::MAX_UTC
        })
    }

    /// From a calendar time.
    pub fn from_calendar<Tz: TimeZone>(time: &DateTime<Tz>) -> Self {
        Self(time.timestamp_micros())
    }

    /// `2026-05-01T07:25:37Z`: whole seconds, cut off.
    pub fn iso_s(self) -> String {
        self.calendar().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// `2026-05-01T07:25:37.123Z`: milliseconds, cut off.
    pub fn iso_ms(self) -> String {
        self.calendar().to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    /// `2026-05-01T07:25:37.123456Z`.
    pub fn iso_us(self) -> String {
        self.calendar().to_rfc3339_opts(SecondsFormat::Micros, true)
    }

    /// `2026-05-01 07:25:37`: what databases print, in UTC.
    pub fn sql_s(self) -> String {
        self.calendar().format("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// Reads what CRMs print: RFC 3339 and its relatives (`+0000`, a space for the `T`, no zone =
    /// UTC, a date alone). `None` when it is none of these.
    pub fn parse(text: &str) -> Option<Self> {
        Self::parse_stated(text).map(|(moment, _)| moment)
    }

    /// The same, and what the text says about where its clock stands.
    pub fn parse_stated(text: &str) -> Option<(Self, Stated)> {
        let text = text.trim();
        let stated = |time: DateTime<FixedOffset>| {
            let utc = text.ends_with(['Z', 'z']);
            let stated = if utc { Stated::Utc } else { Stated::Offset(time.offset().local_minus_utc()) };
            (Self::from_calendar(&time), stated)
        };
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Some(stated(time));
        }
        for pattern in ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f %z"] {
            if let Ok(time) = DateTime::parse_from_str(text, pattern) {
                return Some(stated(time));
            }
        }
        let (utc, whole) = match text.strip_suffix(" UTC") {
            Some(rest) => (rest, Stated::Utc),
            None => (text, Stated::Wall),
        };
        for pattern in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
            if let Ok(time) = NaiveDateTime::parse_from_str(utc, pattern) {
                return Some((Self::from_calendar(&time.and_utc()), whole));
            }
        }
        let date = NaiveDate::parse_from_str(utc, "%Y-%m-%d").ok()?;
        Some((Self::from_calendar(&date.and_time(chrono::NaiveTime::MIN).and_utc()), Stated::Day))
    }

    /// Reads a time in a format of its own (`strftime` letters); without a zone it is UTC.
    pub fn parse_as(text: &str, pattern: &str) -> Option<Self> {
        if let Ok(time) = DateTime::parse_from_str(text, pattern) {
            return Some(Self::from_calendar(&time));
        }
        let time = NaiveDateTime::parse_from_str(text, pattern).ok()?;
        Some(Self::from_calendar(&time.and_utc()))
    }

    /// Reads an HTTP date (`Sun, 22 Nov 2026 16:45:50 GMT`).
    pub fn parse_http_date(text: &str) -> Option<Self> {
        let time = DateTime::parse_from_rfc2822(text).ok()?;
        Some(Self::from_calendar(&time))
    }
}

/// Where the clock stands that a written time was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stated {
    /// So many seconds east of Greenwich.
    Offset(i32),
    /// A machine's: `Z` says nothing about whose day it is.
    Utc,
    /// A clock on a wall, without a word about where.
    Wall,
    /// A day alone.
    Day,
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iso_us())
    }
}

/// Reads an ISO 8601 duration of days, hours, minutes and seconds (`PT5M`, `PT0.001S`, `P1D`).
///
/// Months and years have no fixed length and are refused.
pub fn parse_span(text: &str) -> Option<Duration> {
    let rest = text.strip_prefix('P')?;
    let (days, time) = rest.split_once('T').unwrap_or((rest, ""));
    let mut seconds = 0.0;
    let mut read = |part: &str, units: &[(char, f64)]| -> Option<()> {
        let mut number = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() || c == '.' {
                number.push(c);
            } else {
                let (_, factor) = units.iter().find(|(unit, _)| *unit == c)?;
                seconds += number.parse::<f64>().ok()? * factor;
                number.clear();
            }
        }
        number.is_empty().then_some(())
    };
    read(days, &[('D', 86_400.0)])?;
    read(time, &[('H', 3_600.0), ('M', 60.0), ('S', 1.0)])?;
    if days.is_empty() && time.is_empty() {
        return None;
    }
    // Microseconds are the unit of every stamp: a sum of decimal fractions must not miss one.
    Some(Duration::from_micros((seconds * 1e6).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_shows_whole_seconds_is_not_off_by_their_rest() {
        let ours = Moment::from_micros(10_700_000);
        for (theirs, apart) in [(10, 0), (9, 700), (11, 300), (70, 59_300)] {
            let skew = Moment::from_micros(theirs * 1_000_000).skew(ours);
            assert_eq!(skew, Duration::from_millis(apart), "{theirs}");
        }
    }

    #[test]
    fn the_stamps_that_crms_print_are_all_read() {
        let expected = Moment::parse("2026-05-01T07:25:37Z").unwrap();
        for text in [
            "2026-05-01T07:25:37.000+0000",
            "2026-05-01T10:25:37+03:00",
            "2026-05-01 07:25:37",
            "2026-05-01 07:25:37 UTC",
            "2026-05-01T07:25:37",
            "2026-05-01 07:25:37.000000",
        ] {
            assert_eq!(Moment::parse(text), Some(expected), "{text}");
        }
        // What a browser's field for date and time gives.
        for text in ["2026-05-01T07:25", "2026-05-01 07:25"] {
            assert_eq!(Moment::parse(text).unwrap().iso_s(), "2026-05-01T07:25:00Z");
        }
        assert_eq!(Moment::parse("2026-05-01").unwrap().iso_s(), "2026-05-01T00:00:00Z");
        for text in ["", "yesterday", "2026-13-01", "1767225600000"] {
            assert_eq!(Moment::parse(text), None, "{text}");
        }
    }

    #[test]
    fn flooring_goes_down_before_the_epoch_too() {
        let step = Duration::from_secs(1);
        assert_eq!(Moment::from_micros(-1).floor(step).micros(), -1_000_000);
        assert_eq!(Moment::from_micros(1_999_999).floor(step).micros(), 1_000_000);
    }

    #[test]
    fn spans_have_days_hours_minutes_and_seconds_only() {
        assert_eq!(parse_span("PT0.001S"), Some(Duration::from_millis(1)));
        assert_eq!(parse_span("PT0.000001S"), Some(Duration::from_micros(1)));
        assert_eq!(parse_span("P1DT2H3M4S"), Some(Duration::from_secs(93_784)));
        for text in ["P1M", "P1Y", "5m", "PT", "P", "PT5", ""] {
            assert_eq!(parse_span(text), None, "{text}");
        }
    }

    #[test]
    fn http_dates_are_read() {
        let date = Moment::parse_http_date("Sun, 22 Nov 2026 16:45:50 GMT").unwrap();
        assert_eq!(date.iso_s(), "2026-11-22T16:45:50Z");
    }
}
