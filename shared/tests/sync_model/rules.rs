//! The rules of the modes, one by one.

use std::time::Duration;

use bridge::crm::contacts::checkpoint::{Kept, Mark};
use bridge::error::Class;
use bridge::time::Moment;
use serde_json::{Value, json};

use super::scripted::{NOW, ask, rows};

const MARK: &str = "2026-11-20 08:00:00 UTC";
/// The CRM's clock less `settle`.
const LIMIT: &str = "2026-11-22 11:58:00 UTC";

fn page(list: &[(u32, &str)], more: bool) -> (u16, Value) {
    (200, json!({"rows": rows(list), "more": more}))
}

#[test]
fn an_empty_first_sync_answers_the_manifests_start() {
    let start = "contacts: {checkpoint: {start: \"2020-01-02T03:04:05Z\"}}";
    for fixture in ["range", "stable", "snapshot", "snapshot-by-id", "cursor"] {
        let played =
            ask(fixture, start, (None, None), &[(200, json!({"rows": [], "more": false, "done": true}))]);
        assert_eq!(played.mark(), "2020-01-02 03:04:05 UTC", "{fixture}");
        assert_eq!(played.page().next_offset, None, "{fixture}");
    }
}

#[test]
fn without_rows_the_checkpoint_stays_as_it_came() {
    for fixture in ["range", "stable", "snapshot", "snapshot-by-id"] {
        let played = ask(fixture, "", (Some(MARK), None), &[page(&[], false)]);
        assert_eq!((played.mark(), played.page().next_offset.as_deref()), (MARK, None), "{fixture}");
    }
    let mark = "cursor:YWJj";
    let played =
        ask("cursor", "", (Some(mark), None), &[(200, json!({"rows": [], "cursor": "abc", "done": true}))]);
    assert_eq!(played.mark(), mark);
    assert_eq!(played.asked[0]["cursor"], "abc");
}

#[test]
fn a_finished_run_stands_at_started_less_settle() {
    let played = ask("range", "", (Some(MARK), None), &[page(&[(1, "09:00:00")], false)]);
    assert_eq!((played.mark(), played.page().next_offset.as_deref()), (LIMIT, None));
    assert_eq!(played.asked[0]["since"], "2026-11-20T08:00:00.000000Z");
}

#[test]
fn the_newest_bucket_of_a_page_is_withheld_and_asked_for_again() {
    let list = [(1, "09:00:00"), (2, "09:00:01"), (3, "09:00:01")];
    let played = ask("range", "", (Some(MARK), None), &[page(&list, true)]);
    assert_eq!((played.ids(), played.mark()), (vec!["1".to_owned()], "2026-11-20 09:00:01 UTC"));
    let offset = played.page().next_offset.clone().unwrap();
    let played = ask("range", "", (None, Some(&offset)), &[page(&list[1..], false)]);
    assert_eq!((played.ids().len(), played.mark()), (2, LIMIT));
    assert_eq!(played.asked[0]["since"], "2026-11-20T09:00:01.000000Z");
}

#[test]
fn rows_from_before_the_bound_were_delivered_before() {
    let list = [(1, "07:59:59"), (2, "09:00:00"), (3, "09:00:01")];
    assert_eq!(ask("range", "", (Some(MARK), None), &[page(&list, true)]).ids(), ["2"]);
}

#[test]
fn a_bad_row_among_good_ones_is_skipped_and_counted() {
    let mut list = rows(&[(1, "09:00:00"), (2, "09:00:01"), (3, "09:00:02"), (4, "09:00:03")]);
    list[1]["id"] = json!([2]);
    let first = (200, json!({"rows": list, "more": true}));
    let played = ask("range", "", (Some(MARK), None), &[first]);
    assert_eq!((played.ids(), played.figures.skipped), (vec!["1".to_owned(), "3".to_owned()], 1));
}

#[test]
fn a_page_of_which_none_or_most_cannot_be_mapped_is_unreadable_and_moves_nothing() {
    for bad in [&[1_usize, 2, 3][..], &[2, 3], &[1, 2]] {
        for fixture in ["range", "stable", "snapshot", "snapshot-by-id", "cursor"] {
            let mut list = rows(&[(1, "09:00:00"), (2, "09:00:01"), (3, "09:00:02")]);
            bad.iter().for_each(|row| list[row - 1]["id"] = json!({"value": row}));
            let answer = (200, json!({"rows": list, "more": false, "cursor": "c", "done": true}));
            let failure = ask(fixture, "", (None, None), &[answer]).result.unwrap_err();
            assert_eq!(failure.class, Class::CrmUnreadable, "{fixture} {bad:?}");
        }
    }
}

