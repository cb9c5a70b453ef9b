//! Contact Activity, formerly Interaction Retriever: request and answer (contract §5).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::closed::closed_enum;
use super::{AuthFields, ContractError, Envelope, TalkdeskDate, TalkdeskRequest};

/// Talkdesk shows a contact to its user and asks what happened with it (contract §5).
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionsRequest {
    /// The account's credentials.
    pub auth: AuthFields,
    /// What is wanted.
    pub meta: InteractionsMeta,
    /// Who the contact is.
    pub data: ContactIdentity,
    /// Paths of what was not understood in `data` and passed over, such as `data.contact_phones[2]`.
    #[cfg_attr(feature = "schema", schemars(skip))]
    pub passed_over: Vec<String>,
}

/// Most interaction types that are looked at.
const MOST_TYPES: usize = 100;
/// Most e-mail addresses, and most phone numbers, by which a contact is looked up.
const MOST_ADDRESSES: usize = 20;
/// Longest e-mail address, in characters (RFC 5321: 64 before the `@`, 255 behind); of a name too.
const LONGEST_EMAIL: usize = 320;
/// Longest phone number, in characters, its punctuation and extension included.
const LONGEST_PHONE: usize = 64;
/// Where an object holds an e-mail address, the first that is there.
const EMAIL: &[&str] = &["email", "value", "address"];
/// Where an object holds a phone number, the first that is there.
const PHONE: &[&str] = &["number", "value", "phone"];

/// Which interactions an account wants (contract §5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionsMeta {
    /// `None`: all that are configured; an empty list: none at all (contract §11.20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interaction_types: Option<Vec<String>>,
}

/// What Talkdesk knows of a contact; any part may be missing (contract §5).
///
/// Texts are trimmed and never empty. `Debug` shows what is there, not what it is.
#[derive(Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ContactIdentity {
    /// The `id` under which we once sent it; only for contacts synchronised by this bridge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_external_id: Option<String>,
    /// Full name; not fit for a look-up by itself (contract §11.19).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// E-mail addresses.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub contact_emails: Vec<String>,
    /// Phone numbers, as Talkdesk has them.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub contact_phones: Vec<String>,
}

impl fmt::Debug for ContactIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContactIdentity")
            .field("contact_external_id", &self.contact_external_id.is_some())
            .field("contact_name", &self.contact_name.is_some())
            .field("contact_emails", &self.contact_emails.len())
            .field("contact_phones", &self.contact_phones.len())
            .finish()
    }
}

impl TalkdeskRequest for InteractionsRequest {
    fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, ContractError> {
        let mut meta = envelope.meta(&["interaction_types"])?;
        let mut data = envelope.data(Some(&[
            "contact_external_id",
            "contact_name",
            "contact_emails",
            "contact_phones",
        ]))?;
        Ok(Self {
            auth: envelope.auth().clone(),
            meta: InteractionsMeta { interaction_types: meta.list("interaction_types", MOST_TYPES)? },
            data: ContactIdentity {
                contact_external_id: data.id("contact_external_id")?,
                contact_name: data.lenient("contact_name", LONGEST_EMAIL),
                contact_emails: data.reachable("contact_emails", EMAIL, LONGEST_EMAIL, MOST_ADDRESSES),
                contact_phones: data.reachable("contact_phones", PHONE, LONGEST_PHONE, MOST_ADDRESSES),
            },
            passed_over: data.into_passed_over(),
        })
    }

    fn expose_json(&self) -> Value {
        json!({ "auth": self.auth.expose_json(), "meta": self.meta, "data": self.data })
    }
}

/// All interactions found: a bare array, also when empty (contract §11.18).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InteractionsResponse(pub Vec<Interaction>);

/// One thing that happened with a contact, or is due (contract §5).
///
/// `Debug` shows id, type and date only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interaction {
    /// The CRM's id, unique.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub id: String,
    /// One line.
    pub subject: String,
    /// A preview.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub description: Option<String>,
    /// When it happened, or its due date if that lies ahead.
    pub date: TalkdeskDate,
    /// Its page in the CRM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub url: Option<String>,
    /// One of the types asked for (contract §11.20).
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub r#type: String,
    /// Always sent; `none` is the neutral value (contract §11.21).
    #[serde(default)]
    pub priority: Priority,
    /// Left out only where the CRM has nothing like it (contract §11.21).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Status"))]
    pub status: Option<Status>,
}

impl fmt::Debug for Interaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interaction")
            .field("id", &self.id)
            .field("type", &self.r#type)
            .field("date", &format_args!("{}", self.date))
            .finish_non_exhaustive()
    }
}

closed_enum! {
    /// How urgent an interaction is; Talkdesk knows these five words only (contract §5).
    #[derive(Default, PartialOrd, Ord)]
    Priority {
        /// No priority, or none known.
        #[default]
        None => "none",
        /// Low.
        Low => "low",
        /// Normal.
        Normal => "normal",
        /// High.
        High => "high",
        /// Urgent.
        Urgent => "urgent",
    }
}

closed_enum! {
    /// Where an interaction stands; Talkdesk knows these five words only (contract §5).
    Status {
        /// Nobody has looked at it.
        New => "new",
        /// Being worked on.
        Open => "open",
        /// Waiting for somebody else.
        Pending => "pending",
        /// Solved, but may come back.
        Solved => "solved",
        /// Over.
        Closed => "closed",
    }
}
