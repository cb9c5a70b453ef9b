//! What a request body may hold.

use serde_json::{Map, Value};

use super::Refusal;

pub(super) type Body = Map<String, Value>;

/// What a body key holds.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Text(usize),
    Id,
    Bool,
    List,
    Object,
    OneOf(&'static [i64]),
}
use Kind::{Bool, Id, List, Object, OneOf, Text};

pub(super) const TICKET: &[(&str, Kind)] = &[
    ("name", Text(255)),
    ("requester_id", Id),
    ("email", Text(255)),
    ("facebook_id", Text(255)),
    ("phone", Text(255)),
    ("twitter_id", Text(255)),
    ("unique_external_id", Text(255)),
    ("subject", Text(255)),
    ("type", Text(255)),
    ("status", OneOf(&[2, 3, 4, 5, 6, 7])),
    ("priority", OneOf(&[1, 2, 3, 4])),
    ("source", OneOf(&[1, 2, 3, 5, 6, 7, 9, 11, 10])),
    ("description", Text(1_000_000)),
    ("responder_id", Id),
    ("cc_emails", List),
    ("custom_fields", Object),
    ("due_by", Text(64)),
    ("fr_due_by", Text(64)),
    ("email_config_id", Id),
    ("group_id", Id),
    ("parent_id", Id),
    ("product_id", Id),
    ("company_id", Id),
    ("tags", List),
];
pub(super) const NOTE: &[(&str, Kind)] = &[
    ("body", Text(1_000_000)),
    ("incoming", Bool),
    ("notify_emails", List),
    ("private", Bool),
    ("user_id", Id),
];
pub(super) const CONTACT: &[(&str, Kind)] = &[
    ("name", Text(255)),
    ("email", Text(255)),
    ("phone", Text(255)),
    ("mobile", Text(255)),
    ("twitter_id", Text(255)),
    ("unique_external_id", Text(255)),
    ("other_emails", List),
    ("company_id", Id),
    ("view_all_tickets", Bool),
    ("other_companies", List),
    ("address", Text(255)),
    ("custom_fields", Object),
    ("description", Text(65_535)),
    ("job_title", Text(255)),
    ("language", Text(16)),
    ("tags", List),
    ("time_zone", Text(64)),
];

/// Checks keys, types and lengths.
pub(super) fn check(body: &Body, fields: &[(&str, Kind)], mandatory: &[&str]) -> Result<(), Refusal> {
    for (name, value) in body {
        let (_, kind) = fields.iter().find(|(n, _)| n == name).ok_or_else(|| Refusal::unknown(name))?;
        match kind {
            Text(most) => {
                let text = value.as_str().ok_or_else(|| Refusal::kind(name, "String"))?;
                if text.chars().count() > *most {
                    let message = format!(
                        "Has {} characters, it can have maximum of {most} characters",
                        text.chars().count()
                    );
                    return Err(Refusal::value(name, &message));
                }
            }
            Id if value.as_u64().is_none_or(|n| n == 0) => {
                return Err(Refusal::kind(name, "Positive Integer"));
            }
            Bool if !value.is_boolean() => return Err(Refusal::kind(name, "Boolean")),
            List if !value.is_array() => return Err(Refusal::kind(name, "Array")),
            Object if !value.is_object() => return Err(Refusal::kind(name, "key/value pair")),
            OneOf(codes) if value.as_i64().is_none_or(|n| !codes.contains(&n)) => {
                let codes: Vec<String> = codes.iter().map(i64::to_string).collect();
                return Err(Refusal::value(
                    name,
                    &format!("It should be one of these values: '{}'", codes.join(",")),
                ));
            }
            _ => {}
        }
    }
    for name in mandatory {
        if body.get(*name).is_none_or(|v| v.as_str().is_some_and(|t| t.trim().is_empty())) {
            return Err(Refusal::missing(name));
        }
    }
    Ok(())
}

fn valid_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(a, b)| {
        let plain = |c: char| c.is_ascii_alphanumeric() || ".!#$&'*+-/=?^_`{|}~%".contains(c);
        !a.is_empty()
            && b.contains('.')
            && a.chars().all(plain)
            && b.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c))
    })
}

/// An e-mail address, checked.
pub(super) fn email<'a>(body: &'a Body, field: &str) -> Result<Option<&'a str>, Refusal> {
    match body.get(field).and_then(Value::as_str) {
        Some(text) if !valid_email(text) => {
            Err(Refusal::value(field, "It should be in the 'valid email address' format"))
        }
        email => Ok(email),
    }
}
