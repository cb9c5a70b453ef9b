//! Worlds in which something is wrong that no manifest can say: everything is delivered, or the bridge
//! says loudly why not. Nothing is lost in silence.

use super::outcome::{Outcome, play_loudly};
use super::setup::{Keeps, Kind, SECOND, Setup, World, quiet};

const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 3_600 * SECOND;

/// A world's name, the world, the modes that live in it, and whether failures are its price.
pub type Case = (&'static str, World, &'static [Kind], bool);

const ALL: &[Kind] = &Kind::ALL;
/// Whose stamps say how far the CRM's clock has come.
const STAMPED: &[Kind] = &[
    Kind::Range,
    Kind::RangeServerPages,
    Kind::RangeCounted,
    Kind::Stable,
    Kind::Snapshot,
    Kind::SnapshotById,
    Kind::SnapshotByOrder,
    Kind::Newest,
];
/// In which a row that goes moves no other past a border unseen.
const KEPT: &[Kind] = &[
    Kind::Range,
    Kind::RangeServerPages,
    Kind::RangeCounted,
    Kind::Stable,
    Kind::Cursor,
    Kind::Snapshot,
    Kind::SnapshotByOrder,
    Kind::Newest,
];
/// Which withhold rows and so see what does not come again.
const BUCKETS: &[Kind] = &[Kind::Range, Kind::RangeServerPages, Kind::RangeCounted];

/// The worlds.
pub fn worlds() -> Vec<Case> {
    let world = World::default();
    vec![
        ("Date once a day ahead", World { date: 24 * HOUR, date_rarely: true, ..world }, ALL, false),
        ("Date always 2 h ahead", World { date: 2 * HOUR, ..world }, ALL, false),
        ("Date always 3 min ahead", World { date: 3 * MINUTE, ..world }, ALL, false),
        ("Date always 1 h behind", World { date: -HOUR, ..world }, ALL, false),
        ("stamps 5 min behind", World { stamps: -5 * MINUTE, ..world }, STAMPED, false),
        ("stamps 5 h behind", World { stamps: -5 * HOUR, ..world }, STAMPED, false),
        ("… and runs of hours", World { stamps: -5 * HOUR, pause: HOUR, ..world }, STAMPED, false),
        ("stamps 5 min ahead", World { stamps: 5 * MINUTE, ..world }, STAMPED, false),
        ("filter 5 h west", World { zone: 5 * HOUR, ..world }, BUCKETS, true),
        ("filter 2 h east", World { zone: -2 * HOUR, ..world }, BUCKETS, true),
        ("> for >=", World { exclusive: true, ..world }, BUCKETS, true),
        ("a step of time is read as empty", World { blind: true, ..world }, BUCKETS, true),
        ("a list empty by accident", World { empties: 8, ..world }, STAMPED, true),
        ("contacts vanish", World { vanish: 20, ..world }, KEPT, false),
        ("… and the filter 5 h west", World { vanish: 20, zone: 5 * HOUR, ..world }, BUCKETS, true),
        ("seen hours later, not changed", World { hidden: 6, ..world }, ALL, false),
    ]
}

/// Trials of a world over its modes, page sizes, and checkpoints that Talkdesk keeps.
///
/// # Errors
/// The first broken promise.
pub fn trials(case: &Case, seeds: std::ops::Range<u64>) -> Result<Outcome, String> {
    let (name, world, kinds, may_fail) = case;
    let keeps = [Keeps::First, Keeps::Last, Keeps::Latest, Keeps::Highest];
    let mut total = Outcome::default();
    for (index, kind) in kinds.iter().enumerate() {
        for seed in seeds.clone() {
            let turn = seed as usize + index;
            let setup = Setup {
                seed,
                rows: [40, 8, 25][turn % 3] * if kind.overlaps() { 2 } else { 1 },
                page: if kind.overlaps() { 20 } else { [7, 20, 12][turn % 3] },
                burst: [0, 10, 16][(turn / 3) % 3].min([40, 8, 25][turn % 3]),
                lag: [0, 20 * SECOND][turn % 2],
                settle: 120 * SECOND,
                churn: 1,
                deletions: world.vanish,
                pause: world.pause.max(3 * SECOND),
                broken: [0, 10][(turn / 2) % 2],
                keeps: keeps[turn % 4],
                // What is younger than `settle` is read by id, where a zone does not show.
                spread: [9_000 * SECOND, 100 * SECOND][if world.zone == 0 { turn % 2 } else { 0 }],
                world: *world,
                ..quiet(*kind)
            };
            let outcome = play_loudly(&setup).map_err(|why| format!("{name}: {why}\n{setup:?}"))?;
            let price = if *may_fail { outcome.silent } else { outcome.lost + outcome.stale + outcome.loud };
            if price > 0 {
                return Err(format!("{name}: {outcome:?}\n{setup:?}"));
            }
            total = total.plus(&outcome);
        }
    }
    Ok(total)
}

#[test]
fn in_a_world_that_is_wrong_nothing_is_lost_in_silence() {
    let worlds = worlds();
    // Side by side: it is the longest of the tests.
    let failures: Vec<String> = std::thread::scope(|scope| {
        let started: Vec<_> = worlds.iter().map(|case| scope.spawn(|| trials(case, 0..12))).collect();
        started.into_iter().filter_map(|trials| trials.join().expect("no panic").err()).collect()
    });
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
