//! What the fuzz targets share: the whole bridge without a network, and what must hold for every answer.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::clock::BoxFuture;
use bridge::crm::Transport;
use bridge::clock::Clock;
use bridge::gateway::{Bridge, HttpRequest, HttpResponse, Parts};
use bridge::manifest::Manifest;
use bridge::time::Moment;
use serde_json::{Value, json};

/// Lambda carries no larger answer; a text in an answer is escaped once more on its way.
const LARGEST: usize = 6 * 1024 * 1024;

/// Every embedded manifest, read once.
pub static MANIFESTS: LazyLock<Vec<Arc<Manifest>>> = LazyLock::new(|| {
    let names = Manifest::embedded_names();
    names.iter().map(|name| Arc::new(Manifest::embedded(name).expect("it was checked"))).collect()
});

/// A CRM that answers the same to everything, and whatever is asked must be asked of its own host.
struct Crm {
    answers: Mutex<Vec<Incoming>>,
    hosts: [&'static str; 12],
}

/// Every host that the manifests' base URLs have with [`auth`] and [`SECRET`].
const HOSTS: [&str; 12] = [
    "demo-crm.example.com",
    "contoso.crm4.dynamics.com",
    "contoso.api.crm4.dynamics.com",
    "crm.example.com",
    "acme.freshdesk.com",
    "api.hubapi.com",
    "acme.pipedrive.com",
    "acme.my.salesforce.com",
    "acme.zendesk.com",
    "www.zohoapis.com",
    "api.pipedrive.com",
    "www.zohoapis.eu",
];

const SECRET: &str = r#"{"caller_keys": ["fuzz-caller-key-0123456789"], "host": "crm.example.com", "domain": "acme",
    "api_key": "k", "client_id": "c", "client_secret": "s", "login": "l", "password": "p", "database": "d"}"#;

impl Transport for Crm {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let host = request.url.host_str().unwrap_or_default();
        assert!(self.hosts.contains(&host), "credentials leave for {host}");
        assert_eq!(request.url.scheme(), "https");
        assert_eq!(request.url.port(), None);
        assert!(request.url.username().is_empty() && request.url.password().is_none());
        for (name, value) in &request.headers {
            assert!(
                !name.contains(['\r', '\n']) && !value.contains(['\r', '\n', '\0']),
                "a header of two lines"
            );
        }
        let mut answers = self.answers.lock().expect("one thread");
        let answer = if answers.len() > 1 { answers.remove(0) } else { answers[0].clone() };
        Box::pin(async move { Ok(answer) })
    }
}

/// Every look at it is a little later, and waiting costs no time.
#[derive(Default)]
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Moment {
        Moment::from_micros(1_795_348_800_000_000 + self.0.fetch_add(2_000, Ordering::Relaxed))
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        self.0.fetch_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX / 2), Ordering::Relaxed);
        Box::pin(async {})
    }
}

/// What Talkdesk sends as `auth` for an integration.
pub fn auth(integration: &str) -> Value {
    static ACCOUNTS: LazyLock<Value> = LazyLock::new(|| {
        let accounts = include_str!("../../shared/tests/fixtures/accounts.json");
        serde_json::from_str(accounts).expect("accounts are JSON")
    });
    let mut auth = ACCOUNTS[integration]["auth"].clone();
    if auth.get("account").is_some() {
        auth["bridge_key"] = json!("fuzz-caller-key-0123456789");
    }
    auth
}

/// An answer of the CRM.
pub fn answer(status: u16, body: &[u8]) -> Incoming {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    Incoming { status, headers, body: body.to_vec() }
}

/// A whole request through a fresh bridge; holds what must hold for every one.
pub fn handle(
    manifest: &Arc<Manifest>,
    component: Component,
    request: HttpRequest,
    crm: Vec<Incoming>,
) -> Value {
    let mut settings = Settings::new(ManifestChoice::Embedded(manifest.name().to_owned()));
    settings.sync_budget = Duration::from_secs(5);
    let parts = Parts {
        transport: Arc::new(Crm { answers: Mutex::new(crm), hosts: HOSTS }),
        clock: Arc::new(Hand::default()),
        store: Arc::new(FixedSecret::new(SECRET)),
    };
    let bridge = Bridge::new(Arc::clone(manifest), settings, parts);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let HttpResponse { status, body, .. } = runtime.block_on(bridge.handle(component, request));
    let text = std::str::from_utf8(&body).expect("answers are text");
    let value: Value = serde_json::from_str(text).expect("answers are JSON");
    assert_ne!(value["error"]["code"], "internal", "a panic, or a fault of ours");
    assert!([200, 201].contains(&status) || status >= 400, "{status}");
    assert_eq!(status < 300, value.get("error").is_none(), "{status} {text}");
    assert!(Value::from(text).to_string().len() < LARGEST, "{} bytes", text.len());
    value
}

/// An offset as the bridge hands it out now, of the demo: version and content.
pub static OFFSET: LazyLock<(String, Vec<u8>)> = LazyLock::new(|| {
    let rows: Vec<Value> = (1..=20)
        .map(|n| json!({"id": n, "kind": "person", "updated_at": format!("2026-05-01T07:25:{}Z", n + 10)}))
        .collect();
    let page = json!({"contacts": rows, "has_more": true}).to_string();
    let demo = MANIFESTS.iter().find(|it| it.name() == "demo").expect("there is a demo");
    let body = json!({"auth": auth("demo")}).to_string().into_bytes();
    let crm = vec![answer(200, page.as_bytes())];
    let first = handle(demo, Component::Contacts, request(Component::Contacts, body), crm);
    let offset = first["next_offset"].as_str().expect("there is more");
    let parts: Vec<&str> = offset.split('.').collect();
    (parts[0].to_owned(), URL_SAFE_NO_PAD.decode(parts[3]).expect("base64"))
});

/// A request's body and the path of its component.
pub fn request(component: Component, body: Vec<u8>) -> HttpRequest {
    HttpRequest {
        source: None,
        method: "POST".to_owned(),
        path: component.path_of("add_note"),
        body,
        request_id: "fuzz".to_owned(),
        deadline: None,
    }
}