#[test]
fn a_page_whose_rows_are_all_left_out_does_not_end_the_paging_and_is_counted() {
    let company = |time: &str| json!({"id": 1, "updated": format!("2026-11-20T{time}Z"), "kind": "company"});
    let first = (200, json!({"rows": [company("09:00:00"), company("09:00:01")], "more": true}));
    let mut second = vec![company("09:00:01")];
    second.extend(rows(&[(3, "09:00:02")]));
    let played =
        ask("range", "", (Some(MARK), None), &[first, (200, json!({"rows": second, "more": false}))]);
    assert_eq!((played.ids(), played.figures.skipped), (vec!["3".to_owned()], 0));
    assert_eq!(played.figures.filtered, 2);
}

/// The first page of a run that withholds row 2, and the offset that goes on from it.
fn withheld() -> (Vec<(u32, &'static str)>, String) {
    let list = vec![(1, "09:00:00"), (2, "09:00:01")];
    let offset = ask("range", "", (Some(MARK), None), &[page(&list, true)]).page().next_offset.clone();
    (list, offset.unwrap())
}

#[test]
fn withheld_rows_that_the_crm_still_has_but_does_not_show_again_are_a_loud_failure() {
    let (list, offset) = withheld();
    // An empty page, a filter in another zone, `>` for `>=`.
    for second in [page(&[], false), page(&[(3, "14:00:05")], false), page(&[(3, "09:00:02")], true)] {
        let played = ask("range", "", (Some(MARK), Some(&offset)), &[second, page(&list, true)]);
        let failure = played.result.unwrap_err();
        assert_eq!(failure.class, Class::CrmUnreadable);
        for word in ["zone", "`>` for `>=`", "empty"] {
            assert!(failure.message.contains(word), "{}", failure.message);
        }
        // It was looked for where it had been seen.
        assert_eq!(played.asked[1]["since"], "2026-11-20T08:00:00.000000Z");
    }
}

#[test]
fn nothing_at_all_where_rows_were_delivered_is_a_loud_failure() {
    let (_, offset) = withheld();
    let played = ask("range", "", (None, Some(&offset)), &[page(&[], false), page(&[], false)]);
    assert_eq!(played.result.unwrap_err().class, Class::CrmUnreadable);
}

#[test]
fn withheld_rows_that_were_changed_meanwhile_are_recognised() {
    let (_, offset) = withheld();
    let moved = [page(&[(2, "10:00:00")], false), page(&[(1, "09:00:00"), (2, "10:00:00")], false)];
    let moved = ask("range", "", (None, Some(&offset)), &moved);
    assert_eq!((moved.ids(), moved.asked.len()), (vec!["2".to_owned()], 2), "nobody is left where it was");
    let deleted = [page(&[(3, "10:00:00")], false), page(&[(1, "09:00:00"), (3, "10:00:00")], false)];
    let deleted = ask("range", "", (None, Some(&offset)), &deleted);
    assert_eq!((deleted.ids(), deleted.asked.len()), (vec!["3".to_owned()], 2), "by asking again");
}

#[test]
fn a_withheld_row_that_was_changed_does_not_speak_for_the_others_of_its_time() {
    let (_, offset) = withheld();
    let left = [page(&[(2, "10:00:00")], false), page(&[(1, "09:00:00"), (3, "09:00:01")], true)];
    let failure = ask("range", "", (None, Some(&offset)), &left).result.unwrap_err();
    assert_eq!(failure.class, Class::CrmUnreadable);
}

#[test]
fn a_bucket_that_was_shown_must_come_again_by_id() {
    let full = page(&[(1, "09:00:00"), (2, "09:00:00")], true);
    let (empty, later) = (page(&[], false), page(&[(3, "09:00:05")], false));
    let shown = [full.clone(), full.clone(), empty.clone(), full.clone()];
    let played = ask("range", "", (Some(MARK), None), &shown);
    assert_eq!(played.result.unwrap_err().class, Class::CrmUnreadable);
    let gone = [full.clone(), full, empty, later.clone(), later];
    assert_eq!(ask("range", "", (Some(MARK), None), &gone).ids(), ["3"]);
}

#[test]
fn a_bucket_of_today_that_reads_as_empty_while_the_list_shows_it_is_a_loud_failure() {
    // The clock of its stamps may be hours behind, but the very row that was shown is shown at the same time again.
    let today = |answer: &(u16, Value)| {
        (answer.0, serde_json::from_str(&answer.1.to_string().replace("-11-20T", "-11-22T")).unwrap())
    };
    let (full, empty) = (today(&page(&[(1, "09:00:00"), (2, "09:00:00")], true)), page(&[], false));
    let shown = [full.clone(), full.clone(), empty.clone(), full.clone()];
    for mark in [None, Some(MARK)] {
        let failure = ask("range", "", (mark, None), &shown).result.map(|page| page.next_offset).unwrap_err();
        assert_eq!(failure.class, Class::CrmUnreadable);
    }
    // It was changed meanwhile.
    let later = today(&page(&[(1, "09:00:07"), (2, "09:00:05")], false));
    let changed = [full.clone(), full, empty, later.clone(), later];
    assert_eq!(ask("range", "", (Some(MARK), None), &changed).ids(), ["1", "2"]);
}

#[test]
fn a_filter_that_the_crm_ignores_is_said_loudly_below_one_page_too() {
    for fixture in ["range", "stable", "snapshot", "snapshot-by-id"] {
        let old = ask(fixture, "", (Some(MARK), None), &[page(&[(1, "07:00:00"), (2, "06:59:59")], false)]);
        let failure = old.result.unwrap_err();
        assert_eq!(failure.class, Class::CrmUnreadable, "{fixture}");
        assert!(failure.message.contains("ignores the filter"), "{}", failure.message);
        // What a filter rounds down is no such thing.
        let rounded = ask(fixture, "", (Some(MARK), None), &[page(&[(1, "07:59:30")], false)]);
        assert!(rounded.result.is_ok(), "{fixture}");
    }
}

#[test]
fn a_last_page_that_is_empty_although_it_was_announced_is_read_again_by_the_next_run() {
    let full = page(&[(1, "09:00:00"), (2, "09:00:00")], true);
    let bucket = page(&[(1, "09:00:00"), (2, "09:00:00")], false);
    let first = ask("range", "", (Some(MARK), None), &[full.clone(), full, bucket]);
    let offset = first.page().next_offset.clone().unwrap();
    let played = ask("range", "", (None, Some(&offset)), &[page(&[], false)]);
    assert_eq!(played.mark(), LIMIT);
    let kept = played.page().synchronization_checkpoint.clone();
    let next = ask("range", "", (Some(&kept), None), &[page(&[], false)]);
    assert_eq!(next.asked[0]["since"], "2026-11-20T09:00:01.000000Z");
}

/// The lower bound that a run begins with when the last full one ended so many hours ago.
fn begins(overlay: &str, generation: u32, ended_hours_ago: u64, first_hours_ago: u64) -> String {
    let ago = |hours: u64| Moment::parse(NOW).unwrap().minus(Duration::from_secs(hours * 3_600));
    let mut kept = Kept::settled(Mark::parse(MARK).unwrap(), generation, ago(ended_hours_ago));
    kept.history.as_mut().unwrap().first = ago(first_hours_ago).micros() / 1_000;
    let played = ask("range", overlay, (Some(&kept.text("model")), None), &[page(&[], false)]);
    played.asked[0]["since"].clone()
}

#[test]
fn everything_is_read_again_when_the_last_full_run_is_old_or_of_another_generation() {
    let (incremental, full) = ("2026-11-20T08:00:00.000000Z", "1970-01-01T00:00:00.000000Z");
    let weekly = "contacts: {checkpoint: {full_every: P7D}}";
    assert_eq!(begins("", 1, 2_000, 9_000), incremental, "never, unless the manifest says so");
    assert_eq!(begins(weekly, 1, 6 * 24, 9_000), incremental);
    assert_eq!(begins(weekly, 1, 7 * 24, 9_000), full);
    assert_eq!(begins(weekly, 1, 2, 2 + 5), incremental, "five hours old then: not before ten");
    assert_eq!(begins(weekly, 1, 5, 5 + 5), full, "twice the age");
    assert_eq!(begins("contacts: {generation: 2}", 1, 1, 1), full);
    assert_eq!(begins("contacts: {generation: 2}", 2, 1, 1), incremental);
}

#[test]
fn a_full_run_does_not_make_the_account_young_again() {
    let weekly = "contacts: {checkpoint: {full_every: P7D}}";
    let ago =
        |hours: u64| Moment::parse(NOW).unwrap().minus(Duration::from_secs(hours * 3_600)).micros() / 1_000;
    let mut kept = Kept::settled(Mark::parse(MARK).unwrap(), 1, Moment::parse(NOW).unwrap());
    kept.history.as_mut().unwrap().first = ago(2_000);
    kept.history.as_mut().unwrap().last = Some(ago(200));
    let full = ask("range", weekly, (Some(&kept.text("model")), None), &[page(&[(1, "09:00:00")], false)]);
    assert_eq!(full.asked[0]["since"], "1970-01-01T00:00:00.000000Z");
    let history = Kept::parse(&full.page().synchronization_checkpoint, "model").unwrap().history.unwrap();
    assert_eq!((history.first, history.last), (ago(2_000), Some(ago(0))));
}

#[test]
fn a_checkpoint_that_is_ahead_of_our_clock_by_more_than_five_minutes_is_refused() {
    let now = Moment::parse(NOW).unwrap();
    let asked = |minutes: u64| {
        let mark = Mark::Time(now.plus(Duration::from_secs(60 * minutes)));
        let kept = Kept::settled(mark, 1, now).text("model");
        ask("range", "", (Some(&kept), None), &[page(&[], false)])
    };
    assert!(asked(4).result.is_ok());
    assert_eq!(asked(10).result.unwrap_err().class, Class::BadCheckpoint);
}

#[test]
fn a_checkpoint_of_another_integration_is_refused_before_any_call() {
    let kept = Kept::settled(Mark::parse(MARK).unwrap(), 1, Moment::parse(NOW).unwrap());
    let refused = ask("range", "", (Some(&kept.text("another")), None), &[]);
    assert_eq!((refused.result.unwrap_err().class, refused.asked.len()), (Class::BadCheckpoint, 0));
}

#[test]
fn a_raised_generation_is_the_way_out_of_a_checkpoint_in_the_future() {
    let poisoned =
        Kept::settled(Mark::parse("9999-12-31 23:57:53 UTC").unwrap(), 1, Moment::parse(NOW).unwrap());
    let poisoned = poisoned.text("model");
    let refused = ask("range", "", (Some(&poisoned), None), &[]);
    assert_eq!((refused.result.unwrap_err().class, refused.asked.len()), (Class::BadCheckpoint, 0));
    let healed = ask(
        "range",
        "contacts: {generation: 2}",
        (Some(&poisoned), None),
        &[page(&[(1, "09:00:00")], false)],
    );
    assert_eq!((healed.ids(), healed.mark()), (vec!["1".to_owned()], LIMIT));
}

#[test]
fn a_run_of_one_page_must_be_shown_its_newest_row_again_by_the_next_else_everything_is_read() {
    let list = [(1, "09:00:00"), (2, "09:00:07")];
    let kept =
        ask("range", "", (None, None), &[page(&list, false)]).page().synchronization_checkpoint.clone();
    let good = ask("range", "", (Some(&kept), None), &[page(&list[1..], false)]);
    assert_eq!(good.asked.len(), 1);
    assert_eq!(good.asked[0]["since"], "2026-11-20T09:00:07.000000Z");
    // A filter that reads times in another zone would hide whatever changes in the next hours.
    let zone = ask("range", "", (Some(&kept), None), &[page(&[], false), page(&list, false)]);
    assert_eq!((zone.ids().len(), zone.asked[1]["since"].as_str()), (2, "1970-01-01T00:00:00.000000Z"));
}

/// The checkpoint of a first run of one page.
fn kept_after(list: &[(u32, &str)]) -> String {
    ask("range", "", (None, None), &[page(list, false)]).page().synchronization_checkpoint.clone()
}

#[test]
fn a_newest_row_that_was_changed_must_come_with_its_new_time() {
    let kept = kept_after(&[(1, "09:00:00"), (2, "09:00:07")]);
    // Younger than `settle`, so only its id tells that it was there to be shown.
    let young = json!({"id": 2, "updated": "2026-11-22T11:59:59Z", "kind": "person", "version": 2});
    let everything = (200, json!({"rows": [rows(&[(1, "09:00:00")])[0].clone(), young], "more": false}));
    let played = ask("range", "", (Some(&kept), None), &[page(&[], false), everything]);
    assert_eq!((played.ids(), played.asked.len()), (vec!["1".to_owned(), "2".to_owned()], 2));
}

#[test]
fn what_is_too_young_to_tell_must_come_in_the_next_run() {
    let kept = kept_after(&[(1, "09:00:00"), (2, "09:00:07")]);
    // Row 2 is gone; row 3 may have appeared between the two questions.
    let young = json!({"id": 3, "updated": "2026-11-22T11:59:59Z", "kind": "person", "version": 1});
    let everything = || (200, json!({"rows": [rows(&[(1, "09:00:00")])[0].clone(), young], "more": false}));
    let first = ask("range", "", (Some(&kept), None), &[page(&[], false), everything()]);
    assert_eq!(first.ids(), Vec::<String>::new());
    let kept = first.page().synchronization_checkpoint.clone();
    let second = ask("range", "", (Some(&kept), None), &[page(&[], false), everything()]);
    assert_eq!(second.ids(), ["1", "3"], "the filter hid it twice: everything is read");
}

#[test]
fn a_crm_whose_contacts_are_all_gone_is_no_failure_and_moves_nothing() {
    let kept = kept_after(&[(1, "09:00:00")]);
    let gone = ask("range", "", (Some(&kept), None), &[page(&[], false), page(&[], false)]);
    assert_eq!((gone.ids().len(), gone.mark()), (0, LIMIT));
    let kept = gone.page().synchronization_checkpoint.clone();
    let back = ask("range", "", (Some(&kept), None), &[page(&[(1, "09:00:00")], false)]);
    assert_eq!((back.ids().len(), back.asked[0]["since"].as_str()), (1, "2026-11-20T09:00:00.000000Z"));
}

#[test]
fn a_stable_page_that_is_empty_although_it_was_announced_is_asked_for_once_more() {
    let next = "https://crm.example.com/contacts?position=1";
    let first = (200, json!({"rows": rows(&[(1, "09:00:00")]), "more": true, "next_url": next}));
    let played = ask("stable", "", (Some(MARK), None), &[first]);
    let offset = played.page().next_offset.clone().unwrap();
    let again =
        ask("stable", "", (None, Some(&offset)), &[page(&[], false), page(&[(2, "09:00:01")], false)]);
    assert_eq!((again.ids(), again.asked.len()), (vec!["2".to_owned()], 2));
}

#[test]
fn a_bucket_s_page_that_is_empty_although_it_was_announced_is_asked_for_once_more() {
    let full = page(&[(1, "09:00:00"), (2, "09:00:00")], true);
    let first = ask("range", "", (Some(MARK), None), &[full.clone(), full.clone(), full]);
    assert_eq!(first.ids(), ["1", "2"]);
    let offset = first.page().next_offset.clone().unwrap();
    let answers = [page(&[], false), page(&[(3, "09:00:00")], false)];
    let again = ask("range", "", (None, Some(&offset)), &answers);
    assert_eq!((again.ids(), again.asked.len()), (vec!["3".to_owned()], 2));
}

#[test]
fn a_page_out_of_order_is_refused() {
    for fixture in ["range", "stable"] {
        let next = "https://crm.example.com/contacts?p=2";
        let list = rows(&[(1, "09:00:05"), (2, "09:00:01")]);
        let answer = (200, json!({"rows": list, "more": true, "next_url": next}));
        let failure = ask(fixture, "", (Some(MARK), None), &[answer]).result.unwrap_err();
        assert_eq!(failure.class, Class::CrmUnreadable, "{fixture}");
    }
}

#[test]
fn more_rows_without_one_that_was_asked_for_are_no_progress() {
    let old = ask("range", "", (Some(MARK), None), &[page(&[(1, "07:00:00")], true)]);
    assert_eq!(old.result.unwrap_err().class, Class::NoProgress);
    let none = ask("range", "", (Some(MARK), None), &[page(&[], true)]);
    assert_eq!(none.result.unwrap_err().class, Class::NoProgress);
}

#[test]
fn a_gone_cursor_begins_again_from_the_start() {
    let answers =
        [(410, json!({})), (200, json!({"rows": rows(&[(1, "09:00:00")]), "cursor": "new", "done": true}))];
    let played = ask("cursor", "", (Some("cursor:b2xk"), None), &answers);
    assert_eq!((played.asked[0]["cursor"].as_str(), played.asked[1].get("cursor")), ("old", None));
    assert_eq!((played.ids(), played.mark()), (vec!["1".to_owned()], "cursor:bmV3"));
}

#[test]
fn a_gone_page_begins_again_where_no_page_is_needed() {
    for (fixture, name) in [("snapshot", "scroll"), ("snapshot-by-id", "number")] {
        let first = (200, json!({"rows": rows(&[(1, "09:00:00")]), "more": true, "next": "two"}));
        let offset = ask(fixture, "", (Some(MARK), None), &[first]).page().next_offset.clone().unwrap();
        let answers = [(410, json!({})), page(&[(1, "09:00:00"), (2, "09:00:00")], false)];
        let played = ask(fixture, "", (None, Some(&offset)), &answers);
        assert_ne!(played.asked[0].get(name), played.asked[1].get(name), "{fixture}");
        assert_eq!(played.ids(), ["1", "2"], "{fixture}");
    }
}

#[test]
fn an_offset_of_another_manifest_begins_again_from_the_checkpoint() {
    let list = [(1, "09:00:00"), (2, "09:00:01")];
    let offset =
        ask("range", "", (Some(MARK), None), &[page(&list, true)]).page().next_offset.clone().unwrap();
    let changed = "limits: {page_size: 50}";
    let played = ask("range", changed, (Some(MARK), Some(&offset)), &[page(&list, false)]);
    assert_eq!(played.asked[0]["since"], "2026-11-20T08:00:00.000000Z");
    assert_eq!(played.ids(), ["1", "2"]);
}

#[test]
fn a_snapshot_answers_the_old_checkpoint_until_its_last_page() {
    let first = (200, json!({"rows": rows(&[(2, "10:00:00"), (1, "09:00:00")]), "next": "two"}));
    let played = ask("snapshot", "", (Some(MARK), None), &[first]);
    assert_eq!((played.ids(), played.mark()), (vec!["1".to_owned(), "2".to_owned()], MARK));
    // Read again from a second before the checkpoint: `overlap`.
    assert_eq!(played.asked[0]["since"], "2026-11-20T07:59:59.000000Z");
    let offset = played.page().next_offset.clone().unwrap();
    let played = ask("snapshot", "", (None, Some(&offset)), &[page(&[(3, "08:30:00")], false)]);
    assert_eq!(played.mark(), "2026-11-22 11:57:59 UTC");
}

#[test]
fn a_page_of_the_newest_that_does_not_show_where_the_one_before_ended_is_asked_for_further_back() {
    let stamps: Vec<String> = (0..60).map(|n| format!("09:{:02}:00", 59 - n)).collect();
    let before: Vec<(u32, &str)> = (1..).zip(stamps.iter().map(String::as_str)).collect();
    let pages = "limits: {page_size: 20}";
    let first = ask("newest", pages, (None, None), &[page(&before[..20], true)]);
    let offset = first.page().next_offset.clone().unwrap();
    // Six rows that were read are gone, so those behind them have moved up past the page that is asked for.
    let after: Vec<_> = before.iter().copied().filter(|(id, _)| !(6..12).contains(id)).collect();
    let answers = [page(&after[19..38], true), page(&after[..20], true)];
    let next = ask("newest", pages, (None, Some(&offset)), &answers);
    assert_eq!(next.asked.iter().map(start_of).collect::<Vec<_>>(), [19, 0]);
    let ids = next.ids();
    assert!((21..=26).all(|id: u32| ids.contains(&id.to_string())), "{ids:?}");
}

#[test]
fn a_run_of_the_newest_answers_the_old_checkpoint_until_its_last_page() {
    let stamps: Vec<String> = (0..20).map(|n| format!("09:{:02}:00", 59 - n)).collect();
    let list: Vec<(u32, &str)> = (1..).zip(stamps.iter().map(String::as_str)).collect();
    for (more, mark) in [(true, MARK), (false, LIMIT)] {
        let played = ask("newest", "limits: {page_size: 20}", (Some(MARK), None), &[page(&list, more)]);
        assert_eq!((played.ids().len(), played.mark()), (20, mark));
    }
}

/// Which row of the list a numbered page begins with.
fn start_of(asked: &std::collections::HashMap<String, String>) -> u64 {
    let number = |name: &str| asked[name].parse::<u64>().unwrap();
    (number("number") - 1) * number("limit")
}
