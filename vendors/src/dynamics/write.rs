//! Creating and changing rows.

use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::checked::{body, checked, selected};
use super::rows::{Prefer, guid, print};
use super::schema::Entity;
use super::{Dynamics, Refusal, text};
use crate::world::answer;

/// `POST /<entity set>`
pub(super) fn create(
    vendor: &Dynamics,
    entity: &'static Entity,
    parts: &Parts,
    bytes: &[u8],
    prefer: &Prefer,
) -> Result<Response, Refusal> {
    let select = selected(entity, parts)?;
    let body = body(parts, bytes)?;
    vendor.lock().bodies.push((entity.set, Value::Object(body.clone())));
    let mut row = checked(vendor, entity, &body)?;
    if entity.set == "incidents" && !row.contains_key("_customerid_value") {
        return Err(Refusal::new(400, "0x80040203", "You should specify a parent contact or account."));
    }
    let strict = text(&parts.headers, "mscrm.suppressduplicatedetection") == "false";
    let email = row.get("emailaddress1").and_then(Value::as_str);
    if entity.set == "contacts" && strict && email.is_some() {
        let known = vendor.all(entity);
        if known
            .iter()
            .any(|r| r["emailaddress1"].as_str().map(str::to_lowercase) == email.map(str::to_lowercase))
        {
            let message = "A record was not created or updated because a duplicate of the current record already exists.";
            return Err(Refusal::new(412, "0x80040333", message));
        }
    }
    let now = vendor.table.now().iso_us();
    let mut inner = vendor.lock();
    inner.serial += 1;
    let id = guid(0x44, inner.serial);
    let first = |pairs: &[(i64, i64)]| {
        pairs.first().map(|(status, state)| json!({"statuscode": status, "statecode": state}))
    };
    let mut made = first(entity.statuses).unwrap_or_else(|| json!({}));
    made[entity.key] = id.clone().into();
    for column in ["createdon", "modifiedon"] {
        made[column] = now.clone().into();
    }
    if entity.set == "incidents" {
        made["ticketnumber"] = format!("CAS-{:05}-S8K4Y2", inner.serial).into();
    }
    if entity.set == "contacts" {
        let name = |key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        made["fullname"] = format!("{} {}", name("firstname"), name("lastname")).trim().into();
    }
    for (key, value) in std::mem::take(&mut row) {
        made[key] = value;
    }
    inner.rows.entry(entity.set).or_default().push(made.clone());
    drop(inner);
    let url = format!("http://{}/api/data/v9.2/{}({id})", text(&parts.headers, "host"), entity.set);
    let mut response = if prefer.representation {
        answer(201, &print(entity, &made, &select, prefer))
    } else {
        answer(204, &Value::Null)
    };
    response.headers_mut().insert("odata-entityid", HeaderValue::from_str(&url).expect("a header"));
    Ok(response)
}

/// `PATCH /<entity set>(<id>)`
pub(super) fn update(
    vendor: &Dynamics,
    entity: &'static Entity,
    key: &str,
    parts: &Parts,
    bytes: &[u8],
) -> Result<Response, Refusal> {
    let body = body(parts, bytes)?;
    let changes = checked(vendor, entity, &body)?;
    let mut inner = vendor.lock();
    inner.bodies.push((entity.set, Value::Object(body)));
    let row = inner.rows.get_mut(entity.set).and_then(|rows| rows.iter_mut().find(|r| r[entity.key] == key));
    let Some(row) = row else { return Err(Refusal::no_row(entity, key)) };
    if row["statecode"] != 0 {
        return Err(Refusal::new(400, "0x80040203", "This record is read-only."));
    }
    for (column, value) in changes {
        row[column] = value;
    }
    Ok(answer(204, &Value::Null))
}
