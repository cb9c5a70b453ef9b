//! One call to the CRM with everything around it: credentials, time, retry, pacing, a log line.

use std::time::Duration;

use super::answer::{Answer, Body, broken};
use super::around::Around;
use super::judge::{Again, Effect, unread};
use super::repair::Repairs;
use super::transport::TransportError;
use super::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::model::Fetch;

/// Kept back for our own work after the CRM's answer.
const MARGIN: Duration = Duration::from_millis(250);

/// How long to wait before the next try: what the CRM told, or twice as long each time; and a part
/// more by `chance`, so that those who were refused together do not come back together.
///
/// Gives back the wait without and with that part: only the first is measured against `limits.wait`.
fn waiting(told: Option<Duration>, attempt: u32, chance: f64) -> (Duration, Duration) {
    let own = Duration::from_millis(200 << attempt.saturating_sub(1).min(5)).min(Duration::from_secs(5));
    let least = told.unwrap_or(own).max(own.min(Duration::from_secs(1)));
    (least, least + (least / 4 + Duration::from_millis(100)).mul_f64(chance))
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
        let effect = Effect::of(fetch, around);
        let mut refused: Option<String> = None;
        // The status of a write that has happened, when its answer broke off.
        let mut done: Option<u16> = None;
        let mut attempt = 1;
        loop {
            let token = self.token(session, fetch, refused.as_deref()).await;
            let token = token.map_err(|failure| session.told_of_writes(failure))?;
            let attempted = self.attempt(session, fetch, scope, around, token.as_deref(), &mut done).await;
            let (failure, again) = match attempted {
                Ok(answer) => {
                    session.has_written(effect.writes());
                    return Ok(answer);
                }
                Err(failed) => failed,
            };
            let over = |failure: Failure| match done {
                Some(status) if !self.asks(around) => {
                    session.has_written(true);
                    Ok(unread(status))
                }
                _ => Err(session.told_of_writes(failure)),
            };
            // A token of ours that the CRM refuses may only be old: one new one is worth a try.
            if failure.class == Class::CredentialsRefused && token.is_some() && refused.is_none() {
                refused = token;
                continue;
            }
            let Again::After(told) = again else { return over(failure) };
            if around.yields && failure.class == Class::CrmTimeout {
                return over(failure);
            }
            let (least, wait) = waiting(told, attempt, self.clock.chance());
            let fits = least <= limits.wait.0 && wait + MARGIN * 2 < session.remaining(self.clock());
            // A limit that says when it ends is waited for as long as there is time.
            let patient = failure.class == Class::RateLimited && told.is_some() && !effect.writes();
            if !fits || attempt >= tries && !patient {
                return over(failure);
            }
            attempt += 1;
            session.figures(|f| f.retries += 1);
            self.clock.sleep(wait).await;
        }
    }

    /// Waits for the account's next place in the CRM's rate. An agent's call goes first: the CRM itself says
    /// when it is too much, and what syncs waits the longer.
    async fn paced(&self, session: &Session) -> Result<(), Failure> {
        let now = self.clock.now();
        if session.watched() {
            self.pacer.go(&session.fingerprint, now);
            return Ok(());
        }
        let left = session.remaining(self.clock()).saturating_sub(MARGIN);
        let longest = left.min(self.manifest.document().limits.wait.0);
        match self.pacer.reserve(&session.fingerprint, now, longest) {
            Ok(wait) if wait.is_zero() => Ok(()),
            Ok(wait) => {
                self.clock.sleep(wait).await;
                Ok(())
            }
            Err(wait) => {
                let detail = "the CRM's rate does not allow another call in time";
                Err(Failure::new(Class::RateLimited, detail).after(Some(wait)))
            }
        }
    }

    async fn attempt(
        &self,
        session: &Session,
        fetch: &Fetch,
        scope: &Scope,
        around: Around<'_>,
        token: Option<&str>,
        done: &mut Option<u16>,
    ) -> Result<Answer, (Failure, Again)> {
        let never = |failure| (failure, Again::Never);
        let limits = &self.manifest.document().limits;
        let mut outgoing = self.build(session, fetch, scope, token, around.page_url).map_err(never)?;
        if let (Some(header), Some(key)) = (&fetch.idempotency_header, around.idempotency_key) {
            outgoing.headers.push((header.clone(), key.to_owned()));
        }
        self.paced(session).await.map_err(never)?;
        let left = session.remaining(self.clock()).saturating_sub(MARGIN);
        let timeout = left.mul_f64(around.part.unwrap_or(1.0)).min(limits.timeout.0);
        if timeout.is_zero() {
            return Err(never(Failure::new(Class::CrmTimeout, "no time is left for a call")));
        }
        // The last thing before it goes out: what was waited for must not make its time stamp old.
        self.sign(session, fetch, token, &mut outgoing).map_err(never)?;
        let effect = Effect::of(fetch, around);
        let (host, route, method) =
            (outgoing.url.host_str().unwrap_or_default().to_owned(), outgoing.route.clone(), outgoing.method);
        let begun = self.clock.now();
        let open = session.call_opens(self.clock());
        let result = self.transport.send(outgoing, timeout).await;
        drop(open);
        let elapsed = self.clock.now().since(begun);
        session.figures(|f| f.calls += 1);
        let logged = route.clone();
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
                session.has_answered();
                let room = self.transport.room().tree;
                let done = effect.writes() && (200..300).contains(&incoming.status);
                let (answer, body) = Answer::read(&incoming, elapsed, room, done);
                drop(incoming);
                if let Body::Repaired(repairs) = &body {
                    repaired(session, &logged, repairs);
                }
                self.judge(answer, body, scope, fetch, around)
            }
            Err(error) => Err(broken_off(error, effect, done)),
        }
    }
}

/// What a call came to that has no whole answer, and whether it may be made again. `done` is the status of a
/// write that has happened.
fn broken_off(error: TransportError, effect: Effect, done: &mut Option<u16>) -> (Failure, Again) {
    // Its outcome is known although the rest of the answer is not. Asked again under its key, the CRM may
    // still tell the rest.
    if let TransportError::CutOff { status } = error
        && (200..300).contains(&status)
        && effect.writes()
    {
        *done = Some(status);
    }
    let nothing_sent = matches!(error, TransportError::NotConnected(_));
    // The same request would fare the same way.
    let hopeless =
        matches!(error, TransportError::AddressRefused | TransportError::TooLarge | TransportError::Unfit);
    let sent = !nothing_sent && (!hopeless || error == TransportError::TooLarge);
    let failure = broken(error);
    let failure = if sent { effect.told(failure) } else { failure };
    let retry = !hopeless && (nothing_sent || effect != Effect::Again);
    (failure, if retry { Again::After(None) } else { Again::Never })
}

fn repaired(session: &Session, route: &str, repairs: &Repairs) {
    tracing::warn!(
        request_id = %session.request_id, route, marks = repairs.marks,
        bytes = repairs.bytes, surrogates = repairs.surrogates, controls = repairs.controls,
        numbers = repairs.numbers, at = repairs.at, "answer repaired"
    );
}
