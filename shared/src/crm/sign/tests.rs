//! Signatures against vectors that others have published.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;

use super::*;
use crate::clock::{BoxFuture, SystemClock};
use crate::contract::auth::AuthFields;
use crate::crm::names::open_scope;
use crate::crm::transport::{Incoming, Transport, TransportError};
use crate::manifest::{File, Manifest};
use crate::phone::PhoneNumbers;

/// A manifest with this signature, and names for it.
fn signed(sign: &str) -> (Manifest, Scope) {
    let text = include_str!("../../../tests/fixtures/manifest/small.yaml");
    let auth = "    headers: {Authorization: \"Bearer {{ secret.api_key }}\"}";
    let text = text.replacen(auth, &format!("    sign: {sign}"), 1);
    let file = File { name: "signed.yaml".to_owned(), text };
    let manifest = Manifest::load(&[file]).unwrap_or_else(|problems| {
        panic!("{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    });
    let scope = open_scope(&manifest, &AuthFields::default(), None);
    (manifest, scope)
}

/// The signature of a request with this secret.
fn signature(
    sign: &str,
    secret: &str,
    method: &'static str,
    url: &str,
    body: Option<&str>,
    at: &str,
) -> String {
    let (manifest, scope) = signed(sign);
    let sign = manifest.document().connection.auth.sign.as_ref().unwrap();
    let outgoing = Outgoing {
        method,
        url: url.parse().unwrap(),
        headers: Vec::new(),
        body: body.map(|body| body.as_bytes().to_vec()),
        route: String::new(),
    };
    let names = scope
        .with("secret", Value::from_pairs([("api_key", secret)]))
        .with("request", request(&outgoing, Moment::parse(at).unwrap(), "n"));
    let text = eval(&sign.text, &names).unwrap();
    written(sign.encoding, &mac(sign.hash, &key(sign, &names).unwrap(), text.as_bytes()))
}

/// RFC 4231, test case 2, and RFC 2202, test case 2.
#[test]
fn the_digests_are_those_of_the_standards() {
    let of = |hash| hex(&mac(hash, b"Jefe", b"what do ya want for nothing?"));
    assert_eq!(of(Hash::Sha1), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    assert_eq!(of(Hash::Sha256), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    assert_eq!(
        of(Hash::Sha512),
        "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b\
         636e070a38bce737"
    );
}

/// The example of Signature Version 4: an IAM request, its canonical form, the derived key.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
#[test]
fn a_key_that_is_derived_and_a_canonical_request_give_the_published_signature() {
    let sign = r#"
      key: ["AWS4{{ secret.api_key }}", "{{ request.timestamp | fmt('%Y%m%d') }}", us-east-1, iam, aws4_request]
      text: |-
        AWS4-HMAC-SHA256
        {{ request.timestamp | fmt('%Y%m%dT%H%M%SZ') }}
        {{ request.timestamp | fmt('%Y%m%d') }}/us-east-1/iam/aws4_request
        {{ [request.method, '/' ~ request.path, request.sorted_query,
        'content-type:application/x-www-form-urlencoded; charset=utf-8', 'host:' ~ request.host,
        'x-amz-date:' ~ (request.timestamp | fmt('%Y%m%dT%H%M%SZ')) ~ '\n', 'content-type;host;x-amz-date',
        request.body | sha256] | join('\n') | sha256 }}
      headers: {Authorization: "AWS4-HMAC-SHA256 Signature={{ signature }}"}"#;
    let got = signature(
        sign,
        "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        "GET",
        "https://iam.amazonaws.com/?Version=2010-05-08&Action=ListUsers",
        None,
        "2015-08-30T12:36:00Z",
    );
    assert_eq!(got, "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

/// The example of Slack's signed requests: version, time and the form as it was sent.
/// <https://docs.slack.dev/authentication/verifying-requests-from-slack>
#[test]
fn a_time_and_the_body_as_it_is_sent_give_the_published_signature() {
    let sign = r#"
      key: "{{ secret.api_key }}"
      text: "v0:{{ request.timestamp | epoch_s }}:{{ request.body }}"
      headers: {X-Signature: "v0={{ signature }}"}"#;
    let body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&\
                channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&\
                response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&\
                trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let got = signature(
        sign,
        "8f742231b10e8888abcd99yyyzzz85a5",
        "POST",
        "https://acme.crm.example.com/",
        Some(body),
        "2018-07-12T18:36:58Z",
    );
    assert_eq!(got, "a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
}

#[test]
fn parameters_are_sorted_by_name_and_value_and_encoded_as_the_standard_says() {
    let url: Url = "https://crm.example.com/a?b=2&a=x+y&b=1&c=%2F~*&a=".parse().unwrap();
    assert_eq!(sorted_query(&url), "a=&a=x%20y&b=1&b=2&c=%2F~%2A");
    assert_eq!(sorted_query(&"https://crm.example.com/a".parse().unwrap()), "");
}

#[test]
fn keys_are_read_as_they_are_written_or_refused() {
    let keyed = |encoding: &str, secret: &str| {
        let sign = format!(
            "{{key: \"{{{{ secret.api_key }}}}\", key_encoding: {encoding}, text: \"{{{{ request.body }}}}\", headers: \
             {{X: \"{{{{ signature }}}}\"}}}}"
        );
        let (manifest, scope) = signed(&sign);
        let names = scope.with("secret", Value::from_pairs([("api_key", secret)]));
        key(manifest.document().connection.auth.sign.as_ref().unwrap(), &names).ok()
    };
    assert_eq!(keyed("text", "key"), Some(b"key".to_vec()));
    for base64 in ["/+8=", "_-8=", "/+8"] {
        assert_eq!(keyed("base64", base64), Some(vec![0xff, 0xef]), "{base64}");
    }
    assert_eq!(keyed("hex", "0aFF"), Some(vec![10, 255]));
    for (encoding, junk) in [("hex", "0af"), ("hex", "zz"), ("base64", "!"), ("text", "")] {
        assert_eq!(keyed(encoding, junk), None, "{encoding} {junk}");
    }
}

/// A CRM that keeps what it was sent, and the log of that time.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>, Arc<Mutex<Vec<Outgoing>>>);

impl Transport for Kept {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let first = self.1.lock().unwrap().is_empty();
        self.1.lock().unwrap().push(request);
        let (status, body) = if first { (503, "{}") } else { (200, r#"{"users": []}"#) };
        Box::pin(async move { Ok(Incoming { status, headers: Vec::new(), body: body.into() }) })
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn every_try_has_a_signature_of_its_own_and_none_is_logged() {
    let sign = "{text: \"{{ request.nonce }}\", key: \"{{ secret.api_key }}\", headers: {X-Signature: \"{{ signature }}\"}, \
                query: {sign: \"{{ signature }}\"}}";
    let manifest = Arc::new(signed(sign).0);
    let kept = Kept::default();
    let writer = kept.clone();
    let log =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || writer.clone());
    let _guard = tracing::subscriber::set_default(log.finish());
    let crm = Arc::new(kept.clone());
    let engine = Engine::new(manifest.clone(), crm, Arc::new(SystemClock), PhoneNumbers::default(), None);
    let auth = AuthFields::from_pairs([("account", "acme"), ("bridge_key", "k")]);
    let secret = HashMap::from([("api_key".to_owned(), SecretString::from("canary-key"))]);
    let deadline = Moment::now().plus(Duration::from_secs(20));
    let session = Session::new(&manifest, &auth, Some(&secret), deadline, "test");
    engine.agents(&session, manifest.document().agents.as_ref().unwrap(), None).await.unwrap();
    let sent = kept.1.lock().unwrap();
    let signatures: Vec<&str> = sent
        .iter()
        .flat_map(|request| request.headers.iter().filter(|(name, _)| name == "X-Signature"))
        .map(|(_, value)| value.as_str())
        .collect();
    assert!(signatures.len() == 2 && signatures[0] != signatures[1], "one for each try");
    let log = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("crm call"), "{log}");
    for (request, signature) in sent.iter().zip(&signatures) {
        assert_eq!(request.url.query(), Some(format!("sign={signature}").as_str()));
        assert!(!log.contains(signature) && !log.contains("canary"), "{log}");
    }
}

#[tokio::test]
async fn what_is_anonymous_is_not_signed() {
    let sign =
        "{text: \"{{ request.nonce }}\", key: \"{{ secret.api_key }}\", headers: {X: \"{{ signature }}\"}}";
    let manifest = Arc::new(signed(sign).0);
    let crm = Arc::new(Kept::default());
    let engine = Engine::new(manifest.clone(), crm, Arc::new(SystemClock), PhoneNumbers::default(), None);
    let session = Session::new(&manifest, &AuthFields::default(), None, Moment::now(), "test");
    let mut fetch = manifest.document().agents.as_ref().unwrap().fetch.clone();
    fetch.anonymous = true;
    let url = "https://acme.crm.example.com/v1/users".parse().unwrap();
    let mut outgoing = Outgoing { method: "GET", url, headers: Vec::new(), body: None, route: String::new() };
    engine.sign(&session, &fetch, None, &mut outgoing).unwrap();
    assert!(outgoing.headers.is_empty());
    fetch.anonymous = false;
    let failure = engine.sign(&session, &fetch, None, &mut outgoing).unwrap_err();
    assert!(failure.detail.contains("the key of the signature is empty"), "{}", failure.detail);
}
