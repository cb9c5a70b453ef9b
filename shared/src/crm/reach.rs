//! Why the CRM cannot be reached: the kinds of failed connections, without names and addresses.

use std::error::Error;

use super::transport::Unconnected;

/// What our resolver says of a name without a public address.
pub const REFUSED: &str = "the name has no public address";
/// What it says of a name that is not known.
pub const UNRESOLVED: &str = "the name is not known";

/// Whether our own resolver refused the name.
pub fn refused_by_us(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.to_string() == REFUSED)
}

/// An error and what is behind it; what an I/O error wraps is not its `source`, but the error itself.
fn causes<'a>(error: &'a reqwest::Error) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let first: &'a (dyn Error + 'static) = error;
    std::iter::successors(Some(first), |cause| {
        let cause: &'a (dyn Error + 'static) = *cause;
        let wrapped = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        wrapped.map(|inner| inner as &(dyn Error + 'static)).or_else(|| cause.source())
    })
}

/// Why a connection failed, without names and addresses.
pub fn unconnected(error: &reqwest::Error) -> Unconnected {
    use std::io::ErrorKind;
    if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return Unconnected::Tls(tls_reason(tls));
    }
    let io = causes(error).filter_map(|cause| cause.downcast_ref::<std::io::Error>()).last();
    match io.map(std::io::Error::kind) {
        _ if causes(error).any(|cause| cause.to_string() == UNRESOLVED) => Unconnected::Dns,
        _ if error.is_timeout() => Unconnected::Slow,
        Some(ErrorKind::ConnectionRefused) => Unconnected::Refused,
        Some(ErrorKind::TimedOut) => Unconnected::Slow,
        Some(
            ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::UnexpectedEof
            | ErrorKind::BrokenPipe,
        ) => Unconnected::Closed,
        _ => Unconnected::Other,
    }
}

/// The kind of a TLS error. Its own text may hold names.
fn tls_reason(error: &rustls::Error) -> String {
    use rustls::CertificateError as Bad;
    match error {
        rustls::Error::InvalidCertificate(bad) => match bad {
            Bad::Expired | Bad::ExpiredContext { .. } => "the certificate has expired",
            Bad::NotValidYet | Bad::NotValidYetContext { .. } => "the certificate is not valid yet",
            Bad::NotValidForName | Bad::NotValidForNameContext { .. } => "the certificate is another host's",
            Bad::UnknownIssuer => "the certificate's issuer is not known",
            Bad::Revoked => "the certificate is revoked",
            _ => "the certificate is not valid",
        }
        .to_owned(),
        rustls::Error::AlertReceived(alert) => format!("the CRM's server refused it ({alert:?})"),
        rustls::Error::PeerIncompatible(_) => "no common version or cipher".to_owned(),
        rustls::Error::InvalidMessage(_) => "the CRM's server does not speak TLS there".to_owned(),
        _ => "the handshake failed".to_owned(),
    }
}
