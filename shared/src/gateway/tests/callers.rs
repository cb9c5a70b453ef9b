//! Who may call: unknown accounts, revoked keys, large bodies, and what a caller cannot cause.

use super::*;

const DEMO: &str = "talkdesk-bridge/demo/acme";

fn secret(key: &str, api_key: &str) -> Result<String, SecretError> {
    Ok(json!({"caller_keys": [key], "api_key": api_key}).to_string())
}

fn auth(account: &str, key: &str) -> Value {
    json!({"auth": {"account": account, "bridge_key": key}})
}

/// Contract §2: whatever is wrong with the credentials is 401; and nobody learns who is a customer.
#[tokio::test]
async fn an_account_that_does_not_exist_is_answered_like_a_wrong_key() {
    let world = Arc::new(World::default());
    world.secret(DEMO, [secret(KEY, "k")]);
    let bridge = world.bridge("demo", "");
    for component in Component::ALL {
        let wrong = ask(&bridge, component, &auth("acme", "another-key-0123456789")).await;
        let unknown = ask(&bridge, component, &auth("nobody", KEY)).await;
        assert_eq!(unknown, wrong, "{component:?}");
        assert_eq!((wrong.0, wrong.1["error"]["code"].as_str()), (401, Some("caller_refused")));
        let good = ask(&bridge, component, &auth("acme", KEY)).await;
        assert_ne!(good.1["error"]["code"], "caller_refused", "{component:?}");
    }
    let deadline = world.now().plus(Duration::from_secs(8));
    let mut classes = Vec::new();
    for body in [auth("acme", "another-key-0123456789"), auth("nobody", KEY)] {
        let body = body.to_string();
        let envelope = Envelope::read(body.as_bytes(), |_| true).unwrap();
        let failure = bridge.trust(Untrusted::new(&envelope), deadline).await.err().unwrap();
        classes.push((failure.class, failure.class.row().level));
    }
    assert_eq!(classes, [(Class::CallerRefused, tracing::Level::WARN); 2]);
}

#[tokio::test]
async fn a_name_without_a_secret_costs_one_question_in_ten_seconds_as_a_wrong_key_does() {
    let world = Arc::new(World::default());
    world.secret(DEMO, [secret(KEY, "k")]);
    let bridge = world.bridge("demo", "");
    let asked = async |account: &str| {
        let before = *world.asked.lock().unwrap();
        for _ in 0..50 {
            ask(&bridge, Component::Agents, &auth(account, "another-key-0123456789")).await;
        }
        *world.asked.lock().unwrap() - before
    };
    for _ in 0..3 {
        assert_eq!((asked("acme").await, asked("nobody").await), (1, 1));
        world.pass(11);
    }
}

/// A caller key that is withdrawn together with the CRM's key must not get the CRM's new one.
#[tokio::test]
async fn a_revoked_caller_key_dies_with_its_secret() {
    let world = Arc::new(World::default());
    world.secret(DEMO, [secret(KEY, "old"), secret("another-key-0123456789", "new")]);
    let bridge = world.bridge("demo", "");
    world.answer(200, json!({}));
    ask(&bridge, Component::AuthValidation, &auth("acme", KEY)).await;
    assert_eq!(world.sent().len(), 1);
    world.pass(60);
    world.answer(401, json!({}));
    let (status, body) = ask(&bridge, Component::AuthValidation, &auth("acme", KEY)).await;
    assert_eq!((status, body["error"]["code"].as_str()), (401, Some("caller_refused")));
    let sent = world.sent();
    assert_eq!(sent.len(), 1, "no second call: {sent:?}");
    assert!(sent[0].contains("old") && !sent[0].contains("new"));
}

