//! What a function instance keeps of accounts between requests: bounded, the one not used for longest goes first.
//!
//! The key is the fingerprint of an account's credentials, or begins with it, so that no account meets
//! another's rate, login or answers.

use crate::lock::lock;
use std::collections::HashMap;
use std::sync::Mutex;

/// How many are kept: more accounts than one instance serves in a few minutes.
const MOST: usize = 1000;

/// A value for each key, made when it is first asked for.
pub struct PerAccount<T>(Mutex<Inner<T>>);

struct Inner<T> {
    uses: u64,
    values: HashMap<String, (u64, T)>,
}

impl<T> Default for PerAccount<T> {
    fn default() -> Self {
        Self(Mutex::new(Inner { uses: 0, values: HashMap::new() }))
    }
}

impl<T: Default> PerAccount<T> {
    /// Works with the key's value.
    pub fn with<R>(&self, key: &str, work: impl FnOnce(&mut T) -> R) -> R {
        let mut inner = lock(&self.0);
        inner.uses += 1;
        let uses = inner.uses;
        if !inner.values.contains_key(key) {
            if inner.values.len() >= MOST
                && let Some(oldest) = inner.values.iter().min_by_key(|(_, (used, _))| *used)
            {
                let oldest = oldest.0.clone();
                inner.values.remove(&oldest);
            }
            inner.values.insert(key.to_owned(), (uses, T::default()));
        }
        let Some((used, value)) = inner.values.get_mut(key) else { return work(&mut T::default()) };
        *used = uses;
        work(value)
    }

    /// How many are kept.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        lock(&self.0).values.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_was_not_used_for_longest_goes_first() {
        let kept = PerAccount::<u32>::default();
        kept.with("busy", |n| *n = 7);
        for other in 0..3 * MOST {
            kept.with(&other.to_string(), |n| *n += 1);
            assert_eq!(kept.with("busy", |n| *n), 7, "{other}");
        }
        assert_eq!(kept.len(), MOST);
    }

    #[test]
    fn no_key_sees_anothers_value() {
        let kept = PerAccount::<u32>::default();
        kept.with("a", |n| *n = 1);
        assert_eq!((kept.with("b", |n| *n), kept.with("a", |n| *n)), (0, 1));
    }
}
