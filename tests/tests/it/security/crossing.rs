//! Several accounts at once: nobody sees anything of anybody else, and memory stays where it is.

use std::sync::Arc;
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::SystemClock;
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::{SecretError, SecretStore};
use bridge::crm::client::HttpClient;
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;
use end_to_end::lab::{Asked, CALLER_KEY, Lab, Reply, Stub, secret};
use serde_json::{Value, json};

const ACCOUNTS: usize = 8;
const REQUESTS: usize = 10_000;
/// What may come and go between requests: buffers, entries of the caches that are bounded.
const FLAT_MB: u64 = 4;

/// A SuiteCRM of many customers: the login's secret names whose token it is, the token whose rows.
fn crm(asked: &Asked) -> Reply {
    let body = String::from_utf8_lossy(&asked.body);
    if asked.path().contains("access_token") {
        let whose =
            body.split("client_secret=").nth(1).and_then(|it| it.split('&').next()).unwrap_or_default();
        // Tokens that are old at once, as often as not.
        let life = if whose.ends_with(['1', '3', '5', '7']) { 0 } else { 3600 };
        return Reply::json(200, &json!({"access_token": format!("token-of-{whose}"), "expires_in": life}));
    }
    let token = asked.headers.get("authorization").cloned().unwrap_or_default();
    // One of a hundred is refused, so that tokens are fetched anew in between.
    if asked.target.len() % 101 == 100 {
        return Reply::json(401, &json!({"message": "expired"}));
    }
    let owner = token.trim_start_matches("Bearer token-of-").to_owned();
    let row = json!({"id": owner, "type": "Contact", "attributes": {"full_name": owner, "name": owner,
        "date_modified": "2026-05-01T07:25:00", "date_entered": "2026-05-01T07:25:00", "status": "Active"}});
    Reply::json(200, &json!({"data": [row], "meta": {"total-pages": 1}}))
}

fn own_secret(n: usize) -> Value {
    let mut own = secret();
    own["caller_keys"] = json!([format!("{CALLER_KEY}-{n}")]);
    own["client_secret"] = json!(format!("owner-{n}"));
    own
}

/// Whose request the `n`-th is, and with whose key it comes: now and then with somebody else's.
fn who(n: usize) -> (usize, usize) {
    let account = n.wrapping_mul(2_654_435_761) % ACCOUNTS;
    (account, if n % 17 == 3 { (account + 1) % ACCOUNTS } else { account })
}

fn auth(account: usize, key: usize) -> Value {
    json!({"account": format!("owner-{account}"), "bridge_key": format!("{CALLER_KEY}-{key}")})
}

fn judge(n: usize, status: u16, text: &str) -> bool {
    let (account, key) = who(n);
    for other in (0..ACCOUNTS).filter(|other| *other != account) {
        assert!(!text.contains(&format!("owner-{other}")), "request {n} of {account} sees {other}: {text}");
    }
    if account != key {
        assert_eq!(status, 401, "request {n} with the key of {key}: {text}");
    } else {
        assert!(status == 401 || text.contains(&format!("owner-{account}")), "request {n}: {status} {text}");
    }
    status == 200
}

#[tokio::test]
#[ignore = "a quarter of a minute; make test-full"]
async fn ten_thousand_requests_of_eight_accounts_never_cross_in_one_function() {
    let lab = Lab::of("suitecrm", Component::Contacts).start(crm).await;
    for n in 0..ACCOUNTS {
        lab.secrets.put(&lab.secret_name(&format!("owner-{n}")), &own_secret(n));
    }
    let (mut good, mut settled) = (0, 0);
    for n in 0..REQUESTS {
        let (account, key) = who(n);
        let answer =
            lab.ask_as(&auth(account, key), Value::Null, Value::Null).await.expect("the function lives");
        good += usize::from(judge(n, answer.status, &answer.text));
        if n == REQUESTS / 10 {
            settled = lab.function.peak_mb();
        }
        lab.crm.take();
    }
    let (peak, descriptors) = (lab.function.peak_mb(), lab.function.descriptors());
    println!(
        "{REQUESTS} requests, {good} answered, 0 crossings, {settled} → {peak} MB, {descriptors} descriptors"
    );
    assert!(good > REQUESTS * 8 / 10, "{good}");
    assert!(peak <= settled + FLAT_MB, "{settled} → {peak} MB");
    assert!(descriptors < 40, "{descriptors}");
}

struct Stored;

impl SecretStore for Stored {
    fn fetch<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<secrecy::SecretString, SecretError>> {
        let number = name.rsplit("owner-").next().and_then(|it| it.parse().ok()).unwrap_or(0);
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(secrecy::SecretString::from(own_secret(number).to_string()))
        })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "a quarter of a minute; make test-full"]
async fn ten_thousand_requests_of_eight_accounts_never_cross_twelve_at_a_time() {
    let stub = Stub::start(crm).await;
    let mut settings = Settings::new(ManifestChoice::Embedded("suitecrm".to_owned()));
    let base: reqwest::Url = stub.url().parse().unwrap();
    settings.crm_base_url = Some(base.clone());
    settings.secret_ttl = Duration::from_secs(1);
    let parts = Parts {
        transport: Arc::new(HttpClient::new(Some(base)).unwrap()),
        clock: Arc::new(SystemClock),
        store: Arc::new(Stored),
    };
    let bridge = Arc::new(Bridge::new(Manifest::embedded("suitecrm").unwrap(), settings, parts));
    let workers: Vec<_> = (0..12)
        .map(|worker| {
            let bridge = Arc::clone(&bridge);
            tokio::spawn(async move {
                let mut good = 0;
                for n in (worker..REQUESTS).step_by(12) {
                    let (account, key) = who(n);
                    let request = HttpRequest {
                        source: None,
                        method: "POST".to_owned(),
                        path: "/contact_sync".to_owned(),
                        body: json!({"auth": auth(account, key)}).to_string().into_bytes(),
                        request_id: n.to_string(),
                        deadline: None,
                    };
                    let answer = bridge.handle(Component::Contacts, request).await;
                    good += usize::from(judge(n, answer.status, &String::from_utf8(answer.body).unwrap()));
                }
                good
            })
        })
        .collect();
    let mut good = 0;
    for worker in workers {
        good += worker.await.expect("no worker saw a crossing");
    }
    println!("{REQUESTS} requests, 12 at a time: {good} answered, 0 crossings");
    assert!(good > REQUESTS * 8 / 10, "{good}");
}
