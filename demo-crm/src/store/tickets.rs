//! Tickets, and the answers that an idempotency key repeats.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;

use crate::clock::Micros;
use crate::contact::page_url;

/// What a new ticket consists of.
pub(crate) struct NewTicket {
    pub contact_id: Option<i64>,
    pub subject: String,
    pub body: Option<String>,
    pub priority: i64,
    pub status: &'static str,
    pub requester_phone: Option<String>,
    pub created_at: Micros,
    pub updated_at: Micros,
}

/// A ticket as the API shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Ticket {
    pub id: i64,
    pub number: String,
    pub contact_id: Option<i64>,
    pub subject: String,
    pub body: Option<String>,
    pub priority: i64,
    pub status: String,
    pub requester_phone: Option<String>,
    pub created_at: Micros,
    pub updated_at: Micros,
    pub url: String,
}

pub(crate) fn insert(db: &Connection, new: NewTicket) -> rusqlite::Result<Ticket> {
    db.prepare_cached(
        "INSERT INTO tickets (contact_id, subject, body, priority, status, requester_phone, \
         created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        new.contact_id,
        new.subject,
        new.body,
        new.priority,
        new.status,
        new.requester_phone,
        new.created_at,
        new.updated_at,
    ])?;
    let id = db.last_insert_rowid();
    Ok(Ticket {
        id,
        number: number(id),
        contact_id: new.contact_id,
        subject: new.subject,
        body: new.body,
        priority: new.priority,
        status: new.status.to_owned(),
        requester_phone: new.requester_phone,
        created_at: new.created_at,
        updated_at: new.updated_at,
        url: page_url("tickets", id),
    })
}

/// A contact's tickets, newest first.
pub(crate) fn of_contact(db: &Connection, contact_id: i64, limit: usize) -> rusqlite::Result<Vec<Ticket>> {
    let mut statement = db.prepare_cached(
        "SELECT id, contact_id, subject, body, priority, status, requester_phone, created_at, \
         updated_at FROM tickets WHERE contact_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([contact_id, limit], |row| {
        let id = row.get(0)?;
        Ok(Ticket {
            id,
            number: number(id),
            contact_id: row.get(1)?,
            subject: row.get(2)?,
            body: row.get(3)?,
            priority: row.get(4)?,
            status: row.get(5)?,
            requester_phone: row.get(6)?,
            created_at: row.get(7)?,
            updated_at: row.get(8)?,
            url: page_url("tickets", id),
        })
    })?;
    rows.collect()
}

/// The number that people quote, which is not the id.
fn number(id: i64) -> String {
    format!("T-{}", 1_000 + id)
}

/// What was asked and answered under an idempotency key.
pub(crate) struct Remembered {
    pub request: String,
    pub answer: String,
}

pub(crate) fn remembered(db: &Connection, key: &str) -> rusqlite::Result<Option<Remembered>> {
    db.prepare_cached("SELECT request, answer FROM idempotency_keys WHERE key = ?1")?
        .query_row([key], |row| Ok(Remembered { request: row.get(0)?, answer: row.get(1)? }))
        .optional()
}

pub(crate) fn remember(db: &Connection, key: &str, seen: &Remembered) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO idempotency_keys (key, request, answer) VALUES (?1, ?2, ?3)",
        [key, &seen.request, &seen.answer],
    )?;
    Ok(())
}
