//! Which addresses are on the public internet: a customer types the CRM's host, and names may resolve to anything.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::reach::{REFUSED, UNRESOLVED};

/// Resolves names to public addresses only.
pub(super) struct PublicOnly {
    /// The local origin's name, which may be this machine's: `sam local`'s containers know it by a name.
    pub own: Option<String>,
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
