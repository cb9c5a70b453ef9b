//! The bridge's clock in front of an emulator: the vendor's own, so that the two agree as real ones do.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::Clock;
use bridge::time::Moment;

use crate::table::Table;

/// Stands where the table's clock stands, and goes on from there only while the bridge waits: how busy
/// the machine is changes nothing.
pub struct TableClock {
    table: Table,
    reached: Mutex<Moment>,
}

impl TableClock {
    /// A clock beside a table's.
    pub fn new(table: &Table) -> Self {
        Self { table: table.clone(), reached: Mutex::new(table.now()) }
    }

    /// The later of the table's time and `at`.
    fn reach(&self, at: Moment) -> Moment {
        let mut reached = self.reached.lock().unwrap_or_else(PoisonError::into_inner);
        *reached = (*reached).max(at).max(self.table.now());
        *reached
    }
}

impl Clock for TableClock {
    fn now(&self) -> Moment {
        self.reach(Moment::EPOCH)
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        let until = self.now().plus(span);
        Box::pin(async move {
            tokio::time::sleep(span).await;
            self.reach(until);
        })
    }
}
