//! How pages follow each other: token, next URL, number, offset.

use minijinja::Value;
use url::Url;

use super::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::expression::{as_text, is_empty};
use crate::manifest::model::{Fetch, Page};

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

/// A link that stays where its own request goes. Besides the manifest's structure it is the only
/// thing that a request with credentials can be built from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SameOrigin(Url);

impl SameOrigin {
    /// The link, when it has the scheme, host and port of `own` (or of `local`, which stands for it)
    /// and its path is that of `own` or lies below. A relative link is read against `own`.
    pub fn of(link: &str, own: &Url, local: Option<&Url>) -> Option<Self> {
        let url = own.join(link).ok()?;
        let origin =
            url.origin() == own.origin() || local.is_some_and(|local| url.origin() == local.origin());
        let plain = url.username().is_empty() && url.password().is_none();
        let rest = url.path().strip_prefix(own.path().trim_end_matches('/'))?.to_ascii_lowercase();
        let below = rest.is_empty() || rest.starts_with(['/', '.', '(', ';']);
        // An encoded slash, backslash or dot may become one behind the CRM's proxy, and climb.
        let flat = !["%2f", "%5c", "%2e"].iter().any(|code| rest.contains(code));
        (origin && plain && flat && below).then_some(Self(url))
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.0
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

    /// The URL of a page that has one: only where `fetch` itself goes, because the credentials go
    /// along, and an offset or an answer may name any address.
    ///
    /// # Errors
    /// `CrmUnreadable` when the link leads anywhere else.
    pub(super) fn page_url(
        &self,
        session: &Session,
        fetch: &Fetch,
        scope: &Scope,
        position: &Position,
    ) -> Result<Option<SameOrigin>, Failure> {
        let Position::Url(text) = position else { return Ok(None) };
        let own = self.address(session, fetch, &scope.value())?;
        let link = self.same_origin(text, &own)?;
        Ok(Some(SameOrigin(self.checked(link.0)?)))
    }

    /// Whether a link lies in the folder of the CRM's own address.
    ///
    /// # Errors
    /// As [`Engine::page_url`].
    pub(super) fn in_folder(&self, session: &Session, position: &Position) -> Result<(), Failure> {
        let Position::Url(text) = position else { return Ok(()) };
        self.same_origin(text, &self.base(session)?).map(|_| ())
    }

    fn same_origin(&self, link: &str, own: &Url) -> Result<SameOrigin, Failure> {
        SameOrigin::of(link, own, self.base_override.as_ref()).ok_or_else(|| {
            let detail =
                "the link to the next page leads to another scheme, host, port or path than its request";
            Failure::new(Class::CrmUnreadable, detail)
        })
    }
}

/// An answer that an expression cannot read.
pub fn unreadable(error: &crate::manifest::expression::ExpressionError) -> Failure {
    Failure::new(Class::CrmUnreadable, format!("the answer cannot be read: {error}"))
}
