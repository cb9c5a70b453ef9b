//! Secrets under running functions: they rotate, are missing, are wrong, cannot be had.

use std::time::{Duration, Instant};

use bridge::contract::Component;
use demo_crm::{Database, DemoCrm, Options};
use end_to_end::{DemoStack, Response};
use serde_json::{Value, json};

const CALLER_KEY: &str = "demo-bridge-key-0123456789";
/// A secret is looked at again at most this often (`credentials::cache`).
const RECHECK: Duration = Duration::from_secs(10);

#[tokio::test]
async fn a_warm_function_follows_a_rotated_secret() {
    let file = end_to_end::target().join("e2e").join(format!("rotation-{}.sqlite", std::process::id()));
    let _ = std::fs::remove_file(&file);
    let mut options =
        Options { api_key: "old".to_owned(), database: Database::File(file.clone()), ..Options::default() };
    let stack = DemoStack::start(options.clone(), CALLER_KEY, &[]).await;
    let begun = Instant::now();
    for component in Component::ALL {
        assert!(ask(&stack, component).await.status < 300, "{component:?}");
    }

    // The CRM's key changes, as when an administrator makes a new one: same data, same address.
    options.port = stack.crm.url().rsplit(':').next().unwrap().parse().unwrap();
    options.api_key = "new".to_owned();
    let DemoStack { crm, secrets, functions } = stack;
    crm.stop().await;
    let stack = DemoStack { crm: DemoCrm::start(options).await.unwrap(), secrets, functions };
    for component in Component::ALL {
        let answer = ask(&stack, component).await;
        assert_eq!(answer.body["error"]["code"], "credentials_refused", "{component:?}");
    }
    let keys = ["another-bridge-key-9876543210", CALLER_KEY];
    stack.put_secret(&json!({"caller_keys": keys, "api_key": "new"})).await;
    tokio::time::sleep((RECHECK * 2).saturating_sub(begun.elapsed())).await;
    for component in Component::ALL {
        let answer = ask(&stack, component).await;
        assert!(answer.status < 300, "{component:?}: {}", answer.text);
    }
    let auth = stack.functions.auth_with("bridge_key", keys[0]);
    let answer = stack.functions.call_as(&auth, Component::Contacts, "", Value::Null, Value::Null).await;
    assert_eq!(answer.status, 200, "the new caller key is good as well");

    // Moto and the CRM are gone: what is in memory still opens the door to the CRM's silence.
    let DemoStack { crm, secrets, functions } = stack;
    drop(secrets);
    let answer = functions.call(Component::Contacts, "", Value::Null, Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let stranger = functions.auth_with("account", "not-in-memory");
    let answer = functions.call_as(&stranger, Component::Contacts, "", Value::Null, Value::Null).await;
    assert_eq!((answer.status, &answer.body["error"]["code"]), (503, &json!("secret_unavailable")));
    assert!(answer.headers.contains_key("retry-after"));
    crm.stop().await;
    let _ = std::fs::remove_file(&file);
}

#[tokio::test]
async fn a_secret_that_cannot_be_used_is_our_fault_and_says_nothing() {
    let stack = DemoStack::start(Options::default(), CALLER_KEY, &[]).await;
    let unusable = [
        ("no-object", json!("canary")),
        ("no-keys", json!({"api_key": "canary"})),
        ("short-key", json!({"api_key": "canary", "caller_keys": ["canary"]})),
        ("nested", json!({"api_key": {"canary": "canary"}, "caller_keys": [CALLER_KEY]})),
    ];
    for (account, secret) in &unusable {
        stack.secrets.put(&format!("talkdesk-bridge/demo/{account}"), secret).await;
    }
    for (account, _) in &unusable {
        let auth = stack.functions.auth_with("account", account);
        for component in Component::ALL {
            let answer =
                stack.functions.call_as(&auth, component, "add_note", Value::Null, Value::Null).await;
            assert_eq!(answer.status, 500, "{account} {component:?}");
            let error = &answer.body["error"];
            assert_eq!(error["code"], "secret_unusable");
            assert_eq!(error["message"], "The bridge is not configured for this account.");
            for hidden in ["canary", "caller_keys", "talkdesk-bridge/", "Secrets Manager"] {
                assert!(!answer.text.contains(hidden), "{account}: {}", answer.text);
            }
        }
    }
    let log = stack.functions.log();
    assert!(!log.contains("canary"), "{log}");
    for reason in [
        "the secret cannot be used: it is not a JSON object",
        "the secret cannot be used: `caller_keys` is missing",
        "the secret cannot be used: a caller key is shorter than 16 characters",
        "the secret cannot be used: the field `api_key` is neither text nor a number (secret `talkdesk-bridge/demo/nested`)",
    ] {
        let lines: Vec<&str> = log.lines().filter(|line| line.contains(reason)).collect();
        assert_eq!(lines.len(), Component::ALL.len(), "{reason}: one line of each function\n{log}");
        assert!(lines.iter().all(|line| line.contains("\"ERROR\"")), "{lines:?}");
    }
}

#[tokio::test]
async fn an_account_without_a_secret_is_answered_like_a_wrong_key_and_only_the_log_knows() {
    let stack = DemoStack::start(Options::default(), CALLER_KEY, &[]).await;
    let unknown = stack.functions.auth_with("account", "missing");
    let wrong = stack.functions.auth_with("bridge_key", "another-bridge-key-9876543210");
    for component in Component::ALL {
        let mut answers = Vec::new();
        for auth in [&unknown, &wrong] {
            let answer = stack.functions.call_as(auth, component, "add_note", Value::Null, Value::Null).await;
            let error = &answer.body["error"];
            answers.push((answer.status, error["code"].clone(), error["message"].clone()));
        }
        assert_eq!(answers[0], answers[1], "{component:?}");
        assert_eq!((answers[0].0, &answers[0].1), (401, &json!("caller_refused")));
    }
    let log = stack.functions.log();
    let reason = "there is no secret of this name: create it, or correct the account (secret `talkdesk-bridge/demo/missing`)";
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(reason)).collect();
    assert_eq!(lines.len(), Component::ALL.len(), "one line of each function\n{log}");
    assert!(lines.iter().all(|line| line.contains("\"WARN\"")), "{lines:?}");
}

async fn ask(stack: &DemoStack, component: Component) -> Response {
    let scope = json!({"contact_external_id": "1"});
    let data = match component {
        Component::Actions => json!({"note": "x"}),
        _ => scope.clone(),
    };
    let meta = if component == Component::Actions { scope } else { Value::Null };
    stack.functions.call(component, "add_note", meta, data).await
}
