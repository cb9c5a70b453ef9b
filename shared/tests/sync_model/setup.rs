//! What a trial is made of: the CRM's habits, its size, and what goes wrong.

pub const SECOND: i64 = 1_000_000;

/// One fixture each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Range,
    RangeServerPages,
    /// Not among [`Kind::ALL`]: it can lose rows.
    RangeNumbers,
    Stable,
    Cursor,
    Snapshot,
    SnapshotById,
    RangeCounted,
    SnapshotByOrder,
    Newest,
    /// Three lists, each in a mode of its own, the first with a call for every page's rows.
    Lists,
}

impl Kind {
    pub const ALL: [Kind; 10] = [
        Kind::Range,
        Kind::RangeServerPages,
        Kind::RangeCounted,
        Kind::Stable,
        Kind::Cursor,
        Kind::Snapshot,
        Kind::SnapshotById,
        Kind::SnapshotByOrder,
        Kind::Newest,
        Kind::Lists,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Range => "range",
            Kind::RangeServerPages => "range-server-pages",
            Kind::RangeNumbers => "range-numbers",
            Kind::Stable => "stable",
            Kind::Cursor => "cursor",
            Kind::Snapshot => "snapshot",
            Kind::SnapshotById => "snapshot-by-id",
            Kind::RangeCounted => "range-counted",
            Kind::SnapshotByOrder => "snapshot-by-order",
            Kind::Newest => "newest",
            Kind::Lists => "lists",
        }
    }

    /// Whether the checkpoint of a list moves with its last page only.
    pub fn is_snapshot(self) -> bool {
        matches!(
            self,
            Kind::Snapshot | Kind::SnapshotById | Kind::SnapshotByOrder | Kind::Newest | Kind::Lists
        )
    }

    /// What stands before the ids of the list that a row is in: of three, where there are several.
    pub fn prefix(self, id: usize) -> &'static str {
        if self == Kind::Lists { ["", "L-", "F-"][id % 3] } else { "" }
    }

    /// The list that these ids belong to.
    pub fn list(self, id: usize) -> &'static str {
        match self.prefix(id) {
            "L-" => "leads",
            "F-" => "feed",
            _ => "contacts",
        }
    }

    /// Whether pages are numbered and overlap, for which they must be as large as was asked for.
    pub fn overlaps(self) -> bool {
        matches!(self, Kind::SnapshotByOrder | Kind::Newest)
    }
}

/// Which checkpoint Talkdesk keeps; its documents do not say (contract §11.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    First,
    Last,
    Latest,
    Highest,
}

/// A trial.
#[derive(Clone, Debug)]
pub struct Setup {
    pub seed: u64,
    pub kind: Kind,
    /// Precision of the stored stamps, in microseconds.
    pub stored: i64,
    /// Precision of the printed stamps.
    pub printed: i64,
    /// The manifest's `step`: what is printed, or what the filter tells apart when that is less.
    pub step: i64,
    /// The filter and the order tell steps apart, not stored stamps.
    pub coarse: bool,
    /// A row becomes visible at most so long after its stamp.
    pub lag: i64,
    /// The manifest's `settle`.
    pub settle: i64,
    pub rows: usize,
    /// The stamps of the first rows lie within this span.
    pub spread: i64,
    /// The manifest's page size, and what the server makes of it at most (0: no bound).
    pub page: usize,
    pub cap: usize,
    /// Rows that get one stamp at once, at the beginning and in bulk updates.
    pub burst: usize,
    /// Rows that are stamped years ahead.
    pub future: usize,
    /// Updates between any two calls.
    pub churn: usize,
    /// Likelihoods in percent, per call: a bulk update, a deletion, a fault, a forgotten page token.
    pub bulk: u32,
    pub deletions: u32,
    pub faults: u32,
    pub gone: u32,
    /// Likelihood per page that Talkdesk asks twice, waits, or breaks the run off.
    pub broken: u32,
    /// The server hangs when more rows than this are asked for (0: never).
    pub slow_above: usize,
    pub keeps: Keeps,
    /// The bridge's clock less the CRM's; and whether the CRM sends its own with every answer.
    pub clock_offset: i64,
    pub date: bool,
    /// The longest time between two calls, and that one answer takes.
    pub pause: i64,
    pub slowness: i64,
    /// A full page is taken for proof that more follows.
    pub hasty: bool,
    /// Ids are chosen first and rows loaded afterwards: a row shows what came in between.
    pub ids_first: bool,
    pub text_ids: bool,
    pub with_companies: bool,
    /// Bytes of every row's web sites: large ones make answers too large.
    pub sites: usize,
    /// `limits.pages` as small as it may be.
    pub closes_early: bool,
    /// What is wrong with the world.
    pub world: World,
}

