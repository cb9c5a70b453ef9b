//! The bridge's clock in front of an emulator: the vendor's own, so that the two agree as real ones do.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bridge::crm::Clock;
use bridge::crm::transport::BoxFuture;
use bridge::time::Moment;

use crate::table::Table;

/// Stands where the table's clock stands, and goes on from there while the bridge works.
pub struct TableClock {
    table: Table,
    moved: Mutex<(Moment, Instant)>,
}

impl TableClock {
    /// A clock beside a table's.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), moved: Mutex::new((table.now(), Instant::now())) }
    }
}

impl Clock for TableClock {
    fn now(&self) -> Moment {
        let table = self.table.now();
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        if moved.0 != table {
            *moved = (table, Instant::now());
        }
        table.plus(moved.1.elapsed())
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(span))
    }
}
