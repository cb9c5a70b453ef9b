//! One call to the CRM with everything around it: credentials, time, retry, pacing, a log line.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use super::answer::{Answer, broken};
use super::page::SameOrigin;
use super::transport::{Outgoing, TransportError};
use super::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::expression::Template;
use crate::manifest::model::{Fetch, Method};

/// Kept back for our own work after the CRM's answer.
const MARGIN: Duration = Duration::from_millis(250);

/// What belongs to a call besides its request.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    /// Whether a 200 is really a success.
    pub ok: Option<&'a Template>,
    /// Statuses that mean "nothing here".
    pub empty_on: &'a [u16],
    /// A page's own URL, instead of the request's.
    pub page_url: Option<&'a SameOrigin>,
    /// At most this part of the time that is left, so that a smaller page can still be tried.
    pub part: Option<f64>,
    /// The key under which the CRM does this write only once.
    pub idempotency_key: Option<&'a str>,
    /// A timeout ends the call: the caller asks for a smaller page instead.
    pub yields: bool,
    /// Nothing in the CRM changes, whatever the method says: the call may be made again.
    pub reads: bool,
}

/// What it does to the CRM when a call is made twice.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// It only reads.
    Nothing,
    /// It writes, and has a key by which the CRM does it only once.
    Once,
    /// It writes.
    Again,
}

impl Effect {
    fn of(fetch: &Fetch, around: Around<'_>) -> Self {
        if around.reads || fetch.reads.unwrap_or(fetch.method == Method::Get) {
            Effect::Nothing
        } else if fetch.idempotency_header.is_some() && around.idempotency_key.is_some() {
            Effect::Once
        } else {
            Effect::Again
        }
    }

    /// The failure for people: after a write without a known outcome they must look before they
    /// repeat it, because their request has another key.
    fn told(self, failure: Failure) -> Failure {
        if self == Effect::Nothing || failure.quotes_crm {
            return failure;
        }
        let message =
            format!("{} Check in the CRM whether it was done before trying again.", failure.message);
        failure.with_message(message)
    }
}

/// Whether a failed call may be made again, and when.
enum Again {
    Never,
    After(Option<Duration>),
}

