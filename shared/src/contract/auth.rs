//! Credentials: the `auth` member of every request, and the Authorization Validator's messages.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::read::{self, Fields};
use super::{ContractError, TalkdeskRequest};

/// The `auth` hash: the values of the fields that the integration declares (contract §1, §2).
///
/// Every value is a secret and cannot be printed; `Debug` shows the names. Numbers and booleans
/// arrive as their text; `null`, `""` and missing fields are all absent (contract §11.4).
#[derive(Clone, Default)]
pub struct AuthFields(Vec<(String, SecretString)>);

impl AuthFields {
    /// Fields from names and values, for the CLI and for tests; empty values are absent, and of
    /// a name given twice the last value counts.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let mut fields = Self::default();
        for (name, value) in pairs {
            let (name, value): (String, String) = (name.into(), value.into());
            fields.0.retain(|(known, _)| *known != name);
            if !value.is_empty() {
                fields.0.push((name, value.into()));
            }
        }
        fields
    }

    /// The value of a field in the clear; `None` when it is absent.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.secret(name).map(ExposeSecret::expose_secret)
    }

    /// The value of a field, still wrapped; `None` when it is absent.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<&SecretString> {
        self.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The names of the fields that are present, in the order they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    /// Names and wrapped values of the fields that are present, in the order they came.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &SecretString)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Whether no field is present.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes `auth` out of a request body; an array or object as a value is an error.
    pub(super) fn take_from(body: &mut Fields) -> Result<Self, ContractError> {
        let members = body.object("auth")?.into_members();
        let mut fields = Vec::with_capacity(members.len());
        for (name, value) in members {
            let text = match value {
                value if read::is_absent(&value) => continue,
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                _ => {
                    let path = format!("auth.{name}");
                    return Err(ContractError::new(path, "a string, number or boolean"));
                }
            };
            fields.push((name, text.into()));
        }
        Ok(Self(fields))
    }

    /// The hash as Talkdesk sends it, in the clear.
    pub(super) fn expose_json(&self) -> Value {
        let members = self.iter().map(|(name, value)| (name.to_owned(), value.expose_secret().into()));
        Value::Object(members.collect())
    }
}

impl fmt::Debug for AuthFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthFields")?;
        f.debug_set().entries(self.names()).finish()
    }
}

/// What Talkdesk asks when a user activates the integration: are these credentials good?
/// (contract §2)
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthRequest {
    /// What the user typed, or what the OAuth exchange gave.
    pub auth: AuthFields,
}

impl TalkdeskRequest for AuthRequest {
    fn parse(body: &[u8]) -> Result<Self, ContractError> {
        let mut body = read::body(body)?;
        let auth = AuthFields::take_from(&mut body)?;
        Ok(Self { auth })
    }

    fn expose_json(&self) -> Value {
        serde_json::json!({ "auth": self.auth.expose_json() })
    }
}

/// The body of the validator's success: Talkdesk stores every member and sends it back in `auth`
/// on all later calls, so it holds declared fields only, mostly none (contract §2, §11.2).
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthResponse(pub Map<String, Value>);

impl fmt::Debug for AuthResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuthResponse")?;
        f.debug_set().entries(self.0.keys()).finish()
    }
}
