//! The engine: runs a manifest against a CRM. All CRM I/O of the bridge is below this module.
//!
//! Every call has three pure steps, *build* a request, *read* the answer, *classify* a failure;
//! `call` around them owns time, retry, pacing and logging.

use std::sync::Arc;

use minijinja::Value;
use url::Url;

use crate::clock::Clock;
use crate::manifest::Manifest;
use crate::phone::PhoneNumbers;
use crate::time::Moment;

pub mod actions;
pub mod agents;
mod answer;
mod around;
mod build;
mod call;
mod classify;
pub mod client;
pub mod contacts;
mod inputs;
pub mod interactions;
mod judge;
mod logged;
mod mapping;
mod names;
mod one_page;
mod optional;
mod pace;
mod page;
mod per_account;
mod progress;
mod public;
mod reach;
mod recent;
mod render;
mod repair;
mod rows;
mod scope;
mod session;
mod sign;
mod silence;
mod steps;
mod token;
pub mod transport;
mod tree;
pub mod validation;

pub use build::route;
pub use names::{constants, open_names};
pub use scope::Scope;
pub use session::Session;
pub use transport::Transport;

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
    step_cache: per_account::PerAccount<Option<(Moment, Value)>>,
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
            step_cache: per_account::PerAccount::default(),
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

#[cfg(test)]
#[path = "crm/tests.rs"]
mod tests;
