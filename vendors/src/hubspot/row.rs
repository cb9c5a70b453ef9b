//! A row of a search.

use std::collections::BTreeMap;

use bridge::time::Moment;

/// An object while it is searched.
pub(super) struct Row {
    pub(super) id: u64,
    pub(super) properties: BTreeMap<String, String>,
    pub(super) contacts: Vec<u64>,
    pub(super) stamp: Moment,
}
