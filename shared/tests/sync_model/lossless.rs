//! The property: whatever the CRM, Talkdesk and the network do, nothing is lost.

use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use super::choose::any;
use super::outcome::play;
use super::setup::Kind;

pub fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// `SYNC_CASES` trials over all modes; `SYNC_SEED` chooses which.
fn trials(kind: Kind) {
    let cases = number("SYNC_CASES", 270).div_ceil(Kind::ALL.len() as u64) as u32;
    let config = Config {
        cases,
        max_shrink_iters: 600,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(number("SYNC_SEED", 5)),
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&any(&[kind]), |setup| match play(&setup) {
        Ok(outcome) if outcome.lost + outcome.stale == 0 => Ok(()),
        Ok(outcome) => Err(TestCaseError::fail(format!("{outcome:?}"))),
        Err(why) => Err(TestCaseError::fail(why)),
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

#[test]
fn range_loses_nothing() {
    trials(Kind::Range);
}

#[test]
fn range_with_server_pages_in_a_bucket_loses_nothing() {
    trials(Kind::RangeServerPages);
}

#[test]
fn range_with_counted_pages_in_a_bucket_loses_nothing() {
    trials(Kind::RangeCounted);
}

#[test]
fn stable_pages_lose_nothing() {
    trials(Kind::Stable);
}

#[test]
fn cursor_loses_nothing() {
    trials(Kind::Cursor);
}

#[test]
fn snapshot_loses_nothing() {
    trials(Kind::Snapshot);
}

#[test]
fn snapshot_by_page_numbers_loses_nothing() {
    trials(Kind::SnapshotById);
}

#[test]
fn snapshot_by_an_order_that_never_changes_loses_nothing() {
    trials(Kind::SnapshotByOrder);
}

#[test]
fn newest_first_loses_nothing() {
    trials(Kind::Newest);
}

#[test]
fn several_lists_lose_nothing() {
    trials(Kind::Lists);
}
