//! What a request body may hold: columns, types, lengths, lookups that lead to rows.

use axum::http::request::Parts;
use bridge::time::Moment;
use serde_json::{Map, Value};

use super::rows::is_guid;
use super::schema::{self, Entity, Kind};
use super::{Dynamics, Refusal, text};

const PAYLOAD: &str = "0x80048d19";

/// The body, if it is an object.
pub(super) fn body(parts: &Parts, bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if !text(&parts.headers, "content-type").starts_with("application/json") {
        return Err(Refusal::new(415, "0x80060888", "The Content-Type is not supported."));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Refusal::new(400, PAYLOAD, "An error occurred while validating input parameters.")),
    }
}

/// The `$select` of a request that writes; nothing else is allowed there.
pub(super) fn selected(entity: &'static Entity, parts: &Parts) -> Result<Vec<String>, Refusal> {
    let raw = parts.uri.query().unwrap_or_default();
    let mut select = Vec::new();
    for (name, value) in url::form_urlencoded::parse(raw.as_bytes()) {
        if name != "$select" {
            return Err(Refusal::bad(&format!("The query parameter {name} is not supported")));
        }
        for column in value.split(',') {
            entity.column(column).ok_or_else(|| Refusal::no_property(column, entity))?;
            select.push(column.to_owned());
        }
    }
    Ok(select)
}

fn payload(entity: &Entity, what: &str) -> Refusal {
    let message =
        format!("Error identified in Payload provided by the user for Entity :'{}'. {what}", entity.set);
    Refusal::new(400, PAYLOAD, &message)
}

/// The columns that a body sets; lookups are resolved.
pub(super) fn checked(
    vendor: &Dynamics,
    entity: &'static Entity,
    body: &Map<String, Value>,
) -> Result<Map<String, Value>, Refusal> {
    let mut row = Map::new();
    for (name, value) in body {
        if let Some(property) = name.strip_suffix("@odata.bind") {
            let found = entity.navigation.iter().find(|(n, _, _)| *n == property);
            let (_, set, column) = found.ok_or_else(|| payload(entity, &format!("An undeclared property '{property}' which only has property annotations in the payload but no property value was found in the payload.")))?;
            row.insert((*column).to_owned(), bound(vendor, set, value)?.into());
        } else if entity.set == "phonecalls" && name == "phonecall_activity_parties" {
            row.insert(name.clone(), parties(vendor, entity, value)?);
        } else {
            let kind = entity.writable.iter().find(|(n, _)| n == name).map(|(_, kind)| *kind);
            let what = format!(
                "Invalid property '{name}' was found in entity 'Microsoft.Dynamics.CRM.{}'.",
                entity.name
            );
            typed(entity, name, kind.ok_or_else(|| payload(entity, &what))?, value)?;
            row.insert(name.clone(), value.clone());
        }
    }
    if let Some(status) = row.get("statuscode").and_then(Value::as_i64) {
        let state = row.get("statecode").and_then(Value::as_i64).unwrap_or(0);
        if !entity.statuses.contains(&(status, state)) {
            let message =
                format!("{status} is not a valid status code for state code {state} on {}.", entity.name);
            return Err(Refusal::new(400, "0x80048408", &message));
        }
    }
    Ok(row)
}

fn typed(entity: &Entity, name: &str, kind: Kind, value: &Value) -> Result<(), Refusal> {
    let fits = match kind {
        _ if value.is_null() => true,
        Kind::Text(most) => match value.as_str() {
            Some(text) if text.chars().count() > most => {
                let message = format!(
                    "A validation error occurred. The length of the '{name}' attribute of the '{}' entity exceeded the maximum allowed length of '{most}'.",
                    entity.name
                );
                return Err(Refusal::new(400, "0x80044331", &message));
            }
            text => text.is_some(),
        },
        Kind::Int => value.as_i64().is_some_and(|n| (0..=2_147_483_647).contains(&n)),
        Kind::Bool => value.is_boolean(),
        Kind::Time => {
            value.as_str().is_some_and(|t| t.len() >= 20 && t.ends_with('Z') && Moment::parse(t).is_some())
        }
        Kind::Choice(labels) => labels.iter().any(|(code, _)| value.as_i64() == Some(*code)),
        Kind::Guid | Kind::Lookup => false,
    };
    let what = format!("Cannot convert the literal '{value}' of '{name}' to the expected type '{kind:?}'.");
    if fits { Ok(()) } else { Err(payload(entity, &what)) }
}

/// `/contacts(<id>)` of a row that exists.
fn bound(vendor: &Dynamics, set: &str, value: &Value) -> Result<String, Refusal> {
    let entity = schema::entity(set).expect("a known entity set");
    let path = value.as_str().unwrap_or_default();
    let id =
        path.trim_start_matches('/').strip_prefix(set).and_then(|r| r.strip_prefix('(')?.strip_suffix(')'));
    let Some(id) = id.filter(|id| is_guid(id)) else {
        return Err(Refusal::new(400, PAYLOAD, &format!("Resource not found for the segment '{path}'.")));
    };
    let known = vendor.all(entity).iter().any(|row| row[entity.key].as_str() == Some(id));
    if known { Ok(id.to_owned()) } else { Err(Refusal::no_row(entity, id)) }
}

fn parties(vendor: &Dynamics, entity: &Entity, value: &Value) -> Result<Value, Refusal> {
    let list = value.as_array().ok_or_else(|| payload(entity, "A collection expected."))?;
    for party in list {
        for (name, value) in party.as_object().into_iter().flatten() {
            match name.as_str() {
                "partyid_contact@odata.bind" => drop(bound(vendor, "contacts", value)?),
                "partyid_lead@odata.bind" => drop(bound(vendor, "leads", value)?),
                "partyid_systemuser@odata.bind" => drop(bound(vendor, "systemusers", value)?),
                // 1 sender, 2 recipient: what a phone call has.
                "participationtypemask" if [Some(1), Some(2)].contains(&value.as_i64()) => {}
                _ => {
                    return Err(payload(entity, &format!("Invalid property '{name}' in an activity party.")));
                }
            }
        }
    }
    Ok(value.clone())
}
