//! Addresses on this machine: what local work may put in the place of the CRM and of Secrets Manager.
//!
//! The functions themselves run in `sam local`'s container there, where this machine is not the loopback
//! but a host of its own. SAM says so in `AWS_SAM_LOCAL`; a deployed function never takes such an address.

use std::net::Ipv4Addr;

use url::{Host, Url};

/// Docker's name for the machine that runs it (`--add-host` makes it known where Docker does not).
const DOCKER_HOST: &str = "host.docker.internal";

/// A loopback address.
///
/// # Errors
/// Anything else: this setting must not become a way around `connection.hosts`.
pub fn loopback(text: &str) -> Result<Url, String> {
    address(text, false)
}

/// Whether the process runs under `sam local`, and not in Lambda with a variable copied by mistake.
pub fn under_sam_local(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    let said = set("AWS_SAM_LOCAL").is_some_and(|value| value == "true");
    // What Lambda sets by itself and a deployment cannot change: the log stream's name ends in the
    // version in brackets and the instance's id; SAM gives the version alone.
    let lambda = set("AWS_EXECUTION_ENV").is_some_and(|value| value.starts_with("AWS_Lambda_"))
        || set("AWS_LAMBDA_LOG_STREAM_NAME").is_some_and(|value| value.contains('['))
        || set("AWS_XRAY_DAEMON_ADDRESS").is_some();
    said && !lambda
}

/// A loopback address or, under `sam local`, one of the machine that runs the container.
///
/// # Errors
/// Anything else, with what is allowed.
pub(super) fn address(text: &str, in_container: bool) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|_| "not a URL such as http://127.0.0.1:8080".to_owned())?;
    let local = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback() || (in_container && is_bridge(address)),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => in_container && name == DOCKER_HOST,
        None => false,
    };
    if !local || !matches!(url.scheme(), "http" | "https") {
        return Err(format!(
            "only a loopback address is allowed (http://127.0.0.1:PORT or http://[::1]:PORT){}; a real CRM's address comes from the manifest",
            if in_container { ", or http://host.docker.internal:PORT" } else { "" }
        ));
    }
    Ok(url)
}

/// Docker's default networks (172.17.0.0/16 and what follows up to 172.31.0.0/16).
fn is_bridge(address: Ipv4Addr) -> bool {
    let [first, second, ..] = address.octets();
    first == 172 && (17..=31).contains(&second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sam_local(pairs: &[(&str, &str)]) -> bool {
        under_sam_local(|name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned()))
    }

    #[test]
    fn only_a_loopback_address_is_local() {
        for url in ["http://127.0.0.1:8000", "http://[::1]:9"] {
            assert!(loopback(url).is_ok(), "{url}");
        }
        for url in [
            "http://localhost:80",
            "http://host.docker.internal:80",
            "http://172.17.0.1:80",
            "http://169.254.169.254",
            "https://crm.example.com",
            "file:///etc",
            "127.0.0.1",
        ] {
            assert!(loopback(url).is_err(), "{url}");
        }
    }

    #[test]
    fn in_sams_container_the_machine_around_it_is_local_too_and_nothing_else() {
        for url in ["http://host.docker.internal:8788", "http://172.17.0.1:8788", "http://127.0.0.1:1"] {
            assert!(address(url, true).is_ok(), "{url}");
        }
        for url in [
            "http://host.docker.internal.example.com",
            "http://169.254.169.254",
            "http://10.0.0.1",
            "http://172.16.0.1",
            "http://172.32.0.1",
            "ftp://host.docker.internal",
        ] {
            assert!(address(url, true).is_err(), "{url}");
        }
    }

    #[test]
    fn a_deployed_function_is_never_under_sam_local_whatever_a_variable_says() {
        assert!(sam_local(&[("AWS_SAM_LOCAL", "true"), ("AWS_LAMBDA_LOG_STREAM_NAME", "$LATEST")]));
        assert!(!sam_local(&[]));
        for real in [
            ("AWS_SAM_LOCAL", "1"),
            ("AWS_EXECUTION_ENV", "AWS_Lambda_provided.al2023"),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/27/[$LATEST]6c1f0e"),
            ("AWS_XRAY_DAEMON_ADDRESS", "169.254.79.129:2000"),
        ] {
            assert!(!sam_local(&[real, ("AWS_SAM_LOCAL", "true")]), "{real:?}");
        }
    }
}
