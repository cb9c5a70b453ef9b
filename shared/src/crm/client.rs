//! The real transport: one HTTP client per function instance.
//!
//! Three guards stand here, because a customer types the host: no redirects are followed, literal
//! addresses must be public, and names that resolve to private addresses are not connected to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::TrustAnchor;
use url::{Host, Url};

use super::reach::{REFUSED, UNRESOLVED, refused_by_us, unconnected};
use super::transport::{Incoming, Outgoing, Room, Transport, TransportError};
use crate::clock::BoxFuture;

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

/// Resolves names to public addresses only.
struct PublicOnly {
    /// The local origin's name, which may be this machine's: `sam local`'s containers know it by a name.
    own: Option<String>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let own = self.own.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await.map_err(|_| UNRESOLVED)?;
            let addresses: Vec<SocketAddr> = found.collect();
            // One private address among public ones is an attack on whoever picks it.
            if addresses.is_empty() || (!own && addresses.iter().any(|a| !is_public(a.ip()))) {
                return Err(REFUSED.into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is on the public internet (IANA's special-purpose registries).
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    !(v4.is_private()
        || v4.is_loopback()
        || v4.is_link_local()
        || v4.is_unspecified()
        || v4.is_broadcast()
        || v4.is_multicast()
        || v4.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        // Once the relays between IPv4 and IPv6, given back: whoever announces it there is nobody known.
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    // Addresses that carry an IPv4 one inside are as public as that one.
    let segments = v6.segments();
    let inner = |hi: u16, lo: u16| {
        let [a, b] = hi.to_be_bytes();
        let [c, d] = lo.to_be_bytes();
        Ipv4Addr::new(a, b, c, d)
    };
    match segments {
        [0, 0, 0, 0, 0, 0xffff | 0, hi, lo] if v6 != Ipv6Addr::LOCALHOST && hi != 0 => {
            is_public_v4(inner(hi, lo))
        }
        [0x64, 0xff9b, 0, 0, 0, 0, hi, lo] => is_public_v4(inner(hi, lo)),
        [0x2002, hi, lo, ..] => is_public_v4(inner(hi, lo)),
        // Global unicast is 2000::/3, less documentation and special blocks.
        [first, second, ..] => {
            (0x2000..0x4000).contains(&first)
                && !(first == 0x2001 && (second < 0x200 || second == 0xdb8))
                && first != 0x3fff
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_special_and_disguised_addresses_are_not_public() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "0.0.0.0",
            "100.64.0.1",
            "192.88.99.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "::ffff:127.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
        for address in ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"] {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

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
    #[tokio::test]
    async fn only_the_local_origins_own_name_may_be_this_machines() {
        let resolved = |own: Option<&str>| {
            let resolver = PublicOnly { own: own.map(str::to_owned) };
            async move { resolver.resolve("localhost".parse().unwrap()).await.map(Iterator::count) }
        };
        assert!(resolved(Some("localhost")).await.unwrap() > 0);
        for own in [None, Some("host.docker.internal")] {
            assert_eq!(resolved(own).await.unwrap_err().to_string(), REFUSED);
        }
    }
}
