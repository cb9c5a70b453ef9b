//! Rows that the organisation has from the beginning: contacts, users, the user who asks.

use serde_json::{Value, json};

use super::{Row, contact_id, id, lead_id};
use crate::table::Person;

/// Who asks.
pub(super) fn userinfo() -> Value {
    json!({"sub": "https://login.salesforce.com/id/00DdM000005JzZrUAK/005dM00000aYf0qQAC",
        "user_id": "005dM00000aYf0qQAC", "organization_id": "00DdM000005JzZrUAK",
        "preferred_username": "user@example.com", "nickname": "user", "name": "Epic OrgFarm",
        "email": "epic@example.com", "email_verified": true, "active": true, "user_type": "STANDARD",
        "language": "en_US", "locale": "en_US", "utcOffset": -28_800_000})
}

/// A contact.
pub(super) fn contact(person: &Person) -> Row {
    let mut row = named(person, contact_id(person.number), &["Phone", "MobilePhone", "HomePhone"]);
    if person.number.is_multiple_of(3) {
        row.insert("Account.Name".to_owned(), "Acme".into());
    }
    row
}

/// A lead; a converted one names its contact, where the organisation has so many `contacts`.
pub(super) fn lead(person: &Person, contacts: u64) -> Row {
    let mut row = named(person, lead_id(person.number), &["Phone", "MobilePhone"]);
    row.insert("Company".to_owned(), "Dickenson plc".into());
    row.insert("IsConverted".to_owned(), person.archived.into());
    row.insert("IsDeleted".to_owned(), false.into());
    if person.archived && person.number <= contacts {
        row.insert("ConvertedContactId".to_owned(), contact_id(person.number).into());
    }
    row
}

/// What contacts and leads have in common.
fn named(person: &Person, id: String, phones: &[&str]) -> Row {
    let stamp = person.stamp.iso_us();
    let mut row = Row::from([
        ("Id".to_owned(), id.into()),
        ("FirstName".to_owned(), person.first_name.as_str().into()),
        ("LastName".to_owned(), person.last_name.as_str().into()),
        ("Name".to_owned(), format!("{} {}", person.first_name, person.last_name).trim().into()),
        ("SystemModstamp".to_owned(), stamp.as_str().into()),
        ("LastModifiedDate".to_owned(), stamp.into()),
    ]);
    if let Some(email) = &person.email {
        row.insert("Email".to_owned(), email.as_str().into());
    }
    for (phone, column) in person.phones.iter().zip(phones) {
        row.insert((*column).to_owned(), phone.as_str().into());
    }
    row
}

/// A user.
pub(super) fn user(number: u64) -> Row {
    let kind = if number == 1 { "AutomatedProcess" } else { "Standard" };
    Row::from([
        ("Id".to_owned(), id("005", number).into()),
        ("Name".to_owned(), format!("User{number} Smith").into()),
        ("Email".to_owned(), format!("user{number}@example.com").into()),
        ("IsActive".to_owned(), (!number.is_multiple_of(5)).into()),
        ("UserType".to_owned(), kind.into()),
    ])
}
