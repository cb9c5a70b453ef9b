//! Time filters.

use std::cmp::Ordering;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use chrono::format::StrftimeItems;
use chrono::{Datelike, NaiveDate, Timelike};
use minijinja::value::{DynObject, Object, ObjectRepr};
use minijinja::{Environment, Error, State, Value};

use super::values::{is_empty, refused};
use crate::time::{Moment, Stated};
use crate::zone::{Zone, wall};

/// A [`Moment`] inside expressions, and where it came with one, the offset of its own clock (seconds
/// east). Prints as RFC 3339 with microseconds; only `date` looks at the offset.
#[derive(Debug)]
pub struct TimeValue(pub Moment, pub Option<i32>);

impl TimeValue {
    /// Wraps a moment for a scope.
    pub fn value(moment: Moment) -> Value {
        Value::from_object(TimeValue(moment, None))
    }
}

impl Object for TimeValue {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn custom_cmp(self: &Arc<Self>, other: &DynObject) -> Option<Ordering> {
        Some(self.0.cmp(&other.downcast_ref::<TimeValue>()?.0))
    }

    fn render(self: &Arc<Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iso_us())
    }
}

pub(super) fn register(e: &mut Environment<'static>) {
    e.add_filter("ts", time);
    e.add_filter("iso_s", |v: &Value| printed(v, Moment::iso_s));
    e.add_filter("iso_ms", |v: &Value| printed(v, Moment::iso_ms));
    e.add_filter("iso_us", |v: &Value| printed(v, Moment::iso_us));
    e.add_filter("sql_s", |v: &Value| printed(v, Moment::sql_s));
    e.add_filter("epoch_s", |v: &Value| printed(v, |m| m.micros().div_euclid(1_000_000)));
    e.add_filter("epoch_ms", |v: &Value| printed(v, |m| m.micros().div_euclid(1_000)));
    e.add_filter("fmt", |v: &Value, format: &str| {
        let items: Vec<_> = StrftimeItems::new(format).collect();
        if items.contains(&chrono::format::Item::Error) {
            return Err(refused("fmt: not a strftime format"));
        }
        let Some(moment) = read(v, None)? else { return Ok(Value::from(())) };
        written("fmt", &moment.calendar().format_with_items(items.iter()))
    });
    e.add_filter("date", |state: &State<'_, '_>, v: &Value, format: Option<&str>| {
        let Some((moment, own)) = read_own(v, None)? else { return Ok(Value::from(())) };
        let zone = state.lookup("zone").and_then(|name| Zone::named(name.as_str()?).ok());
        let offset = own.or_else(|| zone.map(|zone| zone.offset(moment))).unwrap_or(0);
        let items: Vec<_> = StrftimeItems::new(format.unwrap_or("%Y-%m-%d")).collect();
        written("date", &wall(moment, offset).format_with_items(items.iter()))
    });
    e.add_filter("parts", |v: &Value| {
        printed(v, |m| {
            let c = m.calendar();
            minijinja::context! {
                year => c.year(), month => c.month(), day => c.day(), hour => c.hour(),
                minute => c.minute(), second => c.second(),
                microsecond => m.micros().rem_euclid(1_000_000),
            }
        })
    });
    e.add_filter("shift", |v: &Value, seconds: f64| {
        let Some((moment, own)) = read_own(v, None)? else { return Ok(Value::from(())) };
        // A float that is none, or too large, becomes the nearest whole number; the sum stops at the ends.
        let moved = Moment::from_micros(moment.micros().saturating_add((seconds * 1e6) as i64));
        Ok::<_, Error>(Value::from_object(TimeValue(moved, own)))
    });
}

/// A time that a value says, null for nothing.
pub(super) fn time(value: &Value, format: Option<&str>) -> Result<Value, Error> {
    let time = read_own(value, format)?;
    Ok(time.map_or(Value::from(()), |(m, own)| Value::from_object(TimeValue(m, own))))
}

/// Some letters cannot print some times: a zone that is not known, a year of more than four digits.
fn written(filter: &str, time: &impl fmt::Display) -> Result<Value, Error> {
    let mut text = String::new();
    write!(text, "{time}").map_err(|_| refused(format!("{filter}: this format cannot print this time")))?;
    Ok(Value::from(text))
}

fn printed<T: Into<Value>>(value: &Value, print: impl Fn(Moment) -> T) -> Result<Value, Error> {
    Ok(read(value, None)?.map_or(Value::from(()), |moment| print(moment).into()))
}

/// Reads a time out of a value; null for nothing.
///
/// # Errors
/// When there is something, but it is no time.
pub fn read(value: &Value, format: Option<&str>) -> Result<Option<Moment>, Error> {
    Ok(read_own(value, format)?.map(|(moment, _)| moment))
}

