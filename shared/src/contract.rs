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
mod envelope;
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
pub use envelope::Envelope;
pub use error::{ContractError, ErrorBody, ErrorDetail};
pub use interactions::{
    ContactIdentity, Interaction, InteractionsMeta, InteractionsRequest, InteractionsResponse, Priority,
    Status,
};

/// A request body that Talkdesk sends to one of the five endpoints (contract §1).
pub trait TalkdeskRequest: Sized {
    /// Reads the request's own members out of a body that was cut already.
    ///
    /// # Errors
    /// `meta` or `data` is not an object, a member that is read has a wrong type, or a part holds
    /// more than 10,000 values.
    fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, ContractError>;

    /// Reads a whole body, taking every member of `auth` for declared; see [`Envelope::read`].
    ///
    /// # Errors
    /// As [`Envelope::read`] and [`from_envelope`](Self::from_envelope).
    fn parse(body: &[u8]) -> Result<Self, ContractError> {
        Self::from_envelope(&Envelope::read(body, |_| true)?)
    }

    /// The body as Talkdesk would send it, **credentials included**.
    ///
    /// For whoever plays Talkdesk (the simulator and the tests); never log it.
    fn expose_json(&self) -> serde_json::Value;
}
