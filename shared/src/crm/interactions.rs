//! The Interaction Retriever's operation (contract §5): an agent is looking at the screen.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use minijinja::value::ValueKind;

use crate::contract::interactions::{ContactIdentity, Interaction, InteractionsResponse};
use crate::error::{Class, Failure};
use crate::manifest::expression::Template;
use crate::manifest::model::{InteractionMap, Interactions, Read, Unused};

use super::mapping::{LeftOut, id_of};
use super::one_page::Page;
use super::page::Position;
use super::{Engine, Scope, Session};
use crate::clock::BoxFuture;

mod forms;
mod identity;
mod look_up;
mod numbers;

pub use identity::person;
pub(super) use look_up::Found;

/// All types together at most (contract §11.23).
const MOST: usize = 100;
/// Kept back for the call after a wait, and for the answer.
const MARGIN: Duration = Duration::from_millis(500);
/// The wait after a refusal that names none.
const PAUSE: Duration = Duration::from_secs(1);

/// What the types came to.
#[derive(Default)]
struct Round<'a> {
    found: Vec<Interaction>,
    /// How many types the CRM answered, with rows or without.
    answered: usize,
    /// How many said that they do not know the contact.
    unknown: usize,
    failures: Vec<(&'a str, Failure)>,
}

impl Engine {
    /// The newest interactions of one contact, of the types asked for. An unknown contact has none;
    /// one that the CRM does not know any more is looked up once by what else Talkdesk knows.
    ///
    /// A type that fails is left out, named in the log and in the figures.
    ///
    /// # Errors
    /// When the contact cannot be looked up, or every type fails.
    pub async fn interactions(
        &self,
        session: &Session,
        spec: &Interactions,
        asked: Option<&[String]>,
        identity: &ContactIdentity,
    ) -> Result<InteractionsResponse, Failure> {
        session.is_watched();
        // Contract §11.20: absent means all, `[]` means none, unknown types are ignored.
        let types: Vec<_> = spec
            .types
            .iter()
            .filter(|(name, _)| asked.is_none_or(|types| types.iter().any(|t| t == *name)))
            .map(|(name, operation)| (name.as_str(), operation))
            .collect();
        if types.is_empty() {
            return Ok(InteractionsResponse(Vec::new()));
        }
        let known = identity.contact_external_id.as_deref();
        let person = person(identity, self.phones);
        let scope = self.with_id(&session.scope, &person, known);
        let looked_up = match known {
            Some(_) => None,
            None => match self.identified(session, spec, &scope).await? {
                Some(id) => Some(id),
                None => return Ok(InteractionsResponse(Vec::new())),
            },
        };
        let scope = looked_up.map_or(scope, |id| self.with_id(&session.scope, &person, Some(&id)));
        let mut round = self.every_type(session, &types, &scope).await?;
        if let Some(id) = known
            && round.found.is_empty()
            && let Some(other) = self.elsewhere(session, spec, &scope, id, round.knows_nobody()).await?
        {
            let scope = self.with_id(&session.scope, &person, Some(&other));
            round = self.every_type(session, &types, &scope).await?;
        }
        round.answer(session)
    }

    /// Reads every type at the same time.
    ///
    /// # Errors
    /// A refused credential, which must reach Talkdesk even if another type still answered.
    async fn every_type<'a>(
        &self,
        session: &Session,
        types: &[(&'a str, &Read<InteractionMap, Unused>)],
        scope: &Scope,
    ) -> Result<Round<'a>, Failure> {
        let limit = self.manifest().document().limits.concurrency.max(1);
        let mut calls: Vec<BoxFuture<'_, _>> = Vec::new();
        for (name, operation) in types {
            calls.push(Box::pin(async move { (*name, self.patient(session, name, operation, scope).await) }));
        }
        let results: Vec<_> = stream::iter(calls).buffered(limit).collect().await;
        let mut round = Round::default();
        for (name, result) in results {
            match result {
                Ok(Some(interactions)) => {
                    round.answered += 1;
                    round.found.extend(interactions);
                }
                Ok(None) => {}
                Err(failure) if failure.class == Class::NotFound => round.unknown += 1,
                Err(failure) if failure.class == Class::CredentialsRefused => return Err(failure),
                Err(failure) => {
                    tracing::warn!(
                        request_id = %session.request_id, kind = name, class = failure.class.row().code,
                        detail = %failure.detail, "interaction type failed"
                    );
                    round.failures.push((name, failure));
                }
            }
        }
        Ok(round)
    }

