//! The list that synchronisation reads: a range of stamps, in the order of stamps or of ids.

use rusqlite::{Connection, named_params};
use serde::Serialize;

use crate::clock::Micros;
use crate::contact::Contact;
use crate::store::contacts::{COLUMNS, from_row};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// By stamp; rows with the same stamp come in an order that means nothing.
    UpdatedAt,
    Id,
}

/// Which contacts a list holds.
#[derive(Debug)]
pub(crate) struct Filter {
    /// From this stamp on.
    pub updated_from: Option<Micros>,
    /// Up to, and not including, this stamp.
    pub updated_before: Option<Micros>,
    /// Only ids above this one.
    pub id_after: Option<i64>,
    pub sort: Sort,
    pub limit: usize,
}

/// A page of the list, as the API shows it.
#[derive(Serialize)]
pub(crate) struct Page {
    pub contacts: Vec<Contact>,
    pub has_more: bool,
}

/// The contacts that pass the filter and are visible by now.
pub(crate) fn page(db: &Connection, filter: &Filter, now: Micros) -> rusqlite::Result<Page> {
    let from = filter.updated_from.unwrap_or(Micros(i64::MIN));
    let before = filter.updated_before.unwrap_or(Micros(i64::MAX));
    // A plus sign keeps SQLite from using an index on that column. Without statistics it cannot
    // know which is shorter: the range of stamps, or the walk along the ids.
    let (range, order) = match filter.sort {
        Sort::UpdatedAt => ("updated_at", "updated_at, id * 2654435761 % 4294967291"),
        Sort::Id if is_small(db, from, before)? => ("updated_at", "+id"),
        Sort::Id => ("+updated_at", "id"),
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM contacts WHERE {range} >= :from AND {range} < :before \
         AND id > :id_after AND visible_at <= :now ORDER BY {order} LIMIT :limit"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(
        named_params! {
            ":from": from,
            ":before": before,
            ":id_after": filter.id_after.unwrap_or(i64::MIN),
            ":now": now,
            // One more than asked for tells whether there is more.
            ":limit": i64::try_from(filter.limit + 1).unwrap_or(i64::MAX),
        },
        from_row,
    )?;
    let mut contacts = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = contacts.len() > filter.limit;
    contacts.truncate(filter.limit);
    Ok(Page { contacts, has_more })
}

/// Whether so few rows are in the range that sorting them costs less than walking along the ids.
fn is_small(db: &Connection, from: Micros, before: Micros) -> rusqlite::Result<bool> {
    const SMALL: i64 = 5_000;
    let rows: i64 = db
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1 FROM contacts \
             WHERE updated_at >= ?1 AND updated_at < ?2 LIMIT ?3)",
        )?
        .query_row((from, before, SMALL), |row| row.get(0))?;
    Ok(rows < SMALL)
}
