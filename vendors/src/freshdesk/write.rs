//! Creating tickets, notes and contacts.

use axum::response::Response;
use serde_json::{Value, json};

use super::fields::{Body, CONTACT, NOTE, TICKET, check, email};
use super::{Freshdesk, Refusal, rows};
use crate::world::answer;

/// A ticket as it is printed, with nothing in it.
pub(super) fn ticket(id: u64, stamp: &str) -> Value {
    json!({
        "cc_emails": [], "fwd_emails": [], "reply_cc_emails": [], "fr_escalated": false, "spam": false,
        "email_config_id": null, "group_id": null, "priority": 1, "requester_id": null, "responder_id": null,
        "source": 3, "company_id": null, "status": 2, "subject": null, "product_id": null, "id": id, "type": null,
        "due_by": stamp, "fr_due_by": stamp, "is_escalated": false, "description": "", "description_text": "",
        "custom_fields": {}, "created_at": stamp, "updated_at": stamp, "tags": [],
    })
}

/// Markup taken out, as `description_text` and `body_text` are.
fn plain(html: &str) -> String {
    let (mut out, mut tag) = (String::new(), false);
    for c in html.chars() {
        match c {
            '<' => tag = true,
            '>' if tag => tag = false,
            c if !tag => out.push(c),
            _ => {}
        }
    }
    out.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

pub(super) fn create_ticket(desk: &Freshdesk, body: Body) -> Result<Response, Refusal> {
    desk.lock().bodies.push(("tickets".to_owned(), Value::Object(body.clone())));
    check(&body, TICKET, &["subject", "description", "status", "priority"])?;
    let requester = match (body.get("requester_id").and_then(Value::as_u64), email(&body, "email")?) {
        (Some(id), _) if rows::exists(desk, id) => id,
        (Some(_), _) => {
            return Err(Refusal::value(
                "requester_id",
                "There is no contact matching the given requester_id",
            ));
        }
        (None, Some(email)) => rows::by_email(desk, email).unwrap_or_else(|| new_contact(desk, &body)),
        (None, None) if body.contains_key("phone") => {
            // With a phone number alone the name is mandatory.
            check(&body, TICKET, &["name"])?;
            new_contact(desk, &body)
        }
        _ => return Err(Refusal::missing("requester_id")),
    };
    if let Some(id) = body.get("responder_id").and_then(Value::as_u64)
        && !rows::agent(desk, id)
    {
        return Err(Refusal::value("responder_id", "There is no agent matching the given responder_id"));
    }
    let stamp = desk.table.now().iso_s();
    let id = desk.add_ticket(requester, &stamp, json!({}));
    let mut inner = desk.lock();
    let made = inner.tickets.iter_mut().find(|t| t["id"] == id).expect("the new ticket");
    for (key, value) in body
        .into_iter()
        .filter(|(key, _)| !["name", "email", "phone", "requester_id"].contains(&key.as_str()))
    {
        made[&key] = value;
    }
    made["description_text"] = plain(made["description"].as_str().unwrap_or_default()).into();
    Ok(answer(201, made))
}

fn new_contact(desk: &Freshdesk, body: &Body) -> u64 {
    let stamp = desk.table.now().iso_s();
    let mut inner = desk.lock();
    inner.serial += 1;
    let id = 501_009_000_000 + inner.serial;
    let mut row = json!({
        "active": false, "address": null, "company_id": null, "description": null, "email": null, "id": id,
        "job_title": null, "language": "en", "mobile": null, "name": null, "phone": null, "time_zone": "London",
        "twitter_id": null, "other_phone_numbers": [], "created_at": stamp, "updated_at": stamp, "custom_fields": {}, "tags": [],
    });
    let keys = CONTACT.iter().map(|(name, _)| *name);
    for key in keys.filter(|key| body.contains_key(*key) && *key != "description") {
        row[key] = body[key].clone();
    }
    inner.contacts.push(row);
    id
}

pub(super) fn create_note(desk: &Freshdesk, id: &str, body: Body) -> Result<Response, Refusal> {
    let ticket = id.parse::<u64>().ok().filter(|id| desk.tickets().iter().any(|t| t["id"] == *id));
    let ticket = ticket.ok_or(Refusal(404, Value::Null))?;
    desk.lock().bodies.push(("notes".to_owned(), Value::Object(body.clone())));
    check(&body, NOTE, &["body"])?;
    if let Some(id) = body.get("user_id").and_then(Value::as_u64)
        && !rows::agent(desk, id)
        && !rows::exists(desk, id)
    {
        return Err(Refusal::value("user_id", "There is no user matching the given user_id"));
    }
    let stamp = desk.table.now().iso_s();
    let mut inner = desk.lock();
    inner.serial += 1;
    let html = body["body"].as_str().unwrap_or_default();
    let note = json!({
        "body_text": plain(html), "body": html, "id": 501_007_000_000_u64 + inner.serial, "incoming": false,
        "private": body.get("private").cloned().unwrap_or(true.into()), "user_id": body.get("user_id"), "support_email": null,
        "ticket_id": ticket, "to_emails": [], "attachments": [], "created_at": stamp, "updated_at": stamp,
    });
    inner.notes.push(note.clone());
    Ok(answer(201, &note))
}

pub(super) fn create_contact(desk: &Freshdesk, body: Body) -> Result<Response, Refusal> {
    desk.lock().bodies.push(("contacts".to_owned(), Value::Object(body.clone())));
    check(&body, CONTACT, &["name"])?;
    if !["email", "phone", "mobile", "twitter_id", "unique_external_id"]
        .iter()
        .any(|key| body.contains_key(*key))
    {
        let message = "Please fill at least 1 of email, mobile, phone, twitter_id, unique_external_id fields";
        return Err(Refusal::field(400, "email", message, "missing_field"));
    }
    if let Some(owner) = email(&body, "email")?.and_then(|email| rows::by_email(desk, email)) {
        return Err(Refusal(
            409,
            json!({"description": "Validation failed", "errors": [{"field": "email", "additional_info": {"user_id": owner},
                "message": "It should be a unique value", "code": "duplicate_value"}]}),
        ));
    }
    let id = new_contact(desk, &body);
    let row = desk.contacts().into_iter().find(|row| row["id"] == id).unwrap_or_default();
    Ok(answer(201, &row))
}
