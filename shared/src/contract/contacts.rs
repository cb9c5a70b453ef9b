//! Contact Synchronization: request, page and contact (contract §3).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{AuthFields, ContractError, Envelope, TalkdeskRequest};

/// Talkdesk asks for one page of contacts (contract §3).
///
/// `meta.context` may hold any JSON and is ignored: all state is in the two tokens (contract §11.7).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactsRequest {
    /// The account's credentials.
    pub auth: AuthFields,
    /// Which page.
    pub meta: ContactsMeta,
}

/// Where a run stands. Both tokens are our own, given out by an earlier answer, and come back
/// unchanged; neither is there on the first page of an initial sync (contract §3, §11.4, §11.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactsMeta {
    /// Asks for contacts updated after this; absent in an initial sync.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub synchronization_checkpoint: Option<String>,
    /// The `next_offset` of the page before; absent on a run's first page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<String>,
}

impl TalkdeskRequest for ContactsRequest {
    fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, ContractError> {
        let mut meta = envelope.meta(&["synchronization_checkpoint", "offset"])?;
        let meta = ContactsMeta {
            synchronization_checkpoint: meta.text("synchronization_checkpoint")?,
            offset: meta.text("offset")?,
        };
        Ok(Self { auth: envelope.auth().clone(), meta })
    }

    fn expose_json(&self) -> Value {
        serde_json::json!({ "auth": self.auth.expose_json(), "meta": self.meta })
    }
}

/// One page of contacts (contract §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactsResponse {
    /// Talkdesk calls again at once with it; left out on the last page (contract §11.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String", length(min = 1)))]
    pub next_offset: Option<String>,
    /// Everything up to here has been delivered; on every page, also without rows (contract §11.7, §11.8).
    pub synchronization_checkpoint: String,
    /// The contacts, ascending by what the checkpoint is made of.
    pub contacts: Vec<Contact>,
}

/// A person whom Talkdesk can recognise by e-mail and phone (contract §3).
///
/// `Debug` shows the id only. Absent texts are left out; the three lists are always written,
/// also when empty, so that a value removed in the CRM does not linger (contract §11.13).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contact {
    /// The CRM's id; a string even when the CRM's is a number (contract §11.11).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub id: String,
    /// Full name; never empty (contract §11.12).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub name: String,
    /// The company's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub company: Option<String>,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub title: Option<String>,
    /// E-mail addresses.
    #[serde(default)]
    pub emails: Vec<String>,
    /// Phone numbers, E.164 where possible (contract §11.14).
    #[serde(default)]
    pub phones: Vec<String>,
    /// URL of a picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub photo_url: Option<String>,
    /// Postal address in one line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub address: Option<String>,
    /// Web sites; Talkdesk's sample has no scheme.
    #[serde(default)]
    pub websites: Vec<String>,
    /// Twitter name; Talkdesk's sample has no `@`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub twitter: Option<String>,
    /// The contact's page in the CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub url: Option<String>,
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").field("id", &self.id).finish_non_exhaustive()
    }
}
