//! What the modes decide about a page, without any CRM.

use bridge::crm::contacts::place::Place;
use bridge::crm::contacts::run::Run;
use bridge::crm::contacts::shown::Shown;
use bridge::crm::contacts::{Key, Spec, checkpoint::Mark, clock::Clocks, cursor, range, snapshot};
use bridge::error::Class;
use bridge::manifest::model::Checkpoint;
use bridge::time::Moment;
use serde_json::json;

const SECOND: i64 = 1_000_000;
const STARTED: i64 = 10_000 * SECOND;
const LIMIT: i64 = STARTED - 60 * SECOND;

fn rules(mode: &str) -> Checkpoint {
    let rules =
        format!(r#"{{"mode": "{mode}", "field": "{{{{ row.t }}}}", "settle": "PT1M", "step": "PT1S"}}"#);
    serde_json::from_str(&rules).unwrap()
}

fn run(mode: &str, place: Place) -> Run {
    let spec: Spec = serde_json::from_value(json!({
        "fetch": {}, "records": "{{ body }}", "map": {"id": "{{ row.id }}", "name": "{{ row.id }}"},
        "checkpoint": {"mode": mode, "settle": "PT1M"},
    }))
    .unwrap();
    Run { place, ..Run::begin(&spec, None, clocks().started).unwrap() }
}

fn clocks() -> Clocks {
    let started = Moment::from_micros(STARTED);
    Clocks { started, until: started, skew: 0 }
}

fn at(micros: i64) -> Mark {
    Mark::Time(Moment::from_micros(micros))
}

/// Rows by their stamps in seconds; ids count from 1.
fn keys(stamps: &[i64]) -> Vec<Key> {
    let key = |(i, s): (usize, &i64)| Key {
        stamp: Some(Moment::from_micros(s * SECOND)),
        id: Some((i + 1).to_string()),
        order: None,
    };
    stamps.iter().enumerate().map(key).collect()
}

fn range(place: Place, keys: &[Key], more: bool) -> Result<bridge::crm::contacts::Turn, Class> {
    range::decide(&rules("range"), &run("range", place), clocks(), keys, more, None, false)
        .map_err(|f| f.class)
}

fn query(seconds: i64) -> Place {
    Place::query(seconds * SECOND)
}

/// A query that must show again what a page from `since` showed.
fn query_again(seconds: i64, (count, id, since): (u32, &str, i64)) -> Place {
    let shown = Some(Shown { count, id: Some(id.to_owned()), since: since * SECOND, to: None });
    Place::Query { from: seconds * SECOND, shown }
}

fn drain(seconds: i64, last_id: Option<&str>) -> Place {
    bucket(seconds * SECOND, (seconds + 1) * SECOND, last_id)
}

fn bucket(from: i64, to: i64, last_id: Option<&str>) -> Place {
    Place::Drain { from, to, last_id: last_id.map(str::to_owned), page: None, shown: None }
}

#[test]
fn a_bucket_larger_than_a_page_is_read_by_id_from_its_beginning() {
    let turn = range(query(5), &keys(&[5, 5, 5]), true).unwrap();
    let shown = Some(Shown { count: 3, id: Some("1".to_owned()), since: 5 * SECOND, to: None });
    let (from, to) = (5 * SECOND, 6 * SECOND);
    let first = Place::Drain { from, to, last_id: None, page: None, shown };
    assert_eq!((turn.deliver, turn.next, turn.mark), (vec![], Some(first), at(5 * SECOND)));
    let turn = range(drain(5, None), &keys(&[5, 5, 5]), true).unwrap();
    assert_eq!((turn.next, turn.mark), (Some(drain(5, Some("3"))), at(5 * SECOND)));
    let turn = range(drain(5, Some("3")), &keys(&[5]), false).unwrap();
    assert_eq!((turn.deliver, turn.next, turn.mark), (vec![0], Some(query(6)), at(6 * SECOND)));
}

#[test]
fn a_bucket_that_does_not_move_on_is_refused() {
    assert_eq!(range(drain(5, Some("3")), &keys(&[5, 5, 5]), true), Err(Class::NoProgress));
    assert_eq!(range(drain(5, Some("9")), &keys(&[5]), true), Err(Class::NoProgress));
    assert_eq!(range(drain(5, None), &[], true), Err(Class::NoProgress));
}

#[test]
fn a_row_that_changed_while_the_crm_answered_moves_no_bound() {
    // Its old place was between 6 and 7; its new stamp must not hide what follows.
    let turn = range(query(5), &keys(&[6, 9_990, 7, 8]), true).unwrap();
    assert_eq!(
        (turn.deliver, turn.next, turn.mark),
        (vec![0, 1, 2], Some(query_again(8, (1, "4", 5))), at(8 * SECOND))
    );
    assert_eq!(
        range(query(5), &keys(&[6, 9_000, 7, 8]), true),
        Err(Class::CrmUnreadable),
        "that is disorder"
    );
    // When no row tells how far the page goes, ids do.
    let turn = range(query(5), &keys(&[9_990, 9_991]), true).unwrap();
    let all = bucket(5 * SECOND, LIMIT, None);
    assert_eq!((turn.deliver, turn.next, turn.mark), (vec![], Some(all.clone()), at(5 * SECOND)));
    let turn = range(all, &[], false).unwrap();
    assert_eq!((turn.next, turn.mark), (Some(Place::query(LIMIT)), at(LIMIT)));
}

#[test]
fn rows_stamped_in_the_future_are_delivered_but_do_not_move_the_checkpoint() {
    let turn = range(query(5), &keys(&[9_000, 99_000, 99_001]), true).unwrap();
    assert_eq!(
        (turn.deliver, turn.next, turn.mark),
        (vec![1, 2], Some(query_again(9_000, (1, "1", 5))), at(9_000 * SECOND))
    );
    // Past the run's own start there is still something to read.
    let turn = range(query(99_001), &keys(&[99_001, 99_002]), true).unwrap();
    assert_eq!((turn.deliver, turn.next.is_some(), turn.mark), (vec![0], true, at(LIMIT)));
}

#[test]
fn a_row_without_a_stamp_is_delivered_rather_than_lost() {
    let mut list = keys(&[6, 7, 8]);
    list[1].stamp = None;
    assert_eq!(range(query(5), &list, true).unwrap().deliver, [0, 1]);
    list.iter_mut().for_each(|key| key.stamp = None);
    assert_eq!(range(query(5), &list, true), Err(Class::CrmUnreadable));
    assert_eq!(range(query(5), &list, false).unwrap().deliver, [0, 1, 2]);
}

#[test]
fn a_checkpoint_between_two_steps_does_not_hide_its_own_step() {
    let place = Place::query(5 * SECOND + 400_000);
    assert_eq!(range(place, &keys(&[4, 5, 6]), false).unwrap().deliver, [1, 2]);
}

fn at_cursor(cursor: Option<&str>, frozen: bool) -> Run {
    run("cursor", Place::Cursor { from: 0, cursor: cursor.map(str::to_owned), frozen })
}

fn turn(
    run: &Run,
    list: &[Key],
    next: Option<&str>,
    done: bool,
) -> Result<bridge::crm::contacts::Turn, Class> {
    cursor::decide(&rules("cursor"), run, clocks(), list, next.map(str::to_owned), done).map_err(|f| f.class)
}

#[test]
fn a_young_row_freezes_the_cursors_checkpoint_for_the_rest_of_the_run() {
    let old = turn(&at_cursor(None, false), &keys(&[5, 6]), Some("a"), false).unwrap();
    assert_eq!(old.mark, Mark::Cursor("a".to_owned()));
    let young = turn(&at_cursor(Some("a"), false), &keys(&[7, 9_940]), Some("b"), false).unwrap();
    assert_eq!((young.deliver, young.mark), (vec![0, 1], at(0)), "the mark of the run's page before");
    assert!(matches!(young.next, Some(Place::Cursor { frozen: true, .. })));
    let after = turn(&at_cursor(Some("b"), true), &keys(&[8]), Some("c"), true).unwrap();
    assert_eq!((after.next, after.mark), (None, at(0)));
}

#[test]
fn a_cursor_that_is_not_done_must_move_on() {
    assert_eq!(turn(&at_cursor(Some("a"), false), &keys(&[5]), Some("a"), false), Err(Class::NoProgress));
    assert_eq!(turn(&at_cursor(Some("a"), false), &keys(&[5]), None, false), Err(Class::NoProgress));
}

#[test]
fn the_last_page_of_a_snapshot_stands_at_started_less_settle_but_never_goes_back() {
    let place = Place::Snapshot { from: 0, page: None };
    let mut run = run("snapshot", place);
    let decide =
        |run: &Run| snapshot::decide(&rules("snapshot"), run, clocks(), &keys(&[9, 7]), None).unwrap();
    assert_eq!((decide(&run).deliver, decide(&run).mark), (vec![1, 0], at(LIMIT)));
    run.base = at(LIMIT + 5 * SECOND);
    assert_eq!(decide(&run).mark, at(LIMIT + 5 * SECOND));
}

#[test]
fn an_offset_of_one_mode_is_refused_by_the_others() {
    let snapshot = run("snapshot", query(5));
    assert!(snapshot::decide(&rules("snapshot"), &snapshot, clocks(), &[], None).is_err());
    assert_eq!(turn(&run("cursor", query(5)), &[], None, true), Err(Class::BadOffset));
    assert_eq!(range(Place::Snapshot { from: 0, page: None }, &[], false), Err(Class::BadOffset));
}
