//! The integration's and its actions' configuration: what is handed in to Talkdesk once.
//!
//! Talkdesk's old documents write `authentication_configuration` as an array of one-key hashes;
//! its new ones give every element a `field_name` and know no `source`. We write both forms and
//! read either (contract §8, §11.33).

mod action;
mod field;
mod form;

use super::closed::closed_enum;

pub use action::{ActionConfig, ActionInput};
pub use field::{AuthField, FieldType, Source};

closed_enum! {
    /// How Talkdesk gets at credentials (contract §8).
    AuthenticationType {
        /// No credentials.
        None => "none",
        /// Fields that the user fills in.
        Custom => "custom",
        /// OAuth 2 with the authorization code grant.
        Oauth2 => "oauth2",
        /// OAuth 2 with the password grant.
        Oauth2Password => "oauth2_password",
        /// OAuth 2 with the client credentials grant.
        Oauth2ClientCredentials => "oauth2_client_credentials",
    }
}

impl AuthenticationType {
    /// Whether Talkdesk holds a token that it refreshes when we answer 401 (contract §11.25).
    #[must_use]
    pub fn is_oauth2(self) -> bool {
        !matches!(self, Self::None | Self::Custom)
    }
}

/// The configuration of an integration (contract §8).
///
/// Write it with [`to_old_form`](Self::to_old_form) or [`to_new_form`](Self::to_new_form), read
/// it with [`from_json`](Self::from_json).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntegrationConfig {
    /// System name, unique at Talkdesk; every action's `provider`.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    /// Name for people.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub display_name: String,
    /// What it does, for people.
    pub description: String,
    /// Picture shown while configuring, at most 192x96 px.
    pub logo_url: String,
    /// Picture shown beside interactions, at most 96x96 px.
    pub icon_url: String,
    /// How Talkdesk gets at credentials.
    pub authentication_type: AuthenticationType,
    /// The fields that come in every request's `auth`; left out of JSON when there is none.
    #[cfg_attr(
        feature = "schema",
        schemars(default, schema_with = "form::authentication_configuration_schema")
    )]
    pub authentication_configuration: Vec<AuthField>,
    /// URL of the Authorization Validator; `None` switches it off.
    pub auth_validation_endpoint: Option<String>,
    /// URL of contact synchronization; `None` switches it off.
    pub contact_synchronization_endpoint: Option<String>,
    /// URL of contact activity; `None` switches it off.
    pub interaction_retrieval_endpoint: Option<String>,
    /// URL of agent synchronization; `None` switches it off.
    pub agent_synchronization_endpoint: Option<String>,
    /// The interaction types an account may choose from; left out of JSON when there is none.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub interaction_types: Vec<String>,
}
