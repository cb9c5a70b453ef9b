//! The database. One connection behind a lock: a request's reads and writes never interleave.

use std::path::Path;
use std::sync::Mutex;

use rusqlite::{Connection, Transaction};

use crate::lock::lock;

pub(crate) mod contacts;
pub(crate) mod interactions;
pub(crate) mod list;
pub(crate) mod lookup;
pub(crate) mod tickets;
pub(crate) mod touch;
pub mod truth;
pub(crate) mod users;

/// The open database.
pub(crate) struct Store(Mutex<Connection>);

impl Store {
    /// Opens a database, new ones without tables.
    pub fn open(file: Option<&Path>) -> rusqlite::Result<Self> {
        let connection = match file {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        // The data is made up: speed is worth more than surviving a power cut.
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        // A file must outlive a killed process, which a journal in memory does not promise.
        let journal = if file.is_some() { "WAL" } else { "MEMORY" };
        connection.pragma_update_and_check(None, "journal_mode", journal, |_| Ok(()))?;
        connection.set_prepared_statement_cache_capacity(64);
        Ok(Self(Mutex::new(connection)))
    }

    /// Whether somebody filled this file before; it is then used as it is.
    pub fn is_filled(&self) -> rusqlite::Result<bool> {
        let version: i64 = lock(&self.0).pragma_query_value(None, "user_version", |row| row.get(0))?;
        Ok(version == SCHEMA_VERSION)
    }

    /// Makes the tables, lets the seed fill them, and only then builds the indexes: sorting a
    /// million rows once is several times faster than keeping five trees in order.
    pub fn fill<E: From<rusqlite::Error>>(
        &self,
        seed: impl FnOnce(&Connection) -> Result<(), E>,
    ) -> Result<(), E> {
        self.write(|db| {
            db.execute_batch(include_str!("store/tables.sql"))?;
            seed(db)?;
            db.execute_batch(include_str!("store/indexes.sql"))?;
            db.pragma_update(None, "user_version", SCHEMA_VERSION)?;
            Ok(())
        })
    }

    /// Runs something that only reads.
    pub fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        work(&lock(&self.0))
    }

    /// Runs something in a transaction of its own, which a failure takes back.
    pub fn write<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = lock(&self.0);
        let transaction = connection.transaction()?;
        let answer = work(&transaction)?;
        transaction.commit()?;
        Ok(answer)
    }
}

const SCHEMA_VERSION: i64 = 1;

/// A JSON column that does not parse is a broken database, which the error names.
pub(crate) fn json_column<T: serde::de::DeserializeOwned>(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    serde_json::from_str(text).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// A value for a JSON column.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
