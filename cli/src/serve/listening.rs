//! A server of this program on this machine.

use std::net::SocketAddr;

use axum::Router;
use tokio::net::TcpListener;

/// What answers on a port until it is dropped.
pub struct Listening {
    address: SocketAddr,
    task: tokio::task::JoinHandle<()>,
}

impl Listening {
    /// Begins to answer.
    ///
    /// # Errors
    /// When the machine does not say where it listens.
    pub fn start(listener: TcpListener, router: Router) -> Result<Self, String> {
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let task = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                tracing::error!(%error, %address, "a server stopped");
            }
        });
        Ok(Self { address, task })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.task.abort();
    }
}
