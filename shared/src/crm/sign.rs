//! *Sign*: a keyed digest over the finished request, made anew for every try. Neither what is signed nor the
//! signature is ever logged.

use base64::Engine as _;
use base64::alphabet::{STANDARD as ALPHABET, URL_SAFE as URL_ALPHABET};
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, PAD, STANDARD, URL_SAFE};
use hmac::{Hmac, KeyInit as _, Mac as _};
use minijinja::Value;
use percent_encoding::utf8_percent_encode;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use url::Url;

use super::render::{unbuildable, unfit};
use super::transport::Outgoing;
use super::{Engine, Scope, Session};
use crate::digest::{hex, sha256};
use crate::error::Failure;
use crate::manifest::expression::{STRICT, Template, TimeValue, as_text};
use crate::manifest::model::{Encoding, Fetch, Hash, KeyEncoding, Sign};
use crate::time::Moment;

impl Engine {
    /// Signs a request that is about to be sent, where the manifest wants that.
    ///
    /// # Errors
    /// A part that cannot be evaluated, a key that is not written as `key_encoding` says, a header that would
    /// hold a control character.
    pub(super) fn sign(
        &self,
        session: &Session,
        fetch: &Fetch,
        token: Option<&str>,
        outgoing: &mut Outgoing,
    ) -> Result<(), Failure> {
        let Some(sign) = self.manifest.document().connection.auth.sign.as_ref().filter(|_| !fetch.anonymous)
        else {
            return Ok(());
        };
        let now = self.clock.now();
        let nonce = self.nonce(session, now);
        let mut names = session.credentials.clone();
        names.set("token", token.map_or(Value::from(()), Value::from));
        names.set("request", request(outgoing, now, &nonce));
        let text = eval(&sign.text, &names)?;
        let signature = mac(sign.hash, &key(sign, &names)?, text.as_bytes());
        names.set("signature", written(sign.encoding, &signature));
        for (name, template) in &sign.headers {
            let value = eval(template, &names)?;
            if value.chars().any(char::is_control) {
                return Err(unfit(format!("header `{name}` would hold a control character")));
            }
            outgoing.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
            outgoing.headers.push((name.clone(), value));
        }
        for (name, template) in &sign.query {
            let value = eval(template, &names)?;
            let (name, value) = (utf8_percent_encode(name, STRICT), utf8_percent_encode(&value, STRICT));
            let query = outgoing.url.query().filter(|query| !query.is_empty());
            let query = query.map_or(format!("{name}={value}"), |query| format!("{query}&{name}={value}"));
            outgoing.url.set_query(Some(&query));
        }
        Ok(())
    }

    /// 32 hexadecimal digits that no other request has. They need not be secret.
    fn nonce(&self, session: &Session, now: Moment) -> String {
        let chance = [self.clock.chance(), self.clock.chance(), self.clock.chance()];
        let parts = format!("{chance:?} {} {} {}", now.micros(), session.request_id, session.calls());
        sha256(parts.as_bytes())[..32].to_owned()
    }
}

/// What a signature may be made of.
fn request(outgoing: &Outgoing, now: Moment, nonce: &str) -> Value {
    let url = &outgoing.url;
    let host = url.host_str().unwrap_or_default();
    let body = outgoing.body.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
    minijinja::context! {
        method => outgoing.method,
        host => url.port().map_or(host.to_owned(), |port| format!("{host}:{port}")),
        path => url.path().trim_start_matches('/'),
        query => url.query().unwrap_or_default(),
        sorted_query => sorted_query(url),
        body => body,
        timestamp => TimeValue::value(now),
        nonce => nonce,
    }
}

/// The query's parameters, encoded as RFC 3986 says, in the order of their names and then of their values.
fn sorted_query(url: &Url) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, STRICT).to_string();
    let mut pairs: Vec<_> =
        url.query_pairs().map(|(name, value)| (encoded(&name), encoded(&value))).collect();
    pairs.sort();
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

fn eval(template: &Template, names: &Scope) -> Result<String, Failure> {
    let value = template.eval(&names.value()).map_err(|e| unbuildable(&e))?;
    Ok(as_text(&value).unwrap_or_default())
}

/// The key: of a list, each member signed with the key before it.
fn key(sign: &Sign, names: &Scope) -> Result<Vec<u8>, Failure> {
    let mut parts = sign.key.0.iter().map(|template| eval(template, names));
    let first = parts.next().transpose()?.unwrap_or_default();
    let mut key = match sign.key_encoding {
        KeyEncoding::Text => Some(first.into_bytes()),
        KeyEncoding::Base64 => base64_bytes(&first),
        KeyEncoding::Hex => hex_bytes(&first),
    }
    .filter(|key| !key.is_empty())
    .ok_or_else(|| {
        unfit("the key of the signature is empty, or not written as `key_encoding` says".to_owned())
    })?;
    for part in parts {
        key = mac(sign.hash, &key, part?.as_bytes());
    }
    Ok(key)
}

fn base64_bytes(text: &str) -> Option<Vec<u8>> {
    let lenient = PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let decode = |alphabet| GeneralPurpose::new(alphabet, lenient).decode(text.trim()).ok();
    decode(&ALPHABET).or_else(|| decode(&URL_ALPHABET))
}

fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.trim().chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect()
}

fn written(encoding: Encoding, bytes: &[u8]) -> String {
    match encoding {
        Encoding::Hex => hex(bytes),
        Encoding::Base64 => STANDARD.encode(bytes),
        Encoding::Base64Url => URL_SAFE.encode(bytes),
    }
}

/// HMAC (RFC 2104). A key of any length will do.
fn mac(hash: Hash, key: &[u8], text: &[u8]) -> Vec<u8> {
    macro_rules! of {
        ($digest:ty) => {
            Hmac::<$digest>::new_from_slice(key)
                .map(|mac| mac.chain_update(text).finalize().into_bytes().to_vec())
                .unwrap_or_default()
        };
    }
    match hash {
        Hash::Sha1 => of!(Sha1),
        Hash::Sha256 => of!(Sha256),
        Hash::Sha512 => of!(Sha512),
    }
}

#[cfg(test)]
#[path = "sign/tests.rs"]
mod tests;
