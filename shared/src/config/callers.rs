//! From which addresses requests may come. API Gateway's HTTP APIs know no such list, so the functions keep it.

use std::net::IpAddr;

/// Ranges of addresses; none at all means that everybody may call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Callers(Vec<(IpAddr, u32)>);

impl Callers {
    /// Ranges as `CALLER_ADDRESSES` has them: `203.0.113.0/24,2001:db8::/32,198.51.100.7`.
    ///
    /// # Errors
    /// The first one that is no range.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.split([',', ' ']).filter(|part| !part.is_empty());
        let range = |part: &str| {
            let (address, bits) = part.split_once('/').unwrap_or((part, ""));
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = if part.contains('/') { bits.parse().ok()? } else { most };
            (bits <= most).then_some((address, bits))
        };
        let ranges = parts.map(|part| {
            range(part).ok_or_else(|| format!("`{part}` is no range of addresses such as 203.0.113.0/24"))
        });
        ranges.collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is in one of the ranges. One that is not known is in none.
    pub fn include(&self, address: Option<IpAddr>) -> bool {
        let Some(address) = address.map(|address| address.to_canonical()) else { return self.0.is_empty() };
        self.0.is_empty() || self.0.iter().any(|(range, bits)| same(*range, address, *bits))
    }
}

/// Whether two addresses of one kind begin with the same bits.
fn same(one: IpAddr, other: IpAddr, bits: u32) -> bool {
    let differ = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => u128::from(one.to_bits() ^ other.to_bits()) << 96,
        (IpAddr::V6(one), IpAddr::V6(other)) => one.to_bits() ^ other.to_bits(),
        _ => return false,
    };
    differ.leading_zeros() >= bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(ranges: &str, address: &str) -> bool {
        Callers::parse(ranges).unwrap().include(address.parse().ok())
    }

    #[test]
    fn without_ranges_everybody_may_call_with_some_only_who_is_in_one() {
        assert!(may("", "192.0.2.1") && may("", "unknown"));
        let some = "203.0.113.0/24, 2001:db8::/32,198.51.100.7";
        for inside in ["203.0.113.255", "2001:db8:1::1", "198.51.100.7", "::ffff:203.0.113.1"] {
            assert!(may(some, inside), "{inside}");
        }
        for outside in ["203.0.112.255", "203.0.114.0", "2001:db9::1", "198.51.100.8", "::1", "unknown"] {
            assert!(!may(some, outside), "{outside}");
        }
        assert!(may("0.0.0.0/0", "192.0.2.1") && !may("0.0.0.0/0", "2001:db8::1"));
        assert!(may("203.0.113.9/31", "203.0.113.8") && may("::/0", "2001:db8::1"));
    }

    #[test]
    fn what_is_no_range_is_named() {
        for text in
            ["203.0.113.0/33", "2001:db8::/129", "example.com", "203.0.113/24", "1.2.3.4/", "1.2.3.4/-1"]
        {
            assert!(Callers::parse(text).unwrap_err().contains(text), "{text}");
        }
    }
}