#[tokio::test]
async fn a_rotated_crm_key_is_looked_up_once_and_tried_once() {
    let world = Arc::new(World::default());
    world.secret(DEMO, [secret(KEY, "first"), secret(KEY, "second"), secret(KEY, "third")]);
    let bridge = world.bridge("demo", "");
    ask(&bridge, Component::Agents, &auth("nobody", KEY)).await;
    ask(&bridge, Component::AuthValidation, &auth("acme", KEY)).await;
    world.sent();
    world.pass(60);
    for _ in 0..5 {
        world.answer(401, json!({}));
    }
    let (status, body) = ask(&bridge, Component::AuthValidation, &auth("acme", KEY)).await;
    assert_eq!((status, body["error"]["code"].as_str()), (401, Some("credentials_refused")));
    let sent = world.sent();
    assert_eq!(sent.len(), 2, "{sent:?}");
    assert!(sent[0].contains("first") && sent[1].contains("second"));
}

#[test]
fn a_request_that_has_written_is_never_repeated() {
    let refused = || Failure::new(Class::CredentialsRefused, "");
    assert!(may_repeat(&refused()));
    assert!(!may_repeat(&refused().having_written()));
    assert!(!may_repeat(&Failure::new(Class::CrmTimeout, "")));
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_anybody_is_asked() {
    let world = Arc::new(World::default());
    let bridge = world.bridge("demo", "");
    for component in Component::ALL {
        let action = component == Component::Actions;
        let size = if action { 1 << 20 } else { 256 << 10 };
        let mut body = auth("acme", KEY);
        body["x"] = "x".repeat(size).into();
        let (status, answer) = ask(&bridge, component, &body).await;
        let expected = if component == Component::AuthValidation { 401 } else { 400 };
        assert_eq!(
            (status, answer["error"]["code"].as_str()),
            (expected, Some("bad_request")),
            "{component:?}"
        );
        assert_eq!(*world.asked.lock().unwrap(), 0);
        body["x"] = "x".repeat(size - 200).into();
        assert_eq!(
            ask(&bridge, component, &body).await.1["error"]["code"],
            "caller_refused",
            "{component:?}"
        );
        *world.asked.lock().unwrap() = 0;
        world.pass(60);
    }
}

/// Otherwise a caller could make a new login of every request.
#[tokio::test]
async fn undeclared_members_of_auth_make_no_new_login() {
    let mut logins = 0;
    for name in ACCOUNTS.keys() {
        let (auth, Some(secret)) = account(name) else { continue };
        let world = Arc::new(World::default());
        world.secret(&format!("talkdesk-bridge/{name}/acme"), [Ok(Value::Object(secret).to_string())]);
        let bridge = world.bridge(name, "");
        let Some(token) = &bridge.manifest().document().connection.auth.token else { continue };
        let asked_by = token.fetch.method.name();
        world.answer(200, json!({"access_token": "t", "result": 7, "expires_in": 3600}));
        for number in 0..20 {
            let mut auth = auth.clone();
            auth.insert("x".to_owned(), number.into());
            validate(&bridge, &auth).await;
        }
        let sent = world.sent();
        assert!(sent[0].starts_with(asked_by), "{name}: {}", sent[0]);
        assert_eq!(sent.iter().filter(|line| **line == sent[0]).count(), 1, "{name}");
        logins += 1;
    }
    assert!(logins >= 2, "manifests that log in");
}

/// The one line: `credentials: {caller_key: bridge_key}`.
#[tokio::test]
async fn a_manifest_of_an_oauth_type_asks_for_a_bridge_key_when_one_line_says_so() {
    for name in ACCOUNTS.keys() {
        let (mut auth, None) = account(name) else { continue };
        let world = Arc::new(World::default());
        world.secret(
            &format!("talkdesk-bridge/{name}/bridge"),
            [Ok(json!({"caller_keys": [KEY]}).to_string())],
        );
        let bridge = world.bridge(name, "credentials: {caller_key: bridge_key}\n");
        let field = &bridge.manifest().document().integration.authentication["bridge_key"];
        assert!(field.secret && field.mandatory, "{name}: Talkdesk asks for it");
        for wrong in [None, Some("another-key-0123456789")] {
            auth.extend(wrong.map(|key| ("bridge_key".to_owned(), key.into())));
            assert_eq!(validate(&bridge, &auth).await.0, 401, "{name}");
            assert!(world.sent().is_empty(), "{name}");
        }
        auth.insert("bridge_key".to_owned(), KEY.into());
        validate(&bridge, &auth).await;
        assert!(!world.sent().is_empty(), "{name}");
    }
}