/// The same, with the offset of the clock that the time was read from: a day alone is that day everywhere.
fn read_own(value: &Value, format: Option<&str>) -> Result<Option<(Moment, Option<i32>)>, Error> {
    if let Some(time) = value.downcast_object_ref::<TimeValue>() {
        return Ok(Some((time.0, time.1)));
    }
    if is_empty(value) {
        return Ok(None);
    }
    let anywhere = |moment: Moment| (moment, None);
    let read = if let Some(text) = value.as_str() {
        match (format, Moment::parse_stated(text)) {
            (Some(format), _) => Moment::parse_as(text, format).map(anywhere),
            (None, Some((moment, Stated::Offset(seconds)))) => Some((moment, Some(seconds))),
            (None, Some((moment, Stated::Day))) => Some((moment, Some(0))),
            (None, Some((moment, Stated::Utc | Stated::Wall))) => Some((moment, None)),
            (None, None) => text.parse().ok().and_then(epoch).map(anywhere),
        }
    } else if value.is_number() {
        f64::try_from(value.clone()).ok().and_then(epoch).map(anywhere)
    } else {
        calendar(value).map(anywhere)
    };
    read.map(Some).ok_or_else(|| refused("ts: not a time in a format that it reads"))
}

/// Seconds or milliseconds: no CRM has a row from before 1973 in milliseconds or after 5138 in seconds.
fn epoch(number: f64) -> Option<Moment> {
    if !number.is_finite() || number.abs() > 1e15 {
        return None;
    }
    let micros = if number.abs() < 1e11 { number * 1e6 } else { number * 1e3 };
    Some(Moment::from_micros(micros.round() as i64))
}

/// A map with year, month, day and, where they are given, the smaller parts, as some servers print times.
fn calendar(value: &Value) -> Option<Moment> {
    let part = |name: &str| value.get_attr(name).ok().and_then(|v| v.as_i64());
    let small = |name: &str| part(name).unwrap_or(0).try_into().ok();
    let date = NaiveDate::from_ymd_opt(
        part("year")?.try_into().ok()?,
        part("month")?.try_into().ok()?,
        part("day")?.try_into().ok()?,
    )?;
    let time =
        date.and_hms_micro_opt(small("hour")?, small("minute")?, small("second")?, small("microsecond")?)?;
    Some(Moment::from_calendar(&time.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::expression::Expression;

    fn eval(source: &str) -> Result<Value, String> {
        Expression::compile(source)?.eval(&minijinja::context! {}).map_err(|e| e.to_string())
    }

    #[test]
    fn a_time_that_is_moved_beyond_all_calendars_stops_at_their_ends() {
        for seconds in ["9e15", "-9e15", "1e300", "-1e300", "9223372036854775807", "0 * 1e300 * 1e300"] {
            for print in ["iso_s", "sql_s", "epoch_s", "parts", "fmt('%Y-%m-%d')", "shift(1e18) | iso_ms"] {
                let source = format!("'2026-05-01' | ts | shift({seconds}) | {print}");
                assert!(eval(&source).is_ok(), "{source}");
            }
        }
        assert_eq!(
            eval("'2026-05-01' | ts | shift(1e300 * 0) | iso_s").unwrap(),
            "2026-05-01T00:00:00Z".into()
        );
    }

    #[test]
    fn a_date_is_the_one_of_the_zone_unless_the_time_came_with_its_own_clock() {
        let date = |time: &str, zone: Option<&str>| {
            let scope = minijinja::context! { time => time, zone => zone };
            let text = Expression::compile("time | ts | shift(0) | date").unwrap().eval(&scope).unwrap();
            text.as_str().unwrap().to_owned()
        };
        for zone in [None, Some("America/Los_Angeles"), Some("Pacific/Auckland")] {
            assert_eq!(date("2026-05-14T18:00:00-07:00", zone), "2026-05-14", "{zone:?}");
            assert_eq!(date("2026-05-15T08:00:00+10:00", zone), "2026-05-15", "{zone:?}");
            assert_eq!(date("2026-05-14", zone), "2026-05-14", "{zone:?}");
        }
        assert_eq!(date("2026-05-15T01:00:00Z", None), "2026-05-15");
        assert_eq!(date("2026-05-15T01:00:00Z", Some("America/Los_Angeles")), "2026-05-14");
        assert_eq!(date("2026-05-14T12:00:00Z", Some("Pacific/Auckland")), "2026-05-15");
    }

    #[test]
    fn every_strftime_letter_prints_every_time_or_is_refused() {
        for letter in ('a'..='z').chain('A'..='Z').chain(['+', '%']) {
            for shift in ["0", "1e300", "-1e300"] {
                let source = format!("'2026-05-01' | ts | shift({shift}) | fmt('%{letter}')");
                let _printed_or_refused = eval(&source);
                let _printed_or_refused = eval(&source.replace("fmt(", "date("));
            }
        }
    }
}
