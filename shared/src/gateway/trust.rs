//! From an untrusted request to a trusted one. Only [`Trusted`] reaches an operation: the type
//! says that the caller was checked.

use std::sync::Arc;
use std::time::Duration;

use super::Bridge;
use super::account::secret_name;
use crate::contract::auth::AuthFields;
use crate::contract::integration::Source;
use crate::contract::{ContractError, Envelope};
use crate::credentials::{Secret, SecretError};
use crate::crm::{Session, open_names};
use crate::error::{Class, Failure};
use crate::manifest::Manifest;
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
    /// A session with the CRM in this caller's name: there is no other way to one.
    pub fn session(&self, manifest: &Manifest, deadline: Moment, request_id: &str) -> Session {
        let fields = self.secret.as_ref().map(|(_, secret)| secret.fields());
        Session::new(manifest, &self.auth, fields, deadline, request_id)
    }
}

/// A contract error as a failure. Its text holds paths and expectations, never values.
pub fn bad_request(error: &ContractError) -> Failure {
    let text = error.to_string();
    Failure::new(Class::BadRequest, text.clone()).with_message(text)
}

impl Bridge {
    /// Checks the caller: the declared fields, then the caller key against the account's secret,
    /// then whether the secret has what the manifest needs.
    ///
    /// # Errors
    /// `CallerRefused`, also when there is no secret of the account's name; or what kept the secret
    /// from being read or used.
    pub(super) async fn trust(&self, untrusted: Untrusted, deadline: Moment) -> Result<Trusted, Failure> {
        let auth = untrusted.auth.tidied(|name, value| self.manifest().tidied("auth", name, value));
        self.declared(&auth)?;
        let Some(credentials) = &self.manifest().document().credentials else {
            return Ok(Trusted { auth, secret: None });
        };
        // The name sees open fields only; their patterns keep it inside of the policy's prefix.
        let name = credentials
            .secret
            .eval(&open_names(self.manifest(), &auth))
            .ok()
            .and_then(|v| as_text(&v))
            .map(|named| secret_name(self.settings.secret_prefix.as_deref(), self.manifest().name(), &named))
            .filter(|name| is_secret_name(name))
            .ok_or_else(|| Failure::new(Class::CallerRefused, "the secret's name cannot be built"))?;
        let given = auth.get(&credentials.caller_key);
        let secret = match self.secrets.get(&name, self.left(deadline)).await {
            Ok(secret) if secret.accepts(given) => secret,
            // The key may be a new one that is not in memory yet.
            Ok(secret) => match self.secrets.renewed(&name, &secret, self.left(deadline)).await {
                Some(renewed) if renewed.accepts(given) => renewed,
                _ => return Err(wrong_key(&name)),
            },
            // Who asks must not learn which accounts there are: the same way, the same answer.
            Err(error @ SecretError::Missing) => {
                let _ = Secret::nobody().accepts(given);
                return Err(Failure::new(Class::CallerRefused, named(&error, &name)));
            }
            Err(error) => return Err(unusable(&error, &name)),
        };
        secret.fit(credentials.declared()).map_err(|error| unusable(&error, &name))?;
        Ok(Trusted { auth, secret: Some((name, secret)) })
    }

    /// Whether the declared fields are there and have their form.
    fn declared(&self, auth: &AuthFields) -> Result<(), Failure> {
        for (name, field) in &self.manifest().document().integration.authentication {
            let refused = |why: &str, help: Option<&String>| {
                let help = help.map(|help| format!(" {}.", help.trim_end_matches('.'))).unwrap_or_default();
                let message = format!("The field \"{}\" {why}.{help}", field.display);
                Failure::new(Class::CallerRefused, format!("auth.{name} {why}")).with_message(message)
            };
            match auth.get(name) {
                Some(value) if !self.manifest().auth_value_fits(name, value) => {
                    return Err(refused("does not have the expected form", field.help.as_ref()));
                }
                None if field.mandatory && field.source == Source::Input => {
                    return Err(refused("is missing", None));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The same caller with the secret as it is now, if its fields have changed.
    ///
    /// # Errors
    /// `CallerRefused` when the secret has changed and no longer has the caller's key: a key that
    /// was withdrawn together with the CRM's must not get the CRM's new one.
    pub(super) async fn renewed(
        &self,
        trusted: &Trusted,
        deadline: Moment,
    ) -> Result<Option<Trusted>, Failure> {
        let (Some((name, old)), Some(credentials)) =
            (&trusted.secret, &self.manifest().document().credentials)
        else {
            return Ok(None);
        };
        let Some(new) = self.secrets.renewed(name, old, self.left(deadline)).await else { return Ok(None) };
        if !new.accepts(trusted.auth.get(&credentials.caller_key)) {
            return Err(wrong_key(name));
        }
        if new.same_as(old) {
            return Ok(None);
        }
        new.fit(credentials.declared()).map_err(|error| unusable(&error, name))?;
        Ok(Some(Trusted { auth: trusted.auth.clone(), secret: Some((name.clone(), new)) }))
    }

    /// The time until a deadline.
    fn left(&self, deadline: Moment) -> Duration {
        deadline.since(self.engine.clock().now())
    }
}

fn wrong_key(name: &str) -> Failure {
    Failure::new(Class::CallerRefused, format!("the caller key is not one of the secret's (secret `{name}`)"))
}

/// Characters of Secrets Manager's names; no `..`, no empty parts, so that a prefix is a prefix.
fn is_secret_name(name: &str) -> bool {
    name.len() <= 512
        && name.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c))
}

/// For the log: what is wrong, and with which secret.
fn named(error: &SecretError, name: &str) -> String {
    format!("{error} (secret `{name}`)")
}

fn unusable(error: &SecretError, name: &str) -> Failure {
    let class = match error {
        SecretError::Unavailable(_) => Class::SecretUnavailable,
        _ => Class::SecretUnusable,
    };
    Failure::new(class, named(error, name))
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
