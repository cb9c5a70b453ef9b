//! Named further calls: look something up first, link after a write. Those of a page's rows are in `rows`.

use futures_util::{StreamExt, stream};
use minijinja::Value;

use super::answer::Answer;
use super::around::Around;
use super::judge::Effect;
use super::render::{json, unbuildable};
use super::{Engine, Scope, Session};
use crate::clock::BoxFuture;
use crate::error::{Class, Failure};
use crate::manifest::model::{OnError, Ordered, Step, Tree};

impl Engine {
    /// Runs the steps before the main call; gives back the scope with `steps`.
    ///
    /// # Errors
    /// The failure of a step whose `on_error` is `fail`.
    pub(super) async fn steps_before(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        scope: Scope,
    ) -> Result<Scope, Failure> {
        self.run_steps(session, steps, scope, Step::comes_before).await
    }

    /// Runs the steps after the main call, whose answer is already in the scope.
    ///
    /// # Errors
    /// As [`Engine::steps_before`].
    pub(super) async fn steps_after(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        scope: Scope,
    ) -> Result<Scope, Failure> {
        self.run_steps(session, steps, scope, |step| step.after).await
    }

    /// Runs the steps of a page that was read, which see its rows; none where there are no rows.
    ///
    /// # Errors
    /// As [`Engine::steps_before`].
    pub(super) async fn steps_of_page(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        scope: Scope,
        rows: &[Value],
    ) -> Result<Scope, Failure> {
        if rows.is_empty() || !steps.values().any(|step| step.after) {
            return Ok(scope);
        }
        let scope = scope.with("rows", Value::from(rows.to_vec()));
        self.steps_after(session, steps, scope).await
    }

    async fn run_steps(
        &self,
        session: &Session,
        steps: &Ordered<Step>,
        mut scope: Scope,
        wanted: impl Fn(&Step) -> bool,
    ) -> Result<Scope, Failure> {
        // Questions that need nothing of each other, before anything is written, whatever stands between them.
        let mut writes = false;
        let (first, rest): (Vec<_>, Vec<_>) =
            steps.iter().filter(|(_, step)| wanted(step)).partition(|(_, step)| {
                writes |= step.writes();
                !writes && step.reads_alone()
            });
        for ((name, _), value) in first.iter().zip(self.at_once(session, &first, &scope).await?) {
            enter(&mut scope, name, value);
        }
        for (name, step) in rest {
            let value = self.step(session, name, step, &scope).await;
            let value = value.map_err(|failure| session.told_of_writes(failure))?;
            enter(&mut scope, name, value);
        }
        Ok(scope)
    }

    /// Runs steps that need nothing of each other; the first failure in their order counts.
    async fn at_once(
        &self,
        session: &Session,
        steps: &[(&String, &Step)],
        scope: &Scope,
    ) -> Result<Vec<Value>, Failure> {
        let limit = self.manifest.document().limits.concurrency.max(1);
        let mut calls: Vec<BoxFuture<'_, Result<Value, Failure>>> = Vec::new();
        for (name, step) in steps {
            calls.push(Box::pin(self.step(session, name, step, scope)));
        }
        let mut answers = stream::iter(calls).buffered(limit);
        let mut values = Vec::new();
        while let Some(value) = answers.next().await {
            values.push(value.map_err(|failure| session.told_of_writes(failure))?);
        }
        Ok(values)
    }

    /// One step's value; nothing where its condition does not hold, `failed` where its failure is warned of.
    ///
    /// # Errors
    /// The failure of a step whose `on_error` is `fail`.
    pub(super) async fn step(
        &self,
        session: &Session,
        name: &str,
        step: &Step,
        scope: &Scope,
    ) -> Result<Value, Failure> {
        match self.step_kept(session, step, scope).await {
            Err(failure) if step.on_error == OnError::Warn => Ok(going_on(session, name, &failure)),
            other => other,
        }
    }