impl Engine {
    /// Makes a call until it succeeds, fails for good, or time runs out.
    ///
    /// # Errors
    /// The failure of the last try.
    pub(super) async fn call(
        &self,
        session: &Session,
        fetch: &Fetch,
        scope: &Scope,
        around: Around<'_>,
    ) -> Result<Answer, Failure> {
        let limits = &self.manifest.document().limits;
        let tries = limits.tries.max(1);
        let mut waits = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(200))
            .with_max_delay(Duration::from_secs(5))
            .with_jitter()
            .without_max_times()
            .build();
        let mut refused: Option<String> = None;
        let mut attempt = 1;
        loop {
            let token = self.token(session, fetch, refused.as_deref()).await?;
            let (failure, again) = match self.attempt(session, fetch, scope, around, token.as_deref()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failed,
            };
            // A token of ours that the CRM refuses may only be old: one new one is worth a try.
            if failure.class == Class::CredentialsRefused && token.is_some() && refused.is_none() {
                refused = token;
                continue;
            }
            let Again::After(told) = again else { return Err(failure) };
            if around.yields && failure.class == Class::CrmTimeout {
                return Err(failure);
            }
            let wait = told.unwrap_or_else(|| waits.next().unwrap_or(Duration::from_secs(1)));
            let fits = wait <= limits.wait.0 && wait + MARGIN * 2 < session.remaining(self.clock());
            if attempt >= tries || !fits {
                return Err(failure);
            }
            attempt += 1;
            session.figures(|f| f.retries += 1);
            self.clock.sleep(wait).await;
        }
    }

    async fn attempt(
        &self,
        session: &Session,
        fetch: &Fetch,
        scope: &Scope,
        around: Around<'_>,
        token: Option<&str>,
    ) -> Result<Answer, (Failure, Again)> {
        let never = |failure| (failure, Again::Never);
        let limits = &self.manifest.document().limits;
        let mut outgoing = self.build(session, fetch, scope, token, around.page_url).map_err(never)?;
        if let (Some(header), Some(key)) = (&fetch.idempotency_header, around.idempotency_key) {
            outgoing.headers.push((header.clone(), key.to_owned()));
        }
        let left = session.remaining(self.clock()).saturating_sub(MARGIN);
        match self.pacer.reserve(self.clock.now(), left.min(limits.wait.0)) {
            Ok(wait) if wait.is_zero() => {}
            Ok(wait) => self.clock.sleep(wait).await,
            Err(wait) => {
                let detail = "the CRM's rate does not allow another call in time";
                return Err(never(Failure::new(Class::RateLimited, detail).after(Some(wait))));
            }
        }
        let left = session.remaining(self.clock()).saturating_sub(MARGIN);
        let timeout = left.mul_f64(around.part.unwrap_or(1.0)).min(limits.timeout.0);
        if timeout.is_zero() {
            return Err(never(Failure::new(Class::CrmTimeout, "no time is left for a call")));
        }
        let effect = Effect::of(fetch, around);
        let (host, route, method) =
            (outgoing.url.host_str().unwrap_or_default().to_owned(), outgoing.route.clone(), outgoing.method);
        let begun = self.clock.now();
        let result = self.send(outgoing, timeout).await;
        let elapsed =
            Duration::from_micros(u64::try_from(self.clock.now().micros() - begun.micros()).unwrap_or(0));
        session.figures(|f| {
            f.calls += 1;
            f.crm_time += elapsed;
        });
        let outcome = match &result {
            Ok(incoming) => incoming.status.to_string(),
            Err(error) => format!("{error:?}"),
        };
        tracing::info!(
            request_id = %session.request_id, method, host, route, outcome,
            duration_ms = crate::telemetry::millis(elapsed), "crm call"
        );
        match result {
            Ok(incoming) => {
                let (answer, readable) = Answer::read(&incoming, elapsed);
                self.judge(answer, readable, scope, around, effect)
            }
            // The write has happened: its outcome is known although the rest of the answer is not.
            Err(TransportError::CutOff { status })
                if (200..300).contains(&status) && effect == Effect::Again && around.ok.is_none() =>
            {
                Ok(unread(status))
            }
            Err(error) => {
                let failure = broken(error);
                let nothing_sent = error == TransportError::NotConnected;
                let known = nothing_sent || error == TransportError::AddressRefused;
                let failure = if known { failure } else { effect.told(failure) };
                let retry = error != TransportError::AddressRefused
                    && error != TransportError::TooLarge
                    && (nothing_sent || effect != Effect::Again);
                Err((failure, if retry { Again::After(None) } else { Again::Never }))
            }
        }
    }

    async fn send(
        &self,
        outgoing: Outgoing,
        timeout: Duration,
    ) -> Result<super::transport::Incoming, TransportError> {
        self.transport.send(outgoing, timeout).await
    }

    fn judge(
        &self,
        mut answer: Answer,
        readable: bool,
        scope: &Scope,
        around: Around<'_>,
        effect: Effect,
    ) -> Result<Answer, (Failure, Again)> {
        if around.empty_on.contains(&answer.status) {
            answer.empty = true;
            return Ok(answer);
        }
        let success = (200..300).contains(&answer.status);
        if success && !readable {
            // A page for people (a login, a proxy) is no answer to a write; anything else was one.
            let page = answer.body.as_str().is_some_and(|text| text.starts_with('<'));
            if effect == Effect::Again && around.ok.is_none() && !page {
                return Ok(unread(answer.status));
            }
            let detail = format!("the answer ({}) is not JSON", answer.status);
            let failure = Failure::new(Class::CrmUnreadable, detail);
            return Err((effect.told(failure), Again::Never));
        }
        if success {
            let mut names = scope.clone();
            answer.enter(&mut names);
            let fine = match around.ok {
                None => true,
                Some(ok) => ok.eval(&names.value()).is_ok_and(|v| v.is_true()),
            };
            if fine {
                return Ok(answer);
            }
        }
        let (mut failure, nothing_happened) = self.classify(&answer, scope);
        if success && failure.class == Class::CrmUnreadable {
            // A 200 that `ok` refuses and no rule names: the CRM said no in its own way.
            failure = Failure::new(Class::Invalid, "the answer is not a success, says `ok`");
        }
        let transient = matches!(failure.class, Class::CrmUnavailable | Class::CrmTimeout)
            || failure.class == Class::RateLimited;
        let repeatable = nothing_happened || effect != Effect::Again;
        let again = if transient && repeatable { Again::After(failure.retry_after) } else { Again::Never };
        if !nothing_happened && matches!(failure.class, Class::CrmUnavailable | Class::CrmTimeout) {
            failure = effect.told(failure);
        }
        Err((failure, again))
    }
}

/// A write that succeeded although its answer cannot be read: without ids, but a success.
fn unread(status: u16) -> Answer {
    Answer {
        status,
        headers: minijinja::Value::UNDEFINED,
        body: minijinja::Value::UNDEFINED,
        asked: None,
        empty: false,
    }
}
