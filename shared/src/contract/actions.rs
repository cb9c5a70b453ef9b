//! Action Executor: request and answer (contract §6).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{AuthFields, ContractError, Envelope, TalkdeskRequest, read};

/// An automation, or a user by hand, runs one of the integration's actions (contract §6).
///
/// `Debug` shows the keys of `data`, not the values.
#[derive(Clone, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionRequest {
    /// The account's credentials.
    pub auth: AuthFields,
    /// In whose name and about whom.
    pub meta: ActionMeta,
    /// The inputs by key, of any JSON type; `null` and `""` are taken out (contract §11.27).
    pub data: Map<String, Value>,
}

/// The contact and the agent an action is about, as far as we sent them (contract §6).
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionMeta {
    /// The contact, when the action runs in a contact's scope.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_external_id: Option<String>,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_external_id: Option<String>,
}

impl fmt::Debug for ActionMeta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionMeta")
            .field("contact_external_id", &self.contact_external_id.is_some())
            .field("agent_external_id", &self.agent_external_id.is_some())
            .finish()
    }
}

impl fmt::Debug for ActionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionRequest")
            .field("auth", &self.auth)
            .field("meta", &self.meta)
            .field("data", &self.data.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl TalkdeskRequest for ActionRequest {
    fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, ContractError> {
        let mut meta = envelope.meta(&["contact_external_id", "agent_external_id"])?;
        let mut data = envelope.data(None)?.into_members();
        data.retain(|_, value| !read::is_absent(value));
        Ok(Self {
            auth: envelope.auth().clone(),
            meta: ActionMeta {
                contact_external_id: meta.id("contact_external_id")?,
                agent_external_id: meta.id("agent_external_id")?,
            },
            data,
        })
    }

    fn expose_json(&self) -> Value {
        json!({ "auth": self.auth.expose_json(), "meta": self.meta, "data": self.data })
    }
}

/// What an action did; what does not apply is left out (contract §6).
///
/// `Debug` shows which members are there, not what they say.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ActionResponse {
    /// One sentence for Talkdesk's user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub message: Option<String>,
    /// Id of what was created, unless that is a contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub external_id: Option<String>,
    /// Id of a created contact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub contact_external_id: Option<String>,
    /// Type of a created contact, in the CRM's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub contact_external_type: Option<String>,
    /// Page of a created contact; Talkdesk opens it (contact pop).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub contact_external_url: Option<String>,
}

impl fmt::Debug for ActionResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ActionResponse")
            .field("message", &self.message.is_some())
            .field("external_id", &self.external_id.is_some())
            .field("contact_external_id", &self.contact_external_id.is_some())
            .field("contact_external_type", &self.contact_external_type.is_some())
            .field("contact_external_url", &self.contact_external_url.is_some())
            .finish()
    }
}
