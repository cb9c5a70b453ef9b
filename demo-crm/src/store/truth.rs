//! Everything that the CRM holds, visible or not: what a synchronised copy is compared with.

use rusqlite::Connection;
use serde::Serialize;

use crate::clock::Micros;
use crate::contact::Kind;

/// What the CRM holds about a contact, with the precision that the API hides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldContact {
    /// The id.
    pub id: i64,
    /// Given name.
    pub first_name: Option<String>,
    /// Family name.
    pub last_name: Option<String>,
    /// The company's name.
    pub company: Option<String>,
    /// The title, which changes with every touch.
    pub title: Option<String>,
    /// Main e-mail address as typed.
    pub email: Option<String>,
    /// Whom the contact stands for.
    pub kind: Kind,
    /// Put away by a user.
    pub archived: bool,
    /// How often the contact was changed.
    pub revision: i64,
    /// The stamp in microseconds.
    pub updated_at_us: i64,
    /// Whether lists and lookups show it by now.
    pub visible: bool,
}

pub(crate) fn held_contacts(db: &Connection, now: Micros) -> rusqlite::Result<Vec<HeldContact>> {
    let mut statement = db.prepare_cached(
        "SELECT id, first_name, last_name, company, title, email, kind, archived, revision, \
         updated_at, visible_at FROM contacts ORDER BY id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(HeldContact {
            id: row.get(0)?,
            first_name: row.get(1)?,
            last_name: row.get(2)?,
            company: row.get(3)?,
            title: row.get(4)?,
            email: row.get(5)?,
            kind: row.get(6)?,
            archived: row.get(7)?,
            revision: row.get(8)?,
            updated_at_us: row.get(9)?,
            visible: row.get::<_, Micros>(10)? <= now,
        })
    })?;
    rows.collect()
}
