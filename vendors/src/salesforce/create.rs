//! `POST /services/data/vXX.0/sobjects/{object}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bridge::time::Moment;
use serde_json::{Value, json};

use super::schema::{OBJECTS, Type, field, object, read_only, referred, required};
use super::{Org, Refusal, Row, same_id};
use crate::world::Asked;

impl Org {
    pub(super) fn create(&self, asked: &Asked, name: &str) -> Result<Value, Refusal> {
        let (name, prefix) = object(name)
            .ok_or_else(|| (404, "NOT_FOUND", "The requested resource does not exist".to_owned()))?;
        if !asked.says_json() {
            return Err((415, "UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type".to_owned()));
        }
        let given = asked.body.as_object();
        let given =
            given.ok_or_else(|| (400, "JSON_PARSER_ERROR", "The HTTP entity body is required".to_owned()))?;
        let mut row = Row::new();
        for (column, value) in given {
            let known = field(name, column).filter(|(n, _)| !n.contains('.'));
            let (own, kind) = known.ok_or_else(|| {
                (400, "INVALID_FIELD", format!("No such column '{column}' on sobject of type {name}"))
            })?;
            if read_only(name, own) {
                let why = format!(
                    "Unable to create/update fields: {own}. Please check the security settings of this field and verify that it is read/write for your profile or permission set."
                );
                return Err((400, "INVALID_FIELD_FOR_INSERT_UPDATE", why));
            }
            self.fits(own, kind, value)?;
            if !value.is_null() && value != "" {
                row.insert(own.to_owned(), value.clone());
            }
        }
        let missing: Vec<_> = required(name).iter().filter(|n| !row.contains_key(**n)).collect();
        if !missing.is_empty() {
            return Err((400, "REQUIRED_FIELD_MISSING", format!("Required fields are missing: {missing:?}")));
        }
        let id = if name == "Contact" { self.create_contact(&row)? } else { self.keep(name, prefix, row) };
        Ok(json!({"id": id, "success": true, "errors": []}))
    }

    fn fits(&self, own: &str, kind: Type, value: &Value) -> Result<(), Refusal> {
        let parser = |why: &str| {
            Err((
                400,
                "JSON_PARSER_ERROR",
                format!("Cannot deserialize instance of {why} from {value} ({own})"),
            ))
        };
        match (kind, value) {
            (_, Value::Null) => Ok(()),
            (Type::Id, Value::String(id)) => self.refers(own, id),
            (Type::Text(most), Value::String(text)) if text.chars().count() > most => {
                Err((400, "STRING_TOO_LONG", format!("{own}: data value too large: (max length={most})")))
            }
            (Type::Text(_) | Type::Long, Value::String(text)) => {
                let wrong = own == "Email"
                    && !text.is_empty()
                    && !text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'));
                if wrong {
                    Err((400, "INVALID_EMAIL_ADDRESS", format!("{own}: invalid email address: {text}")))
                } else {
                    Ok(())
                }
            }
            (Type::One(allowed), Value::String(text)) if !allowed.contains(&text.as_str()) => Err((
                400,
                "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
                format!("{own}: bad value for restricted picklist field: {text}"),
            )),
            (Type::One(_), Value::String(_)) | (Type::Bool, Value::Bool(_)) => Ok(()),
            (Type::Number, value) if value.is_number() => Ok(()),
            (Type::Date, Value::String(text)) if text.len() == 10 && Moment::parse(text).is_some() => Ok(()),
            (Type::Time, Value::String(text)) if Moment::parse(text).is_some() => Ok(()),
            (Type::Base64, Value::String(text)) if STANDARD.decode(text).is_ok() => Ok(()),
            (kind, _) => parser(&format!("{kind:?}")),
        }
    }

    /// Ids must be ids, and of something that is there.
    fn refers(&self, own: &str, id: &str) -> Result<(), Refusal> {
        if !matches!(id.len(), 15 | 18) || !id.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err((400, "MALFORMED_ID", format!("{own}: id value of incorrect type: {id}")));
        }
        let wanted = Value::from(id);
        let (name, _) =
            OBJECTS.iter().find(|(_, prefix)| id.starts_with(prefix)).copied().unwrap_or_default();
        if !referred(own).is_empty() && !referred(own).contains(&name) {
            return Err((400, "MALFORMED_ID", format!("{own}: id value of incorrect type: {id}")));
        }
        let rows = self.rows(name);
        match rows.iter().find(|row| same_id(row.get("Id"), Some(&wanted))) {
            // Converted leads are read only, and nothing new may be about them
            // (github.com/gravityplus/Gravity-Forms-Salesforce/issues/342).
            Some(row) if row.get("IsConverted") == Some(&Value::Bool(true)) => {
                Err((400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead".to_owned()))
            }
            Some(_) => Ok(()),
            None => Err((400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id".to_owned())),
        }
    }

    /// The standard rule: the same address is a duplicate.
    fn create_contact(&self, row: &Row) -> Result<String, Refusal> {
        let text = |name: &str| row.get(name).and_then(Value::as_str);
        let email = text("Email");
        let known = self.table().truth().into_iter().find(|p| email.is_some() && p.email.as_deref() == email);
        if let Some(person) = known {
            return Err((400, "DUPLICATES_DETECTED", super::contact_id(person.number)));
        }
        let phones: Vec<&str> = ["Phone", "MobilePhone"].iter().filter_map(|n| text(n)).collect();
        let last = text("LastName").unwrap_or_default();
        Ok(super::contact_id(self.table().add(text("FirstName").unwrap_or_default(), last, email, &phones)))
    }
}
