//! What Talkdesk is told of the integration itself: names, credentials that it asks for.

use serde::Deserialize;

use super::Ordered;
use crate::contract::integration::{AuthenticationType, FieldType, Source};

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
