//! From an untrusted request to a trusted one. Only [`Trusted`] reaches an operation: the type
//! says that the caller was checked.

use std::collections::HashMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::Bridge;
use crate::contract::auth::AuthFields;
use crate::contract::{ContractError, Envelope};
use crate::credentials::{Secret, SecretError};
use crate::crm::Session;
use crate::error::{Class, Failure};
use crate::manifest::expression::as_text;
use crate::time::Moment;

/// Who somebody says to be.
pub struct Untrusted {
    auth: AuthFields,
}

impl Untrusted {
    /// What a body says in `auth`.
    pub fn new(envelope: &Envelope<'_>) -> Self {
        Self { auth: envelope.auth().clone() }
    }
}

/// Who somebody is known to be, with the account's secret.
pub struct Trusted {
    auth: AuthFields,
    secret: Option<(String, Arc<Secret>)>,
}

impl Trusted {
    /// The `auth` fields.
    pub fn auth(&self) -> &AuthFields {
        &self.auth
    }

    /// The fields of the account's secret.
    pub fn secret_fields(&self) -> Option<&HashMap<String, SecretString>> {
        self.secret.as_ref().map(|(_, secret)| secret.fields())
    }
}

/// A contract error as a failure. Its text holds paths and expectations, never values.
pub fn bad_request(error: &ContractError) -> Failure {
    let text = error.to_string();
    Failure::new(Class::BadRequest, text.clone()).with_message(text)
}

impl Bridge {
    /// Checks the caller: the declared fields, then the caller key against the account's secret.
    ///
    /// # Errors
    /// `CallerRefused`, or what kept the secret from being read.
    pub(super) async fn trust(&self, untrusted: Untrusted) -> Result<Trusted, Failure> {
        let auth = untrusted.auth;
        let document = self.manifest().document();
        for (name, field) in &document.integration.authentication {
            let refused = |why: &str| {
                let message = format!("The field \"{}\" {why}.", field.display);
                Failure::new(Class::CallerRefused, format!("auth.{name} {why}")).with_message(message)
            };
            match auth.get(name) {
                Some(value) if !self.manifest().auth_value_fits(name, value) => {
                    return Err(refused("does not have the expected form"));
                }
                None if field.mandatory && field.source == crate::contract::integration::Source::Input => {
                    return Err(refused("is missing"));
                }
                _ => {}
            }
        }
        let Some(credentials) = &document.credentials else {
            return Ok(Trusted { auth, secret: None });
        };
        // The name sees open fields only; their patterns keep it inside of the policy's prefix.
        let probe = Session::new(self.manifest(), &auth, None, Moment::EPOCH, "");
        let name = credentials
            .secret
            .eval(&probe.open_names())
            .ok()
            .and_then(|v| as_text(&v))
            .filter(|name| is_secret_name(name))
            .ok_or_else(|| Failure::new(Class::CallerRefused, "the secret's name cannot be built"))?;
        let given = auth.get(&credentials.caller_key).map(str::to_owned);
        let mut secret = self.secrets.get(&name).await.map_err(|error| unusable(&error))?;
        if !secret.accepts(given.as_deref()) {
            // The key may be a new one that is not in memory yet.
            secret = match self.secrets.renewed(&name, &secret).await {
                Some(renewed) if renewed.accepts(given.as_deref()) => renewed,
                _ => {
                    return Err(Failure::new(
                        Class::CallerRefused,
                        "the caller key is not one of the secret's",
                    ));
                }
            };
        }
        Ok(Trusted { auth, secret: Some((name, secret)) })
    }

    /// The same caller with the secret as it is now, if it has changed.
    pub(super) async fn renewed(&self, trusted: &Trusted) -> Option<Trusted> {
        let (name, old) = trusted.secret.as_ref()?;
        let new = self.secrets.renewed(name, old).await?;
        let changed = !new.same_as(old);
        changed.then(|| Trusted { auth: trusted.auth.clone(), secret: Some((name.clone(), new)) })
    }
}

/// Characters of Secrets Manager's names; no `..`, no empty parts, so that a prefix is a prefix.
fn is_secret_name(name: &str) -> bool {
    name.len() <= 512
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c))
}

fn unusable(error: &SecretError) -> Failure {
    let class = match error {
        SecretError::Unavailable(_) => Class::SecretUnavailable,
        _ => Class::SecretUnusable,
    };
    Failure::new(class, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::is_secret_name;

    #[test]
    fn a_secret_name_cannot_leave_its_prefix() {
        assert!(is_secret_name("talkdesk-bridge/demo/acme"));
        for name in ["", "talkdesk-bridge//x", "talkdesk-bridge/../x", "a b", "a*", "/a", "a/"] {
            assert!(!is_secret_name(name), "{name}");
        }
    }
}
