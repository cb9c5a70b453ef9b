//! Tickets, notes and calls of some contacts.

use rusqlite::Connection;

use super::{DAY, Data, FIRST_STAMP};
use crate::clock::Micros;
use crate::random::Random;
use crate::store::interactions::{Call, Note, insert_call, insert_note};
use crate::store::tickets::{self, NewTicket};

/// Only the first contacts have a history: enough to look at, whatever the size of the seed.
const WITH_HISTORY: i64 = 2_000;

const STATUSES: [&str; 5] = ["new", "open", "waiting", "done", "cancelled"];

pub(super) fn fill(db: &Connection, data: &Data, random: &mut Random, contacts: i64) -> rusqlite::Result<()> {
    for contact_id in 1..=contacts.min(WITH_HISTORY) {
        if random.percent(40) {
            for _ in 0..=random.below(4) {
                tickets::insert(db, ticket(data, random, contact_id))?;
            }
        }
        if random.percent(40) {
            for _ in 0..=random.below(3) {
                insert_note(db, note(data, random, contact_id))?;
            }
        }
        if random.percent(30) {
            for _ in 0..=random.below(3) {
                insert_call(db, call(data, random, contact_id))?;
            }
        }
    }
    Ok(())
}

fn ticket(data: &Data, random: &mut Random, contact_id: i64) -> NewTicket {
    let created_at = moment(random);
    NewTicket {
        contact_id: Some(contact_id),
        subject: random.pick(&data.subjects).cloned().unwrap_or_default(),
        body: random.percent(80).then(|| random.pick(&data.html).cloned()).flatten(),
        priority: 1 + random.below(4).cast_signed(),
        status: random.pick(&STATUSES).copied().unwrap_or("new"),
        requester_phone: None,
        created_at,
        updated_at: created_at.plus(random.below(DAY.unsigned_abs()).cast_signed()),
    }
}

fn note(data: &Data, random: &mut Random, contact_id: i64) -> Note {
    Note {
        id: 0,
        contact_id,
        author_id: author(data, random),
        html: random.pick(&data.html).cloned().unwrap_or_default(),
        created_at: moment(random),
        url: String::new(),
    }
}

fn call(data: &Data, random: &mut Random, contact_id: i64) -> Call {
    Call {
        id: 0,
        contact_id,
        author_id: author(data, random),
        direction: if random.percent(60) { "inbound" } else { "outbound" }.to_owned(),
        seconds: random.below(1_800).cast_signed(),
        started_at: moment(random),
        summary: random.percent(70).then(|| random.pick(&data.summaries).cloned()).flatten(),
        url: String::new(),
    }
}

fn author(data: &Data, random: &mut Random) -> Option<i64> {
    random.percent(90).then(|| 1 + random.below(data.users.len() as u64).cast_signed())
}

fn moment(random: &mut Random) -> Micros {
    FIRST_STAMP.plus(random.below(DAY.unsigned_abs() * 700).cast_signed())
}
