//! What expressions see of an account, outside of a request: for `eval` and `check --live`.

use bridge::crm::{Scope, constants};
use bridge::manifest::Manifest;
use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

/// `tables`, `auth`, `secret` and `const`.
pub fn of_account<A, S>(manifest: &Manifest, auth: &A, secret: &S) -> Scope
where
    A: Serialize + ?Sized,
    S: Serialize + ?Sized,
{
    let scope = Scope::default()
        .with("tables", manifest.tables().clone())
        .with("auth", Value::from(Serde(auth)))
        .with("secret", Value::from(Serde(secret)));
    let constants = constants(manifest, &scope);
    scope.with("const", constants)
}
