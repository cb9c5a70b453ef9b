//! Contacts: how they are read without losing any.

use std::time::Duration;

use serde::Deserialize;

use super::{Fetch, Span};
use crate::manifest::expression::Template;
use crate::time::Moment;

/// How far a run has come, and how that is known.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// How changes are read.
    pub mode: Mode,
    /// The time of a row's last change, as a time (`| ts`). Modes `range`, `newest` and `cursor`.
    pub field: Option<Template>,
    /// The id of a row, as `drain` compares and sorts it.
    pub id: Option<Template>,
    /// A value that sorts before every id: `last_id` of a bucket's first page. Without it: an empty text.
    pub id_min: Option<serde_json::Value>,
    /// The precision with which the API *prints* the time, not the one with which it stores
    /// it.
    #[cfg_attr(feature = "schema", schemars(extend("default" = Self::STEP)))]
    pub step: Option<Span>,
    /// How late after its time a row may become visible: search indexes, replicas, long transactions. The
    /// checkpoint stays this far behind. Too small loses rows; 0 is refused.
    pub settle: Span,
    /// How much is read again at the start of every run, for filters that leave out the bound itself.
    #[serde(default = "no_span")]
    pub overlap: Span,
    /// Everything is read again after this long, because no time shows a contact that only became visible
    /// (sharing, security groups, restored rows). An account's first full runs come sooner, after twice the
    /// time each. `PT0S` in mode `snapshot`: with every run, for a CRM that can neither be asked for what changed
    /// nor sorts by it. Without it: never.
    pub full_every: Option<Span>,
    /// Why a way of reading that can miss a contact is taken all the same; the submitted documents print it.
    pub accept_loss: Option<String>,
    /// What the CRM sorts by, a value of the row that never changes (its id, the time of its creation), in
    /// ascending order. Mode `snapshot` with counted pages: they overlap then, and a contact that leaves the
    /// list lets none be missed.
    pub order: Option<Template>,
    /// The time at which a first run begins, for CRMs that refuse the year 1970.
    #[cfg_attr(feature = "schema", schemars(extend("default" = Self::START)))]
    pub start: Option<String>,
    /// How one bucket of equal times, `from` up to but not including `to`, is read by id, written as the
    /// difference to `fetch`: null takes a key away. For buckets that are larger than a page.
    pub drain: Option<Fetch>,
    /// Mode `cursor`: the position after this page.
    pub next: Option<Template>,
    /// Mode `cursor`: whether the end of the feed is reached.
    pub done: Option<Template>,
}

impl Checkpoint {
    /// The `step` of an API that prints whole seconds.
    pub const STEP: Span = Span(Duration::from_secs(1));
    /// The `start` of a CRM that takes any time.
    pub const START: &str = "1970-01-01T00:00:00Z";

    /// The precision with which the API prints times.
    pub fn step(&self) -> Duration {
        self.step.unwrap_or(Self::STEP).0
    }

    /// The time at which a first run begins.
    pub fn start(&self) -> Moment {
        self.start.as_deref().and_then(Moment::parse).unwrap_or(Moment::EPOCH)
    }
}

fn no_span() -> Span {
    Span(Duration::ZERO)
}

/// The ways to read changes.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The CRM filters by "changed at or after" and sorts by it, ascending.
    Range,
    /// The CRM has a feed of changes with a position of its own.
    Cursor,
    /// The CRM filters by "changed since", in no useful order.
    Snapshot,
    /// The CRM does not filter by change, but sorts by it, newest first.
    Newest,
}

impl Mode {
    /// The mode's name in manifests and states.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Range => "range",
            Mode::Cursor => "cursor",
            Mode::Snapshot => "snapshot",
            Mode::Newest => "newest",
        }
    }
}

/// What `contact.list` is for somebody from `contacts` itself.
pub const MAIN_LIST: &str = "contacts";

/// A list of contacts that a manifest reads.
#[derive(Clone, Copy, Debug)]
pub struct List<'m> {
    /// What `contact.list` is for somebody of it.
    pub name: &'m str,
    /// What stands before its ids at Talkdesk; nothing for `contacts`.
    pub prefix: &'m str,
    /// How it is read.
    pub spec: &'m super::Read<ContactMap, Checkpoint>,
}

/// A further list of contacts.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContactList {
    /// What stands before every id of this list at Talkdesk, so that no id means two people. Templates see
    /// `contact.id` without it, and know the list by `contact.list`. Up to 16 letters, digits, `_`, `-` and `:`.
    pub id_prefix: String,
    /// Whether the list is left out, with the look-ups and the questions of validation that are about it, until an
    /// overlay or a manifest that extends this one says `off: false`.
    #[serde(default)]
    pub off: bool,
    /// How the list is read, written as the difference to the section `contacts`: null takes a key away.
    pub contacts: Option<super::Read<ContactMap, Checkpoint>>,
}

/// What a row becomes as a contact (contract §3). What is empty falls away.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ContactMap {
    /// The contact's id in the CRM, unique and lasting. A row without one is left out.
    pub id: Template,
    /// The full name. When it is empty: the company, an e-mail, a phone number, the id.
    pub name: Template,
    /// The company's name.
    pub company: Option<Template>,
    /// The job title.
    pub title: Option<Template>,
    /// E-mail addresses: one template that gives a text or a list, or a list of templates.
    #[serde(default)]
    pub emails: Lines,
    /// Phone numbers, likewise, written as E.164 where they can be read.
    #[serde(default)]
    pub phones: Lines,
    /// The URL of a picture.
    pub photo_url: Option<Template>,
    /// The postal address in one line.
    pub address: Option<Template>,
    /// Web sites, like `emails`.
    #[serde(default)]
    pub websites: Lines,
    /// The Twitter account's name without `@`.
    pub twitter: Option<Template>,
    /// The contact's page in the CRM.
    pub url: Option<Template>,
}

/// One template that gives a text or a list, or a list of templates.
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
