//! The manifest's sections as types: what `manifest.yaml` may hold.
//!
//! The order is that of Talkdesk's own form (contract §0): integration, actions, agents,
//! validation, contacts, interactions; then how the CRM is reached. Unknown keys are refused
//! everywhere. Templates are compiled while these types are read.

use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::contract::integration::{AuthenticationType, FieldType, Source};
use crate::time::parse_span;

mod call;
mod contacts;
mod operations;
mod request;

pub use call::{
    ErrorRule, ForEach, HeaderMatch, Limits, OnError, OneOrMany, Page, PageNumber, Step, TokenCall,
};
pub use contacts::{Checkpoint, ContactMap, Lines, Mode};
pub use operations::{
    Action, ActionInput, ActionResult, AgentMap, Identify, InteractionMap, Interactions, Read, Unused,
    Validation,
};
pub use request::{Fetch, Method, Optional, Tree};

/// A map that keeps the manifest's order: forms show fields and inputs in it.
pub type Ordered<T> = IndexMap<String, T>;

/// The whole manifest.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Version of this language; 1.
    pub schema: u32,
    /// Section 1 of the form: what Talkdesk shows and asks for.
    pub integration: Integration,
    /// Section 2: actions by name.
    #[serde(default)]
    pub actions: Ordered<Action>,
    /// Section 3.
    pub agents: Option<Read<AgentMap, Unused>>,
    /// Section 4.
    pub auth_validation: Option<Validation>,
    /// Section 5.
    pub contacts: Option<Read<ContactMap, Checkpoint>>,
    /// Section 6.
    pub interactions: Option<Interactions>,
    /// What a contact has become whose id Talkdesk has: the same id, the one that it was merged into,
    /// or null when there is nobody. Asked when no type of interactions has anything for that id.
    pub survivor: Option<Identify>,
    /// How the CRM is reached.
    pub connection: Connection,
    /// Where the CRM's credentials come from, when Talkdesk does not send them.
    pub credentials: Option<Credentials>,
    /// Values that are named once: API versions, lists of fields.
    #[serde(default)]
    pub r#const: Ordered<serde_json::Value>,
    /// Code tables for `lookup`.
    #[serde(default)]
    pub tables: Ordered<Ordered<serde_json::Value>>,
    /// How the CRM's failures are recognised; the first that matches counts.
    #[serde(default)]
    pub errors: Vec<ErrorRule>,
    /// How the CRM wants to be treated.
    #[serde(default)]
    pub limits: Limits,
}

impl Document {
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
        if let Some(contacts) = &mut self.contacts {
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

/// Section 1: the integration (contract §8).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Integration {
    /// Unique system name: lower case letters, digits, `_` and `-`.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// One or two sentences.
    pub description: String,
    /// At most 192×96 pixels, https.
    pub logo_url: String,
    /// At most 96×96 pixels, https.
    pub icon_url: String,
    /// The CRM's own API documentation.
    pub api_documentation: Option<String>,
    /// How Talkdesk gets the credentials.
    pub authentication_type: AuthenticationType,
    /// The fields of `auth`, in the order of the form.
    #[serde(default)]
    pub authentication: Ordered<AuthenticationField>,
}

/// One field of `auth` (contract §8, elements of `authentication_configuration`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationField {
    /// The label.
    pub display: String,
    /// Whether Talkdesk insists on a value.
    #[serde(default = "yes")]
    pub mandatory: bool,
    /// Whether Talkdesk keeps the value.
    #[serde(default = "yes")]
    pub store: bool,
    /// Who fills it.
    #[serde(default = "input_source")]
    pub source: Source,
    /// How Talkdesk gets the value.
    #[serde(default = "input_type")]
    pub r#type: FieldType,
    /// A hint for the person who fills it in.
    pub help: Option<String>,
    /// Display format with `{{field}}`; Talkdesk's notation, not an expression.
    pub format: Option<String>,
    /// A secret is usable only where the credentials are.
    #[serde(default)]
    pub secret: bool,
    /// What a value must look like (whole value); default: up to 500 printable characters.
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
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// Scheme, host and the part of the path that all calls share.
    pub base_url: super::expression::Template,
    /// Regular expressions; a rendered host must match one as a whole.
    pub hosts: Vec<String>,
    /// Headers of every call.
    #[serde(default)]
    pub headers: Ordered<super::expression::Template>,
    /// Headers that carry the credentials.
    #[serde(default)]
    pub auth: ConnectionAuth,
    /// A body that every JSON body is put into as `{{ body }}` (JSON-RPC).
    pub envelope: Option<Tree>,
}

/// Where the credentials go.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionAuth {
    /// Headers; secrets and the token may stand here.
    #[serde(default)]
    pub headers: Ordered<super::expression::Template>,
    /// Query parameters; only where the CRM knows no header.
    #[serde(default)]
    pub query: Ordered<super::expression::Template>,
    /// A call that trades credentials for a token, known afterwards as `token`.
    pub token: Option<TokenCall>,
}

/// Where the CRM's credentials come from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// The secret's name in Secrets Manager. A manifest of an OAuth type may leave it out: then
    /// the secret is `talkdesk-bridge/<integration>/bridge` and holds nothing but `caller_keys`.
    pub secret: super::expression::Template,
    /// The `auth` field that must equal one of the secret's `caller_keys`.
    pub caller_key: String,
    /// What the secret's fields are for, shown in documents; the keys are the allowed names.
    #[serde(default)]
    pub fields: Ordered<String>,
    /// Fields that are no secrets, such as the CRM's host: they may stand in links.
    #[serde(default)]
    pub public: Vec<String>,
    /// Fields that a secret need not have; without any other one no call is made.
    #[serde(default)]
    pub optional: Vec<String>,
}

impl Credentials {
    /// The names of the secret's fields, and whether each must be there.
    pub fn declared(&self) -> impl Iterator<Item = (&str, bool)> {
        self.fields.keys().map(|name| (name.as_str(), !self.optional.contains(name)))
    }
}

/// A span in ISO 8601 (`PT5M`).
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
