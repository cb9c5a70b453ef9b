//! What is wrong with a document, said without repeating it, and the body of our error answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A document that does not fit the contract.
///
/// It names the place and what belongs there. It never contains the value found there: that may
/// be a credential or a person's data, and the text goes into answers and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractError {
    /// Where, e.g. `meta.offset` or `data.contact_phones[2]`; empty for the document as a whole.
    pub path: String,
    /// What is expected there, e.g. `a string`.
    pub expected: String,
}

impl ContractError {
    /// An error at `path`; a part of the path that came from outside is made short and printable.
    pub(crate) fn new(path: impl Into<String>, expected: impl Into<String>) -> Self {
        let path: String = path.into();
        let path = path.chars().take(MAX_PATH).map(|c| if c.is_control() { '\u{FFFD}' } else { c }).collect();
        Self { path, expected: expected.into() }
    }
}

/// Longest path that is reported, in characters.
const MAX_PATH: usize = 100;

impl fmt::Display for ContractError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = match self.path.as_str() {
            "" => "the body",
            path => path,
        };
        write!(f, "{path}: expected {}", self.expected)
    }
}

impl std::error::Error for ContractError {}

/// The body of every answer that is not a success (our own form: Talkdesk documents none).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// What went wrong, for whoever reads logs.
    pub error: ErrorDetail,
    /// Only for actions: the sentence that Talkdesk shows to its user (contract §6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub message: Option<String>,
}

/// The `error` member of an [`ErrorBody`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorDetail {
    /// One word of the closed list of error codes.
    pub code: String,
    /// One sentence, without credentials, personal data or internals.
    pub message: String,
    /// The request's id, to find its log line.
    pub request_id: String,
}
