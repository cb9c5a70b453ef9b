//! Notes and calls: what was written and said with a contact.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::clock::Micros;
use crate::contact::page_url;

/// A note as the API shows it; a new one has the id 0 until it is stored.
#[derive(Debug, Serialize)]
pub(crate) struct Note {
    pub id: i64,
    pub contact_id: i64,
    pub author_id: Option<i64>,
    pub html: String,
    pub created_at: Micros,
    pub url: String,
}

pub(crate) fn insert_note(db: &Connection, mut note: Note) -> rusqlite::Result<Note> {
    db.prepare_cached("INSERT INTO notes (contact_id, author_id, html, created_at) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![note.contact_id, note.author_id, note.html, note.created_at])?;
    note.id = db.last_insert_rowid();
    note.url = page_url("notes", note.id);
    Ok(note)
}

/// A contact's notes, newest first.
pub(crate) fn notes_of(db: &Connection, contact_id: i64, limit: usize) -> rusqlite::Result<Vec<Note>> {
    let mut statement = db.prepare_cached(
        "SELECT id, contact_id, author_id, html, created_at FROM notes \
         WHERE contact_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([contact_id, limit], |row| {
        let id = row.get(0)?;
        Ok(Note {
            id,
            contact_id: row.get(1)?,
            author_id: row.get(2)?,
            html: row.get(3)?,
            created_at: row.get(4)?,
            url: page_url("notes", id),
        })
    })?;
    rows.collect()
}

/// A call as the API shows it; a new one has the id 0 until it is stored.
#[derive(Debug, Serialize)]
pub(crate) struct Call {
    pub id: i64,
    pub contact_id: i64,
    pub author_id: Option<i64>,
    pub direction: String,
    pub seconds: i64,
    pub started_at: Micros,
    pub summary: Option<String>,
    pub url: String,
}

pub(crate) fn insert_call(db: &Connection, mut call: Call) -> rusqlite::Result<Call> {
    db.prepare_cached(
        "INSERT INTO calls (contact_id, author_id, direction, seconds, started_at, summary) \
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![
        call.contact_id,
        call.author_id,
        call.direction,
        call.seconds,
        call.started_at,
        call.summary,
    ])?;
    call.id = db.last_insert_rowid();
    call.url = page_url("calls", call.id);
    Ok(call)
}

/// A contact's calls, newest first.
pub(crate) fn calls_of(db: &Connection, contact_id: i64, limit: usize) -> rusqlite::Result<Vec<Call>> {
    let mut statement = db.prepare_cached(
        "SELECT id, contact_id, author_id, direction, seconds, started_at, summary FROM calls \
         WHERE contact_id = ?1 ORDER BY started_at DESC, id DESC LIMIT ?2",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map([contact_id, limit], |row| {
        let id = row.get(0)?;
        Ok(Call {
            id,
            contact_id: row.get(1)?,
            author_id: row.get(2)?,
            direction: row.get(3)?,
            seconds: row.get(4)?,
            started_at: row.get(5)?,
            summary: row.get(6)?,
            url: page_url("calls", id),
        })
    })?;
    rows.collect()
}
