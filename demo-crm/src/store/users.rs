//! The people, and the bot, who work in the CRM.

use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};

/// A user account.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct User {
    #[serde(default)]
    pub id: i64,
    pub name: String,
    pub email: Option<String>,
    pub active: bool,
    pub role: String,
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        active: row.get(3)?,
        role: row.get(4)?,
    })
}

/// The administrator to whom the API key belongs.
pub(crate) fn key_owner(db: &Connection) -> rusqlite::Result<User> {
    db.query_row(
        "SELECT id, name, email, active, role FROM users WHERE role = 'admin' ORDER BY id LIMIT 1",
        [],
        from_row,
    )
}

pub(crate) fn count(db: &Connection) -> rusqlite::Result<usize> {
    let users: i64 = db.query_row("SELECT count(*) FROM users", [], |row| row.get(0))?;
    Ok(usize::try_from(users).unwrap_or_default())
}

/// Users in the order of their ids, after the first so many.
pub(crate) fn page(db: &Connection, skip: usize, limit: usize) -> rusqlite::Result<Vec<User>> {
    let mut statement =
        db.prepare_cached("SELECT id, name, email, active, role FROM users ORDER BY id LIMIT ?1 OFFSET ?2")?;
    let bounds = [limit, skip].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    statement.query_map(bounds, from_row)?.collect()
}

/// Whether notes and calls can be written in this user's name.
pub(crate) fn is_active(db: &Connection, id: i64) -> rusqlite::Result<bool> {
    db.prepare_cached("SELECT 1 FROM users WHERE id = ?1 AND active")?.exists([id])
}

pub(crate) fn insert(db: &Connection, user: &User) -> rusqlite::Result<()> {
    db.prepare_cached("INSERT INTO users (name, email, active, role) VALUES (?1, ?2, ?3, ?4)")?.execute((
        &user.name,
        &user.email,
        user.active,
        &user.role,
    ))?;
    Ok(())
}
