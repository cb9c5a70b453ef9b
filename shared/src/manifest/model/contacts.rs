//! Section 5: how contacts are read without losing any.

use serde::Deserialize;

use super::{Fetch, Span};
use crate::manifest::expression::Template;

/// How far the run has come, and how that is known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// Who keeps the order.
    pub mode: Mode,
    /// The time stamp of a row, as the API prints it.
    pub field: Option<Template>,
    /// The id of a row, as `drain` compares it.
    pub id: Option<Template>,
    /// What is smaller than every id.
    pub id_min: Option<serde_json::Value>,
    /// The precision that the API prints. Default one second.
    pub step: Option<Span>,
    /// How late a row may become visible.
    pub settle: Span,
    /// How much is read again at the start of every run, for filters that may be exclusive.
    #[serde(default = "no_span")]
    pub overlap: Span,
    /// Everything is read again after this long, because no stamp shows a contact that only became
    /// visible (sharing, security groups, restored rows). An account's first full runs come sooner:
    /// after twice the time each. Default never.
    pub full_every: Option<Span>,
    /// Why a way of reading that can miss a contact is taken all the same; the documents print it.
    pub accept_loss: Option<String>,
    /// Where a first run begins. Default the epoch.
    pub start: Option<String>,
    /// How one bucket `[from, to)` is read by id. Given as a patch of `fetch`.
    pub drain: Option<Fetch>,
    /// Mode cursor: the position after this page.
    pub next: Option<Template>,
    /// Mode cursor: whether the end is reached.
    pub done: Option<Template>,
}

fn no_span() -> Span {
    Span(std::time::Duration::ZERO)
}

/// The three ways to read changes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Filter by time, ascending: the newest open bucket is withheld.
    Range,
    /// The server owns the position.
    Cursor,
    /// Only "changed since": the lower bound is frozen until the last page.
    Snapshot,
}

impl Mode {
    /// The mode's name in manifests and states.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Range => "range",
            Mode::Cursor => "cursor",
            Mode::Snapshot => "snapshot",
        }
    }
}

/// A row as a contact (contract §3). Lists may hold lists; what is empty falls away.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContactMap {
    /// Unique and lasting.
    pub id: Template,
    /// The full name; falls back to company, e-mail, phone, id.
    pub name: Template,
    /// The organisation.
    pub company: Option<Template>,
    /// The job title.
    pub title: Option<Template>,
    /// Addresses: one template for a list, or a list of templates.
    #[serde(default)]
    pub emails: Lines,
    /// Numbers, likewise.
    #[serde(default)]
    pub phones: Lines,
    /// The URL of a picture.
    pub photo_url: Option<Template>,
    /// One line.
    pub address: Option<Template>,
    /// Web sites, likewise.
    #[serde(default)]
    pub websites: Lines,
    /// The account's name without `@`.
    pub twitter: Option<Template>,
    /// The contact's page in the CRM.
    pub url: Option<Template>,
}

/// One template, or several.
#[derive(Debug, Default)]
pub struct Lines(pub Vec<Template>);

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Array(items) => items
                .into_iter()
                .map(|item| serde_json::from_value(item).map_err(D::Error::custom))
                .collect::<Result<_, _>>()
                .map(Lines),
            one => serde_json::from_value(one).map(|t| Lines(vec![t])).map_err(D::Error::custom),
        }
    }
}
