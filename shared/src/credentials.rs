//! Where the CRM's credentials and the caller keys come from.
//!
//! One secret per account, in Secrets Manager, as a JSON object: `caller_keys` (a text, or several
//! while they rotate) and the fields that the manifest declares under `credentials.fields`.

use std::collections::HashMap;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

use crate::crm::transport::BoxFuture;

pub mod aws;
pub mod cache;

pub use cache::SecretCache;

/// The shortest caller key that is accepted: shorter ones can be guessed.
const SHORTEST_KEY: usize = 16;

/// One account's secret. `Debug` names its fields only.
pub struct Secret {
    caller_keys: Vec<SecretString>,
    fields: HashMap<String, SecretString>,
}

impl Secret {
    /// Reads the JSON of a secret.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong but no value.
    pub fn parse(text: &SecretString) -> Result<Self, SecretError> {
        let malformed = |why: &str| SecretError::Malformed(why.to_owned());
        let json: serde_json::Value =
            serde_json::from_str(text.expose_secret()).map_err(|_| malformed("it is not JSON"))?;
        let serde_json::Value::Object(map) = json else {
            return Err(malformed("it is not a JSON object"));
        };
        let mut caller_keys = Vec::new();
        let mut fields = HashMap::new();
        for (name, value) in map {
            if name == "caller_keys" {
                let keys = match value {
                    serde_json::Value::String(key) => vec![key],
                    serde_json::Value::Array(keys) => keys
                        .into_iter()
                        .map(|k| k.as_str().map(str::to_owned))
                        .collect::<Option<_>>()
                        .ok_or_else(|| malformed("`caller_keys` must be texts"))?,
                    _ => return Err(malformed("`caller_keys` must be a text or a list of texts")),
                };
                if keys.iter().any(|k| k.len() < SHORTEST_KEY) {
                    return Err(malformed("a caller key is shorter than 16 characters"));
                }
                caller_keys = keys.into_iter().map(SecretString::from).collect();
                continue;
            }
            let text = match value {
                serde_json::Value::String(text) => text,
                serde_json::Value::Number(number) => number.to_string(),
                serde_json::Value::Bool(flag) => flag.to_string(),
                serde_json::Value::Null => continue,
                _ => return Err(malformed("a field is neither text nor a number")),
            };
            fields.insert(name, SecretString::from(text));
        }
        if caller_keys.is_empty() {
            return Err(malformed(
                "`caller_keys` is missing: without it anybody who knows the URL could use the CRM",
            ));
        }
        Ok(Self { caller_keys, fields })
    }

    /// Whether a key is one of the secret's. Takes the same time for every key of one length.
    pub fn accepts(&self, given: Option<&str>) -> bool {
        let given = given.unwrap_or_default().as_bytes();
        let mut found = Choice::from(0);
        for key in &self.caller_keys {
            found |= key.expose_secret().as_bytes().ct_eq(given);
        }
        found.into()
    }

    /// The fields for the CRM.
    pub fn fields(&self) -> &HashMap<String, SecretString> {
        &self.fields
    }

    /// Whether two secrets hold the same values.
    pub fn same_as(&self, other: &Secret) -> bool {
        self.fields.len() == other.fields.len()
            && self.fields.iter().all(|(name, value)| {
                other.fields.get(name).is_some_and(|v| v.expose_secret() == value.expose_secret())
            })
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({} caller keys, {} fields)", self.caller_keys.len(), self.fields.len())
    }
}

/// Why there is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretError {
    /// There is none of this name.
    Missing,
    /// The function may not read it.
    Denied,
    /// It cannot be used as it is.
    Malformed(String),
    /// Secrets Manager did not answer; another try may help.
    Unavailable(String),
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretError::Missing => {
                f.write_str("there is no secret of this name: create it, or correct the account")
            }
            SecretError::Denied => {
                f.write_str("the function may not read the secret: check its policy and the key's")
            }
            SecretError::Malformed(why) => write!(f, "the secret cannot be used: {why}"),
            SecretError::Unavailable(why) => write!(f, "Secrets Manager did not answer: {why}"),
        }
    }
}

impl std::error::Error for SecretError {}

/// Where secrets are kept.
pub trait SecretStore: Send + Sync {
    /// Fetches one by its name.
    fn fetch<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>>;
}

/// Secrets that are known beforehand: the command line's `--secret-file`, and tests.
pub struct FixedSecret(SecretString);

impl FixedSecret {
    /// One secret for every name.
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }
}

impl SecretStore for FixedSecret {
    fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Secret, SecretError> {
        Secret::parse(&SecretString::from(text))
    }

    #[test]
    fn several_caller_keys_are_accepted_while_they_rotate() {
        let secret =
            parse(r#"{"caller_keys": ["0123456789abcdef", "fedcba9876543210"], "api_key": "k"}"#).unwrap();
        assert!(secret.accepts(Some("0123456789abcdef")) && secret.accepts(Some("fedcba9876543210")));
        for wrong in [None, Some(""), Some("0123456789abcde"), Some("0123456789abcdeg")] {
            assert!(!secret.accepts(wrong), "{wrong:?}");
        }
        assert_eq!(secret.fields()["api_key"].expose_secret(), "k");
    }

    #[test]
    fn a_secret_that_leaves_the_door_open_is_malformed() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"caller_keys": []}"#,
            r#"{"caller_keys": "short"}"#,
            r#"{"caller_keys": [1]}"#,
        ] {
            assert!(matches!(parse(text), Err(SecretError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn nothing_of_a_secret_can_be_printed() {
        let secret = parse(r#"{"caller_keys": "canary-0123456789", "api_key": "canary"}"#).unwrap();
        assert!(!format!("{secret:?}").contains("canary"));
    }
}
