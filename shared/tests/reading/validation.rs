//! Validation asks for what the components need, and says which right is missing.

use bridge::contract::auth::AuthResponse;
use bridge::crm::{Engine, Session};
use bridge::error::Class;
use bridge::manifest::Manifest;
use serde_json::{Value, json};

use super::crm::{Played, Rule, play, rule};

fn validate(rules: Vec<Rule>) -> Played<AuthResponse> {
    validate_with("", rules)
}

/// The same with lines laid over the manifest.
fn validate_with(overlay: &str, rules: Vec<Rule>) -> Played<AuthResponse> {
    play(overlay, rules, async |engine: &Engine, session: &Session, manifest: &Manifest| {
        engine.validate(session, manifest.document().auth_validation.as_ref().unwrap()).await
    })
}

/// Who the credentials are, and the statuses of the two questions.
fn desk(me: Value, people: u16, users: u16) -> Vec<Rule> {
    let answer = json!({"people": [], "users": [], "message": "scopes"});
    vec![rule("/me", 200, me), rule("/people", people, answer.clone()), rule("/users", users, answer)]
}

#[test]
fn a_right_that_a_component_needs_and_the_credentials_lack_is_named() {
    for status in [401, 403] {
        let failure = validate(desk(json!({"id": 7, "role": "admin"}), 200, status)).result.unwrap_err();
        assert_eq!(failure.class, Class::Forbidden, "{status}");
        let message = "The credentials are good, but they may not read users (scope users.read).";
        assert_eq!((failure.message.as_ref(), failure.quotes_crm), (message, false));
        assert!(failure.detail.starts_with("auth_validation.steps.users: "), "{}", failure.detail);
    }
}

#[test]
fn what_keeps_the_crm_from_answering_says_nothing_about_the_credentials() {
    for status in [404, 400, 500] {
        let played = validate(desk(json!({"id": 7, "role": "admin"}), status, 200));
        assert_eq!((played.ok().0.len(), played.count("/users")), (0, 1), "{status}");
    }
}

#[test]
fn an_answer_that_lacks_what_a_question_wants_names_the_right_and_a_question_refused_as_wrong_does_not() {
    let wants = "auth_validation: {steps: {users: {ok: \"{{ body.users | size > 0 }}\"}}}";
    let admin = || json!({"id": 7, "role": "admin"});
    let failure = validate_with(wants, desk(admin(), 200, 200)).result.unwrap_err();
    assert_eq!(failure.class, Class::Forbidden);
    assert!(failure.message.contains("read users (scope users.read)"), "{}", failure.message);
    assert_eq!(validate_with(wants, desk(admin(), 200, 400)).ok().0.len(), 0);
}

#[test]
fn wrong_credentials_are_asked_for_nothing_more() {
    let mut rules = desk(json!({}), 200, 200);
    rules[0] = rule("/me", 401, json!({"message": "expired"}));
    let played = validate(rules);
    assert_eq!(played.asked.len(), 1);
    assert_eq!(played.result.unwrap_err().class, Class::CredentialsRefused);
}

#[test]
fn a_step_without_a_call_looks_at_the_answer() {
    let agent = validate(desk(json!({"id": 7, "role": "agent"}), 200, 200)).result.unwrap_err();
    assert_eq!(agent.class, Class::Forbidden);
    assert!(agent.message.contains("export people: that is for administrators"), "{}", agent.message);
    let nobody = validate(desk(json!({"id": null, "role": "agent"}), 200, 200)).result.unwrap_err();
    assert!(!nobody.message.contains("administrators"), "{}", nobody.message);
}
