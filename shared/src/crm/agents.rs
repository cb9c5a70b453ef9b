//! The Agent Retriever's operation (contract §4).
//!
//! Talkdesk's agent offset is a whole number, so no server token can be handed out: all pages are
//! walked in one invocation, and only when time runs out the number of agents delivered so far
//! becomes the offset.

use std::collections::HashSet;

use crate::contract::agents::{Agent, AgentsResponse};
use crate::error::{Class, Failure};
use crate::manifest::model::{AgentMap, Read, Unused};

use super::page::{Position, unreadable};
use super::{Engine, Session};

impl Engine {
    /// Walks the CRM's users; leaves out who has no e-mail or one that was there already.
    ///
    /// # Errors
    /// Whatever the CRM says, if it says so before any agent was found.
    pub async fn agents(
        &self,
        session: &Session,
        spec: &Read<AgentMap, Unused>,
        offset: Option<u64>,
    ) -> Result<AgentsResponse, Failure> {
        let skip = offset.map_or(0, |o| usize::try_from(o).unwrap_or(usize::MAX));
        let budget = session.remaining(self.clock());
        let scope = self.steps_before(session, &spec.steps, session.scope.clone()).await?;
        let mut position = Position::First;
        let mut agents: Vec<Agent> = Vec::new();
        let mut seen = HashSet::new();
        for _ in 0..self.manifest().document().limits.pages {
            let page = self.read_page(session, spec, scope.clone(), &position, None).await?;
            let scopes = self.steps_per_row(session, &spec.steps, &page.scope, &page.rows).await?;
            for row in scopes {
                let names = row.value();
                if !super::contacts::wanted(spec.r#where.as_ref(), &names) {
                    continue;
                }
                match self.agent(&spec.map, &names) {
                    Ok(agent) if seen.insert(agent.email.to_ascii_lowercase()) => agents.push(agent),
                    Ok(_) => {}
                    Err(bad) => self.skipped(session, "agent", &bad, None),
                }
            }
            let next = match &spec.page {
                None => None,
                Some(paging) => {
                    self.next_page(paging, &position, &page.scope.value(), page.more, page.rows.len())?
                }
            };
            let Some(next) = next else {
                return Ok(answered(session, agents, skip, None));
            };
            position = next;
            // The last page took its share; another one may not fit any more.
            if session.remaining(self.clock()) < budget / 5 {
                let delivered = agents.len();
                if delivered <= skip {
                    return Err(Failure::new(Class::CrmTimeout, "the CRM's users cannot be walked in time"));
                }
                return Ok(answered(session, agents, skip, Some(delivered as u64)));
            }
        }
        Err(Failure::new(Class::NoProgress, "the CRM's pages of users do not end"))
    }

    /// Logs a row that cannot be used: by its id, never by its content.
    pub(super) fn skipped(
        &self,
        session: &Session,
        kind: &str,
        bad: &super::mapping::BadRow,
        id: Option<&str>,
    ) {
        session.figures(|f| f.skipped += 1);
        tracing::warn!(request_id = %session.request_id, kind, id, reason = %bad.0, "row skipped");
    }

    /// Reads one page of rows.
    pub(super) async fn read_page<M, C>(
        &self,
        session: &Session,
        spec: &Read<M, C>,
        mut scope: super::Scope,
        position: &Position,
        limit: Option<usize>,
    ) -> Result<Page, Failure> {
        position.enter(&mut scope, spec.page.as_ref());
        let size = self.manifest().document().limits.page_size;
        scope.set("page_size", limit.map_or(size, |l| size.min(l as u64)));
        scope.set("limit", limit.unwrap_or(usize::try_from(size).unwrap_or(100)));
        let url = self.page_url(session, &spec.fetch, &scope, position)?;
        let around = super::call::Around {
            ok: spec.ok.as_ref(),
            empty_on: &spec.empty_on,
            page_url: url.as_ref(),
            ..super::call::Around::default()
        };
        let answer = self.call(session, &spec.fetch, &scope, around).await?;
        let rows = self.rows(session, spec, &answer, &mut scope)?;
        let more = match (&spec.more, answer.empty) {
            (_, true) => Some(false),
            (None, _) => None,
            (Some(more), _) => Some(more.eval(&scope.value()).map_err(|e| unreadable(&e))?.is_true()),
        };
        Ok(Page { rows, more, scope, asked: answer.asked })
    }

    /// The rows of an answer; `scope` gets the answer's names.
    pub(super) fn rows<M, C>(
        &self,
        session: &Session,
        spec: &Read<M, C>,
        answer: &super::answer::Answer,
        scope: &mut super::Scope,
    ) -> Result<Vec<minijinja::Value>, Failure> {
        answer.enter(scope);
        if answer.empty {
            return Ok(Vec::new());
        }
        let records = spec.records.eval(&scope.value()).map_err(|e| unreadable(&e))?;
        let rows: Vec<_> = match records.kind() {
            minijinja::value::ValueKind::Seq => records.try_iter().map(Iterator::collect).unwrap_or_default(),
            _ => {
                // No list where rows should be is not "no rows": contacts would be lost silently.
                let detail = format!("`records` is a {}, not a list", records.kind());
                return Err(Failure::new(Class::CrmUnreadable, detail));
            }
        };
        session.figures(|f| f.records_in += rows.len());
        Ok(rows)
    }
}

/// One page of rows and what was said about it.
pub struct Page {
    /// The rows.
    pub rows: Vec<minijinja::Value>,
    /// What `more` says, if there is one.
    pub more: Option<bool>,
    /// The scope with the answer's names.
    pub scope: super::Scope,
    /// The CRM's clock when the query ran.
    pub asked: Option<crate::time::Moment>,
}

fn answered(session: &Session, mut agents: Vec<Agent>, skip: usize, next: Option<u64>) -> AgentsResponse {
    agents.drain(..skip.min(agents.len()));
    session.figures(|f| f.records_out += agents.len());
    AgentsResponse { agents, next_offset: next }
}
