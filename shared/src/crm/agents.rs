//! The Agent Retriever's operation (contract §4).
//!
//! Talkdesk's agent offset is a whole number, so no server token can be handed out. Counted pages
//! are gone on with by their number; others are walked from the first on, and the number of agents
//! delivered so far is the offset.

use std::collections::HashSet;

use crate::contract::agents::{Agent, AgentsResponse};
use crate::error::{Class, Failure};
use crate::manifest::model::{AgentMap, Page as Paging, Read, Unused};

use super::contacts::MAX_CALLS;
use super::contacts::deliver::{MAX_ANSWER, carried};
use super::mapping::{LeftOut, id_of};
use super::page::{Position, rows_of, unreadable};
use super::{Engine, Session};

/// Offsets from here on name a page (or the row that it begins with); smaller ones count agents.
const PAGES: u64 = 1_000_000_000;

/// Where a request goes on.
struct Begin {
    position: Position,
    /// Agents that Talkdesk has already.
    skip: usize,
}

impl Begin {
    fn at(offset: Option<u64>, paging: Option<&Paging>) -> Self {
        match (offset, paging) {
            (Some(offset), Some(paging)) if offset >= PAGES && counted(paging) => {
                Self { position: Position::Page((offset - PAGES).to_string()), skip: 0 }
            }
            (offset, _) => {
                let skip = offset.map_or(0, |o| usize::try_from(o).unwrap_or(usize::MAX));
                Self { position: Position::First, skip }
            }
        }
    }
}

fn counted(paging: &Paging) -> bool {
    paging.number.is_some() || paging.offset.is_some()
}

impl Engine {
    /// Walks the CRM's users; leaves out who has no e-mail or one that was there already. Ends early,
    /// with an offset, when time, calls or the answer's room run out.
    ///
    /// # Errors
    /// Whatever the CRM says; users of whom none can be mapped.
    pub async fn agents(
        &self,
        session: &Session,
        spec: &Read<AgentMap, Unused>,
        offset: Option<u64>,
    ) -> Result<AgentsResponse, Failure> {
        let Begin { mut position, skip } = Begin::at(offset, spec.page.as_ref());
        let budget = session.remaining(self.clock());
        let scope = self.steps_before(session, &spec.steps, session.scope.clone()).await?;
        let mut agents: Vec<Agent> = Vec::new();
        let (mut seen, mut skipped) = (HashSet::new(), 0);
        // The bytes of the agents that go out, and how many were looked at.
        let (mut size, mut measured) = (0, 0);
        for _ in 0..self.manifest().document().limits.pages {
            let page = self.read_page(session, spec, scope.clone(), &position, None).await?;
            let scopes = self.steps_per_row(session, &spec.steps, &page.scope, &page.rows).await?;
            let mut filtered = 0;
            let mut left = LeftOut::default();
            for row in scopes {
                let names = row.value();
                if !super::contacts::wanted(spec.r#where.as_ref(), &names) {
                    filtered += 1;
                    continue;
                }
                match self.agent(&spec.map, &names, &mut left) {
                    Ok(agent) if seen.insert(agent.email.to_ascii_lowercase()) => agents.push(agent),
                    Ok(_) => {}
                    Err(bad) => {
                        skipped += 1;
                        let id = id_of(&spec.map.id, &names);
                        self.skipped(session, "agent", &bad, id.as_deref());
                    }
                }
            }
            session.figures(|f| f.filtered += filtered);
            self.left_out(session, "agent", &left);
            let next = match &spec.page {
                None => None,
                Some(paging) => {
                    self.next_page(paging, &position, &page.scope.value(), page.more, page.rows.len())?
                }
            };
            let new = agents.iter().skip(skip.max(measured));
            size += new.map(|agent| carried(agent) + 1).sum::<usize>();
            measured = agents.len();
            if size > MAX_ANSWER {
                return Ok(cut(session, agents, skip));
            }
            let Some(next) = next else {
                if agents.is_empty() && skipped > 0 {
                    // Some users have no e-mail; when none has, the CRM hides them, or says them in
                    // another way.
                    let detail = format!("none of {skipped} users can be mapped");
                    return Err(Failure::new(Class::CrmUnreadable, detail));
                }
                return Ok(answered(session, agents, skip, None));
            };
            position = next;
            // The last page took its share; another one may not fit any more.
            let full = size > MAX_ANSWER / 2 || session.calls() >= MAX_CALLS;
            if full || session.remaining(self.clock()) < budget / 5 {
                if let (Position::Page(number), true) = (&position, spec.page.as_ref().is_some_and(counted)) {
                    let number: u64 = number.parse().unwrap_or(0);
                    return Ok(answered(session, agents, skip, Some(PAGES + number)));
                }
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
        let around = super::around::Around {
            ok: spec.ok.as_ref(),
            empty_on: &spec.empty_on,
            page_url: url.as_ref(),
            ..super::around::Around::default()
        };
        let answer = self.call(session, &spec.fetch, &scope, around).await?;
        let rows = self.rows(session, spec, &answer, &mut scope)?;
        let more = match (&spec.more, answer.empty) {
            (_, true) => Some(false),
            (None, _) => None,
            (Some(more), _) => Some(more.eval(&scope.value()).map_err(|e| unreadable(&e))?.is_true()),
        };
        let scope = self.steps_of_page(session, &spec.steps, scope, &rows).await?;
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
        let rows = rows_of(&spec.records, &scope.value())?;
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

/// As many agents as an answer carries; the rest is walked to again.
fn cut(session: &Session, mut agents: Vec<Agent>, skip: usize) -> AgentsResponse {
    let mut size = 0;
    let fits = |agent: &&Agent| {
        size += carried(*agent) + 1;
        size <= MAX_ANSWER
    };
    let count = skip + agents.iter().skip(skip).take_while(fits).count().max(1);
    agents.truncate(count);
    answered(session, agents, skip, Some(count as u64))
}

fn answered(session: &Session, mut agents: Vec<Agent>, skip: usize, next: Option<u64>) -> AgentsResponse {
    agents.drain(..skip.min(agents.len()));
    session.figures(|f| f.records_out += agents.len());
    AgentsResponse { agents, next_offset: next }
}
