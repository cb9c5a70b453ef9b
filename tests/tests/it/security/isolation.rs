//! Accounts share a function and nothing else: rate, tokens and refusals belong to credentials.

use std::time::{Duration, Instant};

use bridge::contract::Component;
use end_to_end::lab::{Asked, Lab, Reply, secret};
use serde_json::{Value, json};

use crate::failure_modes::bounds::LOGINS;

#[tokio::test]
async fn a_noisy_account_slows_nobody_else_down() {
    // Twenty lets 100 requests a minute through, for each workspace.
    let lab = Lab::of("twenty", Component::AuthValidation).start(workspace).await;
    for account in ["noisy", "quiet"] {
        let mut own = secret();
        own["api_key"] = json!(format!("key-of-{account}"));
        lab.secrets.put(&lab.secret_name(account), &own);
    }
    let (noisy, quiet) = (lab.auth_of("noisy"), lab.auth_of("quiet"));
    for n in 0..100 {
        let answer = lab.ask_as(&noisy, Value::Null, Value::Null).await.expect("an answer");
        assert!(n > 0 || answer.status == 200, "{}", answer.text);
    }
    assert_ne!(lab.line()["outcome"], "ok", "the noisy account's own rate is used up");
    let answer = lab.ask_as(&quiet, Value::Null, Value::Null).await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(lab.line()["duration_ms"].as_f64().unwrap() < 3_000.0);
}

fn workspace(_: &Asked) -> Reply {
    Reply::json(200, &json!({"data": {"workspaceMembers": []}}))
}

#[tokio::test]
async fn a_made_up_token_does_not_use_up_the_rate_of_a_real_one() {
    let lab = Lab::of("hubspot", Component::AuthValidation)
        .start(|asked| match asked.headers["authorization"].contains("lab-token") {
            true => Reply::json(200, &json!({"portalId": 1, "uiDomain": "app.hubspot.com", "results": []})),
            false => Reply::json(401, &json!({"status": "error"})),
        })
        .await;
    let bogus = json!({"access_token": "bogus"});
    let begun = Instant::now();
    for _ in 0..15 {
        lab.ask_as(&bogus, Value::Null, Value::Null).await.expect("an answer");
    }
    let spent = begun.elapsed();
    lab.ask(Value::Null, Value::Null).await.expect("an answer");
    let waited = lab.line()["duration_ms"].as_f64().unwrap();
    assert!(waited < 150.0, "the real token waited {waited} ms after {spent:?} of bogus ones");
}

/// SuiteCRM: every request needs a token, which a login fetches.
fn suite(asked: &Asked) -> Reply {
    if asked.path().contains("access_token") {
        return match String::from_utf8_lossy(&asked.body).contains("refuse-me") {
            true => Reply::json(401, &json!({"error": "invalid_client", "message": "no"})),
            false => Reply::json(200, &json!({"access_token": "t", "expires_in": 3600})),
        };
    }
    Reply::json(200, &json!({"data": []}))
}

fn logins(asked: &[Asked]) -> usize {
    asked.iter().filter(|it| it.path().contains("access_token")).count()
}

#[tokio::test]
async fn a_refused_login_is_not_tried_at_every_request() {
    let lab = Lab::of("suitecrm", Component::Interactions).start(suite).await;
    let mut bad = secret();
    bad["client_secret"] = json!("refuse-me");
    lab.secrets.put(&lab.secret_name("expired"), &bad);
    let auth = lab.auth_of("expired");
    let data = json!({"contact_external_id": "7a93d1e5-3f74-4945-8a65-d7f996083f72"});
    for _ in 0..40 {
        let answer = lab.ask_as(&auth, Value::Null, data.clone()).await.expect("an answer");
        assert_eq!(answer.body["error"]["code"], "credentials_refused", "{}", answer.text);
    }
    let tried = logins(&lab.crm.take());
    assert!(
        (1..=LOGINS.most as usize).contains(&tried),
        "{tried} logins of 40 requests: an account may be locked"
    );
    // Somebody else's login is their own, and a new secret is tried at once.
    let answer = lab.ask(Value::Null, data.clone()).await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(logins(&lab.crm.take()), 1);
}

#[tokio::test]
async fn a_field_that_nobody_declared_makes_no_login_of_its_own() {
    let lab = Lab::of("suitecrm", Component::Interactions).start(suite).await;
    let data = json!({"contact_external_id": "7a93d1e5-3f74-4945-8a65-d7f996083f72"});
    let before = lab.ask(Value::Null, data.clone()).await.expect("an answer");
    assert_eq!(before.status, 200, "{}", before.text);
    for n in 0..50 {
        let mut auth = lab.auth.clone();
        auth["x"] = json!(n.to_string());
        assert_eq!(lab.ask_as(&auth, Value::Null, data.clone()).await.expect("an answer").status, 200);
    }
    assert_eq!(logins(&lab.crm.take()), 1);
}

#[tokio::test]
async fn a_dead_crm_soon_costs_no_time_and_only_its_own_account() {
    let plan = Lab::of("demo", Component::Interactions).env("INTERACTIVE_BUDGET_SECONDS", "2");
    let lab = plan
        .start(|asked| match asked.headers["x-api-key"].contains("dead") {
            true => Reply::json(200, &json!({})).fault(end_to_end::lab::Fault::Hang),
            false => super::crm::nothing(asked),
        })
        .await;
    let mut own = secret();
    own["api_key"] = json!("dead");
    lab.secrets.put(&lab.secret_name("dead"), &own);
    let (dead, data) = (lab.auth_of("dead"), json!({"contact_external_id": "1"}));
    let mut last = Duration::ZERO;
    for _ in 0..5 {
        let begun = Instant::now();
        let answer = lab.ask_as(&dead, Value::Null, data.clone()).await.expect("an answer");
        assert!([502, 503, 504].contains(&answer.status), "{}", answer.text);
        last = begun.elapsed();
    }
    assert!(last < Duration::from_millis(900), "after silence upon silence the answer is quick: {last:?}");
    let answer = lab.ask(Value::Null, data).await.expect("an answer");
    assert_eq!(answer.status, 200, "{}", answer.text);
}
