//! Where a page begins.

use std::time::Duration;

use minijinja::Value;
use serde::{Deserialize, Serialize};

use super::shown::{Last, Shown};
use super::time;
use crate::crm::Scope;
use crate::crm::page::Position;
use crate::manifest::model::{Checkpoint, Page};
use crate::time::Moment;

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
        /// What must be there again.
        #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
        shown: Option<Shown>,
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
        /// What must be there again, on the bucket's first page.
        #[serde(rename = "w", default, skip_serializing_if = "Option::is_none")]
        shown: Option<Shown>,
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
    /// Counted pages of a list in a known order: a bucket up to `to`, or everything.
    #[serde(rename = "l")]
    Walk {
        /// The lower bound.
        #[serde(rename = "f")]
        from: i64,
        /// A bucket's end, not part of it.
        #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
        to: Option<i64>,
        /// How many rows of the list have been read.
        #[serde(rename = "n")]
        at: u64,
        /// The last of them.
        #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
        last: Option<Last>,
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

    /// Whether this manifest's pages are named so: a link only where the section follows links, a
    /// number where it counts.
    pub(super) fn fits(&self, page: &Page) -> bool {
        match self {
            Link::Url(_) => page.next_url.is_some(),
            Link::Page(text) => {
                page.next_url.is_none() && (page.token.is_some() || text.parse::<u64>().is_ok())
            }
        }
    }

    fn position(&self) -> Position {
        match self {
            Link::Page(text) => Position::Page(text.clone()),
            Link::Url(text) => Position::Url(text.clone()),
        }
    }
}

impl Place {
    /// Mode range: rows stamped `from` or later.
    pub fn query(from: i64) -> Self {
        Place::Query { from, shown: None }
    }

    /// The lower bound in microseconds: what was stamped before it and is delivered by this run has
    /// been read.
    pub fn from(&self) -> Moment {
        let (Place::Query { from, .. }
        | Place::Drain { from, .. }
        | Place::Stable { from, .. }
        | Place::Cursor { from, .. }
        | Place::Snapshot { from, .. }
        | Place::Walk { from, .. }) = self;
        Moment::from_micros(*from)
    }

    /// What this place's page must show again, and the bucket that it stood in.
    pub fn shown(&self, step: Duration) -> Option<(&Shown, Moment, Moment)> {
        let floor = self.from().floor(step);
        match self {
            Place::Query { shown: Some(shown), .. } => {
                Some((shown, floor, shown.to.map_or(floor.plus(step), Moment::from_micros)))
            }
            Place::Drain { to, shown: Some(shown), .. } => Some((shown, floor, Moment::from_micros(*to))),
            _ => None,
        }
    }

    /// The link that the place follows, if it follows one.
    pub fn link(&self) -> Option<Position> {
        match self {
            Place::Stable { page: link @ Link::Url(_), .. }
            | Place::Snapshot { page: Some(link @ Link::Url(_)), .. } => Some(link.position()),
            _ => None,
        }
    }

    /// Puts what the request needs into the scope; gives back the server's page.
    pub fn enter(&self, scope: &mut Scope, rules: &Checkpoint) -> Position {
        let none = || Value::from(());
        scope.set("cursor", none());
        match self {
            Place::Query { from, .. } => {
                scope.set("from", time(Moment::from_micros(*from)));
                Position::First
            }
            Place::Stable { from, page } => {
                scope.set("from", time(Moment::from_micros(*from)));
                page.position()
            }
            Place::Drain { from, to, last_id, page, .. } => {
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
            // Where it begins depends on the page's size: see `walk::window`.
            Place::Walk { from, to, .. } => {
                scope.set("from", time(Moment::from_micros(*from)));
                if let Some(to) = to {
                    scope.set("to", time(Moment::from_micros(*to)));
                    scope.set("last_id", none());
                }
                Position::First
            }
        }
    }

    /// Whether what follows a row of this place's page can be asked for: by a bound of our own, not
    /// by the server's pages (`page`). `accepts`: whether a loss is accepted, and counted pages do not overlap.
    pub fn has_bound(&self, page: Option<&Page>, accepts: bool) -> bool {
        match self {
            Place::Query { .. } => page.is_none_or(|page| !page.stable),
            Place::Drain { .. } => page.is_none_or(|page| page.counted() && !accepts),
            Place::Walk { .. } => true,
            _ => false,
        }
    }

    /// Whether this place is a further page that is counted (`page`).
    pub fn counts(&self, page: Option<&Page>) -> bool {
        let further = match self {
            Place::Snapshot { page, .. } => page.is_some(),
            Place::Drain { page, .. } => page.is_some(),
            Place::Walk { .. } => true,
            Place::Stable { .. } | Place::Query { .. } | Place::Cursor { .. } => false,
        };
        further && page.is_some_and(Page::counted)
    }

    /// Whether a run may end before this place and the next run go on from the checkpoint.
    pub fn may_close(&self) -> bool {
        matches!(self, Place::Query { .. } | Place::Stable { .. } | Place::Cursor { .. })
    }
}
