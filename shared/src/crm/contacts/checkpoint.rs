//! `synchronization_checkpoint`: what is safely delivered. Opaque to Talkdesk, strict when it
//! comes back, readable for whoever is called at night.
//!
//! `2026-11-20 23:01:00 UTC 2.acme.eyJn…`: the mark, then the version, the integration that it
//! belongs to, and what the next run must know besides ([`History`]); then, where the manifest has them, the
//! same of its other lists. A mark without the rest is
//! one of a bridge that kept less: see [`Run::begin`](super::run::Run::begin).

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::NaiveDateTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::packed::{pack, unpack};
use super::shown::Shown;
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, MAIN_LIST};
use crate::time::Moment;

const CURSOR: &str = "cursor:";
const VERSION: &str = "2";

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

    /// The moment, for those that are one.
    pub fn time(&self) -> Option<Moment> {
        match self {
            Mark::Time(moment) => Some(*moment),
            Mark::Cursor(_) => None,
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

/// What Talkdesk keeps between two runs. Inside of other texts: the mark's text, and the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "(String, Option<History>)", try_from = "(String, Option<History>)")]
pub struct Kept {
    /// How far everything is delivered.
    pub mark: Mark,
    /// What was written besides; none in a checkpoint of an older or another bridge.
    pub history: Option<History>,
}

/// What the next run must know besides the mark. Times are milliseconds since the epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// `contacts.generation` of the manifest that the last full run was made with.
    #[serde(rename = "g")]
    pub generation: u32,
    /// When this generation's first full run began.
    #[serde(rename = "a")]
    pub first: i64,
    /// When its last full run began.
    #[serde(rename = "s", default)]
    pub began: i64,
    /// When it ended; none while it is under way.
    #[serde(rename = "e", default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// By how many seconds the clock of the stamps may be behind, as far as is known.
    #[serde(rename = "d", default)]
    pub behind: u64,
    /// When that was seen: the run's beginning less `settle`.
    #[serde(rename = "t", default)]
    pub seen: i64,
    /// By how many microseconds the next run begins before the mark.
    #[serde(rename = "b", default)]
    pub back: i64,
    /// What the next run must be shown again where it begins.
    #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Shown>,
}

impl From<Kept> for (String, Option<History>) {
    fn from(kept: Kept) -> Self {
        (kept.mark.text(), kept.history)
    }
}

impl TryFrom<(String, Option<History>)> for Kept {
    type Error = Failure;

    fn try_from((mark, history): (String, Option<History>)) -> Result<Self, Failure> {
        Ok(Self { mark: Mark::parse(&mark)?, history })
    }
}

impl Kept {
    /// A mark after which nothing is outstanding, with a full run that ended `now`.
    pub fn settled(mark: Mark, generation: u32, now: Moment) -> Self {
        let now = now.micros().div_euclid(1_000);
        let history = History {
            generation,
            first: now,
            began: now,
            seen: mark.time().map_or(now, |time| time.micros().div_euclid(1_000)),
            last: Some(now),
            ..History::default()
        };
        Self { mark, history: Some(history) }
    }

    /// As Talkdesk keeps it.
    pub fn text(&self, integration: &str) -> String {
        let Some(history) = &self.history else { return self.mark.text() };
        format!("{} {VERSION}.{integration}.{}", self.mark.text(), pack(history))
    }

    /// Reads what came back, of the list `contacts`.
    ///
    /// # Errors
    /// `BadCheckpoint` for what we cannot have handed out, or handed out for another integration.
    pub fn parse(text: &str, integration: &str) -> Result<Self, Failure> {
        Self::split(text, integration).map(|(kept, _)| kept)
    }

    /// Several lists as Talkdesk keeps them: `contacts` as alone, then the others, `.eyJs…`.
    pub fn text_of_all(mut all: BTreeMap<&str, &Kept>, integration: &str) -> String {
        let main = all.remove(MAIN_LIST).map(|kept| kept.text(integration)).unwrap_or_default();
        if all.is_empty() { main } else { format!("{main}.{}", pack(&all)) }
    }

    /// Reads what came back, by list. A mark without a history is known of `contacts` only.
    ///
    /// # Errors
    /// As [`Kept::parse`].
    pub fn parse_all(text: &str, integration: &str) -> Result<BTreeMap<String, Self>, Failure> {
        let (main, further) = Self::split(text, integration)?;
        let mut all = BTreeMap::from([(MAIN_LIST.to_owned(), main)]);
        if let Some(further) = further {
            all.extend(part::<BTreeMap<String, Self>>(further)?);
        }
        Ok(all)
    }

    /// What is kept of `contacts`, and the text of the other lists.
    fn split<'a>(text: &'a str, integration: &str) -> Result<(Self, Option<&'a str>), Failure> {
        let refused = |why: &str| Failure::new(Class::BadCheckpoint, why);
        let Some((mark, rest)) = split(text) else {
            return Ok((Self { mark: Mark::parse(text)?, history: None }, None));
        };
        let (other, history) = rest.split_once('.').ok_or_else(|| refused("the checkpoint is cut off"))?;
        if other != integration {
            return Err(refused("the checkpoint belongs to another integration").with_message(format!(
                "The synchronization checkpoint belongs to another integration than {integration}. Start an initial synchronization without it."
            )));
        }
        let (history, further) =
            history.split_once('.').map_or((history, None), |(history, further)| (history, Some(further)));
        Ok((Self { mark: Mark::parse(mark)?, history: Some(part(history)?) }, further))
    }
}

