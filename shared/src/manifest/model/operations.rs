//! The operations: reading agents and interactions, validation, actions.

use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::{Fetch, OnError, Ordered, Page, Step};
use crate::manifest::expression::Template;

/// How rows are read and what they become: contacts, agents and every type of interaction.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, bound = "M: Deserialize<'de>, C: Deserialize<'de>")]
#[cfg_attr(feature = "schema", schemars(rename = "Read{M}"))]
pub struct Read<M, C> {
    /// The request for a page.
    pub fetch: Fetch,
    /// Types of interactions only: the call is made only when this is true; otherwise there are no rows.
    pub when: Option<Template>,
    /// What must be true of the answer, for CRMs that refuse with status 200.
    pub ok: Option<Template>,
    /// Statuses that mean "no rows" instead of a failure.
    #[serde(default)]
    pub empty_on: Vec<u16>,
    /// Rows that the steps have read already: a list is taken instead of the call, anything else is not.
    /// Interactions only.
    pub rows: Option<Template>,
    /// Where the rows are: a list.
    pub records: Template,
    /// Whether more rows follow. A short page is not the end, and a full one no proof of more.
    pub more: Option<Template>,
    /// How the next page is asked for. Without it there is one page only (or, in mode `range`, the next one
    /// begins at the last time).
    pub page: Option<Page>,
    /// Which rows count. It is looked at after the checkpoint, so rows that are left out still move it; a row
    /// for which it cannot be evaluated counts.
    pub r#where: Option<Template>,
    /// Further calls by name: before `fetch`, or with `for_each` for every row.
    #[serde(default)]
    pub steps: Ordered<Step>,
    /// What a row becomes.
    pub map: M,
    /// The number of this reading. Raised by one, it makes every account's next run a full one: after a change
    /// of `map`, or for a checkpoint that is stuck. Contacts only.
    #[cfg_attr(feature = "schema", schemars(extend("default" = 1)))]
    pub generation: Option<u32>,
    /// How far the run has come. Contacts only, and mandatory there.
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

/// What a row becomes as an agent (contract §4).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AgentMap {
    /// The user's id in the CRM, unique and lasting.
    pub id: Template,
    /// The full name. When it is empty: the e-mail.
    pub name: Template,
    /// The address by which Talkdesk finds its own agent. A row without one is left out.
    pub email: Template,
}

/// How credentials are tried (contract §2).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Validation {
    /// A call that only good credentials can make.
    pub fetch: Fetch,
    /// What must be true of the answer. Some CRMs answer 200 to callers without credentials.
    pub ok: Option<Template>,
    /// What the components need besides, one cheap question each, asked after the call. A step without `fetch`
    /// looks at the call's answer.
    #[serde(default)]
    pub steps: Ordered<Step>,
    /// Values for fields of `integration.authentication` with `source: auth_validation`. Talkdesk keeps them
    /// and sends them in `auth` from then on.
    #[serde(default)]
    pub result: Ordered<Template>,
}

/// How the interactions of one contact are read (contract §5).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Interactions {
    /// Look-ups for a contact that Talkdesk knows without its id, all made at the same time; the first of them
    /// that gives an id decides. One that the CRM refuses as invalid is passed over.
    #[serde(default)]
    pub identify: Vec<Identify>,
    /// The types of interactions by name. Their failures do not hide each other.
    pub types: Ordered<Read<InteractionMap, Unused>>,
}

/// One look-up of a contact by what Talkdesk knows of it.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Identify {
    /// The look-up is made for each of these instead of once: `contact.phones` (then `number` is one of
    /// them, `phone` the same of `contact.phone_forms`) or `contact.emails` (then `email` is one of them).
    pub for_each: Option<LookUpEach>,
    /// How many of them are looked up, the first ones: people have few numbers, and a screen waits.
    #[cfg_attr(feature = "schema", schemars(extend("default" = Self::MOST)))]
    pub most: Option<usize>,
    /// The look-up is made only when this is true.
    pub when: Option<Template>,
    /// The look-up's request.
    pub fetch: Fetch,
    /// What must be true of the answer, for CRMs that refuse with status 200.
    pub ok: Option<Template>,
    /// Statuses that mean "nobody" instead of a failure.
    #[serde(default)]
    pub empty_on: Vec<u16>,
    /// What a failure does: with `warn` the next look-up follows.
    #[serde(default)]
    pub on_error: OnError,
    /// Where the rows are that the answer has found: a list. The first that `where` and `value` take is the contact.
    /// Without it the answer is taken as a whole.
    pub records: Option<Template>,
    /// Who was asked for, where a search finds others too: the row, or the answer without `records`, that carries the
    /// number (`… | same_number(phone)`) or the address. A row that lacks what `==` or `in` compares is not meant, nor
    /// is one for which it cannot be evaluated; an answer of such rows alone is `crm_unreadable`.
    pub r#where: Option<Template>,
    /// The contact's id, or null when nobody was found; with `records` that of `row`, which it must use.
    pub value: Template,
    /// The entry of `contact_lists` that the id is one of, or `contacts`; a template where the answer decides.
    /// Without it: of `contacts`. A look-up of a list that an overlay takes away is taken away too.
    pub list: Option<Template>,
}

