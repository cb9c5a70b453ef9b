//! `next_offset`: everything that the next page must know, because nothing is kept here.
//!
//! Compact, versioned, bound to the manifest, independent of the checkpoint that comes along, and
//! without secrets. States grow strictly in this order: the lower bound; then a query before its
//! drain; then the page counter. A state that does not grow would loop for ever, and is refused
//! where it would arise ([`Class::NoProgress`]).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::Value;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checkpoint::{self, Mark};
use super::time;
use crate::crm::Scope;
use crate::crm::page::Position;
use crate::error::{Class, Failure};
use crate::manifest::model::{Checkpoint, Mode, Page};
use crate::time::Moment;

const VERSION: &str = "2";

/// A run between two pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The CRM's clock when the run's first query ran.
    pub started: Option<Moment>,
    /// The checkpoint that the run began with, as text: marks never fall behind it.
    pub base: String,
    /// The checkpoint of the page before.
    pub mark: String,
    /// Pages so far.
    pub pages: u64,
    /// Whether the CRM had any row.
    pub rows_seen: bool,
    /// Where the next page begins.
    pub place: Place,
}

/// Where a page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Mode range: rows stamped `from` or later, in order of their stamps.
    #[serde(rename = "q")]
    Query {
        /// The lower bound in microseconds.
        #[serde(rename = "f")]
        from: i64,
    },
    /// Mode range: the rows of a bucket, usually one time step, in order of their ids.
    #[serde(rename = "d")]
    Drain {
        /// The bucket's beginning in microseconds.
        #[serde(rename = "f")]
        from: i64,
        /// Its end, not part of it.
        #[serde(rename = "t")]
        to: i64,
        /// The last id that was delivered.
        #[serde(rename = "i")]
        last_id: Option<String>,
        /// The server's page within the bucket.
        #[serde(rename = "p")]
        page: Option<String>,
    },
    /// Mode range with stable pages: the server's next page, and where to go on without it.
    #[serde(rename = "s")]
    Stable {
        /// The lower bound to fall back to.
        #[serde(rename = "f")]
        from: i64,
        /// A token or a URL.
        #[serde(rename = "p")]
        page: Link,
    },
    /// Mode cursor: the server's position.
    #[serde(rename = "c")]
    Cursor {
        /// The lower bound of a run without a cursor.
        #[serde(rename = "f")]
        from: i64,
        /// The position; none on the first page of all.
        #[serde(rename = "c")]
        cursor: Option<String>,
        /// Whether a row was younger than `settle`: the mark stays from there on.
        #[serde(rename = "z")]
        frozen: bool,
    },
    /// Mode snapshot: a page of everything changed since `from`.
    #[serde(rename = "n")]
    Snapshot {
        /// The frozen lower bound.
        #[serde(rename = "f")]
        from: i64,
        /// The page.
        #[serde(rename = "p")]
        page: Option<Link>,
    },
}

/// A page's token or URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Link {
    /// A token, number or offset.
    #[serde(rename = "t")]
    Page(String),
    /// A URL.
    #[serde(rename = "u")]
    Url(String),
}

impl Link {
    /// From a position that is not the first.
    pub fn of(position: &Position) -> Option<Self> {
        match position {
            Position::First => None,
            Position::Page(text) => Some(Link::Page(text.clone())),
            Position::Url(text) => Some(Link::Url(text.clone())),
        }
    }

