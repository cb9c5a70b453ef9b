//! A signature that signs something, with a key that is one, and that goes somewhere.

use super::super::expression::Template;
use super::super::model::Document;
use super::Findings;

/// Checks `connection.auth.sign`.
pub(super) fn check(document: &Document, findings: &mut Findings) {
    let Some(sign) = &document.connection.auth.sign else { return };
    let path = |key: &str| format!("connection.auth.sign.{key}");
    if !names(&sign.text, "request") {
        findings.says(
            &path("text"),
            "what is signed has no part of the request: `request.method`, `request.body`, …",
        );
    }
    if !sign.key.0.iter().any(|key| names(key, "secret") || names(key, "auth") || names(key, "token")) {
        findings.says(
            &path("key"),
            "the key stands in the manifest: it comes from `secret`, or from a field of `auth`",
        );
    }
    if !sign.headers.values().chain(sign.query.values()).any(|template| names(template, "signature")) {
        findings.says(&path("headers"), "neither a header nor a query parameter has the `signature`");
    }
}

/// Whether a template reads this name.
fn names(template: &Template, root: &str) -> bool {
    let expressions = template.expressions();
    expressions
        .iter()
        .flat_map(|e| &e.found().names)
        .any(|path| path.first().is_some_and(|name| name == root))
}
