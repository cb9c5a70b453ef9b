//! What stands between a function and the CRM: refusals, waits, addresses; and texts in its queries.

use std::time::{Duration, Instant};

use bridge::contract::Component;
use end_to_end::lab::{Lab, Reply, secret};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::crm;
use crate::failure_modes::bounds::RETRY_AFTER;

#[tokio::test]
async fn a_retry_after_is_passed_on_within_an_hour() {
    for told in
        ["Fri, 31 Dec 9999 23:59:59 GMT", "2592000", "1000000000", "99999999999999999999", "-5", "1e9"]
    {
        let reply = move |_: &_| Reply::json(429, &json!({})).header("retry-after", told);
        let lab = Lab::of("demo", Component::Contacts).start(reply).await;
        let begun = Instant::now();
        let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
        assert_eq!(answer.status, 429, "{told}");
        let wait: u64 = answer.headers["retry-after"].parse().expect("whole seconds");
        assert!((1..=RETRY_AFTER.most).contains(&wait), "{told}: {wait}");
        assert!(begun.elapsed() < Duration::from_secs(20));
        // A wait that is longer than ours is no reason to knock again at once.
        if told.len() > 6 && !told.starts_with('-') {
            assert_eq!(lab.crm.count(), 1, "{told}");
        }
    }
}

#[tokio::test]
async fn what_kept_a_connection_from_being_made_is_told() {
    let mut told = Vec::new();
    // Nobody listens; somebody speaks HTTP where TLS is expected.
    let plain = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let plain_url = format!("https://{}", plain.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await;
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    let nobody = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let closed = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    for url in [closed, plain_url] {
        let plan = Lab::of("demo", Component::Contacts).env("SYNC_BUDGET_SECONDS", "3");
        let lab = plan.env("CRM_BASE_URL", &url).start(crm::nothing).await;
        let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
        assert_eq!((answer.status, &answer.body["error"]["code"]), (502, &json!("crm_unreachable")), "{url}");
        told.push(lab.line()["detail"].as_str().unwrap().to_lowercase());
    }
    assert!(told[0].contains("refused"), "{told:?}");
    assert!(told[1].contains("tls"), "{told:?}");
}

#[tokio::test]
async fn a_request_that_cannot_be_built_is_the_callers_fault_and_sent_never() {
    let lab = Lab::of("demo", Component::Interactions).start(crm::nothing).await;
    let data = json!({"contact_external_id": "x".repeat(70_000)});
    let answer = lab.ask(Value::Null, data).await.expect("an answer");
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_ne!(lab.line()["level"], "ERROR");
    assert_eq!(lab.line()["retries"], 0);
    assert_eq!(lab.crm.count(), 0);
}

/// What the account's secret may name as the CRM's host.
#[tokio::test]
async fn no_host_leads_to_a_private_address() {
    let hosts = [
        "127.0.0.1",
        "localhost",
        "169.254.169.254",
        "10.0.0.1",
        "0x7f000001",
        "2130706433",
        "0177.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[fe80::1]",
        "[64:ff9b::7f00:1]",
        "metadata.internal",
        "crm.local",
        "127.1",
        "１２７.0.0.1",
        "a@127.0.0.1",
        "127.0.0.1#",
        "127.0.0.1?",
        "127.0.0.1\\@b.example",
        "192.88.99.1",
        "user:pw@10.0.0.1",
        "crm.example.com@127.0.0.1",
        "127.0.0.1%00.example.com",
        "http://127.0.0.1",
        "//127.0.0.1",
        "localhost.",
        "LOCALHOST",
        "b.localhost",
        "intranet",
        "[::]",
        "0.0.0.0",
        "255.255.255.255",
        "224.0.0.1",
        "198.18.0.1",
        "100.64.0.1",
        "192.0.2.1",
        "[2001:db8::1]",
        "[fc00::1]",
    ];
    // Without CRM_BASE_URL: the addresses are what the manifest makes of them.
    let plan = Lab::of("espocrm", Component::Contacts).env("SYNC_BUDGET_SECONDS", "2");
    let lab = plan.env("CRM_BASE_URL", "").start(crm::nothing).await;
    for (n, host) in hosts.iter().enumerate() {
        let mut own = secret();
        own["host"] = json!(host);
        let account = format!("host-{n}");
        lab.secrets.put(&lab.secret_name(&account), &own);
        let answer = lab.ask_as(&lab.auth_of(&account), Value::Null, Value::Null).await.expect("an answer");
        assert!([500, 502].contains(&answer.status), "{host}: {} {}", answer.status, answer.text);
        let detail = lab.line()["detail"].as_str().unwrap().to_owned();
        for met in ["refused", "tls", "took too long", "closed", "no route"] {
            assert!(!detail.to_lowercase().contains(met), "{host}: nobody was connected to: {detail}");
        }
        assert_eq!(lab.line()["retries"], 0, "{host}: {detail}");
        assert_eq!(lab.crm.count(), 0, "{host}");
    }
}

#[test]
fn addresses_of_special_use_are_not_public() {
    for address in ["192.88.99.1", "192.88.99.255", "192.0.0.9", "240.0.0.1", "::ffff:192.88.99.1", "fec0::1"]
    {
        assert!(!bridge::crm::client::is_public(address.parse().unwrap()), "{address}");
    }
}

#[tokio::test]
async fn no_text_of_talkdesks_leaves_its_literal_in_coql() {
    let lab = Lab::of("zoho", Component::Interactions).start(|_| Reply::json(204, &json!({}))).await;
    for hostile in ["x\\' or id > 0 or Email = '", "x' or id > 0", "\\", "\\\\'", "x%' or '1'='1"] {
        let data = json!({"contact_emails": [format!("{hostile}@example.com")], "contact_phones": [hostile]});
        let answer = lab.ask(Value::Null, data).await.expect("an answer");
        assert!(answer.status < 500, "{hostile}: {}", answer.text);
        for asked in lab.crm.take() {
            let query = asked.json()["select_query"].as_str().unwrap_or_default().to_owned();
            assert!(!query.contains('\\'), "{hostile}: {query}");
            let outside: String = query.replace("''", "").split('\'').step_by(2).collect();
            assert!(!outside.contains("id > 0") && !outside.contains("'1'"), "{hostile}: {query}");
        }
    }
}
