//! The line between the engine and the network, which can be replaced.

use std::time::Duration;

use url::Url;

use crate::clock::BoxFuture;

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

/// Why there is no connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unconnected {
    /// The name is not known.
    Dns,
    /// Nobody listens there.
    Refused,
    /// No common ground for an encrypted connection: an expired certificate, an old protocol.
    Tls(String),
    /// The other side closed it at once.
    Closed,
    /// It took too long.
    Slow,
    /// Anything else.
    Other,
}

impl std::fmt::Display for Unconnected {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Dns => f.write_str("dns: the name is not known"),
            Self::Refused => f.write_str("refused"),
            Self::Tls(reason) => write!(f, "tls: {reason}"),
            Self::Closed => f.write_str("closed"),
            Self::Slow => f.write_str("it took too long"),
            Self::Other => f.write_str("no route"),
        }
    }
}

/// Why there is no whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TransportError {
    /// No connection: nothing was sent.
    NotConnected(Unconnected),
    /// The request is none that HTTP can carry (an address of 70 kB): nothing was sent.
    Unfit,
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

/// What the answers of a function may take, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// The bodies that are read at the same time, unpacked: a sixteenth of the memory.
    pub body: usize,
    /// The values of one parsed body: a sixth of the memory.
    pub tree: usize,
}

impl Room {
    /// The room of a function with so many megabytes (`AWS_LAMBDA_FUNCTION_MEMORY_SIZE`).
    pub fn of(megabytes: usize) -> Self {
        let memory = megabytes.clamp(64, 10_240) << 20;
        Self { body: memory / 16, tree: memory / 6 }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::of(512)
    }
}

/// Sends requests.
pub trait Transport: Send + Sync {
    /// How large answers may be.
    fn room(&self) -> Room {
        Room::default()
    }

    /// Sends one request and reads the whole answer within `timeout`.
    ///
    /// # Errors
    /// When there is no whole answer.
    fn send(&self, request: Outgoing, timeout: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>>;
}
