//! The bridge of one integration, and what it is put together from.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::clock::{Clock, SystemClock};
use crate::config::{ManifestChoice, Settings};
use crate::contract::Component;
use crate::credentials::{NoSecrets, SecretCache, SecretStore, aws::AwsSecrets};
use crate::crm::client::HttpClient;
use crate::crm::{Engine, Transport};
use crate::manifest::{Manifest, Problem};

/// The bridge for one integration: everything that lives as long as the process.
pub struct Bridge {
    pub(super) engine: Engine,
    pub(super) secrets: SecretCache,
    pub(super) settings: Settings,
    pub(super) cold: AtomicBool,
    pub(super) metrics: bool,
}

impl Bridge {
    /// The bridge as the Lambda function of one component runs it.
    ///
    /// # Errors
    /// What is wrong with the settings or the manifest, ready to print.
    pub fn for_component(component: Component, settings: Settings) -> Result<Self, String> {
        let manifest = load_for(component, &settings).map_err(|problems| lines(&problems))?;
        let transport = HttpClient::new(settings.crm_base_url.clone())?;
        let store: Arc<dyn SecretStore> = if manifest.document().credentials.is_some() {
            let address = settings.secrets_base_url.as_ref();
            Arc::new(AwsSecrets::of_function(address, |name| std::env::var(name).ok())?)
        } else {
            Arc::new(NoSecrets)
        };
        let parts = Parts { transport: Arc::new(transport), clock: Arc::new(SystemClock), store };
        Ok(Self::new(manifest, settings, parts))
    }

    /// A bridge from its parts.
    pub fn new(manifest: impl Into<Arc<Manifest>>, settings: Settings, parts: Parts) -> Self {
        let secrets = SecretCache::new(parts.store, parts.clock.clone(), settings.secret_ttl);
        let base = settings.crm_base_url.clone();
        let engine = Engine::new(manifest.into(), parts.transport, parts.clock, settings.phones, base);
        Self { engine, secrets, settings, cold: AtomicBool::new(true), metrics: false }
    }

    /// The same, writing CloudWatch's metrics to standard output.
    #[must_use]
    pub fn with_metrics(mut self) -> Self {
        self.metrics = true;
        self
    }

    /// The clock that deadlines and checkpoints are measured with.
    pub fn clock(&self) -> &dyn Clock {
        self.engine.clock()
    }

    /// The manifest that runs.
    pub fn manifest(&self) -> &Manifest {
        self.engine.manifest()
    }
}

/// What a bridge is put together from; tests replace the network and the clock.
pub struct Parts {
    /// The way to the CRM.
    pub transport: Arc<dyn Transport>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The way to the secrets.
    pub store: Arc<dyn SecretStore>,
}

/// The manifest that the settings choose, read and checked.
///
/// # Errors
/// What is wrong with it.
pub fn load(settings: &Settings) -> Result<Manifest, Vec<Problem>> {
    match &settings.manifest {
        ManifestChoice::Embedded(name) => Manifest::embedded_with(name, settings.overlay.as_deref()),
        ManifestChoice::Path(path) => Manifest::read(path, settings.overlay.as_deref()),
    }
}

/// What one component needs of it. An embedded manifest without an overlay was checked when the bridge was
/// built; anything else is read and checked now.
fn load_for(component: Component, settings: &Settings) -> Result<Manifest, Vec<Problem>> {
    match (&settings.manifest, &settings.overlay) {
        (ManifestChoice::Embedded(name), None) => Manifest::embedded_for(name, component),
        _ => load(settings),
    }
}

/// Problems, one after the other.
pub fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
