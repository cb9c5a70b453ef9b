//! Credentials: the `auth` member of every request, and the Authorization Validator's messages.

use std::borrow::Cow;
use std::fmt;

use indexmap::IndexMap;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::read::unreadable;
use super::{ContractError, Envelope, TalkdeskRequest, read};
use crate::pasted::trimmed;

/// The `auth` hash: the values of the fields that the integration declares (contract §1, §2).
///
/// Every value is a secret and cannot be printed; `Debug` shows the names. Numbers and booleans
/// arrive as their text, texts without the blanks, line ends and invisible marks that were pasted
/// around them; `null`, blank and missing fields are all absent (contract §11.4).
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

    /// The fields with every value as `tidy` makes it of name and value; empty ones are absent.
    #[must_use]
    pub fn tidied<'v>(&'v self, tidy: impl Fn(&str, &'v str) -> Cow<'v, str>) -> Self {
        Self::from_pairs(self.iter().map(|(name, value)| (name, tidy(name, value.expose_secret()))))
    }

    /// Whether no field is present.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads `auth`: of its members only the `declared` ones, without what was pasted around them.
    pub(super) fn read(
        text: Option<&RawValue>,
        declared: impl Fn(&str) -> bool,
    ) -> Result<Self, ContractError> {
        let text = text.map_or("null", RawValue::get);
        if matches!(text, "null" | "\"\"") {
            return Ok(Self::default());
        }
        if !text.starts_with('{') {
            return Err(ContractError::new("auth", "an object"));
        }
        let members = read::members(text, declared).map_err(|e| unreadable("auth", &e))?;
        let mut fields: IndexMap<String, Option<SecretString>> = IndexMap::new();
        for (name, text) in members {
            let path = || format!("auth.{name}");
            let value = match text.get().as_bytes().first() {
                Some(b'n') => None,
                Some(b'{' | b'[') => {
                    return Err(ContractError::new(path(), "a string, number or boolean"));
                }
                Some(b'"') => {
                    Some(serde_json::from_str::<String>(text.get()).map_err(|e| unreadable(&path(), &e))?)
                }
                _ => Some(text.get().to_owned()),
            };
            let value =
                value.as_deref().map(trimmed).filter(|value| !value.is_empty()).map(SecretString::from);
            fields.insert(name, value);
        }
        Ok(Self(fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()))
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
    fn from_envelope(envelope: &Envelope<'_>) -> Result<Self, ContractError> {
        Ok(Self { auth: envelope.auth().clone() })
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
