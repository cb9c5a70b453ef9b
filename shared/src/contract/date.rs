//! The one date format that Talkdesk shows in its documents.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::ContractError;

const FORMAT: &str = "%Y-%m-%d %H:%M:%S UTC";
const SHAPE: &[u8] = b"0000-00-00 00:00:00 UTC";

/// A moment, to the second, always written `YYYY-MM-DD HH:MM:SS UTC` (contract §5, §11.22).
///
/// Only years 0000 to 9999 exist in this form, so the type holds no others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct TalkdeskDate(DateTime<Utc>);

impl TalkdeskDate {
    /// The moment without its fraction of a second; `None` for a year of more than four digits
    /// or before year 0.
    #[must_use]
    pub fn new(moment: DateTime<Utc>) -> Option<Self> {
        // By way of the timestamp, which knows no leap second either.
        let seconds = DateTime::from_timestamp(moment.timestamp(), 0)?;
        (0..=9999).contains(&seconds.year()).then_some(Self(seconds))
    }

    /// The moment.
    #[must_use]
    pub fn moment(self) -> DateTime<Utc> {
        self.0
    }
}

impl fmt::Display for TalkdeskDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.format(FORMAT))
    }
}

impl FromStr for TalkdeskDate {
    type Err = ContractError;

    /// Reads exactly the printed form: every digit, one space, UTC. A leap second is an error.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ContractError::new("date", "a date like 2012-11-21 17:53:51 UTC");
        // The date library would also take signs, missing zeros and other white space.
        let shape = text.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b });
        if !shape.eq(SHAPE.iter().copied()) {
            return Err(error());
        }
        let moment = NaiveDateTime::parse_from_str(text, FORMAT).map_err(|_| error())?;
        Self::new(moment.and_utc()).filter(|date| date.to_string() == text).ok_or_else(error)
    }
}

impl TryFrom<String> for TalkdeskDate {
    type Error = ContractError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TalkdeskDate> for String {
    fn from(date: TalkdeskDate) -> Self {
        date.to_string()
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for TalkdeskDate {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TalkdeskDate".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A moment in UTC, to the second.",
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2} UTC$",
        })
    }
}
