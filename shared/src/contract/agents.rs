//! Agent Synchronization: request, page and agent (contract §4).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::read::Fields;
use super::{AuthFields, ContractError, Envelope, TalkdeskRequest};

/// Talkdesk asks for agents (contract §4).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentsRequest {
    /// The account's credentials.
    pub auth: AuthFields,
    /// Which page; older Talkdesk does not send it (contract §11.17).
    #[cfg_attr(feature = "schema", schemars(default))]
    pub meta: AgentsMeta,
}

/// Where a run stands (contract §4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentsMeta {
    /// The `next_offset` of the page before; absent or `null` on the first page.
    ///
    /// An integer by the contract, but digits in a string are read too (contract §11.5).
    pub offset: Option<u64>,
}

impl TalkdeskRequest for AgentsRequest {
    /// A negative, fractional or non-numeric offset is an error at `meta.offset`.
    fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, ContractError> {
        let offset = offset(&mut envelope.meta(&["offset"])?)?;
        Ok(Self { auth: envelope.auth().clone(), meta: AgentsMeta { offset } })
    }

    fn expose_json(&self) -> Value {
        serde_json::json!({ "auth": self.auth.expose_json(), "meta": { "offset": self.meta.offset } })
    }
}

fn offset(meta: &mut Fields) -> Result<Option<u64>, ContractError> {
    let error = meta.error("offset", "a whole number that is not negative");
    // Not `?`: the reason would speak of strings, where a number belongs.
    let Ok(text) = meta.trimmed("offset") else {
        return Err(error);
    };
    match text {
        None => Ok(None),
        Some(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().map(Some).map_err(|_| error),
        Some(_) => Err(error),
    }
}

/// One page of agents (contract §4).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AgentsResponse {
    /// The agents, in no particular order.
    pub agents: Vec<Agent>,
    /// An integer, unlike the contacts' one; left out on the last page (contract §11.5, §11.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "u64"))]
    pub next_offset: Option<u64>,
}

/// A user of the CRM, whom Talkdesk matches to its agent by e-mail (contract §4).
///
/// `Debug` shows the id only.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Agent {
    /// The CRM's id; a string even when the CRM's is a number (contract §11.11).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub id: String,
    /// Full name.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    /// The key of the match; an agent without one is not sent (contract §11.16).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub email: String,
}

impl fmt::Debug for Agent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Agent").field("id", &self.id).finish_non_exhaustive()
    }
}
