//! The manifest's sections as types: what `manifest.yaml` may hold.
//!
//! The order is that of Talkdesk's own form (contract §0): integration, actions, agents,
//! validation, contacts, interactions; then how the CRM is reached. Unknown keys are refused
//! everywhere. Templates are compiled while these types are read.

use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use super::expression::Template;
use crate::time::parse_span;

mod call;
mod connection;
mod contacts;
mod integration;
mod operations;
mod request;
#[cfg(feature = "schema")]
pub mod schema;
mod sign;

pub use call::{
    ErrorRule, ForEach, HeaderMatch, Limits, OnError, OneOrMany, Page, PageNumber, Step, TokenCall,
};
pub use connection::{Connection, ConnectionAuth, Credentials};
pub use contacts::{Checkpoint, ContactList, ContactMap, Lines, List, MAIN_LIST, Mode};
pub use integration::{AuthenticationField, Integration};
pub use operations::{
    Action, ActionInput, ActionResult, AgentMap, Identify, InteractionMap, Interactions, LookUpEach, Read,
    Requirement, Unused, Validation,
};
pub use request::{Fetch, GraphQl, Method, Optional, Tree};
pub use sign::{Encoding, Hash, KeyEncoding, Sign};

/// A map that keeps the manifest's order: forms show fields and inputs in it.
pub type Ordered<T> = IndexMap<String, T>;

/// A manifest: one file that says how a CRM is connected to Talkdesk.
///
/// The sections are in the order of Talkdesk's own form. A component whose section is missing is not
/// offered.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// The folder beside this one whose manifest this one changes: maps merge, null takes a key away, anything
    /// else replaces. That manifest extends none itself.
    pub extends: Option<String>,
    /// The version of this language; always 1.
    pub schema: u32,
    /// What Talkdesk shows and asks for: names, pictures, the fields of `auth`.
    pub integration: Integration,
    /// What users and automations can do in the CRM. The key is the action's name, the last part of its URL.
    #[serde(default)]
    pub actions: Ordered<Action>,
    /// How the CRM's users are read, whom Talkdesk matches to its agents by e-mail.
    pub agents: Option<Read<AgentMap, Unused>>,
    /// How credentials are tried when somebody activates the integration.
    pub auth_validation: Option<Validation>,
    /// How contacts are read, page by page, and from which checkpoint on.
    pub contacts: Option<Read<ContactMap, Checkpoint>>,
    /// Further lists whose rows are contacts at Talkdesk, such as leads or companies, by the name that
    /// `contact.list` has for them. A run reads `contacts` and then each of these, with a checkpoint of its own.
    #[serde(default)]
    pub contact_lists: Ordered<ContactList>,
    /// How the interactions of one contact are read while an agent looks at it.
    pub interactions: Option<Interactions>,
    /// What a contact has become whose id Talkdesk has: the same id, the one that it was merged into, or null
    /// when there is nobody. Asked when no type of interactions has anything for that id.
    pub survivor: Option<Identify>,
    /// How the CRM is reached: its address, its headers, where the credentials go.
    pub connection: Connection,
    /// Where the CRM's credentials come from, when Talkdesk does not send them itself (OAuth types).
    pub credentials: Option<Credentials>,
    /// Values that are named once, such as API versions, lists of fields, the head of links: `const.<name>` in
    /// templates. Their own templates are evaluated once per request; a value of `auth` needs a quoting filter.
    #[serde(default)]
    pub r#const: Ordered<Tree>,
    /// Expressions that are named once. `let.<name>` in a template, or in a key that is one, stands for the expression
    /// in parentheses, so it may stand wherever the expression itself may; it takes nothing, a changing part is `row`,
    /// `number` or what else the place knows. An expression may use other names. A name that no template uses is a
    /// mistake; an overlay or an `extends` may give a name another expression, and names of its own for it.
    #[serde(default)]
    pub r#let: Ordered<Template>,
    /// What the entries of a section share. An entry goes before it, null in an entry takes a key away.
    pub defaults: Option<Defaults>,
    /// Tables of codes for the filter `lookup`; the entry `default` stands for every code that is not there.
    #[serde(default)]
    pub tables: Ordered<Ordered<serde_json::Value>>,
    /// How the CRM's failures are recognised; of several rules the first that fits counts. What none fits
    /// means what HTTP says of its status.
    #[serde(default)]
    pub errors: Vec<ErrorRule>,
    /// How often, how long and how much the CRM may be asked.
    #[serde(default)]
    pub limits: Limits,
}

