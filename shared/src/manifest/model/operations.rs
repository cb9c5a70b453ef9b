//! Sections 2, 3, 4 and 6: agents, validation, interactions, actions.

use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::{Fetch, OnError, Ordered, Page, Step};
use crate::manifest::expression::Template;

/// Reading rows: the building block of contacts, agents and interactions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, bound = "M: Deserialize<'de>, C: Deserialize<'de>")]
pub struct Read<M, C> {
    /// The call.
    pub fetch: Fetch,
    /// Only when this is true; else there are no rows and no call.
    pub when: Option<Template>,
    /// Whether a 200 is really a success.
    pub ok: Option<Template>,
    /// Statuses that mean "no rows".
    #[serde(default)]
    pub empty_on: Vec<u16>,
    /// Interactions only: rows that the steps have read already. A list is taken instead of the
    /// call, anything else is not.
    pub rows: Option<Template>,
    /// Where the rows are.
    pub records: Template,
    /// Whether more rows follow. A short page is not the end, a full one no proof of more.
    pub more: Option<Template>,
    /// How the next page is asked for.
    pub page: Option<Page>,
    /// Which rows count; applied after the checkpoint logic.
    pub r#where: Option<Template>,
    /// Further calls.
    #[serde(default)]
    pub steps: Ordered<Step>,
    /// What a row becomes.
    pub map: M,
    /// Contacts only, default 1: raised by one, it makes every account's next run a full one (a
    /// mapping that has changed, a checkpoint that is stuck).
    pub generation: Option<u32>,
    /// Contacts only: how far the run has come.
    pub checkpoint: Option<C>,
}

/// Stands where only contacts have something.
#[derive(Debug)]
pub enum Unused {}

impl<'de> Deserialize<'de> for Unused {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        Err(de::Error::custom("only contacts have a checkpoint"))
    }
}

/// A row as an agent (contract §4); all three are mandatory.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentMap {
    /// Unique and lasting.
    pub id: Template,
    /// The full name; falls back to the e-mail.
    pub name: Template,
    /// What Talkdesk matches its own agents by; rows without one are left out.
    pub email: Template,
}

/// Section 4: whether credentials are good (contract §2).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// A call that only good credentials can make.
    pub fetch: Fetch,
    /// What must be true of the answer: some CRMs answer anonymous callers with 200.
    pub ok: Option<Template>,
    /// What the components need besides, one cheap question each, asked after the call. A step
    /// without `fetch` looks at the call's answer.
    #[serde(default)]
    pub steps: Ordered<Step>,
    /// Values for declared fields with `source: auth_validation`; Talkdesk sends them back.
    #[serde(default)]
    pub result: Ordered<Template>,
}

/// Section 6.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interactions {
    /// Look-ups for a contact without an id, all made at the same time; the first of them that gives
    /// an id decides.
    #[serde(default)]
    pub identify: Vec<Identify>,
    /// One block for every type of interaction.
    pub types: Ordered<Read<InteractionMap, Unused>>,
}

/// One look-up of a contact by what Talkdesk knows of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identify {
    /// Only when this is true (`contact.emails`, `contact.phones`).
    pub when: Option<Template>,
    /// The call.
    pub fetch: Fetch,
    /// Whether a 200 is really a success.
    pub ok: Option<Template>,
    /// Statuses that mean "nobody".
    #[serde(default)]
    pub empty_on: Vec<u16>,
    /// What a failure of this call means; `warn`: nobody, and the next look-up follows.
    #[serde(default)]
    pub on_error: OnError,
    /// The contact's id, or null.
    pub value: Template,
}

/// A row as an interaction (contract §5).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InteractionMap {
    /// Unique within its type.
    pub id: Template,
    /// One line.
    pub subject: Template,
    /// A preview.
    pub description: Option<Template>,
    /// When it happened or is due.
    pub date: Template,
    /// Its page in the CRM.
    pub url: Option<Template>,
    /// One of none, low, normal, high, urgent. Default none.
    pub priority: Option<Template>,
    /// One of new, open, pending, solved, closed.
    pub status: Option<Template>,
}

/// Section 2: one action (contract §6, §9).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Lower case and short: it follows "Then …" in an automation.
    pub display: String,
    /// Lower case: one sentence.
    pub description: String,
    /// What a user or an automation fills in, in order.
    #[serde(default)]
    pub input: Ordered<ActionInput>,
    /// Refused, with a sentence, when Talkdesk names no contact of the CRM.
    #[serde(default)]
    pub needs_contact: bool,
    /// The write.
    pub fetch: Fetch,
    /// Whether a 200 is really a success.
    pub ok: Option<Template>,
    /// Further calls, before or after the write.
    #[serde(default)]
    pub steps: Ordered<Step>,
    /// The answer.
    pub result: ActionResult,
    /// What "it exists already" becomes; `existing_id` is known there. Without it, a failure.
    pub on_conflict: Option<ActionResult>,
}

/// One input of an action (contract §9).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionInput {
    /// The label.
    pub name: String,
    /// Talkdesk does not run the action without it.
    #[serde(default)]
    pub mandatory: bool,
    /// text, textarea, email, tel, number, datetime, time, select or key/value.
    pub r#type: Option<String>,
    /// The choices of a select, or a prefill such as `{{contact.name}}` (Talkdesk's notation).
    pub format: Option<String>,
    /// The value when nothing is filled in.
    pub default: Option<String>,
    /// Other words for a select's choices, each with its choice, for automations that say them.
    #[serde(default)]
    pub also: Ordered<String>,
    /// The smallest number that is taken (type number); less is refused before anything is called.
    pub min: Option<f64>,
    /// The largest.
    pub max: Option<f64>,
}

impl ActionInput {
    /// The choices of a select, as `format` declares them.
    pub fn choices(&self) -> impl Iterator<Item = &str> {
        let select = self.r#type.as_deref() == Some("select");
        let declared = self.format.as_deref().filter(|_| select).unwrap_or_default();
        declared.split(',').map(str::trim).filter(|choice| !choice.is_empty())
    }
}

/// The answer of an action (contract §6); null values are left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionResult {
    /// A sentence for people.
    pub message: Option<Template>,
    /// The id of a created resource that is not a contact.
    pub external_id: Option<Template>,
    /// The id of a created contact.
    pub contact_external_id: Option<Template>,
    /// Its type.
    pub contact_external_type: Option<Template>,
    /// Its page in the CRM; needed for the screen pop.
    pub contact_external_url: Option<Template>,
}
