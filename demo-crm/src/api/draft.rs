//! What clients may enter about a contact, and what the CRM accepts.

use serde_json::Value;

use super::fields::{Fields, Given};
use super::refusal::Refusal;
use crate::contact::{Details, Phone};

const MOST_PHONES: usize = 10;

/// A new contact. It needs something to be listed by.
pub(crate) fn new_contact(body: &[u8]) -> Result<Details, Refusal> {
    let mut fields = Fields::read(body)?;
    let mut details = Details::default();
    enter(&mut fields, &mut details);
    insist_on_a_name(&mut fields, &details);
    fields.finish()?;
    Ok(details)
}

/// Changes a contact; false when the body was empty, which is not a change.
pub(crate) fn changes(body: &[u8], details: &mut Details) -> Result<bool, Refusal> {
    let mut fields = Fields::read(body)?;
    if fields.is_empty() {
        return Ok(false);
    }
    let had_a_name = has_a_name(details);
    enter(&mut fields, details);
    match fields.boolean("archived") {
        Given::Absent => {}
        Given::Null => fields.refuse("archived", "Must be true or false."),
        Given::Value(archived) => details.archived = archived,
    }
    // Old contacts without any name can still be changed, only not made.
    if had_a_name {
        insist_on_a_name(&mut fields, details);
    }
    fields.finish()?;
    Ok(true)
}

fn enter(fields: &mut Fields, details: &mut Details) {
    fields.text("first_name", 200).change(&mut details.first_name);
    fields.text("last_name", 200).change(&mut details.last_name);
    fields.text("company", 200).change(&mut details.company);
    fields.text("title", 200).change(&mut details.title);
    let email = fields.text("email", 254);
    if matches!(&email, Given::Value(address) if !is_email(address)) {
        fields.refuse("email", "Is not an e-mail address.");
    }
    email.change(&mut details.email);
    match fields.raw("phones") {
        Given::Absent => {}
        Given::Null => details.phones.clear(),
        Given::Value(value) => match phones(value) {
            Ok(phones) => details.phones = phones,
            Err(problem) => fields.refuse("phones", problem),
        },
    }
}

fn phones(value: Value) -> Result<Vec<Phone>, String> {
    let phones: Vec<Phone> = serde_json::from_value(value)
        .map_err(|error| format!("Must be a list of {{label, number}}: {error}."))?;
    if phones.len() > MOST_PHONES {
        return Err(format!("Must be at most {MOST_PHONES}."));
    }
    if phones.iter().any(|phone| phone.number.trim().is_empty() || phone.number.len() > 60) {
        return Err("Every number must have from 1 to 60 characters.".to_owned());
    }
    Ok(phones)
}

fn insist_on_a_name(fields: &mut Fields, details: &Details) {
    if !has_a_name(details) {
        fields.refuse("last_name", "One of last_name, company and email is mandatory.");
    }
}

fn has_a_name(details: &Details) -> bool {
    [&details.last_name, &details.company, &details.email]
        .into_iter()
        .flatten()
        .any(|text| !text.trim().is_empty())
}

/// One name, one at sign, a domain with a dot, nothing that only mail programs understand.
fn is_email(address: &str) -> bool {
    let Some((name, domain)) = address.split_once('@') else {
        return false;
    };
    let odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '@' | ',' | ';' | '<' | '>');
    !name.is_empty()
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
        && !name.contains(odd)
        && !domain.contains(odd)
}
