//! What an answer comes to: a success, "nothing here", or a failure that may or may not be repeated.

use std::time::Duration;

use super::answer::{Answer, Body, too_large};
use super::around::Around;
use super::classify::Judged;
use super::{Engine, Scope};
use crate::error::{Class, Failure};
use crate::manifest::model::{Fetch, Method};

/// What it does to the CRM when a call is made twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It only reads.
    Nothing,
    /// It writes, and has a key by which the CRM does it only once.
    Once,
    /// It writes.
    Again,
}

impl Effect {
    /// What `fetch` does.
    pub fn of(fetch: &Fetch, around: Around<'_>) -> Self {
        if around.reads || fetch.reads.unwrap_or(fetch.method == Method::Get) {
            Effect::Nothing
        } else if fetch.idempotency_header.is_some() && around.idempotency_key.is_some() {
            Effect::Once
        } else {
            Effect::Again
        }
    }

    /// Whether something in the CRM changes.
    pub fn writes(self) -> bool {
        self != Effect::Nothing
    }

    /// The failure for people: after a write without a known outcome they must look before they
    /// repeat it, because their request has another key.
    pub fn told(self, failure: Failure) -> Failure {
        if !self.writes() || failure.quotes_crm {
            return failure;
        }
        let message =
            format!("{} Check in the CRM whether it was done before trying again.", failure.message);
        failure.with_message(message)
    }
}

/// Whether a failed call may be made again, and when.
pub enum Again {
    /// It may not.
    Never,
    /// After this wait, or after one of our own choice.
    After(Option<Duration>),
}

impl Engine {
    /// Whether a success must say so in its body, too.
    pub(super) fn asks(&self, around: Around<'_>) -> bool {
        around.ok.is_some() || self.manifest.document().connection.ok.is_some()
    }

    /// Judges an answer, of which `body` says how well it could be read.
    ///
    /// # Errors
    /// What the failure is, and whether the call may be made again.
    pub(super) fn judge(
        &self,
        mut answer: Answer,
        body: Body,
        scope: &Scope,
        fetch: &Fetch,
        around: Around<'_>,
    ) -> Result<Answer, (Failure, Again)> {
        let effect = Effect::of(fetch, around);
        let success = (200..300).contains(&answer.status);
        let nothing = around.empty_on.contains(&answer.status);
        if success && nothing {
            answer.empty = true;
            return Ok(answer);
        }
        if body == Body::TooLarge {
            return match success && effect.writes() && !self.asks(around) {
                true => Ok(unread(answer.status)),
                false => Err((effect.told(too_large()), Again::Never)),
            };
        }
        if success && body == Body::NotJson {
            // A page for people (a login, a proxy) is no answer to a write; anything else was one.
            let page = answer.body.as_str().is_some_and(|text| text.starts_with('<'));
            if effect.writes() && !self.asks(around) && !page {
                return Ok(unread(answer.status));
            }
            let detail = format!("the answer ({}) is not JSON", answer.status);
            return Err((effect.told(Failure::new(Class::CrmUnreadable, detail)), Again::Never));
        }
        if success {
            let mut names = scope.clone();
            answer.enter(&mut names);
            let names = names.value();
            let mut asked = self.manifest.document().connection.ok.iter().chain(around.ok);
            if asked.all(|ok| ok.eval(&names).is_ok_and(|v| v.is_true())) {
                return Ok(answer);
            }
        }
        let Judged { mut failure, nothing_happened, known, recognised } =
            self.classify(&answer, scope, fetch);
        // "Slow down" and "who are you?" say nothing about what was asked for.
        let other =
            matches!(failure.class, Class::RateLimited | Class::QuotaExhausted | Class::CredentialsRefused);
        if nothing && !other {
            answer.empty = true;
            return Ok(answer);
        }
        failure.refused = super::optional::is_refusal(failure.class) && (!success || known);
        if success {
            if !recognised && answer.says_nothing() {
                failure = Failure::new(Class::CrmUnreadable, "the answer is a success, but empty");
            } else if !known {
                // A 200 that `ok` refuses and no rule names: the CRM said no in its own way.
                failure = Failure::new(Class::Invalid, "the answer is not a success, says `ok`");
            }
        }
        let transient =
            matches!(failure.class, Class::CrmUnavailable | Class::CrmTimeout | Class::RateLimited);
        let repeatable = nothing_happened || effect != Effect::Again;
        let again = if transient && repeatable { Again::After(failure.retry_after) } else { Again::Never };
        let unsure = (transient && !nothing_happened) || (success && failure.class == Class::CrmUnreadable);
        if unsure {
            failure = effect.told(failure);
        }
        Err((failure, again))
    }
}

/// A write that succeeded although its answer cannot be read: without ids, but a success.
pub fn unread(status: u16) -> Answer {
    Answer {
        status,
        headers: minijinja::Value::UNDEFINED,
        body: minijinja::Value::UNDEFINED,
        asked: None,
        empty: false,
    }
}
