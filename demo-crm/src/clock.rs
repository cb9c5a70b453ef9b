//! The CRM's own time: stored in microseconds, printed in milliseconds, and never the client's.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Serialize, Serializer};

/// A moment in microseconds since 1970, the precision that the database keeps.
///
/// It prints with milliseconds, cut and not rounded: clients see less than what is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(pub i64);

impl Micros {
    /// Reads an RFC 3339 time with at most six digits of fraction.
    ///
    /// More digits are refused and not cut, because a bound that moved would be a silent loss.
    pub fn parse(text: &str) -> Option<Self> {
        let fraction = text.split_once('.').map_or("", |(_, rest)| rest);
        if fraction.bytes().take_while(u8::is_ascii_digit).count() > 6 {
            return None;
        }
        let time = DateTime::parse_from_rfc3339(text).ok()?;
        Some(Self(time.timestamp_micros()))
    }

    /// This moment moved by so many microseconds.
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    fn date_time(self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.0).unwrap_or_default()
    }

    /// The form of an HTTP `Date` header.
    pub(crate) fn http_date(self) -> String {
        self.date_time().format("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }
}

impl std::fmt::Display for Micros {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.date_time().to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl Serialize for Micros {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl ToSql for Micros {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0))
    }
}

impl FromSql for Micros {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        i64::column_result(value).map(Self)
    }
}

/// When a write happened, and from when on lists and lookups show it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stamp {
    pub at: Micros,
    pub visible_at: Micros,
}

/// Visible whatever the clock says: a write without lag must not vanish when the clock jumps back.
pub(crate) const ALWAYS_VISIBLE: Micros = Micros(i64::MIN);

/// The machine's clock plus what tests added to it, and how late writes become visible.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_micros: AtomicI64,
    lag_micros: AtomicI64,
}

impl Clock {
    pub fn now(&self) -> Micros {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let machine = i64::try_from(since_epoch.as_micros()).unwrap_or(i64::MAX);
        Micros(machine).plus(self.offset_micros.load(Ordering::Relaxed))
    }

    pub fn advance(&self, millis: i64) {
        self.offset_micros.fetch_add(millis.saturating_mul(1_000), Ordering::Relaxed);
    }

    pub fn set_lag(&self, millis: u32) {
        self.lag_micros.store(i64::from(millis) * 1_000, Ordering::Relaxed);
    }

    /// The stamp of a write that happens now.
    pub fn stamp(&self) -> Stamp {
        self.stamp_of(self.now())
    }

    /// The stamp of a write that claims another moment: it still becomes visible as of now.
    pub fn stamp_of(&self, at: Micros) -> Stamp {
        let visible_at = match self.lag_micros.load(Ordering::Relaxed) {
            0 => ALWAYS_VISIBLE,
            lag => self.now().plus(lag),
        };
        Stamp { at, visible_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_prints_milliseconds_and_cuts_the_rest() {
        let moment = Micros::parse("2026-05-01T07:25:37.123999Z").unwrap();
        assert_eq!(moment.to_string(), "2026-05-01T07:25:37.123Z");
    }

    #[test]
    fn a_fraction_of_more_than_six_digits_is_refused() {
        assert_eq!(Micros::parse("2026-05-01T07:25:37.1234567Z"), None);
    }

    #[test]
    fn an_offset_other_than_utc_is_read() {
        assert_eq!(Micros::parse("2026-05-01T09:25:37+02:00"), Micros::parse("2026-05-01T07:25:37Z"));
    }
}
