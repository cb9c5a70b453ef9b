//! Where the CRM's credentials and the caller keys come from.
//!
//! One secret per account, in Secrets Manager, as a JSON object: `caller_keys` (a text, or several
//! while they rotate) and the fields that the manifest declares under `credentials.fields`.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use subtle::{Choice, ConstantTimeEq};

use crate::clock::BoxFuture;
use crate::pasted::trimmed;

pub mod aws;
pub mod cache;
mod caller_keys;

pub use cache::SecretCache;
pub use caller_keys::SHORTEST_KEY;

/// One account's secret. `Debug` names its fields only.
pub struct Secret {
    caller_keys: Vec<SecretString>,
    fields: HashMap<String, SecretString>,
    /// Fields that are there and cannot be used, with the reason.
    unusable: HashMap<String, &'static str>,
}

impl Secret {
    /// Reads the JSON of a secret: a byte order mark in front, blanks and line ends around every
    /// value are left out. A field that cannot be used is known to [`fit`](Self::fit) only.
    ///
    /// # Errors
    /// `Malformed`, with what is wrong but no value.
    pub fn parse(text: &SecretString) -> Result<Self, SecretError> {
        let mut map = object(trimmed(text.expose_secret())).map_err(SecretError::Malformed)?;
        let caller_keys = map.shift_remove("caller_keys");
        let caller_keys = caller_keys::read(caller_keys).map_err(SecretError::Malformed)?;
        let (mut fields, mut unusable) = (HashMap::new(), HashMap::new());
        for (name, value) in map {
            let text = match value {
                Value::String(text) => text,
                Value::Number(number) => number.to_string(),
                Value::Bool(flag) => flag.to_string(),
                Value::Null => continue,
                _ => {
                    unusable.insert(name, "is neither text nor a number");
                    continue;
                }
            };
            match trimmed(&text) {
                "" => {}
                text if text.chars().any(|c| c.is_control() || UNTYPED.contains(&c)) => {
                    unusable
                        .insert(name, "holds a control character, such as a line end, or an invisible sign");
                }
                text => {
                    fields.insert(name, SecretString::from(text));
                }
            }
        }
        Ok(Self { caller_keys, fields, unusable })
    }

    /// A secret that nobody has: what a key is compared with when there is no secret of the name,
    /// so that both take the same way.
    pub fn nobody() -> &'static Self {
        static NOBODY: LazyLock<Secret> = LazyLock::new(|| Secret {
            caller_keys: vec![SecretString::from("-".repeat(32))],
            fields: HashMap::new(),
            unusable: HashMap::new(),
        });
        &NOBODY
    }

    /// Whether the secret has what the manifest declares: names of fields, and whether each must
    /// be there.
    ///
    /// # Errors
    /// `Malformed`, with the name of the first field that is missing, blank or cannot be used.
    pub fn fit<'a>(&self, declared: impl IntoIterator<Item = (&'a str, bool)>) -> Result<(), SecretError> {
        for (name, mandatory) in declared {
            let why = match self.unusable.get(name) {
                Some(why) => why,
                None if mandatory && !self.fields.contains_key(name) => "is missing or blank",
                None => continue,
            };
            return Err(SecretError::Malformed(format!("the field `{name}` {why}")));
        }
        Ok(())
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

/// Invisible signs that no keyboard writes and no key holds, but web pages and documents do.
const UNTYPED: [char; 3] = ['\u{FEFF}', '\u{200B}', '\u{2060}'];

/// The object of a secret's text; also of a text that was put into quotation marks once more.
fn object(text: &str) -> Result<Map<String, Value>, String> {
    let read = |text: &str| -> Result<Value, String> {
        serde_json::from_str(text)
            .map_err(|e| format!("it is not JSON (line {}, column {})", e.line(), e.column()))
    };
    let value = match read(text)? {
        Value::String(inner) => read(trimmed(&inner)).unwrap_or_default(),
        value => value,
    };
    match value {
        Value::Object(map) => Ok(map),
        _ => Err("it is not a JSON object".to_owned()),
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

/// The store of a manifest without secrets: there is none of any name.
pub struct NoSecrets;

impl SecretStore for NoSecrets {
    fn fetch<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString, SecretError>> {
        Box::pin(async { Err(SecretError::Missing) })
    }
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
        for text in
            ["", "[]", "{}", "null", r#""{}""#, r#"{"caller_keys": "short"}"#, r#"{"caller_keys": [1]}"#]
        {
            assert!(matches!(parse(text), Err(SecretError::Malformed(_))), "{text}");
        }
    }

    #[test]
    fn a_secret_is_read_as_editors_shells_and_consoles_write_it() {
        let plain =
            r#"{"caller_keys": ["0123456789abcdef\n"], "api_key": " k\r\n", "port": 8443, "note": null}"#;
        let again = serde_json::Value::from(plain).to_string();
        for text in [plain.to_owned(), format!("\u{FEFF}{plain}\r\n"), again] {
            let secret = parse(&text).unwrap();
            assert!(secret.accepts(Some("0123456789abcdef")));
            assert_eq!(secret.fields()["api_key"].expose_secret(), "k");
            assert_eq!(secret.fields()["port"].expose_secret(), "8443");
            assert!(!secret.fields().contains_key("note"));
        }
    }

    #[test]
    fn a_declared_field_that_is_missing_blank_or_unusable_is_named() {
        let secret = parse(
            r#"{"caller_keys": "0123456789abcdef", "good": "k", "blank": " \n", "list": ["k"],
                "broken": "a\nb", "marked": "a\u200bb"}"#,
        )
        .unwrap();
        assert_eq!(secret.fit([("good", true), ("blank", false), ("other", false)]), Ok(()));
        for (name, why) in [
            ("blank", "is missing or blank"),
            ("other", "is missing or blank"),
            ("list", "is neither text nor a number"),
            ("broken", "holds a control character"),
            ("marked", "holds a control character"),
        ] {
            let error = secret.fit([("good", true), (name, true)]).unwrap_err().to_string();
            assert!(error.contains(&format!("the field `{name}` {why}")), "{error}");
            let optional = secret.fit([(name, false)]);
            assert_eq!(
                optional.is_ok(),
                why.starts_with("is missing"),
                "what is there must be usable: {name}"
            );
        }
    }

    #[test]
    fn nothing_of_a_secret_can_be_printed() {
        let secret = parse(r#"{"caller_keys": "canary-0123456789", "api_key": "canary"}"#).unwrap();
        assert!(!format!("{secret:?}").contains("canary"));
    }
}
