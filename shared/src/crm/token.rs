//! Tokens that the bridge gets itself (client credentials, password, uid login): cached in memory
//! under the credentials' fingerprint, renewed a little early and after a refusal. A refused login is
//! remembered as well: agents' screens would repeat it several times a second, until the account is locked.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::around::Around;
use super::per_account::PerAccount;
use super::{Engine, Session};
use crate::clock::BoxFuture;
use crate::error::{Class, Failure};
use crate::manifest::expression::{as_text, is_empty};
use crate::manifest::model::{Fetch, TokenCall};
use crate::time::Moment;

/// A token without a stated life is kept for this long.
const DEFAULT_LIFE: Duration = Duration::from_secs(TokenCall::TTL);
/// Renewed this much before its end.
const EARLY: Duration = Duration::from_secs(30);

/// A refused login is not repeated for so long; other credentials, also a renewed secret, are tried at once.
const REFUSED: Duration = Duration::from_secs(30);

/// The tokens and the refusals of all accounts.
pub type Tokens = PerAccount<Login>;

/// What is known of one account's login.
#[derive(Default)]
pub struct Login {
    token: Option<(Moment, SecretString)>,
    refused: Option<(Moment, Failure)>,
}

impl Engine {
    /// The token for a call, if the manifest's connection has one and the call is not anonymous.
    ///
    /// `refused` is the one that the CRM would not take a moment ago. The calls of one request share
    /// the answer, also when it is a refusal: five wrong logins at once may lock an account.
    ///
    /// Boxed: getting a token is a call, and calls get tokens.
    pub(super) fn token<'a>(
        &'a self,
        session: &'a Session,
        fetch: &'a Fetch,
        refused: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Option<String>, Failure>> {
        Box::pin(async move {
            let Some(spec) = &self.manifest.document().connection.auth.token else { return Ok(None) };
            if fetch.anonymous || std::ptr::eq(fetch, &spec.fetch) {
                return Ok(None);
            }
            let mut shared = session.token_failure.lock().await;
            if let Some(failure) = shared.as_ref() {
                return Err(failure.clone());
            }
            if let Some(token) = self.cached(&session.fingerprint).filter(|t| Some(t.as_str()) != refused) {
                return Ok(Some(token));
            }
            let now = self.clock.now();
            let known = self.tokens.with(&session.fingerprint, |login| login.refused.clone());
            if let Some((_, failure)) = known.filter(|(until, _)| *until > now) {
                return Err(failure);
            }
            let token = self.new_token(session, spec).await;
            if let Err(failure) = &token {
                *shared = Some(failure.clone());
                if failure.class == Class::CredentialsRefused {
                    let refused = Some((self.clock.now().plus(REFUSED), failure.clone()));
                    self.tokens.with(&session.fingerprint, |login| login.refused = refused);
                }
            }
            token.map(Some)
        })
    }

    async fn new_token(&self, session: &Session, spec: &TokenCall) -> Result<String, Failure> {
        let around = Around { ok: spec.ok.as_ref(), reads: true, ..Around::default() };
        let answer =
            self.call(session, &spec.fetch, &session.credentials, around).await.map_err(|failure| {
                // A token server says 400 to bad credentials (RFC 6749 §5.2).
                if matches!(failure.class, Class::Invalid | Class::Forbidden | Class::NotFound) {
                    Failure::new(Class::CredentialsRefused, format!("no token: {}", failure.detail))
                } else {
                    failure
                }
            })?;
        let mut scope = session.scope.clone();
        answer.enter(&mut scope);
        let names = scope.value();
        if !answer.holds(&spec.value) {
            let detail = format!("the answer ({}) to the token call has no place for a token", answer.status);
            return Err(Failure::new(Class::CrmUnreadable, detail));
        }
        let value = spec.value.eval(&names).ok().filter(|v| !is_empty(v));
        let Some(token) = value.and_then(|v| as_text(&v)) else {
            return Err(Failure::new(Class::CredentialsRefused, "the token call gave no token"));
        };
        let seconds = spec.ttl.as_ref().and_then(|t| t.eval(&names).ok()).and_then(|v| as_text(&v));
        let life = seconds
            .and_then(|s| s.parse::<f64>().ok())
            .filter(|s| (1.0..=1e7).contains(s))
            .map_or(DEFAULT_LIFE, Duration::from_secs_f64);
        let until = self.clock.now().plus(life.saturating_sub(EARLY.min(life / 2)));
        let login = Login { token: Some((until, SecretString::from(token.clone()))), refused: None };
        self.tokens.with(&session.fingerprint, |known| *known = login);
        Ok(token)
    }

    fn cached(&self, fingerprint: &str) -> Option<String> {
        let now = self.clock.now();
        self.tokens.with(fingerprint, |login| {
            let (until, token) = login.token.as_ref()?;
            (*until > now).then(|| token.expose_secret().to_owned())
        })
    }
}
