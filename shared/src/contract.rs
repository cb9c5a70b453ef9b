//! Talkdesk's side of the bridge: the types of its custom-integration HTTP contract.
//!
//! Talkdesk's two generations of documents disagree in places and are silent in others.
//! The readings chosen for each doubt are numbered in docs/contract.md, section 11; every rule
//! here that follows one names it. In short: requests are read generously (absent, `null` and `""` are
//! the same, numbers pass for strings, unknown fields are ignored), and answers are written
//! strictly (strings for ids, closed enums, nothing that is `null`).
//!
//! Nothing in this module does I/O, and nothing here prints a credential or a person's data:
//! `Debug` of such types shows names and counts, and a [`ContractError`] never repeats the
//! value it complains about.

pub mod actions;
pub mod agents;
pub mod auth;
mod closed;
pub mod component;
pub mod contacts;
pub mod date;
pub mod error;
pub mod integration;
pub mod interactions;
mod read;
#[cfg(feature = "schema")]
pub mod schema;
#[cfg(test)]
mod tests;

pub use actions::{ActionMeta, ActionRequest, ActionResponse};
pub use agents::{Agent, AgentsMeta, AgentsRequest, AgentsResponse};
pub use auth::{AuthFields, AuthRequest, AuthResponse};
pub use component::Component;
pub use contacts::{Contact, ContactsMeta, ContactsRequest, ContactsResponse};
pub use date::TalkdeskDate;
pub use error::{ContractError, ErrorBody, ErrorDetail};
pub use interactions::{
    ContactIdentity, Interaction, InteractionsMeta, InteractionsRequest, InteractionsResponse, Priority,
    Status,
};

/// A request body that Talkdesk sends to one of the five endpoints (contract §1).
pub trait TalkdeskRequest: Sized {
    /// Reads a request body.
    ///
    /// A byte order mark in front is accepted, unknown fields are ignored at every level,
    /// and of a key that occurs twice the last one counts. An empty body, a body that is not
    /// JSON and a top level that is not an object are errors (contract §11.4, §11.34).
    fn parse(body: &[u8]) -> Result<Self, ContractError>;

    /// The body as Talkdesk would send it, **credentials included**.
    ///
    /// For whoever plays Talkdesk (the simulator and the tests); never log it.
    fn expose_json(&self) -> serde_json::Value;
}
