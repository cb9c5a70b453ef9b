//! The tests' own HTTP client.

use std::time::Duration;

/// A client for servers on this machine: no proxy, 30 s at most.
pub fn client() -> reqwest::Client {
    let tls = bridge::crm::client::tls().expect("ring knows the default protocol versions");
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .timeout(Duration::from_secs(30))
        .build()
        .expect("a client without special settings")
}
