//! Secrets Manager slow or down; accounts that do not exist; keys that are revoked.

use std::time::{Duration, Instant};

use bridge::contract::Component;
use end_to_end::lab::{CALLER_KEY, Fault, Lab, Reply, Trouble, secret};
use serde_json::{Value, json};

use super::crm;
use crate::failure_modes::bounds::{COLD_SECRET, WARM_SECRET};

const TROUBLES: [Trouble; 6] = [
    Trouble::Wire(Fault::Hang),
    Trouble::Wire(Fault::Close),
    Trouble::Wire(Fault::Reset),
    Trouble::Wire(Fault::Garbage),
    Trouble::Says(500, "InternalServiceError"),
    Trouble::Says(400, "ThrottlingException"),
];

/// Each trouble with a laboratory of its own, all at the same time: most of them are waiting.
async fn under_each<F: Future<Output = ()> + Send + 'static>(check: impl Fn(Trouble) -> F) {
    let checks = TROUBLES.map(|trouble| tokio::spawn(check(trouble)));
    for check in checks {
        check.await.expect("its own failure is shown above");
    }
}

#[tokio::test]
async fn without_a_secret_in_memory_the_answer_is_503_in_time() {
    under_each(|trouble| async move {
        let lab = Lab::of("demo", Component::Contacts).start(crm::nothing).await;
        lab.secrets.fail(Some(trouble));
        let begun = Instant::now();
        let answer = lab.ask(Value::Null, Value::Null).await;
        let took = begun.elapsed();
        let answer = answer.unwrap_or_else(|| panic!("{trouble:?}: an answer comes, {took:?}"));
        assert_eq!((answer.status, &answer.body["error"]["code"]), (503, &json!("secret_unavailable")));
        assert!(answer.headers.contains_key("retry-after"));
        assert!(took < Duration::from_millis(COLD_SECRET.most), "{trouble:?}: {took:?}");
        assert_eq!(lab.function.requests().len(), 1, "{trouble:?}: one line in the log");
        assert_eq!(lab.crm.count(), 0);
        // It recovers by itself.
        lab.secrets.fail(None);
        assert_eq!(lab.ask(Value::Null, Value::Null).await.expect("an answer").status, 200, "{trouble:?}");
    })
    .await;
}