    fn position(&self) -> Position {
        match self {
            Link::Page(text) => Position::Page(text.clone()),
            Link::Url(text) => Position::Url(text.clone()),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Wire(i64, String, String, u64, u8, Place);

impl Run {
    /// A run from a checkpoint, or from the manifest's start.
    ///
    /// # Errors
    /// A checkpoint that is not ours.
    pub fn begin(rules: &Checkpoint, received: Option<&str>) -> Result<Self, Failure> {
        let start = checkpoint::start(rules);
        let mark = received.map(Mark::parse).transpose()?;
        let from = match mark {
            Some(Mark::Time(moment)) => moment.minus(rules.overlap.0).max(start),
            _ => start,
        };
        let from = from.floor(checkpoint::step(rules)).max(start).micros();
        let place = match (rules.mode, mark) {
            (Mode::Range, _) => Place::Query { from },
            (Mode::Snapshot, _) => Place::Snapshot { from, page: None },
            (Mode::Cursor, Some(Mark::Cursor(cursor))) => {
                Place::Cursor { from, cursor: Some(cursor), frozen: false }
            }
            (Mode::Cursor, _) => Place::Cursor { from, cursor: None, frozen: false },
        };
        let base = received.map_or_else(|| Mark::Time(start).text(), str::to_owned);
        Ok(Self { started: None, mark: base.clone(), base, pages: 0, rows_seen: false, place })
    }

    /// Goes on to the next page.
    pub fn go_to(&mut self, place: Place, mark: String) {
        self.place = place;
        self.mark = mark;
        self.pages += 1;
    }

    /// After `cursor_gone`: back to where no server's page is needed. False when there is no such
    /// place, or the run is there already.
    pub fn restart(&mut self, rules: &Checkpoint) -> bool {
        let place = match &self.place {
            Place::Stable { from, .. } => Place::Query { from: *from },
            Place::Drain { from, to, page: Some(_), .. } => {
                Place::Drain { from: *from, to: *to, last_id: None, page: None }
            }
            Place::Snapshot { from, page: Some(_) } => Place::Snapshot { from: *from, page: None },
            Place::Cursor { cursor: Some(_), .. } => {
                let from = checkpoint::start(rules).micros();
                // The cursor that the base names is gone as well.
                self.base = Mark::Time(Moment::from_micros(from)).text();
                Place::Cursor { from, cursor: None, frozen: false }
            }
            _ => return false,
        };
        self.mark = self.base.clone();
        self.place = place;
        true
    }

    /// The checkpoint that the run began with.
    pub fn base_time(&self) -> Moment {
        match Mark::parse(&self.base) {
            Ok(Mark::Time(moment)) => moment,
            _ => Moment::EPOCH,
        }
    }

    /// The offset for Talkdesk: version, manifest, checksum, content.
    pub fn encode(&self, hash: &str) -> String {
        let started = self.started.map_or(0, Moment::micros);
        let wire = Wire(
            started,
            self.base.clone(),
            self.mark.clone(),
            self.pages,
            u8::from(self.rows_seen),
            self.place.clone(),
        );
        let content = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&wire).unwrap_or_default());
        format!("{VERSION}.{hash}.{}.{content}", checksum(hash, &content))
    }

    /// Reads an offset. `None` when it belongs to another version of the manifest: the run then
    /// begins again from the checkpoint, which loses nothing.
    ///
    /// # Errors
    /// `BadOffset` for what we cannot have handed out.
    pub fn decode(text: &str, hash: &str) -> Result<Option<Self>, Failure> {
        let refused = |why: &str| Failure::new(Class::BadOffset, why);
        let parts: Vec<&str> = text.split('.').collect();
        let [version, other, sum, content] = parts.as_slice() else {
            return Err(refused("the offset does not have four parts"));
        };
        if *version != VERSION {
            return Err(refused("the offset is of another version"));
        }
        if checksum(other, content) != *sum {
            return Err(refused("the offset is damaged"));
        }
        if *other != hash {
            return Ok(None);
        }
        let bytes = URL_SAFE_NO_PAD.decode(content).map_err(|_| refused("the offset is not base64"))?;
        let Wire(started, base, mark, pages, rows_seen, place) =
            serde_json::from_slice(&bytes).map_err(|_| refused("the offset's content is not ours"))?;
        Mark::parse(&base).map_err(|_| refused("the offset's checkpoint is not ours"))?;
        Ok(Some(Self {
            started: Some(Moment::from_micros(started)),
            base,
            mark,
            pages,
            rows_seen: rows_seen == 1,
            place,
        }))
    }
}

/// Finds damage and hand-made offsets; it is no signature: an offset opens nothing.
fn checksum(hash: &str, content: &str) -> String {
    let digest = Sha256::digest(format!("{VERSION}.{hash}.{content}"));
    digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

impl Place {
    /// Puts what the request needs into the scope; gives back the server's page.
    pub fn enter(&self, scope: &mut Scope, rules: &Checkpoint) -> Position {
        let none = || Value::from(());
        scope.set("cursor", none());
        match self {
            Place::Query { from } => {
                scope.set("from", time(Moment::from_micros(*from)));
                Position::First
            }
            Place::Stable { from, page } => {
                scope.set("from", time(Moment::from_micros(*from)));
                page.position()
            }
            Place::Drain { from, to, last_id, page } => {
                scope.set("from", time(Moment::from_micros(*from)));
                scope.set("to", time(Moment::from_micros(*to)));
                let least = rules.id_min.clone().unwrap_or_default();
                let least = Value::from(minijinja::value::Serde(least));
                scope.set(
                    "last_id",
                    match last_id {
                        None => least,
                        // A number stays one: some filters compare by type.
                        Some(id) if least.is_number() => {
                            id.parse::<i64>().map_or_else(|_| Value::from(id.as_str()), Value::from)
                        }
                        Some(id) => Value::from(id.as_str()),
                    },
                );
                page.as_ref().map_or(Position::First, |p| Position::Page(p.clone()))
            }
            Place::Cursor { from, cursor, .. } => {
                scope.set("from", time(Moment::from_micros(*from)));
                scope.set("cursor", cursor.as_deref().map_or_else(none, Value::from));
                Position::First
            }
            Place::Snapshot { from, page } => {
                scope.set("from", time(Moment::from_micros(*from)));
                page.as_ref().map_or(Position::First, Link::position)
            }
        }
    }

    /// Whether what follows a row of this place's page can be asked for: by a bound of our own, not
    /// by the server's pages (`page`).
    pub fn has_bound(&self, page: Option<&Page>) -> bool {
        match self {
            Place::Query { .. } => page.is_none_or(|page| !page.stable),
            Place::Drain { .. } => page.is_none(),
            _ => false,
        }
    }

    /// Whether a run may end before this place and the next run go on from the checkpoint.
    pub fn may_close(&self) -> bool {
        matches!(self, Place::Query { .. } | Place::Stable { .. } | Place::Cursor { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run() -> Run {
        Run {
            started: Some(Moment::from_micros(1_700_000_000_000_000)),
            base: "2026-11-20 23:01:00 UTC".to_owned(),
            mark: "2026-11-20 23:01:00 UTC".to_owned(),
            pages: 3,
            rows_seen: true,
            place: Place::Drain { from: 5, to: 6, last_id: Some("x.y".to_owned()), page: None },
        }
    }

    #[test]
    fn an_offset_comes_back_as_it_was() {
        let text = run().encode("abcd1234");
        assert_eq!(Run::decode(&text, "abcd1234").unwrap(), Some(run()));
        assert!(text.len() < 300, "{}", text.len());
    }

    #[test]
    fn an_offset_of_another_manifest_starts_again() {
        let text = run().encode("abcd1234");
        assert_eq!(Run::decode(&text, "ffff0000").unwrap(), None);
    }

    #[test]
    fn a_damaged_or_invented_offset_is_refused() {
        let good = run().encode("abcd1234");
        let mut damaged = good.clone();
        damaged.pop();
        for text in [
            "",
            "2",
            "null",
            "2.abcd1234.00000000.e30",
            &damaged,
            &good.replacen("2.", "1.", 1),
            "....",
            "1.2.3",
        ] {
            assert_eq!(Run::decode(text, "abcd1234").unwrap_err().class, Class::BadOffset, "{text}");
        }
    }
}
