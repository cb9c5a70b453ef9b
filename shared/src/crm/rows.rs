//! The steps of a page's rows: a call for each, a few at a time.
//!
//! A record that the CRM cannot show does not stop the others; what concerns all of them (refused
//! credentials, a limit, no time left) stops at the first one, and the rows before it are done.

use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::{StreamExt, stream};
use minijinja::Value;

use super::steps::{enter, going_on};
use super::{Engine, Scope, Session};
use crate::clock::BoxFuture;
use crate::error::{Class, Failure};
use crate::manifest::model::{OnError, Ordered, Step};

/// What the steps of a page's rows came to.
#[derive(Default)]
pub(super) struct Enriched {
    /// Every row's scope in the order of the rows, up to the first one that stopped the page.
    pub scopes: Vec<Scope>,
    /// Rows that go on without a step of theirs, whose `on_error` is `warn`.
    pub incomplete: usize,
    /// Those of them at which the CRM had a fault: the next record may meet it too.
    pub faults: usize,
    /// What stopped the page.
    pub stopped: Option<Failure>,
}

/// Whether a failure may be one record's own. All others meet the next record as well.
fn of_one_record(class: Class) -> bool {
    matches!(
        class,
        Class::Forbidden
            | Class::NotFound
            | Class::Conflict
            | Class::Invalid
            | Class::CrmUnavailable
            | Class::CrmUnreadable
            | Class::CrmTooLarge
    )
}

impl Engine {
    /// Runs the per-row steps; gives back every row's scope, in the order of the rows.
    ///
    /// # Errors
    /// The failure of a step whose `on_error` is `fail`.
    pub(super) async fn steps_per_row(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        scope: &Scope,
        rows: &[Value],
    ) -> Result<Vec<Scope>, Failure> {
        let enriched = self.enriched(session, steps, scope, rows, |_| true).await;
        enriched.stopped.map_or(Ok(enriched.scopes), Err)
    }

    /// Runs the per-row steps as far as they go. A step whose `on_error` is `warn` is done without only
    /// where the failure may be the record's own: a sync must not pass over what a limit withheld.
    pub(super) async fn steps_of_contacts(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        scope: &Scope,
        rows: &[Value],
    ) -> Enriched {
        self.enriched(session, steps, scope, rows, of_one_record).await
    }

    async fn enriched(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        scope: &Scope,
        rows: &[Value],
        spared: fn(Class) -> bool,
    ) -> Enriched {
        let per_row: Vec<_> = steps.iter().filter(|(_, step)| step.for_each.is_some()).collect();
        let scopes = rows.iter().map(|row| scope.with("row", row.clone()));
        if per_row.is_empty() {
            return Enriched { scopes: scopes.collect(), ..Enriched::default() };
        }
        let (incomplete, faults) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let mut calls: Vec<BoxFuture<'_, Result<Scope, Failure>>> = Vec::with_capacity(rows.len());
        for mut scope in scopes {
            let (per_row, incomplete, faults) = (&per_row, &incomplete, &faults);
            calls.push(Box::pin(async move {
                for (name, step) in per_row {
                    let value = match self.step_kept(session, step, &scope).await {
                        Err(failure) if step.on_error == OnError::Warn && spared(failure.class) => {
                            incomplete.fetch_add(1, Ordering::Relaxed);
                            let fault = failure.class == Class::CrmUnavailable;
                            faults.fetch_add(usize::from(fault), Ordering::Relaxed);
                            going_on(session, name, &failure)
                        }
                        other => other?,
                    };
                    enter(&mut scope, name, value);
                }
                Ok(scope)
            }));
        }
        let limit = self.manifest.document().limits.concurrency.max(1);
        let mut running = stream::iter(calls).buffered(limit);
        let (mut done, mut stopped) = (Vec::with_capacity(rows.len()), None);
        while let Some(row) = running.next().await {
            match row {
                Ok(scope) => done.push(scope),
                Err(failure) => {
                    stopped = Some(failure);
                    break;
                }
            }
        }
        // Calls of later rows end here: nobody would read their answers.
        drop(running);
        Enriched { scopes: done, incomplete: incomplete.into_inner(), faults: faults.into_inner(), stopped }
    }
}
