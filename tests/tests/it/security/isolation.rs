//! Accounts share a function and nothing else: rate, tokens and refusals belong to credentials.

use bridge::contract::Component;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Value, json};

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