#[tokio::test]
async fn a_secret_in_memory_is_answered_with_at_once_while_secrets_manager_is_down() {
    under_each(|trouble| async move {
        let plan = Lab::of("demo", Component::Contacts).env("SECRET_TTL_SECONDS", "1");
        let lab = plan.start(crm::nothing).await;
        assert_eq!(lab.ask(Value::Null, Value::Null).await.expect("an answer").status, 200);
        lab.secrets.fail(Some(trouble));
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        let mut slowest = 0.0_f64;
        for _ in 0..5 {
            let answer = lab.ask(Value::Null, Value::Null).await;
            let answer = answer.unwrap_or_else(|| panic!("{trouble:?}: an answer comes"));
            assert_eq!(answer.status, 200, "{trouble:?}: {}", answer.text);
            slowest = slowest.max(lab.line()["duration_ms"].as_f64().unwrap());
        }
        println!("{trouble:?}: slowest warm answer {slowest:.1} ms");
        // A tenth of a second is what is promised; the rest is for a machine that does other things too.
        assert!(slowest < WARM_SECRET.most as f64, "{trouble:?}: {slowest} ms");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_account_looks_like_a_wrong_key() {
    for component in Component::ALL {
        let lab = Lab::of("demo", component).start(crm::nothing).await;
        let mut wrong = lab.auth.clone();
        wrong["bridge_key"] = json!(format!("{CALLER_KEY}-wrong"));
        let unknown = lab.auth_of("nobody");
        let mut seen = Vec::new();
        for auth in [&wrong, &unknown] {
            let answer = lab.ask_as(auth, Value::Null, Value::Null).await.expect("an answer");
            let mut body = answer.body.clone();
            body["error"].as_object_mut().unwrap().remove("request_id");
            let line = lab.line();
            seen.push((answer.status, body, line["level"].clone(), line["outcome"].clone()));
        }
        assert_eq!(seen[0].0, 401, "{component:?}");
        assert_eq!(seen[0], seen[1], "{component:?}");
        assert_ne!(seen[1].2, "ERROR", "a stranger raises no alarm");
        assert_eq!(lab.crm.count(), 0);
    }
}

#[tokio::test]
async fn unknown_accounts_push_no_known_one_out_of_memory() {
    let lab = Lab::of("demo", Component::Contacts).start(crm::nothing).await;
    assert_eq!(lab.ask(Value::Null, Value::Null).await.expect("an answer").status, 200);
    for n in 0..1_500 {
        let answer = lab.ask_as(&lab.auth_of(&format!("nobody-{n}")), Value::Null, Value::Null).await;
        assert_eq!(answer.expect("an answer").status, 401);
    }
    lab.secrets.asked();
    // Were it not in memory, this would be a 503.
    lab.secrets.fail(Some(Trouble::Says(500, "InternalServiceError")));
    assert_eq!(lab.ask(Value::Null, Value::Null).await.expect("an answer").status, 200);
    assert_eq!(lab.secrets.asked(), 0);
    lab.secrets.fail(None);
    for _ in 0..100 {
        lab.ask_as(&lab.auth_of("nobody-again"), Value::Null, Value::Null).await.expect("an answer");
    }
    assert!(lab.secrets.asked() <= 2, "the same stranger costs one call");
}

#[tokio::test]
async fn a_key_that_is_revoked_with_its_secret_opens_nothing() {
    // The CRM takes only the new key; the caller comes with the old one, which is in memory.
    let crm = |asked: &_| match crm_key(asked).as_str() {
        "new" => crm::nothing(asked),
        _ => Reply::json(401, &json!({})),
    };
    let plan = Lab::of("demo", Component::Contacts).env("SECRET_TTL_SECONDS", "300");
    let lab = plan.start(crm).await;
    let refused = lab.ask(Value::Null, Value::Null).await.expect("an answer");
    assert_eq!(refused.body["error"]["code"], "credentials_refused");
    let mut rotated = secret();
    rotated["caller_keys"] = json!(["another-caller-key-0123456789"]);
    rotated["api_key"] = json!("new");
    lab.secrets.put(&lab.secret_name("acme"), &rotated);
    // A secret is looked at again ten seconds after it was fetched, a refused login after thirty.
    tokio::time::sleep(Duration::from_millis(10_300)).await;
    lab.crm.take();
    let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
    assert_eq!(answer.status, 401, "{}", answer.text);
    let with_new = lab.crm.take().iter().filter(|asked| crm_key(asked) == "new").count();
    assert_eq!(with_new, 0, "the old caller key never goes with the new CRM key");
}

#[tokio::test]
async fn a_caller_key_of_blanks_is_none() {
    let lab = Lab::of("demo", Component::Contacts).start(crm::nothing).await;
    for (account, key) in [("blank", " ".repeat(16)), ("tabs", "\t".repeat(20)), ("same", "a".repeat(8))] {
        let mut secret = secret();
        secret["caller_keys"] = json!([key]);
        lab.secrets.put(&lab.secret_name(account), &secret);
        let mut auth = lab.auth_of(account);
        auth["bridge_key"] = json!(key);
        let answer = lab.ask_as(&auth, Value::Null, Value::Null).await.expect("an answer");
        assert!([401, 500].contains(&answer.status), "{account}: {}", answer.text);
        assert_eq!(lab.crm.count(), 0, "{account}");
    }
}

fn crm_key(asked: &end_to_end::lab::Asked) -> String {
    asked.headers.get("x-api-key").cloned().unwrap_or_default()
}
