//! The names that every expression of a request sees, and the name of its credentials.

use std::collections::HashMap;

use minijinja::Value;
use secrecy::{ExposeSecret, SecretString};

use super::Scope;
use super::render::json;
use crate::contract::auth::AuthFields;
use crate::manifest::Manifest;

/// The names that hold no secret, as expressions see them: `const`, `tables`, open fields of `auth`.
pub fn open_names(manifest: &Manifest, auth: &AuthFields) -> Value {
    open_scope(manifest, auth, None).value()
}

/// The same as a scope, with the public fields of the secret.
pub(super) fn open_scope(manifest: &Manifest, auth: &AuthFields, public: Option<Value>) -> Scope {
    let fields = &manifest.document().integration.authentication;
    let open = auth.iter().filter(|(name, _)| fields.get(*name).is_some_and(|f| !f.secret));
    let scope = Scope::default()
        .with("tables", manifest.tables().clone())
        .with("auth", values(manifest, "auth", open))
        .with("secret", public);
    let constants = constants(manifest, &scope);
    scope.with("const", constants)
}

/// `const` as expressions see it, with what is computed of the names in `scope`: `tables`, `auth`, `secret`.
pub fn constants(manifest: &Manifest, scope: &Scope) -> Value {
    let names = scope.value();
    let computed = manifest.computed_constants().filter_map(|(name, tree)| match json(tree, &names) {
        Ok(value) => Some((name.to_owned(), Value::from(minijinja::value::Serde(value?)))),
        Err(error) => {
            tracing::warn!(name, detail = %error, "a constant cannot be evaluated, it is null");
            None
        }
    });
    Value::from_pairs(manifest.constants().iter().cloned().chain(computed))
}

/// Fields of `auth` or of the secret as a map.
pub(super) fn values<'a>(
    manifest: &Manifest,
    root: &str,
    fields: impl Iterator<Item = (&'a str, &'a SecretString)>,
) -> Value {
    Value::from_pairs(fields.map(|(name, value)| {
        let value = manifest.tidied(root, name, value.expose_secret());
        (name.to_owned(), Value::from(value.as_ref()))
    }))
}

/// Names the credentials without holding them: the key of caches. What the manifest does not
/// declare has no part in it, because a caller could make a new login of every request with it.
pub(super) fn fingerprint<'a>(
    declared: impl Iterator<Item = (&'a str, &'a SecretString)>,
    secret: Option<&'a HashMap<String, SecretString>>,
) -> String {
    use sha2::{Digest, Sha256};
    let mut parts: Vec<(&str, &str)> = declared.map(|(n, v)| (n, v.expose_secret())).collect();
    parts.extend(secret.into_iter().flatten().map(|(n, v)| (n.as_str(), v.expose_secret())));
    parts.sort_unstable();
    let mut digest = Sha256::new();
    for (name, value) in parts {
        for part in [name, value] {
            digest.update(part.len().to_be_bytes());
            digest.update(part);
        }
    }
    crate::digest::hex(&digest.finalize())
}