impl Identify {
    /// How many numbers or addresses one look-up is made for, unless the manifest says otherwise.
    pub const MOST: usize = 5;
}

/// What a look-up is repeated for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum LookUpEach {
    /// Every phone number: `number`, a text, and `phone`, a map like those of `contact.phone_forms`.
    #[serde(rename = "contact.phones")]
    Phone,
    /// Every e-mail address: `email`, a text.
    #[serde(rename = "contact.emails")]
    Email,
}

impl LookUpEach {
    /// The names that one of them has in templates.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            LookUpEach::Phone => &["number", "phone"],
            LookUpEach::Email => &["email"],
        }
    }
}

/// What a row becomes as an interaction (contract §5).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct InteractionMap {
    /// The interaction's id in the CRM, unique within its type. A row without one is left out.
    pub id: Template,
    /// One line that says what it was.
    pub subject: Template,
    /// A preview of at most 1,000 characters.
    pub description: Option<Template>,
    /// When it happened, or when it is due: a time (`| ts`).
    pub date: Template,
    /// The interaction's page in the CRM.
    pub url: Option<Template>,
    /// One of `none`, `low`, `normal`, `high`, `urgent`. Without it, and for anything else: `none`.
    pub priority: Option<Template>,
    /// One of `new`, `open`, `pending`, `solved`, `closed`. Anything else is left out.
    pub status: Option<Template>,
}

/// Something that users and automations can do in the CRM (contract §6, §9).
///
/// The actions `log_call`, `add_note`, `create_contact`, `create_task` and `create_ticket` are
/// [standard](#standard): what they leave out of `display`, `description` and `input` is filled in.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// The action's title, in lower case and short: it follows "Then …" in an automation. Standard actions
    /// bring one.
    pub display: String,
    /// One sentence in lower case. Standard actions bring one.
    pub description: String,
    /// What a user or an automation fills in, in the order of the form: a list of names of
    /// [standard inputs](#standard), where `{name: {…}}` is that input with changes or one of the manifest's
    /// own; or a map of whole inputs by name.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(extend("x-also" = "list of names")))]
    pub input: Ordered<ActionInput>,
    /// Whether the action is refused, with a sentence, when neither Talkdesk nor the input `contact_id` names a
    /// contact of the CRM.
    #[serde(default)]
    pub needs_contact: bool,
    /// What must be true before anything is called, each with the sentence for people when it is not.
    #[serde(default)]
    pub require: Vec<Requirement>,
    /// The write: POST, PUT or PATCH.
    pub fetch: Fetch,
    /// What must be true of the answer, for CRMs that refuse with status 200.
    pub ok: Option<Template>,
    /// Further calls by name: before the write, or with `after` behind it.
    #[serde(default)]
    pub steps: Ordered<Step>,
    /// What Talkdesk is answered.
    pub result: ActionResult,
    /// What Talkdesk is answered when the record exists already (class `conflict`), with `existing_id`. It
    /// must give an id; without it the conflict is a failure.
    pub on_conflict: Option<ActionResult>,
}

/// Something that must be true before an action calls the CRM.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The condition, over the action's inputs, contact and agent.
    pub that: Template,
    /// The sentence for the person who ran the action, when the condition is not true.
    pub message: String,
}

/// One input of an action (contract §9).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionInput {
    /// The input's label.
    pub name: String,
    /// Whether the action is refused without a value.
    #[serde(default)]
    pub mandatory: bool,
    /// The kind of field. `number` arrives as a number and `key/value` as a map, all others as text.
    pub r#type: Option<String>,
    /// The choices of a `select`, separated by commas; otherwise what stands there at first, such as
    /// `{{contact.name}}` in Talkdesk's notation.
    pub format: Option<String>,
    /// The value when nothing is filled in, as text.
    pub default: Option<String>,
    /// Other words for a select's choices, each with its choice, for automations that say them.
    #[serde(default)]
    pub also: Ordered<String>,
    /// The smallest number that is taken (type number); less is refused before anything is called.
    pub min: Option<f64>,
    /// The largest number that is taken (type number); more is refused before anything is called.
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

/// What Talkdesk is answered after an action (contract §6). What is null or empty is left out.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ActionResult {
    /// A sentence for the person who ran the action.
    pub message: Option<Template>,
    /// The id of a created record that is not a contact.
    pub external_id: Option<Template>,
    /// The id of a created contact.
    pub contact_external_id: Option<Template>,
    /// The created contact's type.
    pub contact_external_type: Option<Template>,
    /// The created contact's page in the CRM, which the screen pop opens.
    pub contact_external_url: Option<Template>,
}
