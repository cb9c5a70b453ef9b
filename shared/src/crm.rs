//! The engine: runs a manifest against a CRM. All CRM I/O of the bridge is below this module.
//!
//! Every call has three pure steps, *build* a request, *read* the answer, *classify* a failure;
//! `call` around them owns time, retry, pacing and logging.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use minijinja::Value;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::contract::auth::AuthFields;
use crate::error::Failure;
use crate::manifest::Manifest;
use crate::phone::PhoneNumbers;
use crate::time::Moment;
use crate::zone::Zone;

pub mod actions;
pub mod agents;
mod answer;
mod build;
mod call;
mod classify;
pub mod client;
pub mod contacts;
mod inputs;
pub mod interactions;
mod judge;
mod kept;
mod logged;
mod mapping;
mod optional;
mod pace;
mod page;
mod reach;
mod recent;
mod repair;
mod rows;
mod scope;
mod session;
mod silence;
mod steps;
mod token;
pub mod transport;
mod tree;
pub mod validation;

pub use scope::Scope;
pub use transport::{Clock, SystemClock, Transport};

/// Runs one manifest. Made once per function instance; holds no state of any account but caches
/// whose keys are the credentials' fingerprints.
pub struct Engine {
    manifest: Arc<Manifest>,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    phones: PhoneNumbers,
    base_override: Option<Url>,
    pacer: pace::Pacer,
    tokens: token::Tokens,
    step_cache: kept::Kept<Option<(Moment, Value)>>,
    recent: recent::Recent,
    silence: silence::Silence,
}

impl Engine {
    /// An engine. `base_override` replaces scheme, host and port of every URL (local work).
    pub fn new(
        manifest: Arc<Manifest>,
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        phones: PhoneNumbers,
        base_override: Option<Url>,
    ) -> Self {
        let limits = &manifest.document().limits;
        let pacer = pace::Pacer::new(limits.per_second, limits.per_minute);
        Self {
            manifest,
            transport,
            clock,
            phones,
            base_override,
            pacer,
            tokens: token::Tokens::default(),
            step_cache: kept::Kept::default(),
            recent: recent::Recent::default(),
            silence: silence::Silence::default(),
        }
    }

    /// The manifest that this engine runs.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The clock that deadlines are measured with.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }
}

/// One request's dealings with the CRM: who for, until when, and what it came to.
pub struct Session {
    scope: Scope,
    credentials: Scope,
    deadline: Moment,
    fingerprint: String,
    request_id: String,
    /// Why there is no token for this request, once that is known.
    token_failure: tokio::sync::Mutex<Option<Failure>>,
    /// Figures for the request's log line and metrics.
    pub figures: Mutex<Figures>,
    /// How far the calls of this request have come.
    progress: session::Progress,
}

/// What a request came to, for its log line and metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls to the CRM.
    pub calls: u32,
    /// Calls beyond the first try.
    pub retries: u32,
    /// Time in which at least one call to the CRM was open.
    pub crm_time: Duration,
    /// Rows received.
    pub records_in: usize,
    /// Contacts, agents or interactions answered.
    pub records_out: usize,
    /// Rows that could not be mapped.
    pub skipped: usize,
    /// Rows that `where` left out.
    pub filtered: usize,
    /// Values that did not fit their field and were left out of a row that was answered.
    pub left_out: usize,
    /// Types of interactions that failed while others were answered.
    pub types_failed: Vec<String>,
    /// Phone numbers that were sent as they are.
    pub phones_unparsed: usize,
    /// Seconds between the CRM's clock and ours, 0 when they agree well enough.
    pub clock_skew: u64,
    /// Whether a contact page ended its run; nothing for other requests.
    pub run_finished: Option<bool>,
    /// Up to when everything is delivered, at the end of a run that saw rows.
    pub checkpoint: Option<Moment>,
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
            progress: session::Progress::default(),
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

    /// The time that is left.
    pub fn remaining(&self, clock: &dyn Clock) -> Duration {
        let left = self.deadline.micros() - clock.now().micros();
        Duration::from_micros(u64::try_from(left).unwrap_or(0))
    }

    /// Calls to the CRM so far.
    fn calls(&self) -> u32 {
        self.figures.lock().map_or(0, |figures| figures.calls)
    }

    fn figures(&self, change: impl FnOnce(&mut Figures)) {
        if let Ok(mut figures) = self.figures.lock() {
            change(&mut figures);
        }
    }
}

/// The names that hold no secret, as expressions see them: `const`, `tables`, open fields of `auth`.
pub fn open_names(manifest: &Manifest, auth: &AuthFields) -> Value {
    open_scope(manifest, auth, None).value()
}

fn open_scope(manifest: &Manifest, auth: &AuthFields, public: Option<Value>) -> Scope {
    let fields = &manifest.document().integration.authentication;
    let open = auth.iter().filter(|(name, _)| fields.get(*name).is_some_and(|f| !f.secret));
    let scope = Scope::default()
        .with("tables", manifest.tables().clone())
        .with("auth", values(manifest, "auth", open))
        .with("secret", public);
    let constants = constants(manifest, &scope);
    scope.with("const", constants)
}

/// `const` as expressions see it, with what is computed of the names in `scope`: `tables`, `auth`, `secret`.
pub fn constants(manifest: &Manifest, scope: &Scope) -> Value {
    let names = scope.value();
    let computed = manifest.computed_constants().filter_map(|(name, tree)| match build::json(tree, &names) {
        Ok(value) => Some((name.to_owned(), Value::from(minijinja::value::Serde(value?)))),
        Err(error) => {
            tracing::warn!(name, detail = %error, "a constant cannot be evaluated, it is null");
            None
        }
    });
    Value::from_pairs(manifest.constants().iter().cloned().chain(computed))
}

/// Fields of `auth` or of the secret as a map.
fn values<'a>(
    manifest: &Manifest,
    root: &str,
    fields: impl Iterator<Item = (&'a str, &'a SecretString)>,
) -> Value {
    Value::from_pairs(fields.map(|(name, value)| {
        let value = manifest.tidied(root, name, value.expose_secret());
        (name.to_owned(), Value::from(value.as_ref()))
    }))
}

/// Names the credentials without holding them: the key of caches. What the manifest does not
/// declare has no part in it, because a caller could make a new login of every request with it.
fn fingerprint<'a>(
    declared: impl Iterator<Item = (&'a str, &'a SecretString)>,
    secret: Option<&'a HashMap<String, SecretString>>,
) -> String {
    use sha2::{Digest, Sha256};
    let mut parts: Vec<(&str, &str)> = declared.map(|(n, v)| (n, v.expose_secret())).collect();
    parts.extend(secret.into_iter().flatten().map(|(n, v)| (n.as_str(), v.expose_secret())));
    parts.sort_unstable();
    let mut digest = Sha256::new();
    for (name, value) in parts {
        for part in [name, value] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
    }
    crate::digest::hex(&digest.finalize())
}

#[cfg(test)]
#[path = "crm/tests.rs"]
mod tests;
