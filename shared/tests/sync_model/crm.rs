//! A CRM whose rows change while they are read: what is stored, and what a query sees of it.

use super::random::Random;
use super::setup::{SECOND, Setup};

/// 2026-01-01, in microseconds.
const BEGIN: i64 = 1_767_225_600 * SECOND;
/// Years ahead.
const FUTURE: i64 = BEGIN + 100_000_000 * SECOND;

struct Version {
    stamp: i64,
    visible_at: i64,
}

struct Row {
    versions: Vec<Version>,
    deleted: bool,
}

/// A row as a query sees it: `stamp` as it is stored. Ids begin with 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub id: usize,
    pub stamp: i64,
    pub version: usize,
}

/// A query. Bounds of time compare stored stamps, or whole steps when the CRM is coarse.
#[derive(Clone, Copy, Default)]
pub struct Query {
    pub since: i64,
    pub before: Option<i64>,
    /// Only ids above this one.
    pub after_id: Option<usize>,
    /// Only what comes after this stored stamp and id.
    pub after: Option<(i64, usize)>,
    pub by_id: bool,
    pub exact_ties: bool,
    /// The newest first; rows with one stamp keep their order among themselves.
    pub newest: bool,
}

/// The CRM's rows and its clock.
pub struct Crm {
    pub setup: Setup,
    pub random: Random,
    pub now: i64,
    /// Updates are made and faults happen.
    pub busy: bool,
    rows: Vec<Row>,
}

impl Crm {
    pub fn new(setup: &Setup) -> Self {
        let mut random = Random::new(setup.seed);
        let now = BEGIN + random.below(SECOND);
        let floor = |stamp: i64| stamp.div_euclid(setup.stored) * setup.stored;
        let first = |stamp: i64| Row {
            versions: vec![Version { stamp: floor(stamp), visible_at: 0 }],
            deleted: false,
        };
        let old = |random: &mut Random| now + setup.world.stamps - 1 - random.below(setup.spread);
        let mut rows: Vec<Row> = (0..setup.rows).map(|_| first(old(&mut random))).collect();
        let burst = old(&mut random);
        for _ in 0..setup.burst {
            let index = random.index(rows.len());
            rows[index] = first(burst);
        }
        for row in rows.iter_mut().take(setup.world.hidden) {
            row.versions[0].visible_at = now + random.below(7_200 * SECOND);
        }
        for row in rows.iter_mut().take(setup.future) {
            *row = first(FUTURE + random.below(2) * random.below(900 * SECOND));
        }
        Self { setup: setup.clone(), random, now, busy: true, rows }
    }

    /// How many versions of rows there ever were.
    pub fn changes(&self) -> usize {
        self.rows.iter().map(|row| row.versions.len()).sum()
    }

    /// Companies are rows that the manifest's `where` leaves out.
    pub fn is_company(&self, id: usize) -> bool {
        self.setup.with_companies && id % 5 == 2
    }

    /// As it is printed.
    pub fn floor(&self, stamp: i64) -> i64 {
        stamp.div_euclid(self.setup.printed) * self.setup.printed
    }

    /// What everybody sees now.
    pub fn visible(&self) -> Vec<Seen> {
        let newest = |row: &Row| row.versions.iter().rposition(|v| v.visible_at <= self.now);
        let live = self.rows.iter().enumerate().filter(|(_, row)| !row.deleted);
        live.filter_map(|(id, row)| {
            newest(row).map(|index| Seen { id: id + 1, stamp: row.versions[index].stamp, version: index + 1 })
        })
        .collect()
    }

    /// The rows of a query, all of them, in the order that was asked for; ties in any order.
    pub fn query(&mut self, query: &Query) -> Vec<Seen> {
        let exact = if self.setup.coarse { self.setup.step } else { 1 };
        let mut rows = self.visible();
        let value = |stamp: i64| stamp.div_euclid(exact);
        let world = self.setup.world;
        let since = query.since.saturating_add(world.zone);
        rows.retain(|row| {
            (value(row.stamp) > value(since) || (value(row.stamp) == value(since) && !world.exclusive))
                && query.before.is_none_or(|before| value(row.stamp) < value(before + world.zone))
                && query.after_id.is_none_or(|id| row.id > id)
                && query.after.is_none_or(|after| (row.stamp, row.id) > after)
        });
        if query.by_id {
            return rows;
        }
        if query.newest {
            rows.sort_by_key(|row| std::cmp::Reverse((row.stamp, row.id)));
            return rows;
        }
        if query.exact_ties {
            rows.sort_by_key(|row| (row.stamp, row.id));
            return rows;
        }
        let mut random = self.random.clone();
        random.shuffle(&mut rows);
        rows.sort_by_key(|row| value(row.stamp));
        self.random = random;
        rows
    }

    /// Time passes and people work, as between any two calls.
    pub fn pass(&mut self, longest: i64) {
        self.now += 1 + self.random.below(longest);
        if !self.busy {
            return;
        }
        for _ in 0..self.setup.churn {
            let index = self.random.index(self.rows.len());
            let stamps = self.stamps();
            self.update(index, stamps);
        }
        if self.random.percent(self.setup.bulk) {
            let stamps = self.stamps();
            for _ in 0..self.setup.burst {
                let index = self.random.index(self.rows.len());
                self.update(index, stamps);
            }
        }
        if self.random.percent(self.setup.deletions) {
            let index = self.random.index(self.rows.len());
            self.rows[index].deleted = true;
        }
        if self.setup.churn > 0 && self.random.percent(5) && self.rows.len() < self.setup.rows + 10 {
            self.rows.push(Row { versions: Vec::new(), deleted: false });
            let stamps = self.stamps();
            self.update(self.rows.len() - 1, stamps);
        }
    }

    /// A stamp, and when it becomes visible: both within `lag`. Some clocks run ahead.
    fn stamps(&mut self) -> (i64, i64) {
        let lag = self.setup.lag;
        if self.setup.future > 0 && self.random.percent(5) {
            return (self.now + self.random.below(1_200 * SECOND), self.now);
        }
        let back = self.random.below(lag + 1);
        (self.now + self.setup.world.stamps - back, self.now + self.random.below(lag - back + 1))
    }

    fn update(&mut self, index: usize, (stamp, visible_at): (i64, i64)) {
        let stamp = stamp.div_euclid(self.setup.stored) * self.setup.stored;
        self.rows[index].versions.push(Version { stamp, visible_at });
    }

    /// A tenth of all rows are worked on.
    pub fn work(&mut self) {
        for _ in 0..self.rows.len().div_ceil(10) {
            let index = self.random.index(self.rows.len());
            let stamps = self.stamps();
            self.update(index, stamps);
        }
    }

    /// The working day is over: everything becomes visible, and `settle` passes. So does the time
    /// until the last stamp of a clock that runs ahead: such rows belong to the run after it.
    pub fn rest(&mut self) {
        self.busy = false;
        let ahead = if self.setup.future > 0 { 1_200 * SECOND } else { 0 }.max(self.setup.world.stamps);
        let hidden = if self.setup.world.hidden > 0 { 9_000 * SECOND } else { 0 };
        self.now += self.setup.settle.max(self.setup.lag) + ahead + hidden + 3 * SECOND;
    }
}
