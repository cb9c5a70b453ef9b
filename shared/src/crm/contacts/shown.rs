//! What a page has shown and the next one must show again: nothing can then have been passed over between them.

use serde::{Deserialize, Serialize};

/// Rows that a page showed and that were withheld: they must come again where the next one begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// How many.
    #[serde(rename = "n")]
    pub count: u32,
    /// The id of one of them, if it has one.
    #[serde(rename = "i")]
    pub id: Option<String>,
    /// The lower bound, in microseconds, of the page that showed them.
    #[serde(rename = "s")]
    pub since: i64,
    /// Where their time step ends, in microseconds, when the page begins before it.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub to: Option<i64>,
}

/// The last row that was read, as the next page must show it or one before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// What the list is sorted by: a stamp in microseconds, or an id.
    #[serde(rename = "o")]
    pub order: String,
    /// The row's id, if it has one.
    #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
}