/// What no manifest can say: clocks that differ, filters that mean something else, lists that are
/// not what they were. All zero in a good world.
#[derive(Clone, Copy, Debug, Default)]
pub struct World {
    /// The clock in the `Date` header less the CRM's.
    pub date: i64,
    /// Only now and then, not always.
    pub date_rarely: bool,
    /// The clock that stamps rows less everybody else's.
    pub stamps: i64,
    /// Added to the times of a filter: it reads them in another zone.
    pub zone: i64,
    /// `>` where `>=` was asked for.
    pub exclusive: bool,
    /// Likelihood in percent that a list is empty by accident, never twice in a row.
    pub empties: u32,
    /// Likelihood in percent, per call, that a row is deleted.
    pub vanish: u32,
    /// The longest time between two calls, where runs take hours.
    pub pause: i64,
    /// What is read by id, one step of time, is always empty.
    pub blind: bool,
    /// Rows of the beginning that become visible hours later, without a new stamp.
    pub hidden: usize,
}

impl Setup {
    /// `limits.pages`: enough for a quiet run; or just enough for what no run can leave behind.
    pub fn pages(&self) -> usize {
        // A run must get beyond one bucket, and its checkpoint must be kept, for the next to go on.
        let late = self.kind == Kind::Stable
            || self.keeps == Keeps::First
            // What changed within the difference of the clocks is read again by every run.
            || self.clock_offset.abs() > 30 * SECOND
            || (self.keeps == Keeps::Highest && self.kind == Kind::Cursor);
        if self.kind.is_snapshot() {
            100_000
        } else if self.closes_early && !late {
            10 + 5 * self.future
        } else {
            50 + 6 * (self.rows + 12)
        }
    }

    /// The files that the manifest is made of.
    pub fn manifest(&self) -> bridge::manifest::Manifest {
        let path = format!("{}/tests/fixtures/sync/{}.yaml", env!("CARGO_MANIFEST_DIR"), self.kind.name());
        let text = std::fs::read_to_string(&path).unwrap();
        let span = |us: i64| format!("PT{}.{:06}S", us / SECOND, us % SECOND);
        let min = if matches!(self.kind, Kind::Range | Kind::Lists) && self.text_ids {
            "id_min: \"\", "
        } else {
            ""
        };
        let again = if self.world.hidden > 0 { ", full_every: PT2H" } else { "" };
        let overlay = format!(
            "limits: {{page_size: {}, pages: {}}}\ncontacts: {{checkpoint: {{{min}step: {}, settle: {}{again}}}}}",
            self.page,
            self.pages(),
            span(self.step),
            span(self.settle),
        );
        let file = |name: &str, text| bridge::manifest::File { name: name.to_owned(), text };
        match bridge::manifest::Manifest::load(&[file(&path, text), file("overlay", overlay)]) {
            Ok(manifest) => manifest,
            Err(problems) => panic!("{}", bridge::gateway::lines(&problems)),
        }
    }
}

/// A CRM that is as simple as can be, and quiet.
pub fn quiet(kind: Kind) -> Setup {
    Setup {
        seed: 1,
        kind,
        stored: SECOND,
        printed: SECOND,
        step: SECOND,
        coarse: false,
        lag: 0,
        settle: SECOND,
        rows: 40,
        spread: 9_000 * SECOND,
        page: 20,
        cap: 0,
        burst: 0,
        future: 0,
        churn: 0,
        bulk: 0,
        deletions: 0,
        faults: 0,
        gone: 0,
        broken: 0,
        slow_above: 0,
        keeps: Keeps::Latest,
        clock_offset: 0,
        date: true,
        pause: 3 * SECOND,
        slowness: 0,
        hasty: false,
        ids_first: false,
        text_ids: false,
        with_companies: false,
        sites: 0,
        closes_early: false,
        world: World::default(),
    }
}
