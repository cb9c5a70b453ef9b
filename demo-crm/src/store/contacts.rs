//! One contact at a time: read, insert, replace, delete, and what lookups compare with.

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::clock::{Micros, Stamp};
use crate::contact::{Contact, Details, Phone, page_url};
use crate::store::{json_column, to_json};

/// The columns that [`from_row`] reads, in its order.
pub(crate) const COLUMNS: &str = "id, first_name, last_name, company, title, email, emails_extra, \
     phones, address, website, twitter, kind, archived, created_at, updated_at";

pub(crate) fn from_row(row: &Row<'_>) -> rusqlite::Result<Contact> {
    let id = row.get(0)?;
    Ok(Contact {
        id,
        details: Details {
            first_name: row.get(1)?,
            last_name: row.get(2)?,
            company: row.get(3)?,
            title: row.get(4)?,
            email: row.get(5)?,
            other_emails: json_column(row, 6)?,
            phones: json_column(row, 7)?,
            address: json_column(row, 8)?,
            website: row.get(9)?,
            twitter: row.get(10)?,
            kind: row.get(11)?,
            archived: row.get(12)?,
        },
        created_at: row.get(13)?,
        updated_at: row.get(14)?,
        url: page_url("contacts", id),
    })
}

/// The contact with this id. Lag does not hide it: only lists and lookups run behind.
pub(crate) fn find(db: &Connection, id: i64) -> rusqlite::Result<Option<Contact>> {
    let sql = format!("SELECT {COLUMNS} FROM contacts WHERE id = ?1");
    db.prepare_cached(&sql)?.query_row([id], from_row).optional()
}

pub(crate) fn exists(db: &Connection, id: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM contacts WHERE id = ?1")?.exists([id])
}

/// A contact that has this e-mail, in whatever case.
pub(crate) fn with_email(
    db: &Connection,
    email: &str,
    other_than: Option<i64>,
) -> rusqlite::Result<Option<i64>> {
    db.prepare_cached(
        "SELECT contact_id FROM contact_emails WHERE address = ?1 AND contact_id IS NOT ?2 \
         ORDER BY contact_id LIMIT 1",
    )?
    .query_row(params![comparable(email), other_than], |row| row.get(0))
    .optional()
}

/// The form in which e-mail addresses are compared.
pub(crate) fn comparable(email: &str) -> String {
    email.trim().to_lowercase()
}

pub(crate) fn insert(
    db: &Connection,
    details: &Details,
    created_at: Micros,
    stamp: Stamp,
) -> rusqlite::Result<i64> {
    db.prepare_cached(
        "INSERT INTO contacts (first_name, last_name, company, title, email, emails_extra, phones, \
         address, website, twitter, kind, archived, created_at, updated_at, visible_at) VALUES \
         (:first_name, :last_name, :company, :title, :email, :emails_extra, :phones, :address, \
         :website, :twitter, :kind, :archived, :created_at, :updated_at, :visible_at)",
    )?
    .execute(named_params! {
        ":first_name": details.first_name,
        ":last_name": details.last_name,
        ":company": details.company,
        ":title": details.title,
        ":email": details.email,
        ":emails_extra": to_json(&details.other_emails)?,
        ":phones": to_json(&details.phones)?,
        ":address": to_json(&details.address)?,
        ":website": details.website,
        ":twitter": details.twitter,
        ":kind": details.kind,
        ":archived": details.archived,
        ":created_at": created_at,
        ":updated_at": stamp.at,
        ":visible_at": stamp.visible_at,
    })?;
    let id = db.last_insert_rowid();
    insert_comparables(db, id, details)?;
    Ok(id)
}

pub(crate) fn replace(db: &Connection, id: i64, details: &Details, stamp: Stamp) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE contacts SET first_name = :first_name, last_name = :last_name, company = :company, \
         title = :title, email = :email, phones = :phones, archived = :archived, \
         updated_at = :updated_at, visible_at = :visible_at, revision = revision + 1 WHERE id = :id",
    )?
    .execute(named_params! {
        ":id": id,
        ":first_name": details.first_name,
        ":last_name": details.last_name,
        ":company": details.company,
        ":title": details.title,
        ":email": details.email,
        ":phones": to_json(&details.phones)?,
        ":archived": details.archived,
        ":updated_at": stamp.at,
        ":visible_at": stamp.visible_at,
    })?;
    delete_comparables(db, id)?;
    insert_comparables(db, id, details)
}

/// Deletes a contact with its notes and calls; its tickets stay, about nobody.
pub(crate) fn delete(db: &Connection, id: i64) -> rusqlite::Result<bool> {
    let deleted = db.execute("DELETE FROM contacts WHERE id = ?1", [id])?;
    delete_comparables(db, id)?;
    db.execute("DELETE FROM notes WHERE contact_id = ?1", [id])?;
    db.execute("DELETE FROM calls WHERE contact_id = ?1", [id])?;
    db.execute("UPDATE tickets SET contact_id = NULL WHERE contact_id = ?1", [id])?;
    Ok(deleted > 0)
}

fn insert_comparables(db: &Connection, id: i64, details: &Details) -> rusqlite::Result<()> {
    let mut emails = db.prepare_cached("INSERT OR IGNORE INTO contact_emails VALUES (?1, ?2)")?;
    for email in details.email.iter().chain(&details.other_emails) {
        let address = comparable(email);
        if !address.is_empty() {
            emails.execute(params![id, address])?;
        }
    }
    let mut phones = db.prepare_cached("INSERT OR IGNORE INTO contact_phones VALUES (?1, ?2, ?3)")?;
    for phone in &details.phones {
        let digits = Phone::digits(&phone.number);
        if !digits.is_empty() {
            phones.execute(params![id, digits, Phone::last9(&digits)])?;
        }
    }
    Ok(())
}

fn delete_comparables(db: &Connection, id: i64) -> rusqlite::Result<()> {
    db.execute("DELETE FROM contact_emails WHERE contact_id = ?1", [id])?;
    db.execute("DELETE FROM contact_phones WHERE contact_id = ?1", [id])?;
    Ok(())
}
