//! One page as it was read.

use minijinja::Value;

use super::Key;
use crate::crm::Scope;
use crate::crm::page::Position;

/// One page as it was read.
pub(super) struct Reading {
    /// The rows.
    pub rows: Vec<Value>,
    /// What the modes see of them.
    pub keys: Vec<Key>,
    /// Whether more rows follow.
    pub more: bool,
    /// The server's next page.
    pub next: Option<Position>,
    /// The scope with the answer's names.
    pub scope: Scope,
    /// How many rows of a list come before the page, where they are counted; and how many were asked for.
    pub start: u64,
    pub size: u64,
    /// Whether it is the beginning of a page only.
    pub cut: bool,
}

impl Reading {
    /// The page as if the CRM had ended it after `rows` rows.
    pub fn cut(&self, rows: usize) -> Reading {
        Reading {
            rows: self.rows[..rows].to_vec(),
            keys: self.keys[..rows].to_vec(),
            more: true,
            next: None,
            scope: self.scope.clone(),
            cut: true,
            ..*self
        }
    }
}
