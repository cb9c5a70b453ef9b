//! A signature that signs something, with a key that is one, and that goes somewhere.

use super::super::expression::Template;
use super::super::model::Document;
use super::Findings;

/// Checks `connection.auth.sign`.
pub(super) fn check(document: &Document, findings: &mut Findings) {
    let Some(sign) = &document.connection.auth.sign else { return };
    let path = |key: &str| format!("connection.auth.sign.{key}");
    if !sign.text.uses("request") {
        findings.says(
            &path("text"),
            "what is signed has no part of the request: `request.method`, `request.body`, …",
        );
    }
    let kept = |key: &Template| ["secret", "auth", "token"].iter().any(|name| key.uses(name));
    if !sign.key.0.iter().any(kept) {
        findings.says(
            &path("key"),
            "the key stands in the manifest: it comes from `secret`, or from a field of `auth`",
        );
    }
    if !sign.headers.values().chain(sign.query.values()).any(|template| template.uses("signature")) {
        findings.says(&path("headers"), "neither a header nor a query parameter has the `signature`");
    }
}