    /// One type; when the CRM's rate is used up, again for as long as there is time. Nothing when it is no type
    /// of such a contact's and the CRM was not asked.
    async fn patient(
        &self,
        session: &Session,
        kind: &str,
        spec: &Read<InteractionMap, Unused>,
        scope: &Scope,
    ) -> Result<Option<Vec<Interaction>>, Failure> {
        let mut turn = 0;
        loop {
            match self.one_type(session, kind, spec, scope.clone()).await {
                Err(failure) if failure.class == Class::RateLimited => {
                    self.pause(session, failure, kind, turn).await?;
                    turn += 1;
                }
                other => return other,
            }
        }
    }

    /// Waits until a call that the CRM's rate keeps back may be made again.
    ///
    /// # Errors
    /// The failure, when there is no time for another call.
    async fn pause(&self, session: &Session, failure: Failure, of: &str, turn: u32) -> Result<(), Failure> {
        let told = failure.retry_after.unwrap_or(PAUSE).max(Duration::from_millis(100));
        let wait = told + spread(&session.request_id, of, turn);
        if wait + MARGIN >= session.remaining(self.clock()) {
            return Err(failure);
        }
        session.figures(|f| f.retries += 1);
        self.clock.sleep(wait).await;
        Ok(())
    }

    async fn one_type(
        &self,
        session: &Session,
        kind: &str,
        spec: &Read<InteractionMap, Unused>,
        scope: Scope,
    ) -> Result<Option<Vec<Interaction>>, Failure> {
        let scope = self.steps_before(session, &spec.steps, scope).await?;
        if let Some(when) = &spec.when
            && !when.eval(&scope.value()).map_err(|e| super::render::unbuildable(&e))?.is_true()
        {
            // A step that has asked the CRM is an answer; a condition alone is none.
            let asked = spec.steps.values().any(|step| step.fetch.is_some() && step.comes_before());
            return Ok(asked.then(Vec::new));
        }
        let most = self.manifest().document().limits.interactions;
        let mut found = Vec::new();
        let mut position = Position::First;
        let mut left = LeftOut::default();
        let mut read = spec.rows.as_ref().and_then(|rows| of_steps(rows, &scope));
        loop {
            let Page { rows, more, scope: names } = match read.take() {
                Some(page) => page,
                None => self.read_page(session, spec, scope.clone(), &position, Some(most)).await?,
            };
            for row in self.steps_per_row(session, &spec.steps, &names, &rows).await? {
                let values = row.value();
                if !super::contacts::wanted(spec.r#where.as_ref(), &values) {
                    continue;
                }
                match self.interaction(kind, &spec.map, &values, &mut left) {
                    Ok(interaction) => found.push(interaction),
                    Err(bad) => {
                        self.skipped(session, kind, &bad, id_of(&spec.map.id, &values).as_deref());
                    }
                }
            }
            let next = match &spec.page {
                Some(paging) if found.len() < most => {
                    self.next_page(paging, &position, &names.value(), more, rows.len())?
                }
                _ => None,
            };
            match next {
                Some(next) => position = next,
                None => break,
            }
        }
        self.left_out(session, kind, &left);
        found.sort_by_key(|i| std::cmp::Reverse(i.date));
        found.truncate(most);
        Ok(Some(found))
    }
}

impl Round<'_> {
    /// Whether every type that answered says that it does not know the contact.
    fn knows_nobody(&self) -> bool {
        self.unknown > 0 && self.answered == 0
    }

    fn answer(mut self, session: &Session) -> Result<InteractionsResponse, Failure> {
        // "Nobody there" from one type, and a failure from all others, is not the whole answer.
        if self.answered == 0 && !self.failures.is_empty() {
            return Err(self.failures.swap_remove(0).1);
        }
        self.found.sort_by_key(|i| std::cmp::Reverse(i.date));
        self.found.truncate(MOST);
        session.figures(|f| {
            f.records_out += self.found.len();
            f.types_failed = self.failures.iter().map(|(name, _)| (*name).to_owned()).collect();
        });
        Ok(InteractionsResponse(self.found))
    }
}

/// The rows that a type's steps have read already.
fn of_steps(rows: &Template, scope: &Scope) -> Option<Page> {
    let value = rows.eval(&scope.value()).ok()?;
    let rows = match value.kind() {
        ValueKind::Seq => value.try_iter().ok()?.collect(),
        _ => return None,
    };
    Some(Page { rows, more: Some(false), scope: scope.clone() })
}

/// Up to half a second, another one for every request, type and try: what was refused together must
/// not come again together.
fn spread(request_id: &str, kind: &str, turn: u32) -> Duration {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    (request_id, kind, turn).hash(&mut hasher);
    Duration::from_millis(hasher.finish() % 500)
}
