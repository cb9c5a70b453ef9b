//! `synchronization_checkpoint`: what is safely delivered. Opaque to Talkdesk, strict when it
//! comes back, readable for whoever is called at night.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;

use crate::error::{Class, Failure};
use crate::manifest::model::Checkpoint;
use crate::time::Moment;

const CURSOR: &str = "cursor:";

/// A checkpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Everything stamped before this moment is delivered.
    Time(Moment),
    /// Everything up to the server's own position is delivered.
    Cursor(String),
}

impl Mark {
    /// As Talkdesk keeps it: `2026-11-20 23:01:00 UTC`, with a fraction where there is one, or
    /// `cursor:` and the position.
    pub fn text(&self) -> String {
        match self {
            Mark::Time(moment) => {
                let time = moment.calendar();
                let pattern = if moment.micros() % 1_000_000 == 0 {
                    "%Y-%m-%d %H:%M:%S UTC"
                } else {
                    "%Y-%m-%d %H:%M:%S%.6f UTC"
                };
                time.format(pattern).to_string()
            }
            Mark::Cursor(cursor) => format!("{CURSOR}{}", URL_SAFE_NO_PAD.encode(cursor)),
        }
    }

    /// Reads what came back.
    ///
    /// # Errors
    /// `BadCheckpoint` for what we cannot have handed out (contract §11.10).
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let refused = |why: &str| Failure::new(Class::BadCheckpoint, why);
        if let Some(encoded) = text.strip_prefix(CURSOR) {
            let bytes = URL_SAFE_NO_PAD.decode(encoded).map_err(|_| refused("the cursor is not base64"))?;
            let cursor = String::from_utf8(bytes).map_err(|_| refused("the cursor is not text"))?;
            return Ok(Mark::Cursor(cursor));
        }
        let plain = text.len() <= 40 && text.starts_with(|c: char| c.is_ascii_digit());
        let time = text
            .strip_suffix(" UTC")
            .filter(|_| plain)
            .and_then(|t| NaiveDateTime::parse_from_str(t, "%Y-%m-%d %H:%M:%S%.f").ok());
        let time = time.ok_or_else(|| refused("the checkpoint is not `YYYY-MM-DD HH:MM:SS UTC`"))?;
        Ok(Mark::Time(Moment::from_calendar(&time.and_utc())))
    }
}

/// Where a first run begins.
pub fn start(rules: &Checkpoint) -> Moment {
    rules.start.as_deref().and_then(Moment::parse).unwrap_or(Moment::EPOCH)
}

/// What `settle` allows the checkpoint to reach: rows stamped before it no longer appear.
pub fn limit(rules: &Checkpoint, started: Moment) -> Moment {
    started.minus(rules.settle.0).floor(step(rules))
}

/// The precision that the CRM prints.
pub fn step(rules: &Checkpoint) -> Duration {
    rules.step.map_or(Duration::from_secs(1), |s| s.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        for mark in [
            Mark::Time(Moment::from_micros(1_700_000_000_000_000)),
            Mark::Time(Moment::from_micros(1_700_000_000_123_456)),
            Mark::Time(Moment::EPOCH),
            Mark::Cursor("1740178420.0||26363624373267|".to_owned()),
            Mark::Cursor("çé\n".to_owned()),
        ] {
            assert_eq!(Mark::parse(&mark.text()).unwrap(), mark);
        }
        assert_eq!(
            Mark::Time(Moment::parse("2012-11-20T23:01:00Z").unwrap()).text(),
            "2012-11-20 23:01:00 UTC"
        );
    }

    #[test]
    fn what_we_cannot_have_handed_out_is_refused() {
        for text in [
            "",
            "now",
            "2012-11-20",
            "2012-11-20T23:01:00Z",
            "2012-11-20 23:01:00",
            "cursor:***",
            "+2012-11-20 23:01:00 UTC",
            "99999999-01-01 00:00:00 UTC",
            "null",
        ] {
            assert_eq!(Mark::parse(text).unwrap_err().class, Class::BadCheckpoint, "{text}");
        }
    }
}