    /// A step's value: one that is kept from an earlier request, or a new one.
    pub(super) async fn step_kept(
        &self,
        session: &Session,
        step: &Step,
        scope: &Scope,
    ) -> Result<Value, Failure> {
        if let Some(when) = &step.when
            && !when.eval(&scope.value()).map_err(|e| unbuildable(&e))?.is_true()
        {
            return Ok(Value::UNDEFINED);
        }
        let key = step.cache.and_then(|_| self.step_key(session, step, scope));
        let now = self.clock.now();
        let known = key.as_ref().and_then(|key| self.step_cache.with(key, |kept| kept.clone()));
        if let Some((_, value)) = known.filter(|(until, _)| *until > now) {
            return Ok(value);
        }
        let (value, empty) = self.step_value(session, step, scope).await?;
        // What a status alone says is true of this moment, not of the next hour.
        if let (Some(key), Some(life), false) = (key, step.cache, empty) {
            let answer = Some((self.clock.now().plus(life.0), value.clone()));
            self.step_cache.with(&key, |kept| *kept = answer);
        }
        Ok(value)
    }

    /// The key of a kept value: whose it is, what was asked, and what was made of the answer. Steps of
    /// one name may ask different things in different places, and of different contacts.
    fn step_key(&self, session: &Session, step: &Step, scope: &Scope) -> Option<String> {
        use sha2::{Digest, Sha256};
        let asked = match &step.fetch {
            Some(fetch) => Some(self.build(session, fetch, scope, None, None).ok()?),
            None => None,
        };
        let mut digest = Sha256::new();
        digest.update(&session.fingerprint);
        digest.update(format!("{step:?}"));
        if let Some(outgoing) = asked {
            digest.update(outgoing.url.as_str());
            digest.update(outgoing.body.unwrap_or_default());
        }
        Some(crate::digest::hex(&digest.finalize()))
    }

    /// A step's value, and whether it comes from an answer that only means "nothing here".
    async fn step_value(
        &self,
        session: &Session,
        step: &Step,
        scope: &Scope,
    ) -> Result<(Value, bool), Failure> {
        let mut scope = scope.clone();
        let answer = match &step.fetch {
            None => None,
            Some(fetch) => {
                let around = Around { ok: step.ok.as_ref(), empty_on: &step.empty_on, ..Around::default() };
                Some(self.call(session, fetch, &scope, around).await?)
            }
        };
        if let Some(answer) = &answer {
            let reads = step.fetch.as_ref().is_some_and(|f| !Effect::of(f, Around::default()).writes());
            let told = match &step.value {
                Some(Tree::Leaf(value)) => answer.holds(value),
                _ => !answer.says_nothing(),
            };
            if reads && !told && !answer.empty {
                let detail =
                    format!("the answer ({}) to a step has nothing of what it asks for", answer.status);
                return Err(Failure::new(Class::CrmUnreadable, detail));
            }
            answer.enter(&mut scope);
        }
        let empty = answer.as_ref().is_some_and(|a| a.empty);
        let value = match (&step.value, answer) {
            (Some(tree), _) => {
                let value = json(tree, &scope.value()).map_err(|e| super::page::unreadable(&e))?;
                value.map_or(Value::from(()), |v| Value::from(minijinja::value::Serde(v)))
            }
            (None, Some(Answer { status, headers, body, .. })) => {
                minijinja::context! { status, headers, body }
            }
            (None, None) => Value::from(()),
        };
        Ok((value, empty))
    }
}

/// Warns of a step's failure; the value tells expressions of it.
pub(super) fn going_on(session: &Session, name: &str, failure: &Failure) -> Value {
    tracing::warn!(
        request_id = %session.request_id, step = name, class = failure.class.row().code,
        detail = %failure.detail, "step failed, going on"
    );
    minijinja::context! { failed => true }
}

/// Adds one step's value to `steps`.
pub(super) fn enter(scope: &mut Scope, name: &str, value: Value) {
    let mut steps = Scope::default();
    if let Some(known) = scope.get("steps").and_then(|v| v.downcast_object_ref::<Scope>()) {
        steps = known.clone();
    }
    steps.set(name.to_owned(), value);
    scope.set("steps", steps.value());
}
