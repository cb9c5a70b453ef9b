//! The three usual algorithms as they are written everywhere, against the same CRM.

use std::collections::HashMap;

use super::crm::{Crm, Query, Seen};
use super::setup::{Kind, SECOND, Setup, quiet};

/// A run that does not end is broken off after so many pages, as in production.
const PAGES: usize = 400;

/// How people usually read changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// Everything stamped after the last stamp that was seen.
    AfterLastStamp,
    /// Everything since the last run, page by page with an offset.
    OffsetPages,
    /// Everything after the last pair of printed stamp and id.
    StampAndId,
}

impl Usual {
    pub const ALL: [Usual; 3] = [Usual::AfterLastStamp, Usual::OffsetPages, Usual::StampAndId];

    pub fn name(self) -> &'static str {
        match self {
            Usual::AfterLastStamp => "> last stamp",
            Usual::OffsetPages => ">= + offset pages",
            Usual::StampAndId => "(stamp, id) keyset",
        }
    }
}

/// A situation of README's table: its name, the setup, and which of the three lose rows in it.
pub fn situations(seed: u64) -> [(&'static str, Setup, [bool; 3]); 5] {
    let plain = Setup { seed, rows: 300, churn: 1, ..quiet(Kind::Range) };
    let fine = Setup { stored: 1, ..plain.clone() };
    let burst = Setup { burst: 90, ..fine.clone() };
    let late = Setup { lag: 120 * SECOND, settle: 150 * SECOND, ..burst.clone() };
    let unsettled = Setup { settle: 1, ..late.clone() };
    [
        ("stored = printed, no bursts", plain, [true, true, false]),
        ("stored µs, printed s", fine, [true, true, true]),
        ("… and 90 rows with one stamp", burst, [true, true, true]),
        ("… and visible up to 120 s late", late, [true, true, true]),
        ("the same with settle 0", unsettled, [true, true, true]),
    ]
}

/// Five syncs while people work, then quiet ones. Gives back how many rows are not as they should be.
pub fn lost(algorithm: Usual, setup: &Setup) -> usize {
    let mut reader = Reader { crm: Crm::new(setup), delivered: HashMap::new(), mark: i64::MIN };
    for round in 0..5 {
        reader.sync(algorithm);
        reader.crm.pass(1_800 * SECOND);
        if round < 3 {
            reader.crm.work();
        }
    }
    reader.crm.rest();
    reader.sync(algorithm);
    reader.sync(algorithm);
    let visible = reader.crm.visible();
    visible.iter().filter(|row| reader.delivered.get(&row.id) != Some(&row.version)).count()
}

struct Reader {
    crm: Crm,
    delivered: HashMap<usize, usize>,
    mark: i64,
}

impl Reader {
    fn sync(&mut self, algorithm: Usual) {
        let started = self.crm.now;
        let since = self.mark;
        // Printed stamp and id of the last row.
        let mut last = (since, 0);
        for page in 0..PAGES {
            let limit = self.crm.setup.page;
            let rows: Vec<Seen> = match algorithm {
                Usual::AfterLastStamp => {
                    let after = Query { since: last.0.saturating_add(1), ..Query::default() };
                    self.crm.query(&after).into_iter().take(limit).collect()
                }
                Usual::OffsetPages => {
                    let all = self.crm.query(&Query { since, ..Query::default() });
                    all.into_iter().skip(page * limit).take(limit).collect()
                }
                Usual::StampAndId => {
                    let all = Query { since: last.0, exact_ties: true, ..Query::default() };
                    let later = |row: &Seen| row.stamp > last.0 || row.id > last.1;
                    self.crm.query(&all).into_iter().filter(later).take(limit).collect()
                }
            };
            self.delivered.extend(rows.iter().map(|row| (row.id, row.version)));
            self.crm.pass(self.crm.setup.pause);
            let reached = rows.last().map_or(last, |row| (self.crm.floor(row.stamp), row.id));
            let stuck = algorithm != Usual::OffsetPages && reached == last;
            last = reached;
            if rows.len() < limit || stuck {
                break;
            }
        }
        self.mark = match algorithm {
            Usual::AfterLastStamp => last.0,
            _ => since.max(started - self.crm.setup.settle),
        };
    }
}
