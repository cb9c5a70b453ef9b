//! One request of Talkdesk as the engine sees it.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use secrecy::SecretString;

use super::Scope;
use super::names::{fingerprint, open_scope, values};
use super::progress::Progress;
use crate::clock::Clock;
use crate::contract::auth::AuthFields;
use crate::error::Failure;
use crate::manifest::Manifest;
use crate::manifest::expression::TimeValue;
use crate::telemetry::Figures;
use crate::time::Moment;
use crate::zone::Zone;

/// One request's dealings with the CRM: who for, until when, and what it came to.
pub struct Session {
    pub(super) scope: Scope,
    pub(super) credentials: Scope,
    pub(super) deadline: Moment,
    pub(super) fingerprint: String,
    pub(super) request_id: String,
    /// Why there is no token for this request, once that is known.
    pub(super) token_failure: tokio::sync::Mutex<Option<Failure>>,
    /// Figures for the request's log line and metrics.
    pub figures: Mutex<Figures>,
    /// How far the calls of this request have come.
    pub(super) progress: Progress,
}

impl Session {
    /// A session. `secret` holds the fields of the account's secret.
    pub fn new(
        manifest: &Manifest,
        auth: &AuthFields,
        secret: Option<&HashMap<String, SecretString>>,
        deadline: Moment,
        request_id: &str,
    ) -> Self {
        let fields = &manifest.document().integration.authentication;
        let all = auth.iter().filter(|(name, _)| fields.contains_key(*name));
        let public =
            manifest.document().credentials.as_ref().map(|c| c.public.as_slice()).unwrap_or_default();
        let shown = secret.into_iter().flatten().filter(|(name, _)| public.contains(name));
        let shown = values(manifest, "secret", shown.map(|(n, v)| (n.as_str(), v)));
        let scope = open_scope(manifest, auth, Some(shown));
        let secrets = secret.into_iter().flatten();
        let credentials = scope
            .with("auth", values(manifest, "auth", all))
            .with("secret", values(manifest, "secret", secrets.map(|(n, v)| (n.as_str(), v))));
        Self {
            scope,
            credentials,
            deadline,
            fingerprint: fingerprint(auth.iter().filter(|(name, _)| fields.contains_key(*name)), secret),
            request_id: request_id.to_owned(),
            token_failure: tokio::sync::Mutex::new(None),
            figures: Mutex::default(),
            progress: Progress::default(),
        }
    }

    /// The session of an account whose people live in this zone.
    #[must_use]
    pub fn in_zone(mut self, zone: Option<&Zone>) -> Self {
        if let Some(zone) = zone {
            self.scope.set("zone", zone.name());
        }
        self
    }

    /// The session with the time at which its request came, known as `now` where contacts are read.
    #[must_use]
    pub fn at(mut self, now: Moment) -> Self {
        self.scope.set("now", TimeValue::value(now));
        self
    }

    /// The time that is left.
    pub fn remaining(&self, clock: &dyn Clock) -> Duration {
        self.deadline.since(clock.now())
    }

    /// Calls to the CRM so far.
    pub(super) fn calls(&self) -> u32 {
        self.figures.lock().map_or(0, |figures| figures.calls)
    }

    /// Changes the figures.
    pub(super) fn figures(&self, change: impl FnOnce(&mut Figures)) {
        if let Ok(mut figures) = self.figures.lock() {
            change(&mut figures);
        }
    }
}
