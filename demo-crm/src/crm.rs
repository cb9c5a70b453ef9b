//! Everything that the handlers, the middleware and the control share.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::sync::watch;

use crate::clock::Clock;
use crate::fault::FaultQueue;
use crate::lock::lock;
use crate::random::Random;
use crate::requests::RequestLog;
use crate::store::Store;

/// The running CRM, shared between requests.
pub(crate) type Shared = Arc<Crm>;

/// The running CRM.
pub(crate) struct Crm {
    pub api_key: String,
    pub clock: Clock,
    pub store: Store,
    pub faults: FaultQueue,
    pub requests: RequestLog,
    /// How many contacts change after every page of the list.
    pub churn_per_request: AtomicU32,
    /// Its sender lives in the server: once that is gone, waiting answers give up.
    pub running: watch::Receiver<()>,
    random: Mutex<Random>,
    answered: AtomicU64,
}

impl Crm {
    pub fn new(store: Store, api_key: String, seed: u64, running: watch::Receiver<()>) -> Self {
        Self {
            api_key,
            clock: Clock::default(),
            store,
            faults: FaultQueue::default(),
            requests: RequestLog::default(),
            churn_per_request: AtomicU32::new(0),
            running,
            random: Mutex::new(Random::new(seed)),
            answered: AtomicU64::new(0),
        }
    }

    pub fn random(&self) -> MutexGuard<'_, Random> {
        lock(&self.random)
    }

    /// A new name for an answer, counted so that two runs of a test give the same ones.
    pub fn next_request_id(&self) -> String {
        format!("req-{:08}", self.answered.fetch_add(1, Ordering::Relaxed) + 1)
    }
}
