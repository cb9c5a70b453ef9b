//! Making tickets, once per idempotency key.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use rusqlite::Connection;

use super::answer::answer;
use super::fields::Fields;
use super::query::Query;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::clock::Micros;
use crate::crm::Shared;
use crate::requests::body_for_log;
use crate::store::contacts;
use crate::store::tickets::{self, NewTicket, Remembered};

const LONGEST_KEY: usize = 255;

pub(crate) async fn create(
    crm: State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let key = idempotency_key(&headers)?;
        crm.store.write(|db| {
            // Compared as JSON: a client may write the same request with other spaces.
            let request = body_for_log(&body).to_string();
            if let Some(seen) = key.map(|key| tickets::remembered(db, key)).transpose()?.flatten() {
                return repeat(seen, &request);
            }
            let ticket = tickets::insert(db, new_ticket(db, &body, crm.clock.now())?)?;
            if let Some(key) = key {
                let answer = serde_json::to_string(&ticket).map_err(Refusal::internal)?;
                tickets::remember(db, key, &Remembered { request, answer })?;
            }
            Reply::created(&ticket)
        })
    })
    .await
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let problem = format!("Must have from 1 to {LONGEST_KEY} ASCII characters.");
    match value.to_str() {
        Ok(key) if (1..=LONGEST_KEY).contains(&key.len()) => Ok(Some(key)),
        _ => Err(Refusal::malformed("Idempotency-Key", &problem)),
    }
}

/// A key stands for one request: with another one it is a mistake that must not go unnoticed.
fn repeat(seen: Remembered, request: &str) -> Result<Reply, Refusal> {
    if seen.request == request {
        return Ok(Reply::repeated(seen.answer));
    }
    let problem = "Was used for another request.";
    Err(Refusal::invalid("Idempotency-Key", problem))
}

fn new_ticket(db: &Connection, body: &[u8], now: Micros) -> Result<NewTicket, Refusal> {
    let mut fields = Fields::read(body)?;
    let contact_id = fields.id("contact_id").value();
    if let Some(id) = contact_id
        && !contacts::exists(db, id)?
    {
        fields.refuse("contact_id", "There is no contact with this id.");
    }
    let subject = fields.text("subject", 200);
    let subject = fields.mandatory("subject", subject).unwrap_or_default();
    if subject.trim().is_empty() {
        fields.refuse("subject", "Is mandatory.");
    }
    let ticket = NewTicket {
        contact_id,
        subject,
        body: fields.text("body", 50_000).value(),
        priority: fields.integer("priority", 1..=4).value().unwrap_or(2),
        status: "new",
        requester_phone: fields.text("requester_phone", 60).value(),
        created_at: now,
        updated_at: now,
    };
    fields.finish()?;
    Ok(ticket)
}
