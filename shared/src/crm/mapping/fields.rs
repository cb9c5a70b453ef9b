//! The fields of one row: what fits its target is taken, what does not is left out and counted.

use std::collections::{BTreeMap, HashSet};

use minijinja::Value;
use minijinja::value::ValueKind;

use super::clean;
use crate::manifest::expression::{Template, as_text, is_empty};
use crate::manifest::model::Lines;

/// Longest id, in bytes.
const MAX_ID: usize = 1_024;
/// Members of one list at most: e-mails, phones, websites of a contact.
pub(super) const MAX_LIST: usize = 100;
/// A value inside of lists inside of lists deeper than this is none.
const MAX_DEPTH: usize = 4;

/// Why a row cannot be used. Holds names of fields, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow(pub String);

/// Which fields were left out of a page's rows, and how often. Names and counts, never values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut(BTreeMap<&'static str, usize>);

impl LeftOut {
    pub(super) fn note(&mut self, field: &'static str, count: usize) {
        if count > 0 {
            *self.0.entry(field).or_default() += count;
        }
    }

    /// All of them together.
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }
}

impl std::fmt::Display for LeftOut {
    /// `title 6, url 1`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, (field, count)) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{field} {count}")?;
        }
        Ok(())
    }
}

/// Reads a row's fields by their templates.
pub(super) struct Fields<'a> {
    pub(super) names: &'a Value,
    pub(super) left: &'a mut LeftOut,
}

impl Fields<'_> {
    /// A text that the row cannot do without, as it is: an id is compared, not shown.
    ///
    /// # Errors
    /// None, one that is not a text, or one that no CRM would give.
    pub(super) fn id(&self, template: &Template) -> Result<String, BadRow> {
        let bad = |reason: &str| Err(BadRow(format!("id: {reason}")));
        let value = template.eval(self.names).map_err(|e| BadRow(format!("id: {e}")))?;
        if is_empty(&value) {
            return bad("empty");
        }
        if !is_text(&value) {
            return bad(&format!("text is expected, not a {}", value.kind()));
        }
        let id = as_text(&value).unwrap_or_default().trim().to_owned();
        match id {
            _ if id.is_empty() => bad("empty"),
            _ if id.len() > MAX_ID => bad("too long"),
            _ if id.chars().any(char::is_control) => bad("holds a control character"),
            id => Ok(id),
        }
    }

    /// A text. A list of texts, as a field of several choices has, is joined; a map does not fit.
    pub(super) fn raw(&mut self, field: &'static str, template: Option<&Template>) -> Option<String> {
        let Ok(value) = template?.eval(self.names) else {
            self.left.note(field, 1);
            return None;
        };
        match value.kind() {
            _ if is_empty(&value) => None,
            ValueKind::Seq | ValueKind::Iterable => {
                let mut members = Members::default();
                members.collect(&value, 0);
                self.left.note(field, members.left);
                (!members.texts.is_empty()).then(|| members.texts.join(", "))
            }
            _ if is_text(&value) => as_text(&value),
            _ => {
                self.left.note(field, 1);
                None
            }
        }
    }

    /// One line for people.
    pub(super) fn line(&mut self, field: &'static str, template: Option<&Template>) -> Option<String> {
        self.raw(field, template).and_then(|text| clean::line(&text))
    }

    /// A link that may be followed.
    pub(super) fn link(&mut self, field: &'static str, template: Option<&Template>) -> Option<String> {
        let text = self.raw(field, template)?;
        let link = clean::link(&text);
        self.left.note(field, usize::from(link.is_none() && !text.trim().is_empty()));
        link
    }

    /// A list of texts: members may be lists, empty ones fall away.
    pub(super) fn list(&mut self, field: &'static str, Lines(lines): &Lines) -> Vec<String> {
        let mut members = Members::default();
        for template in lines {
            match template.eval(self.names) {
                Ok(value) => members.collect(&value, 0),
                Err(_) => members.left += 1,
            }
        }
        self.left.note(field, members.left);
        members.texts
    }

    /// A list without repetitions and with an end; `same` says what counts as a repetition.
    pub(super) fn bounded(
        &mut self,
        field: &'static str,
        texts: impl IntoIterator<Item = String>,
        same: impl Fn(&str) -> String,
    ) -> Vec<String> {
        let mut kept: Vec<String> = texts.into_iter().collect();
        if kept.len() > 1 {
            let mut seen = HashSet::new();
            kept.retain(|text| seen.insert(same(text)));
        }
        self.left.note(field, kept.len().saturating_sub(MAX_LIST));
        kept.truncate(MAX_LIST);
        kept
    }
}

/// The texts in a value, and how many values are none.
#[derive(Default)]
struct Members {
    texts: Vec<String>,
    left: usize,
}

impl Members {
    fn collect(&mut self, value: &Value, depth: usize) {
        match value.kind() {
            _ if is_empty(value) => {}
            ValueKind::Seq | ValueKind::Iterable if depth < MAX_DEPTH => {
                for member in value.try_iter().into_iter().flatten() {
                    self.collect(&member, depth + 1);
                }
            }
            _ if !is_text(value) => self.left += 1,
            _ => self.texts.extend(as_text(value).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())),
        }
    }
}

/// Whether a value prints as what a person typed: a text, a number or a time.
fn is_text(value: &Value) -> bool {
    !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable | ValueKind::Map | ValueKind::Bool)
}
