//! The line between the engine and the network, and the engine's clock: both can be replaced.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use url::Url;

use crate::time::Moment;

/// A future that the engine can hold without knowing its type.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request on its way out. Has no `Debug`: headers and body may hold secrets.
#[derive(Clone)]
pub struct Outgoing {
    /// The method.
    pub method: &'static str,
    /// The whole URL.
    pub url: Url,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Vec<u8>>,
    /// The path as the manifest has it, for logs: never holds values.
    pub route: String,
}

/// An answer as it came in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// Why there is no whole answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// No connection: nothing was sent.
    NotConnected,
    /// The address is not one that may be called.
    AddressRefused,
    /// Nothing came in time; the request may have been executed.
    TimedOut,
    /// The connection broke before the status came.
    Broken,
    /// The status came, but the body ended too early.
    CutOff {
        /// The status that had come.
        status: u16,
    },
    /// The body is larger than an answer may be.
    TooLarge,
}

/// Sends requests.
pub trait Transport: Send + Sync {
    /// Sends one request and reads the whole answer within `timeout`.
    ///
    /// # Errors
    /// When there is no whole answer.
    fn send(&self, request: Outgoing, timeout: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>>;
}

/// Tells and passes time.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Moment;
    /// Waits.
    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment::now()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(span))
    }
}
