//! The configuration of one action.

use serde::{Deserialize, Serialize};

/// One action that Talkdesk's automations and users can run (contract §9).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionConfig {
    /// The integration's `name`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub provider: String,
    /// The action's name, unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    /// Short and lower case: it follows "Then …" in an automation.
    pub display: String,
    /// One sentence in lower case.
    pub description: String,
    /// URL of the action.
    pub endpoint: String,
    /// What it needs, in the order in which people see it.
    pub inputs: Vec<ActionInput>,
}

/// One input of an action (contract §9).
///
/// `type`, `format` and `default` stem from a branch of Talkdesk's documents that was never
/// merged; an issue there confirms that input types exist. They are left out when absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionInput {
    /// Key in the request's `data`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub key: String,
    /// Label.
    pub name: String,
    /// Talkdesk does not run the action without a value.
    pub mandatory: bool,
    /// `text`, `textarea`, `email`, `tel`, `number`, `datetime`, `time`, `select`, `key/value`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub r#type: Option<String>,
    /// Of a `select` its options, separated by commas; else a template that fills the input in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub format: Option<String>,
    /// The value at first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub default: Option<String>,
}
