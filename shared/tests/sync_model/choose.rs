//! Any trial: the CRM's habits, its size, and what goes wrong, by chance.

use proptest::prelude::*;

use super::setup::{Keeps, Kind, SECOND, Setup, World};

fn one_of<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = T> + use<T> {
    proptest::sample::select(values.to_vec())
}

/// Any trial; simple ones first when a failure is made smaller.
pub fn any(kinds: &[Kind]) -> impl Strategy<Value = Setup> + use<> {
    let keeps = [Keeps::Latest, Keeps::Last, Keeps::First, Keeps::Highest];
    let time = (
        one_of(&[SECOND, 1_000, 1]),
        one_of(&[SECOND, 1_000, 1]),
        any_bool(),
        one_of(&[0, 5 * SECOND, 60 * SECOND, 300 * SECOND]),
        one_of(&[0, SECOND, 30 * SECOND]),
        one_of(&[9_000 * SECOND, 100 * SECOND, 5 * SECOND, SECOND / 2]),
    );
    let size = (1..=60_usize, 1..=25_usize, one_of(&[0, 0, 0, 3, 7]), 0..=30_usize, one_of(&[0, 0, 2, 12]));
    let change = (0..=3_usize, one_of(&[0, 0, 5]), one_of(&[0, 10]), one_of(&[0, 0, 15]), one_of(&[0, 0, 3]));
    let talkdesk = (one_of(&[0, 10, 30]), one_of(&[0, 0, 0, 5, 9]), one_of(&keeps), any_bool());
    let clock = (
        one_of(&[0, 7_200 * SECOND, -7_200 * SECOND, SECOND / 3]),
        any_bool(),
        one_of(&[3 * SECOND, 200, 40 * SECOND]),
        one_of(&[0, SECOND / 10, 3 * SECOND]),
    );
    let habits = (any_bool(), any_bool(), any_bool(), one_of(&[1, SECOND, 10 * SECOND]));
    let ids_first = one_of(&[false, false, true]);
    (any_seed(), one_of(kinds), time, size, change, talkdesk, clock, (habits, ids_first)).prop_map(
        |(seed, kind, time, size, change, talkdesk, clock, (habits, ids_first))| {
            let printed = time.0.max(time.1);
            let (stored, lag) = (time.0.min(time.1), time.3);
            let coarse = time.2 && matches!(kind, Kind::Range | Kind::RangeServerPages | Kind::RangeCounted);
            let page = if size.1 == 1 && seed % 4 > 0 { 2 } else { size.1 };
            // Counted pages overlap, numbered ones by being of another size each.
            let page = match kind {
                _ if kind.overlaps() => 20 + page % 6,
                Kind::RangeCounted => page.max(2),
                _ => page,
            };
            let rows = if kind.overlaps() { 2 * size.0 } else { size.0 };
            Setup {
                seed,
                kind,
                stored,
                printed,
                step: if coarse { printed.max(habits.3) } else { printed },
                coarse,
                lag,
                settle: (lag + time.4).max(1),
                // Small pages make long runs: fewer rows keep the test quick.
                rows: if page < 4 { rows.min(20) } else { rows },
                spread: time.5,
                page,
                cap: if kind.overlaps() { 0 } else { size.2 },
                burst: size.3.min(rows),
                future: size.4.min(rows / 2),
                churn: change.0,
                bulk: change.1,
                // Numbered pages lose rows when one before them goes: see `rules`.
                // A numbered page from which a row is missing stands for others than its number says.
                deletions: if kind == Kind::SnapshotById || (kind.overlaps() && ids_first) {
                    0
                } else {
                    change.2
                },
                faults: change.3,
                gone: change.4,
                broken: talkdesk.0,
                slow_above: if kind.is_snapshot() { 0 } else { talkdesk.1 },
                keeps: talkdesk.2,
                closes_early: talkdesk.3,
                clock_offset: if clock.1 { clock.0 } else { 0 },
                date: clock.1,
                pause: clock.2,
                slowness: clock.3,
                hasty: habits.2,
                ids_first,
                text_ids: habits.0,
                with_companies: habits.1,
                sites: 0,
                world: World::default(),
            }
        },
    )
}

fn any_bool() -> impl Strategy<Value = bool> {
    proptest::bool::ANY
}

fn any_seed() -> impl Strategy<Value = u64> {
    (0..u64::MAX).no_shrink()
}
