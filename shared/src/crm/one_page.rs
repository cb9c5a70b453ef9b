//! One page of rows, read in one place for contacts, agents and interactions.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::answer::Answer;
use super::around::Around;
use super::page::{Position, unreadable};
use super::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::expression::Template;
use crate::manifest::model::Read;

/// One page of rows and what was said about it.
pub(super) struct Page {
    /// The rows.
    pub rows: Vec<Value>,
    /// What `more` says, if there is one.
    pub more: Option<bool>,
    /// The scope with the answer's names.
    pub scope: Scope,
}

impl Engine {
    /// Reads one page of rows.
    pub(super) async fn read_page<M, C>(
        &self,
        session: &Session,
        spec: &Read<M, C>,
        mut scope: Scope,
        position: &Position,
        limit: Option<usize>,
    ) -> Result<Page, Failure> {
        position.enter(&mut scope, spec.page.as_ref());
        let size = self.manifest().document().limits.page_size;
        scope.set("page_size", limit.map_or(size, |l| size.min(l as u64)));
        scope.set("limit", limit.unwrap_or(usize::try_from(size).unwrap_or(100)));
        let url = self.page_url(session, &spec.fetch, &scope, position)?;
        let around = Around {
            ok: spec.ok.as_ref(),
            empty_on: &spec.empty_on,
            page_url: url.as_ref(),
            ..Around::default()
        };
        let answer = self.call(session, &spec.fetch, &scope, around).await?;
        let rows = self.rows(session, spec, &answer, &mut scope)?;
        let more = match (&spec.more, answer.empty) {
            (_, true) => Some(false),
            (None, _) => None,
            (Some(more), _) => Some(more.eval(&scope.value()).map_err(|e| unreadable(&e))?.is_true()),
        };
        let scope = self.steps_of_page(session, &spec.steps, scope, &rows).await?;
        Ok(Page { rows, more, scope })
    }

    /// The rows of an answer; `scope` gets the answer's names.
    pub(super) fn rows<M, C>(
        &self,
        session: &Session,
        spec: &Read<M, C>,
        answer: &Answer,
        scope: &mut Scope,
    ) -> Result<Vec<Value>, Failure> {
        answer.enter(scope);
        if answer.empty {
            return Ok(Vec::new());
        }
        let rows = rows_of(&spec.records, &scope.value())?;
        session.figures(|f| f.records_in += rows.len());
        Ok(rows)
    }
}

/// The rows of an answer. No list where they should be is not "no rows": contacts would be lost silently.
///
/// # Errors
/// `CrmUnreadable` for anything but a list.
pub(super) fn rows_of(records: &Template, names: &Value) -> Result<Vec<Value>, Failure> {
    let rows = records.eval(names).map_err(|e| unreadable(&e))?;
    if rows.kind() != ValueKind::Seq {
        let detail = format!("`records` is {}, not a list", rows.kind());
        return Err(Failure::new(Class::CrmUnreadable, detail));
    }
    Ok(rows.try_iter().map(Iterator::collect).unwrap_or_default())
}
