//! An agent looks at a contact: nothing that the CRM has is left out without a word.

use bridge::error::Class;
use serde_json::{Value, json};

use super::crm::{Rule, Who, interactions, rule};

const EMAIL: Who<'_> = (Some("11"), &["jo@example.com"], &[]);

fn rows() -> Value {
    json!({"rows": [{"id": 5, "subject": "Broken lamp", "status": "open", "at": "2026-05-01T07:25:37Z"}]})
}

fn nothing(has: &'static str) -> Rule {
    rule(has, 200, json!({"rows": []}))
}

fn people(has: &'static str, ids: &[u32]) -> Rule {
    let people: Vec<Value> = ids.iter().map(|id| json!({"id": id})).collect();
    rule(has, 200, json!({"people": people}))
}

fn gone() -> Rule {
    rule("/people/11/", 404, json!({"error": "not found"}))
}

#[test]
fn a_contact_that_the_crm_does_not_know_any_more_is_looked_up_by_what_else_is_known() {
    let rules = vec![gone(), people("email=jo", &[12]), rule("/people/12/tickets", 200, rows())];
    let played = interactions("", &["ticket"], EMAIL, rules);
    assert_eq!(played.ok().0[0].subject, "Broken lamp");
    assert_eq!((played.count("/people/11/"), played.count("email="), played.count("/people/12/")), (1, 1, 1));
}

#[test]
fn the_same_contact_is_not_read_twice_and_nobody_has_no_interactions() {
    for ids in [&[11][..], &[]] {
        let played = interactions("", &["ticket"], EMAIL, vec![gone(), people("email=jo", ids)]);
        assert_eq!((played.ok().0.len(), played.asked.len()), (0, 2));
    }
}

#[test]
fn a_look_up_that_fails_is_a_failure_and_not_an_empty_history() {
    let refused = rule("email=jo", 403, json!({"error": "no"}));
    let played = interactions("", &["ticket"], EMAIL, vec![gone(), refused]);
    assert_eq!(played.result.unwrap_err().class, Class::Forbidden);
}

const SURVIVOR: &str = "survivor: {fetch: {path: '/people/{{ contact.id }}'}, value: '{{ body.id }}'}";

#[test]
fn where_a_gone_contact_is_only_empty_its_successor_is_asked_for() {
    let known = |more| vec![nothing("/people/11/tickets"), rule("/people/12/tickets", 200, rows()), more];
    // It became another one; it is still there; nobody knows it, but somebody has its address.
    let merged = known(rule("/people/11?", 200, json!({"id": 12})));
    let played = interactions(SURVIVOR, &["ticket"], EMAIL, merged);
    assert_eq!((played.ok().0.len(), played.count("email="), played.asked.len()), (1, 0, 3));
    let there = known(rule("/people/11?", 200, json!({"id": 11})));
    let played = interactions(SURVIVOR, &["ticket"], EMAIL, there);
    assert_eq!((played.ok().0.len(), played.asked.len()), (0, 2));
    let played = interactions(SURVIVOR, &["ticket"], EMAIL, known(people("email=jo", &[12])));
    assert_eq!((played.ok().0.len(), played.count("email=")), (1, 1));
    // A question that the CRM does not answer leaves the contact as it is.
    let played = interactions(SURVIVOR, &["ticket"], EMAIL, known(rule("/people/11?", 403, json!({}))));
    assert_eq!((played.ok().0.len(), played.count("email=")), (0, 0));
}

#[test]
fn a_contact_without_interactions_is_nobody_else() {
    let played = interactions("", &["ticket"], EMAIL, vec![nothing("/people/11/tickets")]);
    assert_eq!((played.ok().0.len(), played.asked.len()), (0, 1));
}

#[test]
fn an_answer_without_one_of_its_types_says_so_and_one_without_any_is_a_failure() {
    for (status, class) in [(403, Class::Forbidden), (500, Class::CrmUnavailable), (400, Class::Invalid)] {
        let refused = |has| rule(has, status, json!({"error": "no"}));
        let rules = vec![rule("/people/11/tickets", 200, rows()), refused("/notes"), refused("/calls")];
        let played = interactions("", &["ticket", "note", "call"], EMAIL, rules);
        assert_eq!((played.ok().0.len(), played.figures.types_failed.join(" ").as_str()), (1, "note call"));
        let played =
            interactions("", &["ticket", "note"], EMAIL, vec![refused("/tickets"), refused("/notes")]);
        assert_eq!(played.result.unwrap_err().class, class);
    }
}

#[test]
fn a_type_that_the_rate_keeps_back_is_asked_for_again_while_there_is_time() {
    let limited = |times| Rule { times, ..rule("/people/11/notes", 429, json!({})) };
    let rules = vec![limited(7), rule("/notes", 200, rows()), rule("/people/11/tickets", 200, rows())];
    let played = interactions("", &["ticket", "note"], EMAIL, rules);
    assert_eq!((played.ok().0.len(), played.figures.types_failed.len()), (2, 0));
    assert_eq!((played.count("/notes"), played.count("/tickets")), (8, 1));
    // It ends before the agent's time does.
    let rules = vec![limited(usize::MAX), rule("/people/11/tickets", 200, rows())];
    let played = interactions("", &["ticket", "note"], EMAIL, rules);
    assert_eq!((played.ok().0.len(), played.figures.types_failed.join(" ").as_str()), (1, "note"));
    assert!(played.took.as_secs_f64() > 5.0 && played.took.as_secs_f64() < 8.0, "{:?}", played.took);
}

#[test]
fn a_look_up_that_the_rate_keeps_back_is_made_again_while_there_is_time() {
    let limited = Rule { times: 5, ..rule("email=jo", 429, json!({})) };
    let rules = vec![limited, people("email=jo", &[12]), rule("/people/12/tickets", 200, rows())];
    let played = interactions("", &["ticket"], (None, &["jo@example.com"], &[]), rules);
    assert_eq!((played.ok().0.len(), played.count("email=jo")), (1, 6));
}

#[test]
fn look_ups_are_made_at_the_same_time_and_the_first_of_them_decides() {
    let rules = vec![
        people("email=a@", &[]),
        people("email=b@", &[2]),
        people("phone=", &[3]),
        rule("/people/2/tickets", 200, rows()),
    ];
    let known = (None, &["a@example.com", "b@example.com"][..], &["+14155552671"][..]);
    let played = interactions("", &["ticket"], known, rules);
    assert_eq!((played.ok().0.len(), played.count("/tickets")), (1, 1), "{:?}", played.asked);
    assert!(played.most > 1, "{:?}", played.asked);
}

const ROWS: &str = "interactions: {types: {ticket: {steps: {read: {fetch: {path: '/read/{{ contact.id }}'}, \
    value: '{{ body.rows }}'}}, rows: '{{ steps.read }}'}}}";

#[test]
fn rows_that_the_steps_have_read_are_not_asked_for_again() {
    let searched = || rule("/people/11/tickets", 200, rows());
    for (read, asked) in [(rows(), 1), (json!({"rows": []}), 1), (json!({"rows": null}), 2)] {
        let found = read["rows"] == json!([]);
        let played = interactions(ROWS, &["ticket"], EMAIL, vec![rule("/read/11", 200, read), searched()]);
        assert_eq!((played.ok().0.len(), played.asked.len()), (usize::from(!found), asked));
    }
}
