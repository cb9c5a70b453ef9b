//! `make prove-sync`: many trials of every mode, and what the usual algorithms lose, as a table.

use std::time::Instant;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngSeed, TestRunner};

use super::choose::any;
use super::outcome::{Outcome, lost_whatever_happens, play};
use super::setup::{Kind, Setup};
use super::usual::{Usual, lost, situations};
use super::worlds::{trials as trials_of, worlds};

/// Trials of one mode on two threads; the first failures in words.
fn trials(kind: Kind, count: usize, seed: u64) -> (Outcome, Vec<String>) {
    let config = Config { rng_seed: RngSeed::Fixed(seed), ..Config::default() };
    let mut runner = TestRunner::new(config);
    let strategy = any(&[kind]);
    let setups: Vec<Setup> = (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect();
    let halves: Vec<_> = std::thread::scope(|scope| {
        let parts = setups.chunks(count.div_ceil(2).max(1));
        let threads: Vec<_> = parts.map(|part| scope.spawn(move || sum(part))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    halves.into_iter().fold((Outcome::default(), Vec::new()), |(total, mut failures), (part, more)| {
        failures.extend(more);
        (total.plus(&part), failures)
    })
}

fn sum(setups: &[Setup]) -> (Outcome, Vec<String>) {
    let (mut total, mut failures) = (Outcome::default(), Vec::new());
    for setup in setups {
        match play(setup) {
            Ok(outcome) => total = total.plus(&outcome),
            Err(why) => failures.push(format!("{why}\n{setup:?}")),
        }
    }
    (total, failures)
}

/// `SYNC_CASES` (10,000) trials; `SYNC_SEED` chooses which.
#[test]
#[ignore = "a couple of minutes with --release: make prove-sync"]
fn prove() {
    let begun = Instant::now();
    let count = super::lossless::number("SYNC_CASES", 10_000) as usize;
    let seed = super::lossless::number("SYNC_SEED", 5);
    let mut failures = Vec::new();
    let (mut lost_rows, mut all) = (0, 0);
    println!(
        "\n{:<20} {:>7} {:>8} {:>9} {:>9} {:>12} {:>6} {:>6}",
        "mode", "trials", "runs", "pages", "calls", "deliv/change", "lost", "stale"
    );
    for (index, kind) in Kind::ALL.into_iter().enumerate() {
        let share = count / Kind::ALL.len() + usize::from(index < count % Kind::ALL.len());
        let (o, failed) = trials(kind, share, seed.wrapping_add(index as u64));
        println!(
            "{:<20} {share:>7} {:>8} {:>9} {:>9} {:>12.2} {:>6} {:>6}",
            kind.name(),
            o.runs,
            o.pages,
            o.calls,
            o.deliveries as f64 / o.changes.max(1) as f64,
            o.lost,
            o.stale
        );
        lost_rows += o.lost + o.stale;
        all += share;
        failures.extend(failed);
    }
    println!(
        "{all} trials in {:.0} s; broken promises on the way: {}\n",
        begun.elapsed().as_secs_f64(),
        failures.len()
    );
    let silent = wrong_worlds(count.div_ceil(800).max(4) as u64, &mut failures);
    usual();
    println!("\ntogether {:.0} s", begun.elapsed().as_secs_f64());
    assert!(failures.is_empty(), "{}", failures.iter().take(3).cloned().collect::<Vec<_>>().join("\n\n"));
    assert_eq!((lost_rows, silent), (0, 0));
}

/// The worlds in which something is wrong: what was delivered late or not at all, and whether a word was
/// said. Gives back how many rows were lost in silence.
fn wrong_worlds(seeds: u64, failures: &mut Vec<String>) -> usize {
    println!(
        "{:<32} {:>7} {:>8} {:>9} {:>6} {:>6} {:>6} {:>7}",
        "world", "trials", "runs", "calls", "lost", "stale", "loud", "silent"
    );
    let mut silent = 0;
    for case in worlds() {
        match trials_of(&case, 100..100 + seeds) {
            Ok(o) => {
                silent += o.silent;
                let count = case.2.len() as u64 * seeds;
                println!(
                    "{:<32} {count:>7} {:>8} {:>9} {:>6} {:>6} {:>6} {:>7}",
                    case.0, o.runs, o.calls, o.lost, o.stale, o.loud, o.silent
                );
            }
            Err(why) => failures.push(why),
        }
    }
    println!();
    silent
}

/// Rows lost by each algorithm in each situation, over 40 repetitions.
fn usual() {
    print!("{:<34} {:>12}", "rows lost in 40 × 300", "this bridge");
    Usual::ALL.iter().for_each(|algorithm| print!(" {:>18}", algorithm.name()));
    println!();
    for (number, (name, ..)) in situations(0).iter().enumerate() {
        let setups: Vec<Setup> = (0..40).map(|seed| situations(seed)[number].1.clone()).collect();
        let ours: usize = setups.iter().map(lost_whatever_happens).sum();
        print!("{name:<34} {ours:>12}");
        for algorithm in Usual::ALL {
            let total: usize = setups.iter().map(|setup| lost(algorithm, setup)).sum();
            print!(" {total:>18}");
        }
        println!();
    }
}
