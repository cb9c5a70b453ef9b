//! A request's body, cut into `auth`, `meta` and `data` before anybody is believed.
//!
//! Whoever knows the URL may send a body, so nothing of it becomes a tree until the caller is
//! known: `auth` is read member by member, `meta` and `data` stay text, and everything else is
//! skipped without recursion and without memory of its own.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::read::{self, Fields, unreadable};
use super::{AuthFields, ContractError};

/// The three parts of a body. `Debug` shows the names of `auth` only.
pub struct Envelope<'a> {
    auth: AuthFields,
    meta: Option<&'a RawValue>,
    data: Option<&'a RawValue>,
}

impl<'a> Envelope<'a> {
    /// Cuts a body. Of `auth` only the `declared` members are looked at, others may be anything.
    ///
    /// A byte order mark in front is accepted, unknown members are passed over at every level,
    /// and of a key that occurs twice the last one counts (contract §11.4, §11.34).
    ///
    /// # Errors
    /// An empty body, a body that is not JSON or not an object, `auth` that is not an object, and
    /// an array or object as the value of a declared member.
    pub fn read(body: &'a [u8], declared: impl Fn(&str) -> bool) -> Result<Self, ContractError> {
        let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        if body.iter().all(u8::is_ascii_whitespace) {
            return Err(ContractError::new("", "a JSON object, not an empty body"));
        }
        if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            let json = serde_json::from_slice::<IgnoredAny>(body);
            return Err(json.map_or_else(|e| unreadable("", &e), |_| ContractError::new("", "a JSON object")));
        }
        let mut reader = serde_json::Deserializer::from_slice(body);
        let parts = reader.deserialize_map(Parts::default()).map_err(|e| unreadable("", &e))?;
        reader.end().map_err(|e| unreadable("", &e))?;
        Ok(Self { auth: AuthFields::read(parts.auth, declared)?, meta: parts.meta, data: parts.data })
    }

    /// What the caller says to be.
    pub fn auth(&self) -> &AuthFields {
        &self.auth
    }

    /// The members of `meta` that somebody reads.
    pub(super) fn meta(&self, wanted: &[&str]) -> Result<Fields, ContractError> {
        read::part("meta", self.meta, Some(wanted))
    }

    /// The members of `data` that somebody reads; all without a list.
    pub(super) fn data(&self, wanted: Option<&[&str]>) -> Result<Fields, ContractError> {
        read::part("data", self.data, wanted)
    }
}

impl fmt::Debug for Envelope<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("auth", &self.auth).finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Parts<'a> {
    auth: Option<&'a RawValue>,
    meta: Option<&'a RawValue>,
    data: Option<&'a RawValue>,
}

impl<'a> Visitor<'a> for Parts<'a> {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut members: A) -> Result<Self, A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "auth" => self.auth = Some(members.next_value()?),
                "meta" => self.meta = Some(members.next_value()?),
                "data" => self.data = Some(members.next_value()?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
        }
        Ok(self)
    }
}
