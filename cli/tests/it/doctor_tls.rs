//! `doctor` against a bridge behind TLS, as API Gateway is.

use std::sync::Arc;

use bridge::time::Moment;
use player::Player;
use rcgen::generate_simple_self_signed;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::doctor::{auth, examined, fault};
use crate::world::{KEY, World};

/// TLS in front of a server, with a certificate for `name`, and the certificate.
async fn tls_before(url: &str, name: &str) -> (String, CertificateDer<'static>) {
    let made = generate_simple_self_signed([name.to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.clone()], key.into())
        .unwrap();
    let (acceptor, behind) =
        (TlsAcceptor::from(Arc::new(config)), url.trim_start_matches("http://").to_owned());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, behind) = (acceptor.clone(), behind.clone());
            tokio::spawn(async move {
                // A caller that does not trust the certificate hangs up.
                let Ok(mut outside) = acceptor.accept(stream).await else { return };
                let mut inside = TcpStream::connect(behind).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
            });
        }
    });
    (url, certificate)
}

/// What trusts one certificate.
fn trusting(certificate: CertificateDer<'static>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

#[tokio::test]
async fn a_bridge_with_a_trusted_certificate_is_examined_to_the_end() {
    let world = World::start().await;
    let (url, certificate) = tls_before(&world.server.url(), "127.0.0.1").await;
    let player = Player::trusting(&url, auth(KEY), trusting(certificate)).unwrap();
    let findings = examined(&url, player, Moment::now).await;
    assert!(findings.iter().all(|finding| finding.good), "{findings:#?}");
    assert!(
        findings.iter().any(|finding| finding.seen == "TLS, the certificate is trusted"),
        "{findings:#?}"
    );
    assert!(findings.iter().any(|finding| finding.what == "a contact's interactions"), "{findings:#?}");
}

#[tokio::test]
async fn a_certificate_that_talkdesk_would_not_trust_or_that_is_another_names_leads_to_acm() {
    let world = World::start().await;
    let (unknown, _) = tls_before(&world.server.url(), "127.0.0.1").await;
    let (others, certificate) = tls_before(&world.server.url(), "crm.example.com").await;
    for (url, player) in [
        (&unknown, Player::new(&unknown, auth(KEY))),
        (&others, Player::trusting(&others, auth(KEY), trusting(certificate))),
    ] {
        let findings = examined(url, player.unwrap(), Moment::now).await;
        let fault = fault(&findings);
        assert_eq!(fault.what, "connection");
        assert!(fault.fix.contains("CertificateArn"), "{fault:?}");
    }
}

#[tokio::test]
async fn a_port_that_speaks_no_tls_is_told_from_a_bad_certificate() {
    let world = World::start().await;
    let url = world.server.url().replace("http://", "https://");
    let findings = examined(&url, Player::new(&url, auth(KEY)).unwrap(), Moment::now).await;
    let fault = fault(&findings);
    assert_eq!(fault.what, "connection");
    assert!(fault.fix.contains("speaks no TLS"), "{fault:?}");
}
