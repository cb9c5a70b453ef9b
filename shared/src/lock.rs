//! Locks whose values are whole at any time.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Takes a lock even if a thread died with it.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
