//! Signed requests: what is signed, with which key, and where the signature goes.

use serde::Deserialize;

use super::{Lines, Ordered};
use crate::manifest::expression::Template;

/// A keyed digest (HMAC) of the finished request, for CRMs that want each request signed.
///
/// It is made last, when the request has its whole URL, its headers and its body, and again for every try:
/// `request.timestamp` and `request.nonce` are that try's own. Requests that are `anonymous` are not signed.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// What is signed: the parts of the request as the vendor joins them, best as a block of lines (`|-`), because
    /// `join` leaves out what is empty.
    pub text: Template,
    /// The key. Of a list, each member is signed with the key before it, which gives the next key.
    pub key: Lines,
    /// How the key (of a list the first) is written.
    #[serde(default)]
    pub key_encoding: KeyEncoding,
    /// The digest inside.
    #[serde(default)]
    pub hash: Hash,
    /// How `signature` is written.
    #[serde(default)]
    pub encoding: Encoding,
    /// Headers that are added to the signed request, with `signature` in one of them.
    #[serde(default)]
    pub headers: Ordered<Template>,
    /// Query parameters that are added to the signed request, for a CRM that takes its signature in no header.
    #[serde(default)]
    pub query: Ordered<Template>,
}

/// How a key is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum KeyEncoding {
    /// Its text is the key.
    #[default]
    Text,
    /// In base64, in either alphabet.
    Base64,
    /// In hexadecimal digits.
    Hex,
}

/// The digest inside an HMAC.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Hash {
    /// SHA-1.
    Sha1,
    /// SHA-256.
    #[default]
    Sha256,
    /// SHA-512.
    Sha512,
}

/// How a signature is written.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// Lower-case hexadecimal digits.
    #[default]
    Hex,
    /// Base64, with padding.
    Base64,
    /// Base64 in the alphabet for URLs, with padding.
    Base64Url,
}