impl Document {
    /// The lists of contacts in the order in which a run reads them: `contacts`, then the further ones. The parts
    /// of other components have none.
    pub fn lists(&self) -> impl Iterator<Item = List<'_>> {
        let main = self.contacts.iter().map(|spec| List { name: MAIN_LIST, prefix: "", spec });
        main.chain(self.further_lists())
    }

    /// The lists besides `contacts`.
    pub fn further_lists(&self) -> impl Iterator<Item = List<'_>> {
        self.contact_lists.iter().filter_map(|(name, list)| {
            Some(List { name, prefix: &list.id_prefix, spec: list.contacts.as_ref()? })
        })
    }

    /// Every list with the path of its section.
    pub fn contact_sections(&self) -> impl Iterator<Item = (String, &Read<ContactMap, Checkpoint>)> {
        self.lists().map(|list| match list.name {
            MAIN_LIST => (MAIN_LIST.to_owned(), list.spec),
            name => (format!("contact_lists.{name}.contacts"), list.spec),
        })
    }

    /// The list that an id of Talkdesk's belongs to, and the id as the CRM knows it.
    pub fn list_of<'a>(&'a self, id: &'a str) -> (&'a str, &'a str) {
        let further = self.contact_lists.iter();
        further
            .filter_map(|(name, list)| Some((name.as_str(), id.strip_prefix(&list.id_prefix)?)))
            .next()
            .unwrap_or((MAIN_LIST, id))
    }

    /// Whether there is a list of contacts of this name.
    pub fn is_list(&self, name: &str) -> bool {
        name == MAIN_LIST || self.contact_lists.contains_key(name)
    }

    /// The id that Talkdesk has for the id of a list.
    pub fn listed(&self, list: Option<&str>, id: &str) -> String {
        let prefix = list.and_then(|name| self.contact_lists.get(name)).map(|list| list.id_prefix.as_str());
        format!("{}{id}", prefix.unwrap_or_default())
    }

    /// Contacts, agents, interactions and the validation only read: a POST of theirs is a search, unless
    /// the manifest says otherwise.
    pub(super) fn read_where_only_reading_is_done(&mut self) {
        fn of<M, C>(operation: &mut Read<M, C>) {
            operation.fetch.reads.get_or_insert(true);
            steps(&mut operation.steps);
        }
        fn steps(steps: &mut Ordered<Step>) {
            for fetch in steps.values_mut().filter_map(|step| step.fetch.as_mut()) {
                fetch.reads.get_or_insert(true);
            }
        }
        let further = self.contact_lists.values_mut().filter_map(|list| list.contacts.as_mut());
        for contacts in self.contacts.iter_mut().chain(further) {
            of(contacts);
            if let Some(drain) = contacts.checkpoint.as_mut().and_then(|c| c.drain.as_mut()) {
                drain.reads.get_or_insert(true);
            }
        }
        self.agents.iter_mut().for_each(of);
        if let Some(interactions) = &mut self.interactions {
            interactions.types.values_mut().for_each(of);
            for look_up in &mut interactions.identify {
                look_up.fetch.reads.get_or_insert(true);
            }
        }
        if let Some(survivor) = &mut self.survivor {
            survivor.fetch.reads.get_or_insert(true);
        }
        if let Some(validation) = &mut self.auth_validation {
            validation.fetch.reads.get_or_insert(true);
            steps(&mut validation.steps);
        }
    }
}

/// What the entries of a section share: keys that each has unless it says otherwise.
///
/// They are written into the entries before anything is read, so they mean what they mean there.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Defaults {
    /// Keys of every action in `actions`.
    #[serde(default)]
    pub actions: Ordered<serde_json::Value>,
    /// Keys of every look-up in `interactions.identify`.
    #[serde(default)]
    pub identify: Ordered<serde_json::Value>,
    /// Keys of every type in `interactions.types`.
    #[serde(default)]
    pub types: Ordered<serde_json::Value>,
}

/// A span of time in ISO 8601: `PT5M`, `PT0.001S`, `P1D`; no months or years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse_span(&text).map(Span).ok_or_else(|| {
            de::Error::custom(format!(
                "`{text}` is not a duration such as PT5M, PT0.001S or P1D (no months or years)"
            ))
        })
    }
}
