//! What is in the CRM at the start: the same for the same seed, and awkward on purpose.
//!
//! Written by hand in `data.json` come first, one oddity each; the rest are put together from its
//! word lists. Nobody is real: names are invented, addresses end in reserved domains.

use rusqlite::Connection;
use serde::Deserialize;

use crate::clock::{ALWAYS_VISIBLE, Micros, Stamp};
use crate::contact::Details;
use crate::random::Random;
use crate::store::{contacts, users};

mod histories;
mod people;

/// The hand-written part and the word lists.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    users: Vec<users::User>,
    contacts: Vec<Details>,
    names: Vec<(String, String)>,
    companies: Vec<String>,
    titles: Vec<String>,
    subjects: Vec<String>,
    html: Vec<String>,
    summaries: Vec<String>,
}

/// Why the database could not be filled.
#[derive(Debug)]
pub(crate) enum SeedError {
    Data(serde_json::Error),
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for SeedError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// 2024-01-01. A fixed past, so that no seed row is ever newer than the clock.
const FIRST_STAMP: Micros = Micros(1_704_067_200_000_000);
const DAY: i64 = 86_400_000_000;

/// Fills empty tables.
pub(crate) fn fill(db: &Connection, count: u32, seed: u64) -> Result<(), SeedError> {
    let data: Data = serde_json::from_str(include_str!("seed/data.json")).map_err(SeedError::Data)?;
    let mut random = Random::new(seed);
    for user in &data.users {
        users::insert(db, user)?;
    }
    for id in 1..=i64::from(count) {
        let by_hand = usize::try_from(id - 1).ok().and_then(|index| data.contacts.get(index));
        let made_up = || people::invent(&data, &mut random, id);
        let details = by_hand.cloned().unwrap_or_else(made_up);
        let (created_at, updated_at) = times(&mut random, id);
        let stamp = Stamp { at: updated_at, visible_at: ALWAYS_VISIBLE };
        contacts::insert(db, &details, created_at, stamp)?;
    }
    histories::fill(db, &data, &mut random, i64::from(count))?;
    Ok(())
}

/// When a contact was created and last changed, within two years from the first stamp.
fn times(random: &mut Random, id: i64) -> (Micros, Micros) {
    let created = FIRST_STAMP.plus(random.below(DAY.unsigned_abs() * 350).cast_signed());
    let changed = created.plus(random.below(DAY.unsigned_abs() * 350).cast_signed());
    let shared = FIRST_STAMP.plus(400 * DAY);
    match id {
        // An import: more rows with one stamp than small pages hold, the second more than any page.
        101..=160 => (shared, shared),
        20_001..=21_000 => (shared.plus(DAY), shared.plus(DAY)),
        // Different stamps that print the same: only microseconds tell them apart.
        161..=180 => (created.min(shared), shared.plus(2 * DAY + id)),
        _ => (created, changed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hand_written_data_reads() {
        let data: Data = serde_json::from_str(include_str!("seed/data.json")).unwrap();
        assert!(data.contacts.len() > 50);
        assert_eq!(data.users.len(), 12);
    }
}