/// A part of a checkpoint.
fn part<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    unpack(text).ok_or_else(|| Failure::new(Class::BadCheckpoint, "the checkpoint is damaged"))
}

/// The mark of a checkpoint's text, without what stands behind it.
pub fn mark_of(text: &str) -> &str {
    split(text).map_or(text, |(mark, _)| mark)
}

/// Mark, and what follows the version.
fn split(text: &str) -> Option<(&str, &str)> {
    let (mark, rest) = text.rsplit_once(' ')?;
    Some((mark, rest.strip_prefix(VERSION)?.strip_prefix('.')?))
}

/// Where a first run begins.
pub fn start(rules: &Checkpoint) -> Moment {
    rules.start()
}

/// What `settle` allows the checkpoint to reach: rows stamped before it no longer appear.
pub fn limit(rules: &Checkpoint, started: Moment) -> Moment {
    started.minus(rules.settle.0).floor(step(rules))
}

/// The precision that the CRM prints.
pub fn step(rules: &Checkpoint) -> Duration {
    rules.step()
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
    fn what_is_kept_besides_comes_back_with_the_mark() {
        let kept = Kept::settled(Mark::Time(Moment::from_micros(1_700_000_000_000_000)), 3, Moment::EPOCH);
        let text = kept.text("acme");
        assert!(text.starts_with("2023-11-14 22:13:20 UTC 2.acme.") && text.len() < 120, "{text}");
        assert_eq!(Kept::parse(&text, "acme").unwrap(), kept);
        assert_eq!(mark_of(&text), "2023-11-14 22:13:20 UTC");
        assert_eq!(Kept::parse(mark_of(&text), "acme").unwrap().history, None);
        for other in [&text[..text.len() - 3], "2023-11-14 22:13:20 UTC 2.acme", "x 2.acme.e30"] {
            assert_eq!(Kept::parse(other, "acme").unwrap_err().class, Class::BadCheckpoint, "{other}");
        }
    }

    #[test]
    fn a_checkpoint_of_another_integration_is_refused_and_says_so() {
        let text = Kept::settled(Mark::Cursor("5".to_owned()), 1, Moment::EPOCH).text("other");
        let failure = Kept::parse(&text, "acme").unwrap_err();
        assert_eq!(failure.class, Class::BadCheckpoint);
        assert!(failure.message.contains("another integration"), "{}", failure.message);
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
