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
use crate::contract::integration::{AuthenticationType, FieldType, Source};
use crate::time::parse_span;

mod call;
mod contacts;
mod operations;
mod request;
#[cfg(feature = "schema")]
pub mod schema;
mod sign;

pub use call::{
    ErrorRule, ForEach, HeaderMatch, Limits, OnError, OneOrMany, Page, PageNumber, Step, TokenCall,
};
pub use contacts::{Checkpoint, ContactList, ContactMap, Lines, List, MAIN_LIST, Mode};
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
    /// Expressions that are named once: `let.<name>` in any template stands for the expression itself, and may stand
    /// wherever that may. One may name those before it.
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

/// What Talkdesk shows and asks for (contract §8).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// The system's name, unique at Talkdesk: lower case letters, digits, `_` and `-`, at most 60.
    pub name: String,
    /// The name that people read.
    pub display_name: String,
    /// One or two sentences for people.
    pub description: String,
    /// The URL of the logo: https, at most 192×96 pixels.
    pub logo_url: String,
    /// The URL of the icon: https, at most 96×96 pixels.
    pub icon_url: String,
    /// The URL of the CRM's own API documentation, for the submitted document.
    pub api_documentation: Option<String>,
    /// How Talkdesk gets the credentials. With `custom` people type them in; with the OAuth types Talkdesk
    /// keeps a token and sends it.
    pub authentication_type: AuthenticationType,
    /// The fields of `auth` by name, in the order of Talkdesk's form.
    #[serde(default)]
    pub authentication: Ordered<AuthenticationField>,
}

/// One field of `auth` (contract §8).
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AuthenticationField {
    /// The field's label.
    pub display: String,
    /// Whether Talkdesk and the bridge insist on a value.
    #[serde(default = "yes")]
    pub mandatory: bool,
    /// Whether Talkdesk keeps the value.
    #[serde(default = "yes")]
    pub store: bool,
    /// Where the value comes from.
    #[serde(default = "input_source")]
    pub source: Source,
    /// How Talkdesk gets the value.
    #[serde(default = "input_type")]
    pub r#type: FieldType,
    /// A hint beside the field.
    pub help: Option<String>,
    /// How Talkdesk shows the value, with `{{field}}` in it; Talkdesk's notation, not an expression.
    pub format: Option<String>,
    /// Whether the value is a secret: then it may stand only where a request's credentials are built.
    #[serde(default)]
    pub secret: bool,
    /// A regular expression that the whole value must fit. Without it: up to 4,096 printable characters.
    pub pattern: Option<String>,
}

fn yes() -> bool {
    true
}

fn input_source() -> Source {
    Source::Input
}

fn input_type() -> FieldType {
    FieldType::Input
}

/// How the CRM is reached.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Scheme, host and the part of the path that all calls share. It may come from `auth` or `secret`.
    pub base_url: super::expression::Template,
    /// Regular expressions for the hosts that may be called; a request's host must fit one as a whole.
    pub hosts: Vec<String>,
    /// Headers of every call that are no credentials.
    #[serde(default)]
    pub headers: Ordered<super::expression::Template>,
    /// Where the credentials go.
    #[serde(default)]
    pub auth: ConnectionAuth,
    /// A body into which every JSON body is put as `{{ body }}`, for JSON-RPC.
    pub envelope: Option<Tree>,
    /// What must be true of every answer, besides the `ok` of its own place, for APIs that refuse with status
    /// 200 (GraphQL, JSON-RPC). Rules of `errors` say what it means when it is not.
    pub ok: Option<super::expression::Template>,
}

/// Where the credentials go.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ConnectionAuth {
    /// Headers that carry credentials: `secret`, `token` and secret fields of `auth` are known here.
    #[serde(default)]
    pub headers: Ordered<super::expression::Template>,
    /// Query parameters that carry credentials; only for a CRM that takes them in no header.
    #[serde(default)]
    pub query: Ordered<super::expression::Template>,
    /// A call that trades credentials for a token, known afterwards as `token`.
    pub token: Option<TokenCall>,
    /// A signature over the finished request.
    pub sign: Option<Sign>,
}

/// Where the CRM's credentials come from.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The secret's name in Secrets Manager. A field of `auth` in it needs a `pattern`. In a manifest of an
    /// OAuth type that only checks callers: `talkdesk-bridge/<integration>/bridge`.
    #[cfg_attr(feature = "schema", schemars(with = "Option<super::expression::Template>"))]
    pub secret: super::expression::Template,
    /// The field of `auth` that must equal one of the secret's `caller_keys`; it must be `secret: true`.
    pub caller_key: String,
    /// The secret's fields by name, with what each is for; `secret.<name>` knows no others.
    #[serde(default)]
    pub fields: Ordered<String>,
    /// Fields that are no secrets, such as the CRM's host: templates everywhere may use them.
    #[serde(default)]
    pub public: Vec<String>,
    /// Fields that a secret need not have. Without any other one no call is made.
    #[serde(default)]
    pub optional: Vec<String>,
}

impl Credentials {
    /// The names of the secret's fields, and whether each must be there.
    pub fn declared(&self) -> impl Iterator<Item = (&str, bool)> {
        self.fields.keys().map(|name| (name.as_str(), !self.optional.contains(name)))
    }
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
