//! The model is worth something only if it finds what is wrong: the usual algorithms fail in it.

use super::outcome::play;
use super::usual::{Usual, lost, situations};

#[test]
fn the_usual_algorithms_lose_rows_where_this_one_does_not() {
    for number in 0..4 {
        let (name, setup, loses) = situations(1)[number].clone();
        let outcome = play(&setup).unwrap();
        assert_eq!((outcome.lost, outcome.stale), (0, 0), "{name}");
        for (algorithm, expected) in Usual::ALL.into_iter().zip(loses) {
            let total: usize = (1..=3).map(|seed| lost(algorithm, &situations(seed)[number].1)).sum();
            assert_eq!(total > 0, expected, "{} in `{name}` loses {total}", algorithm.name());
        }
    }
}

#[test]
fn a_settle_shorter_than_the_crms_lag_is_found_out() {
    let (_, setup, _) = situations(1)[4].clone();
    let found = match play(&setup) {
        Ok(outcome) => outcome.lost + outcome.stale > 0,
        Err(why) => why.contains("covers"),
    };
    assert!(found, "settle 0 with a lag of two minutes must lose rows");
}
