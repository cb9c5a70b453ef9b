//! The real transport: one HTTP client per function instance.
//!
//! Three guards stand here, because a customer types the host: no redirects are followed, literal
//! addresses must be public, and names that resolve to private addresses are not connected to.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rustls::pki_types::TrustAnchor;
use url::{Host, Url};

use super::public::PublicOnly;
use super::reach::{refused_by_us, unconnected};
use super::transport::{Incoming, Outgoing, Room, Transport, TransportError};
use crate::clock::BoxFuture;

pub use super::public::is_public;

/// The HTTP client.
pub struct HttpClient {
    client: reqwest::Client,
    /// The one origin on this machine that may be called (local work).
    local: Option<Url>,
    room: Room,
    /// Bytes of the bodies that are being read.
    held: AtomicUsize,
}

/// How this project speaks TLS: the public web's roots, compiled in (reading the system's costs 2 ms
/// at every cold start), and ring, which is smaller than what reqwest would bring.
///
/// # Errors
/// When ring does not offer the default protocol versions.
pub fn tls() -> Result<rustls::ClientConfig, String> {
    tls_with(webpki_roots::TLS_SERVER_ROOTS.iter().cloned())
}

/// The same with other roots.
///
/// # Errors
/// As [`tls`].
pub fn tls_with(
    anchors: impl IntoIterator<Item = TrustAnchor<'static>>,
) -> Result<rustls::ClientConfig, String> {
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(anchors);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// What every HTTP client of a function has: no redirects, no proxy.
pub fn builder(tls: rustls::ClientConfig) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        // Lambda freezes between requests: a kept connection is often dead afterwards.
        .pool_idle_timeout(Duration::from_secs(20))
        .no_proxy()
}

impl HttpClient {
    /// A client. `local` is an origin on this machine that may be called all the same.
    ///
    /// # Errors
    /// When the TLS configuration cannot be built.
    pub fn new(local: Option<Url>) -> Result<Self, String> {
        let own = local.as_ref().and_then(|url| url.host_str()).map(str::to_owned);
        let client = builder(tls()?)
            .dns_resolver(Arc::new(PublicOnly { own }))
            .connect_timeout(Duration::from_secs(5))
            // CRM support desks ask for it.
            .user_agent(concat!("talkdesk-bridge/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|e| e.to_string())?;
        let memory = std::env::var("AWS_LAMBDA_FUNCTION_MEMORY_SIZE").ok().and_then(|m| m.parse().ok());
        Ok(Self {
            client,
            local,
            room: memory.map_or_else(Room::default, Room::of),
            held: AtomicUsize::new(0),
        })
    }

    fn allows(&self, url: &Url) -> bool {
        let own = self.local.as_ref().is_some_and(|l| l.origin() == url.origin());
        own || (url.scheme() == "https"
            && match url.host() {
                Some(Host::Domain(name)) => {
                    let name = name.to_ascii_lowercase();
                    name.contains('.')
                        && !["localhost", ".localhost", ".local", ".internal", ".lan", ".home.arpa"]
                            .iter()
                            .any(|suffix| name.trim_end_matches('.').ends_with(suffix))
                }
                Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
                Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
                None => false,
            })
    }

    async fn exchange(&self, outgoing: Outgoing) -> Result<Incoming, TransportError> {
        if !self.allows(&outgoing.url) {
            return Err(TransportError::AddressRefused);
        }
        let method =
            reqwest::Method::from_bytes(outgoing.method.as_bytes()).map_err(|_| TransportError::Unfit)?;
        let mut request = self.client.request(method, outgoing.url);
        for (name, value) in outgoing.headers {
            request = request.header(name, value);
        }
        if let Some(body) = outgoing.body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(|error| {
            if refused_by_us(&error) {
                TransportError::AddressRefused
            } else if error.is_builder() {
                TransportError::Unfit
            } else if error.is_connect() {
                TransportError::NotConnected(unconnected(&error))
            } else if error.is_timeout() {
                TransportError::TimedOut
            } else {
                TransportError::Broken
            }
        })?;
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect();
        let mut body = Vec::new();
        let mut held = Held { of: &self.held, bytes: 0 };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) => {
                    held.add(chunk.len());
                    if self.held.load(Ordering::Relaxed) > self.room.body {
                        return Err(TransportError::TooLarge);
                    }
                    body.extend_from_slice(&chunk);
                }
                Ok(None) => return Ok(Incoming { status, headers, body }),
                Err(_) => return Err(TransportError::CutOff { status }),
            }
        }
    }
}

/// What one body adds to the bytes that are held, until it is read or given up.
struct Held<'a> {
    of: &'a AtomicUsize,
    bytes: usize,
}

impl Held<'_> {
    fn add(&mut self, bytes: usize) {
        self.bytes += bytes;
        self.of.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.of.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

impl Transport for HttpClient {
    fn room(&self) -> Room {
        self.room
    }

    fn send(&self, request: Outgoing, timeout: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        Box::pin(async move {
            tokio::time::timeout(timeout, self.exchange(request))
                .await
                .unwrap_or(Err(TransportError::TimedOut))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_public_names_and_the_one_loopback_origin_are_allowed() {
        let client = HttpClient::new(Some("http://127.0.0.1:8000".parse().unwrap())).unwrap();
        for (url, allowed) in [
            ("https://api.example.com/x", true),
            ("http://api.example.com/x", false),
            ("http://127.0.0.1:8000/x", true),
            ("http://127.0.0.1:8001/x", false),
            ("https://127.0.0.1:8000/x", false),
            ("https://localhost/x", false),
            ("https://crm.internal/x", false),
            ("https://intranet/x", false),
            ("https://169.254.169.254/latest", false),
            ("https://[::ffff:10.0.0.1]/", false),
            ("https://2130706433/", false),
        ] {
            assert_eq!(client.allows(&url.parse().unwrap()), allowed, "{url}");
        }
    }
}
