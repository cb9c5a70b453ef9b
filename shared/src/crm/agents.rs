//! The Agent Retriever's operation (contract §4).
//!
//! Talkdesk's agent offset is a whole number, so no server token can be handed out. Counted pages
//! are gone on with by their number; others are walked from the first on, and the number of agents
//! delivered so far is the offset.

use std::collections::HashSet;

use crate::contract::agents::{Agent, AgentsResponse};
use crate::error::{Class, Failure};
use crate::manifest::model::{AgentMap, Page as Paging, Read, Unused};

use super::contacts::deliver::{MAX_ANSWER, carried};
use super::contacts::{MAX_CALLS, wanted};
use super::mapping::{LeftOut, id_of};
use super::page::Position;
use super::{Engine, Scope, Session};

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

/// The agents of the pages that were read so far.
#[derive(Default)]
struct Walk {
    agents: Vec<Agent>,
    /// The addresses that were there already, in small letters.
    seen: HashSet<String>,
    /// How many of the agents Talkdesk has already.
    skip: usize,
    /// Users that could not be mapped.
    skipped: usize,
    /// Bytes of the agents that go out.
    size: usize,
    /// How many agents were looked at for `size`.
    measured: usize,
}

impl Walk {
    fn measure(&mut self) {
        let new = self.agents.iter().skip(self.skip.max(self.measured));
        self.size += new.map(|agent| carried(agent) + 1).sum::<usize>();
        self.measured = self.agents.len();
    }

    fn answer(mut self, session: &Session, next: Option<u64>) -> AgentsResponse {
        self.agents.drain(..self.skip.min(self.agents.len()));
        session.figures(|f| f.records_out += self.agents.len());
        AgentsResponse { agents: self.agents, next_offset: next }
    }

    /// As many agents as an answer carries; the rest is walked to again.
    fn cut(mut self, session: &Session) -> AgentsResponse {
        let mut size = 0;
        let fits = |agent: &&Agent| {
            size += carried(*agent) + 1;
            size <= MAX_ANSWER
        };
        let count = self.skip + self.agents.iter().skip(self.skip).take_while(fits).count().max(1);
        self.agents.truncate(count);
        self.answer(session, Some(count as u64))
    }

    /// The last page was read.
    fn end(self, session: &Session) -> Result<AgentsResponse, Failure> {
        if self.agents.is_empty() && self.skipped > 0 {
            // Some users have no e-mail; when none has, the CRM hides them, or says them in another way.
            let detail = format!("none of {} users can be mapped", self.skipped);
            return Err(Failure::new(Class::CrmUnreadable, detail));
        }
        Ok(self.answer(session, None))
    }

    /// The next request goes on at a position.
    fn go_on(
        self,
        session: &Session,
        position: &Position,
        paging: Option<&Paging>,
    ) -> Result<AgentsResponse, Failure> {
        if let (Position::Page(number), true) = (position, paging.is_some_and(counted)) {
            let number: u64 = number.parse().unwrap_or(0);
            return Ok(self.answer(session, Some(PAGES + number)));
        }
        let delivered = self.agents.len();
        if delivered <= self.skip {
            return Err(Failure::new(Class::CrmTimeout, "the CRM's users cannot be walked in time"));
        }
        Ok(self.answer(session, Some(delivered as u64)))
    }
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
        let mut walk = Walk { skip, ..Walk::default() };
        for _ in 0..self.manifest().document().limits.pages {
            let page = self.read_page(session, spec, scope.clone(), &position, None).await?;
            let rows = self.steps_per_row(session, &spec.steps, &page.scope, &page.rows).await?;
            self.take(session, spec, &rows, &mut walk);
            let next = match &spec.page {
                None => None,
                Some(paging) => {
                    self.next_page(paging, &position, &page.scope.value(), page.more, page.rows.len())?
                }
            };
            walk.measure();
            if walk.size > MAX_ANSWER {
                return Ok(walk.cut(session));
            }
            let Some(next) = next else { return walk.end(session) };
            position = next;
            // The last page took its share; another one may not fit any more.
            let full = walk.size > MAX_ANSWER / 2 || session.calls() >= MAX_CALLS;
            if full || session.remaining(self.clock()) < budget / 5 {
                return walk.go_on(session, &position, spec.page.as_ref());
            }
        }
        Err(Failure::new(Class::NoProgress, "the CRM's pages of users do not end"))
    }

    /// Maps a page's rows into agents.
    fn take(&self, session: &Session, spec: &Read<AgentMap, Unused>, rows: &[Scope], walk: &mut Walk) {
        let (mut filtered, mut left) = (0, LeftOut::default());
        for row in rows {
            let names = row.value();
            if !wanted(spec.r#where.as_ref(), &names) {
                filtered += 1;
                continue;
            }
            match self.agent(&spec.map, &names, &mut left) {
                Ok(agent) if walk.seen.insert(agent.email.to_ascii_lowercase()) => walk.agents.push(agent),
                Ok(_) => {}
                Err(bad) => {
                    walk.skipped += 1;
                    self.skipped(session, "agent", &bad, id_of(&spec.map.id, &names).as_deref());
                }
            }
        }
        session.figures(|f| f.filtered += filtered);
        self.left_out(session, "agent", &left);
    }
}
