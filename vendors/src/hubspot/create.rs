//! `POST /crm/objects/2026-03/{type}`.

use std::collections::BTreeMap;

use bridge::time::Moment;
use serde_json::Value;

use super::schema::{KINDS, Type, kind, property, required};
use super::search::shown_properties;
use super::{HubSpot, Refusal, body, invalid, known};
use crate::world::Asked;

impl HubSpot {
    pub(super) fn create(&self, asked: &Asked, name: &str) -> Result<Value, Refusal> {
        let kind = kind(name).ok_or_else(|| invalid(format!("Unable to infer object type from: {name}")))?;
        let body = body(asked, &["properties", "associations", "objectWriteTraceId"])?;
        let given = body.get("properties").and_then(Value::as_object);
        let given =
            given.ok_or_else(|| invalid("Some required fields were not set: [properties]".to_owned()))?;
        let mut properties = BTreeMap::new();
        for (name, value) in given {
            let of = property(kind, name).ok_or_else(|| {
                invalid(format!("Property values were not valid: Property \"{name}\" does not exist"))
            })?;
            let value = value
                .as_str()
                .ok_or_else(|| invalid(format!("Invalid input JSON: \"{name}\" is not a string")))?;
            self.valid(name, of, value)?;
            if !value.is_empty() {
                properties.insert(name.clone(), stored(of, value));
            }
        }
        if let Some(missing) = required(kind).iter().find(|name| !properties.contains_key(**name)) {
            return Err(invalid(format!(
                "Error creating {kind}. Some required properties were not set: {missing}"
            )));
        }
        let contacts = self.associations(kind, body.get("associations"))?;
        if kind == "contacts" {
            return self.create_contact(properties);
        }
        let record = self.keep(kind, properties, contacts);
        Ok(shown_properties(kind, record.id, &record.properties, self.0.table.now()))
    }

    fn valid(&self, name: &str, of: Type, value: &str) -> Result<(), Refusal> {
        let wrong =
            |why: &str| Err(invalid(format!("Property values were not valid: {value} {why} ({name})")));
        if value.chars().count() > 65_536 {
            return wrong("is too long");
        }
        match of {
            _ if value.is_empty() => Ok(()),
            _ if name == "hubspot_owner_id" => {
                let owner = value.parse::<u64>().ok().and_then(|id| id.checked_sub(7000));
                if owner.is_some_and(|n| n <= self.0.owners) {
                    Ok(())
                } else {
                    wrong("is not a valid owner ID")
                }
            }
            Type::One(allowed) if !allowed.contains(&value) => wrong("was not one of the allowed options"),
            Type::Number if value.parse::<f64>().is_err() => wrong("was not a valid number"),
            Type::Time if value.parse::<i64>().is_err() && Moment::parse(value).is_none() => {
                wrong("was not a valid long")
            }
            Type::Email
                if !value
                    .split_once('@')
                    .is_some_and(|(a, b)| !a.is_empty() && b.contains('.') && !value.contains(' ')) =>
            {
                wrong("is invalid: INVALID_EMAIL")
            }
            _ => Ok(()),
        }
    }

    fn associations(&self, kind: &str, given: Option<&Value>) -> Result<Vec<u64>, Refusal> {
        let Some(given) = given else { return Ok(Vec::new()) };
        let list = given.as_array().ok_or_else(|| invalid("associations: not a list".to_owned()))?;
        let own = KINDS.iter().find(|(name, _)| *name == kind).map_or(0, |(_, id)| *id);
        let mut contacts = Vec::new();
        for item in list {
            let item = item.as_object().ok_or_else(|| invalid("associations: not objects".to_owned()))?;
            known(item, &["to", "types"])?;
            let types = item.get("types").and_then(Value::as_array).cloned().unwrap_or_default();
            let right = types.len() == 1
                && types[0]["associationCategory"] == "HUBSPOT_DEFINED"
                && types[0]["associationTypeId"].as_u64() == Some(own);
            if !right {
                return Err(invalid(format!(
                    "associations: {types:?} is no association of {kind} to contacts"
                )));
            }
            let id = item.get("to").and_then(|to| to["id"].as_str());
            let number = id.and_then(|id| id.parse::<u64>().ok());
            let person = self.0.table.truth().into_iter().find(|p| Some(p.number) == number);
            match person {
                Some(person) => contacts.push(person.number),
                None => return Err(invalid(format!("associations: no contact has the id {id:?}"))),
            }
        }
        Ok(contacts)
    }

    fn create_contact(&self, mut properties: BTreeMap<String, String>) -> Result<Value, Refusal> {
        let email = properties.remove("email").map(|e| e.to_lowercase());
        let known = self.0.table.truth().into_iter().find(|p| email.is_some() && p.email == email);
        if let Some(person) = known {
            let message = format!("Contact already exists. Existing ID: {}", person.number);
            return Err((409, "CONFLICT", message));
        }
        let mut taken = |name: &str| properties.remove(name).unwrap_or_default();
        let (first, last, phone) = (taken("firstname"), taken("lastname"), taken("phone"));
        let phones: Vec<&str> = Some(phone.as_str()).filter(|p| !p.is_empty()).into_iter().collect();
        let number = self.0.table.add(&first, &last, email.as_deref(), &phones);
        self.0.more.lock().expect("the properties' lock").insert(number, properties);
        let people = self.0.table.truth();
        let person = people.iter().find(|p| p.number == number).expect("the contact just made");
        Ok(shown_properties("contacts", number, &self.contact(person), person.stamp))
    }
}

/// Times are kept as they are printed.
fn stored(of: Type, value: &str) -> String {
    match (of, value.parse::<i64>()) {
        (Type::Time, Ok(ms)) => Moment::from_micros(ms * 1000).iso_ms(),
        _ => value.to_owned(),
    }
}
