//! The time zone in which people of an account live: what their days are.

use std::fmt;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::time::Moment;

/// A zone of the IANA database, which is compiled in: functions have no other.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// The zone with a name such as `America/New_York`; letters' case does not matter.
    ///
    /// # Errors
    /// A sentence, when the database has no such zone.
    pub fn named(name: &str) -> Result<Self, String> {
        let zone = TimeZone::get(name).map(Self);
        zone.map_err(|_| {
            format!("`{name}` is not a time zone such as America/New_York, Europe/Lisbon or UTC")
        })
    }

    /// The zone's name, as the database spells it.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Seconds east of Greenwich at a moment.
    pub fn offset(&self, moment: Moment) -> i32 {
        Timestamp::from_microsecond(moment.micros()).map_or(0, |time| self.0.to_offset(time).seconds())
    }

    /// The moment at which a clock on the wall shows this. A time that a change of clocks leaves out
    /// is the same distance after the change; one that comes twice is the first.
    pub fn moment(&self, wall: NaiveDateTime) -> Option<Moment> {
        let civil = DateTime::new(
            wall.year().try_into().ok()?,
            wall.month().try_into().ok()?,
            wall.day().try_into().ok()?,
            wall.hour().try_into().ok()?,
            wall.minute().try_into().ok()?,
            wall.second().try_into().ok()?,
            wall.nanosecond().min(999_999_999).try_into().ok()?,
        );
        let time = self.0.to_timestamp(civil.ok()?).ok()?;
        Some(Moment::from_micros(time.as_microsecond()))
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a clock shows at a moment, so many seconds east of Greenwich; UTC beyond the calendar's ends.
pub fn wall(moment: Moment, offset: i32) -> NaiveDateTime {
    let utc = moment.calendar().naive_utc();
    utc.checked_add_signed(TimeDelta::seconds(offset.into())).unwrap_or(utc)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(zone: &str, time: &str) -> String {
        let moment = Moment::parse(time).unwrap();
        wall(moment, Zone::named(zone).unwrap().offset(moment)).format("%Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn a_day_is_the_one_of_the_zone_in_summer_and_in_winter() {
        for (zone, time, day) in [
            ("America/Los_Angeles", "2026-05-15T01:00:00Z", "2026-05-14 18:00"),
            ("America/Los_Angeles", "2026-11-15T01:30:00Z", "2026-11-14 17:30"),
            ("Australia/Sydney", "2026-05-14T22:00:00Z", "2026-05-15 08:00"),
            ("Asia/Kathmandu", "2026-05-14T18:20:00Z", "2026-05-15 00:05"),
            ("utc", "2026-05-14T23:59:00Z", "2026-05-14 23:59"),
        ] {
            assert_eq!(local(zone, time), day, "{zone}");
        }
    }

    #[test]
    fn a_wall_clocks_time_is_a_moment_also_where_clocks_are_changed() {
        let zone = Zone::named("Europe/Lisbon").unwrap();
        for (wall, moment) in [
            ("2026-07-01T12:00:00", "2026-07-01T11:00:00Z"),
            ("2026-03-29T01:30:00", "2026-03-29T01:30:00Z"), // left out: clocks go from 1 to 2
            ("2026-10-25T01:30:00", "2026-10-25T00:30:00Z"), // comes twice
        ] {
            assert_eq!(zone.moment(wall.parse().unwrap()), Moment::parse(moment), "{wall}");
        }
    }

    #[test]
    fn an_unknown_zone_is_named_and_no_moment_is_too_far() {
        assert!(Zone::named("Mars/Olympus").unwrap_err().contains("`Mars/Olympus`"));
        let zone = Zone::named("Pacific/Auckland").unwrap();
        for micros in [i64::MIN, i64::MAX] {
            let moment = Moment::from_micros(micros);
            let _clock = wall(moment, zone.offset(moment));
        }
    }
}
