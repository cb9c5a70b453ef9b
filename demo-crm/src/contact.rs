//! What a contact is, in the database, in the seed and on the wire.

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use serde::{Deserialize, Serialize};

use crate::clock::Micros;

/// A number as somebody typed it: nothing guarantees that it can be dialled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phone {
    /// What the number is for, in the CRM user's words.
    pub label: String,
    /// The number, with whatever separators, extension or remark it was typed with.
    pub number: String,
}

impl Phone {
    /// The digits that are dialled, without an extension; empty when there are none.
    pub(crate) fn digits(number: &str) -> String {
        let lower = number.to_lowercase();
        let dialled = lower.find(['x', '#', ';']).map_or(lower.as_str(), |end| &lower[..end]);
        dialled.chars().filter(char::is_ascii_digit).collect()
    }

    /// The end of the digits, which national and international forms of a number share.
    pub(crate) fn last9(digits: &str) -> &str {
        &digits[digits.len().saturating_sub(9)..]
    }
}

/// A postal address; every part may be missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    /// Street and house number.
    pub street: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Country, as a name.
    pub country: Option<String>,
}

/// Whom a contact stands for. Suppliers are in the same list, as in many CRMs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A customer, or somebody at a customer.
    #[default]
    Person,
    /// Somebody who sells to the company: not for a contact center.
    Supplier,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Supplier => "supplier",
        }
    }
}

impl ToSql for Kind {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.name()))
    }
}

impl FromSql for Kind {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value.as_str()? {
            "person" => Ok(Self::Person),
            "supplier" => Ok(Self::Supplier),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// What people enter about a contact; the CRM adds the id, the stamps and the address of its page.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Details {
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The company's name, which is all that some contacts have.
    pub company: Option<String>,
    /// Job title; touching a contact changes it to its revision.
    pub title: Option<String>,
    /// Main e-mail address, as typed: it may be empty or have spaces around it.
    pub email: Option<String>,
    /// Further e-mail addresses.
    pub other_emails: Vec<String>,
    /// Numbers in the order in which they were entered; the same one may be there twice.
    pub phones: Vec<Phone>,
    /// Postal address.
    pub address: Option<Address>,
    /// Web site, as typed.
    pub website: Option<String>,
    /// Twitter name, as typed.
    pub twitter: Option<String>,
    /// Whom the contact stands for.
    pub kind: Kind,
    /// Put away by a user; such contacts stay in every list.
    pub archived: bool,
}

/// A contact as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Contact {
    pub id: i64,
    #[serde(flatten)]
    pub details: Details,
    pub created_at: Micros,
    pub updated_at: Micros,
    pub url: String,
}

/// The address of a record's page. A fixed host, so that answers do not depend on the port.
pub(crate) fn page_url(collection: &str, id: i64) -> String {
    format!("https://demo-crm.example.com/{collection}/{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_extension_is_not_part_of_the_digits() {
        assert_eq!(Phone::digits("+1 (512) 555-0123 ext. 12"), "15125550123");
        assert_eq!(Phone::last9("15125550123"), "125550123");
    }

    #[test]
    fn a_remark_has_no_digits() {
        assert_eq!(Phone::digits("call reception"), "");
    }
}
