//! The five components of a custom integration and the names each one goes by.

use std::fmt;

/// One of the five HTTP endpoints that Talkdesk calls (contract §1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Component {
    /// Checks credentials when a user activates the integration (contract §2).
    AuthValidation,
    /// Hands over contacts, page by page (contract §3).
    Contacts,
    /// Hands over agents (contract §4).
    Agents,
    /// Tells what happened with one contact (contract §5).
    Interactions,
    /// Does something in the CRM (contract §6).
    Actions,
}

impl Component {
    /// All components, in the order of the contract's sections.
    pub const ALL: [Self; 5] =
        [Self::AuthValidation, Self::Contacts, Self::Agents, Self::Interactions, Self::Actions];

    /// The name in manifests, logs and metrics, e.g. `contacts`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::AuthValidation => "auth_validation",
            Self::Contacts => "contacts",
            Self::Agents => "agents",
            Self::Interactions => "interactions",
            Self::Actions => "actions",
        }
    }

    /// The name of the Lambda function and its binary, e.g. `contact-retriever`.
    #[must_use]
    pub fn function_name(self) -> &'static str {
        match self {
            Self::AuthValidation => "auth-validator",
            Self::Contacts => "contact-retriever",
            Self::Agents => "agent-retriever",
            Self::Interactions => "interaction-retriever",
            Self::Actions => "action-executor",
        }
    }

    /// The path that we serve it at; of actions a pattern with `{name}`.
    ///
    /// Talkdesk does not prescribe paths; these are its old documents' samples (contract §1).
    #[must_use]
    pub fn path(self) -> &'static str {
        match self {
            Self::AuthValidation => "/auth_validation",
            Self::Contacts => "/contact_sync",
            Self::Agents => "/agent_sync",
            Self::Interactions => "/interaction_update",
            Self::Actions => "/actions/{name}",
        }
    }

    /// The path itself: of actions that of `action`, which the others have no use for.
    #[must_use]
    pub fn path_of(self, action: &str) -> String {
        self.path().replace("{name}", action)
    }

    /// The key of the integration configuration that holds its URL (contract §8).
    ///
    /// `None` for actions: each of them carries its own `endpoint` (contract §9).
    #[must_use]
    pub fn endpoint_field(self) -> Option<&'static str> {
        match self {
            Self::AuthValidation => Some("auth_validation_endpoint"),
            Self::Contacts => Some("contact_synchronization_endpoint"),
            Self::Agents => Some("agent_synchronization_endpoint"),
            Self::Interactions => Some("interaction_retrieval_endpoint"),
            Self::Actions => None,
        }
    }

    /// The component with this [`name`](Self::name); `None` when there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }

    /// The component with this [`function_name`](Self::function_name); `None` when there is none.
    #[must_use]
    pub fn from_function_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.function_name() == name)
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
