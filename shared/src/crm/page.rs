//! How pages follow each other: token, next URL, number, offset.

use minijinja::Value;
use url::Url;

use super::{Engine, Scope};
use crate::error::{Class, Failure};
use crate::manifest::expression::{as_text, is_empty};
use crate::manifest::model::Page;

/// Where the next page is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Position {
    /// The first page.
    First,
    /// A page number, an offset or the server's token, as text.
    Page(String),
    /// A URL of its own.
    Url(String),
}

impl Position {
    /// Puts `page` into a scope: null on the first page of tokens, the start of numbers.
    pub fn enter(&self, scope: &mut Scope, page: Option<&Page>) {
        let start = page.and_then(|p| p.number.or(p.offset)).map(|n| n.start);
        let value = match (self, start) {
            (Position::First, Some(start)) => Value::from(start),
            (Position::Page(text), Some(_)) => Value::from(text.parse::<u64>().unwrap_or(0)),
            (Position::Page(text), None) => Value::from(text.as_str()),
            _ => Value::from(()),
        };
        scope.set("page", value);
    }
}

impl Engine {
    /// The page after `current`, or `None` at the end. `scope` holds the answer; `count` is the
    /// number of rows of the current page.
    ///
    /// # Errors
    /// `NoProgress` when the server names the page that was just read.
    pub(super) fn next_page(
        &self,
        page: &Page,
        current: &Position,
        scope: &Value,
        more: Option<bool>,
        count: usize,
    ) -> Result<Option<Position>, Failure> {
        if more == Some(false) {
            return Ok(None);
        }
        let next = if let Some(template) = &page.token {
            let value = template.eval(scope).map_err(|e| unreadable(&e))?;
            if is_empty(&value) { None } else { as_text(&value).map(Position::Page) }
        } else if let Some(template) = &page.next_url {
            let value = template.eval(scope).map_err(|e| unreadable(&e))?;
            if is_empty(&value) { None } else { as_text(&value).map(Position::Url) }
        } else {
            let spec = page.number.or(page.offset);
            let here = match current {
                Position::Page(text) => text.parse().unwrap_or(0),
                _ => spec.map_or(0, |s| s.start),
            };
            let step = if page.offset.is_some() { count as u64 } else { 1 };
            if step == 0 { None } else { Some(Position::Page((here + step).to_string())) }
        };
        if next.as_ref() == Some(current) {
            let detail = "the CRM names the page that was just read as the next one";
            return Err(Failure::new(Class::NoProgress, detail));
        }
        Ok(next)
    }

    /// The URL of a page that has one; its host is checked like every other.
    ///
    /// # Errors
    /// When it is not a URL, or not on an allowed host.
    pub(super) fn page_url(&self, position: &Position) -> Result<Option<Url>, Failure> {
        let Position::Url(text) = position else { return Ok(None) };
        let url = Url::parse(text)
            .map_err(|_| Failure::new(Class::CrmUnreadable, "the link to the next page is not a URL"))?;
        self.checked(url).map(Some)
    }
}

/// An answer that an expression cannot read.
pub fn unreadable(error: &crate::manifest::expression::ExpressionError) -> Failure {
    Failure::new(Class::CrmUnreadable, format!("the answer cannot be read: {error}"))
}
