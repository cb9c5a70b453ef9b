//! Changes that nobody asked the API for: what other users of the CRM do meanwhile.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use crate::clock::Stamp;
use crate::random::Random;

/// So many different contacts, or all of them when there are fewer.
pub(crate) fn some_ids(db: &Connection, random: &mut Random, count: usize) -> rusqlite::Result<Vec<i64>> {
    let held: i64 = db.query_row("SELECT count(*) FROM contacts", [], |row| row.get(0))?;
    // Guessing finds ever fewer new ones as it nears the whole; then it is better to leave some out.
    if count * 2 >= usize::try_from(held).unwrap_or_default() {
        return some_of_all(db, random, count);
    }
    let highest: i64 = db.query_row("SELECT max(id) FROM contacts", [], |row| row.get(0))?;
    let mut nearest = db.prepare_cached("SELECT id FROM contacts WHERE id >= ?1 ORDER BY id LIMIT 1")?;
    let mut ids = BTreeSet::new();
    while ids.len() < count {
        let guess = 1 + random.below(highest.unsigned_abs()).cast_signed();
        ids.extend(nearest.query_row([guess], |row| row.get::<_, i64>(0)).optional()?);
    }
    Ok(ids.into_iter().collect())
}

fn some_of_all(db: &Connection, random: &mut Random, count: usize) -> rusqlite::Result<Vec<i64>> {
    let mut statement = db.prepare_cached("SELECT id FROM contacts")?;
    let mut ids: Vec<i64> = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    while ids.len() > count {
        let left_out = random.below(ids.len() as u64);
        ids.swap_remove(usize::try_from(left_out).unwrap_or_default());
    }
    Ok(ids)
}

/// Changes the title to the contact's revision, so that every change can be seen in what arrives.
/// Says how many contacts have the id.
pub(crate) fn touch(db: &Connection, id: i64, stamp: Stamp) -> rusqlite::Result<usize> {
    db.prepare_cached(
        "UPDATE contacts SET revision = revision + 1, title = 'v' || (revision + 1), \
         updated_at = ?2, visible_at = ?3 WHERE id = ?1",
    )?
    .execute(params![id, stamp.at, stamp.visible_at])
}
