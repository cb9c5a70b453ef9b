//! Starting and stopping a CRM on this machine.

use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::api;
use crate::control::Control;
use crate::crm::Crm;
use crate::seed::{self, SeedError};
use crate::store::Store;

/// Where the data is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// Gone when the CRM stops.
    Memory,
    /// Kept in this file. A file that a CRM filled before is used as it is, without a new seed.
    File(PathBuf),
}

/// What a CRM starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; loopback unless containers must reach it.
    pub host: Ipv4Addr,
    /// The port; 0 takes a free one.
    pub port: u16,
    /// How many contacts the seed makes: first those written by hand, an oddity each.
    pub contacts: u32,
    /// The key that requests must carry in `X-Api-Key`.
    pub api_key: String,
    /// Where the data is kept.
    pub database: Database,
    /// The same seed makes the same data and the same changes.
    pub seed: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: Ipv4Addr::LOCALHOST,
            port: 0,
            contacts: 300,
            api_key: "demo-api-key".to_owned(),
            database: Database::Memory,
            seed: 1,
        }
    }
}

/// A running CRM. It stops when it is dropped, or orderly with [`DemoCrm::stop`].
pub struct DemoCrm {
    url: String,
    control: Control,
    api_key: String,
    running: watch::Sender<()>,
    server: JoinHandle<()>,
}

impl DemoCrm {
    /// Fills the database and begins to listen; the first request is served when this returns.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        // Listening comes first: a taken port should be found before a minute of seeding.
        let listener = TcpListener::bind((options.host, options.port)).await.map_err(StartError::Listen)?;
        let url = format!("http://{}", listener.local_addr().map_err(StartError::Listen)?);
        let (running, stopped) = watch::channel(());
        let api_key = options.api_key.clone();
        let seed = options.seed;
        let store = tokio::task::spawn_blocking(move || open(&options))
            .await
            .map_err(|error| StartError::Seed(error.to_string()))??;
        let crm = Arc::new(Crm::new(store, api_key.clone(), seed, stopped.clone()));
        let control = Control::new(crm.clone());
        let router = api::router(crm);
        let server = tokio::spawn(async move {
            let mut stopped = stopped;
            // An error would be one of accepting connections, which axum retries by itself.
            let _ = axum::serve(listener, router)
                .with_graceful_shutdown(async move {
                    let _ = stopped.changed().await;
                })
                .await;
        });
        Ok(Self { url, control, api_key, running, server })
    }

    /// The address without a slash at the end, such as `http://127.0.0.1:4711`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The key that requests must carry in `X-Api-Key`.
    pub fn api_key(&self) -> &str {
        &self.api_key
    }

    /// The back door.
    pub fn control(&self) -> &Control {
        &self.control
    }

    /// Ends waiting answers, closes the connections and gives the port back.
    pub async fn stop(self) {
        let Self { running, mut server, .. } = self;
        drop(running);
        // A client that sends half a request and then nothing must not keep the test waiting.
        if tokio::time::timeout(Duration::from_secs(5), &mut server).await.is_err() {
            server.abort();
        }
    }
}

fn open(options: &Options) -> Result<Store, StartError> {
    let file = match &options.database {
        Database::Memory => None,
        Database::File(path) => Some(path.as_path()),
    };
    let store = Store::open(file)?;
    if !store.is_filled()? {
        store.fill(|db| seed::fill(db, options.contacts, options.seed))?;
    }
    Ok(store)
}

/// Why a CRM did not start.
#[derive(Debug)]
pub enum StartError {
    /// The port could not be had.
    Listen(std::io::Error),
    /// The database could not be opened or filled.
    Database(rusqlite::Error),
    /// The seed could not be made.
    Seed(String),
}

impl std::fmt::Display for StartError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Listen(error) => write!(f, "the demo CRM cannot listen: {error}"),
            Self::Database(error) => write!(f, "the demo CRM's database failed: {error}"),
            Self::Seed(problem) => write!(f, "the demo CRM's seed failed: {problem}"),
        }
    }
}

impl std::error::Error for StartError {}

impl From<rusqlite::Error> for StartError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SeedError> for StartError {
    fn from(error: SeedError) -> Self {
        match error {
            SeedError::Database(error) => Self::Database(error),
            SeedError::Data(error) => Self::Seed(error.to_string()),
        }
    }
}
