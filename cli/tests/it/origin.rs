//! Credentials go where the manifest's structure says, and nowhere else.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::{Clock, SystemClock};
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::digest::sha256;
use bridge::gateway::{Bridge, HttpRequest, HttpResponse, Parts};
use bridge::manifest::Manifest;
use bridge::time::Moment;
use serde_json::{Map, Value, json};
use talkdesk_bridge::fixture;
use url::Url;

const KEY: &str = "fixture-caller-key-0123456789";

/// A CRM that gives one answer to everything, and remembers where it was asked.
struct Crm {
    answer: Value,
    asked: Mutex<Vec<Url>>,
}

impl Transport for Crm {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        self.asked.lock().unwrap().push(request.url);
        let body = self.answer.to_string().into_bytes();
        Box::pin(async move { Ok(Incoming { status: 200, headers: Vec::new(), body }) })
    }
}

impl Clock for Crm {
    fn now(&self) -> Moment {
        SystemClock.now()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

struct World {
    manifest: Arc<Manifest>,
    auth: Map<String, Value>,
    secret: Map<String, Value>,
}

impl World {
    /// All manifests, each with an account of its fixtures.
    fn all() -> Vec<World> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests");
        let mut worlds: Vec<_> =
            std::fs::read_dir(folder).unwrap().map(|e| Self::of(&e.unwrap().path())).collect();
        worlds.sort_by_key(|world| world.manifest.name().to_owned());
        assert!(worlds.len() >= 15);
        worlds
    }

    fn of(folder: &Path) -> World {
        let manifest = Manifest::read(folder, None).unwrap();
        let fixtures = fixture::read_all(folder).unwrap();
        let known = fixtures.iter().map(|(_, f)| f).find(|f| f.component == "contacts" && f.turns.len() > 1);
        let known = known.unwrap_or_else(|| panic!("{}: no fixture of several pages", folder.display()));
        let (mut auth, mut secret) = (known.auth.clone(), known.secret.clone());
        if let Some(credentials) = &manifest.document().credentials {
            auth.insert(credentials.caller_key.clone(), KEY.into());
        }
        secret.insert("caller_keys".to_owned(), json!([KEY]));
        World { manifest: Arc::new(manifest), auth, secret }
    }

    /// One request for contacts; what was answered, and where the CRM was asked.
    async fn ask(&self, answer: Value, meta: Value) -> (HttpResponse, Vec<Url>) {
        let crm = Arc::new(Crm { answer, asked: Mutex::default() });
        let parts = Parts {
            transport: crm.clone(),
            clock: crm.clone(),
            store: Arc::new(FixedSecret::new(Value::Object(self.secret.clone()).to_string())),
        };
        let settings = Settings::new(ManifestChoice::Embedded(String::new()));
        let bridge = Bridge::new(self.manifest.clone(), settings, parts);
        let request = HttpRequest {
            source: None,
            method: "POST".to_owned(),
            path: "/contact_sync".to_owned(),
            body: json!({"auth": self.auth, "meta": meta}).to_string().into_bytes(),
            request_id: "origin".to_owned(),
            deadline: None,
        };
        let response = bridge.handle(Component::Contacts, request).await;
        let asked = crm.asked.lock().unwrap().clone();
        (response, asked)
    }

    /// An offset as anybody can make it who knows the manifest.
    fn forged(&self, place: &Value) -> String {
        let mark = "1970-01-01 00:00:00 UTC";
        let wire = json!([(), mark, mark, 1, 1, place, (), (), (), {"g": 1, "a": 0}]);
        let content = base64url(wire.to_string().as_bytes());
        let hash = self.manifest.hash();
        let sum = sha256(format!("3.{hash}.{content}").as_bytes());
        format!("3.{hash}.{}.{content}", &sum[..8])
    }

    /// Where the account's contacts are asked for.
    async fn own(&self) -> Url {
        let mut url = self.ask(json!({}), json!({})).await.1.pop().unwrap();
        url.set_query(None);
        url
    }
}

fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for index in 0..=chunk.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * index)) as usize & 63]));
        }
    }
    text
}

/// Where a link may try to lead.
fn elsewhere(own: &Url) -> Vec<String> {
    let host = own.host_str().unwrap();
    let vendor = host.split_once('.').map_or(host, |(_, rest)| rest);
    vec![
        "https://attacker.example.net/steal".to_owned(),
        format!("https://other-tenant.{vendor}{}", own.path()),
        format!("https://{host}:8443{}", own.path()),
        format!("http://{host}{}", own.path()),
        format!("https://{host}/somewhere/else"),
        format!("https://{host}{}/../../admin", own.path().trim_end_matches('/')),
        format!("https://user:pass@{host}{}", own.path()),
        "//attacker.example.net/steal".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
    ]
}

#[tokio::test]
async fn a_forged_offset_leads_nowhere_whatever_its_place_and_its_link() {
    for world in World::all() {
        let links = elsewhere(&world.own().await);
        for link in &links {
            for place in [json!({"s": {"f": 0, "p": {"u": link}}}), json!({"n": {"f": 0, "p": {"u": link}}})]
            {
                let offset = world.forged(&place);
                let (response, asked) = world.ask(json!({}), json!({"offset": offset})).await;
                let name = world.manifest.name();
                let body = String::from_utf8_lossy(&response.body).into_owned();
                assert_eq!(
                    (response.status, asked.as_slice()),
                    (400, [].as_slice()),
                    "{name} {place}: {body}"
                );
                assert!(body.contains("bad_offset"), "{name} {place}: {body}");
            }
        }
    }
}

#[tokio::test]
async fn a_place_that_the_mode_does_not_have_is_refused_before_any_call() {
    for world in World::all() {
        let link = "https://attacker.example.net/steal";
        let mut fitting = 0;
        for place in [
            json!({"q": {"f": 0}}),
            json!({"d": {"f": 0, "t": 1_000_000, "i": null, "p": null}}),
            json!({"d": {"f": 0, "t": 1_000_000, "i": "1", "p": link}}),
            json!({"d": {"f": 5, "t": 5, "i": null, "p": null}}),
            json!({"s": {"f": 0, "p": {"t": link}}}),
            json!({"c": {"f": 0, "c": link, "z": false}}),
            json!({"n": {"f": 0, "p": {"t": link}}}),
            json!({"n": {"f": 0, "p": null}}),
            json!({"l": {"f": 0, "n": 0}}),
            json!({"l": {"f": 0, "t": 1_000_000, "n": 0}}),
        ] {
            let (response, asked) = world.ask(json!({}), json!({"offset": world.forged(&place)})).await;
            let refused = String::from_utf8_lossy(&response.body).contains("bad_offset");
            assert_eq!(
                refused,
                response.status == 400 && asked.is_empty(),
                "{} {place}",
                world.manifest.name()
            );
            // A place of the right mode is only a position on the CRM's own list.
            assert!(asked.iter().all(|url| url.host_str() != Some("attacker.example.net")), "{asked:?}");
            fitting += usize::from(!refused);
        }
        assert!((1..=3).contains(&fitting), "{}: {fitting} kinds of places fit", world.manifest.name());
    }
}

#[tokio::test]
async fn a_next_link_to_another_host_port_or_path_is_unreadable_and_not_followed() {
    let world = World::all().into_iter().find(|world| world.manifest.name() == "dynamics").unwrap();
    let own = world.own().await;
    for link in elsewhere(&own) {
        let row =
            json!({"contactid": "1", "fullname": "A", "modifiedon": "2026-01-01T00:00:00Z", "statecode": 0});
        let answer = json!({"value": [row], "@odata.nextLink": link});
        let (response, asked) = world.ask(answer, json!({})).await;
        let body = String::from_utf8_lossy(&response.body).into_owned();
        assert_eq!((response.status, asked.len()), (502, 1), "{link}: {body}");
        assert!(body.contains("crm_unreadable"), "{link}: {body}");
    }
    let good = own.join("?$skiptoken=2").unwrap();
    let row =
        json!({"contactid": "1", "fullname": "A", "modifiedon": "2026-01-01T00:00:00Z", "statecode": 0});
    let (response, _) = world.ask(json!({"value": [row], "@odata.nextLink": good.as_str()}), json!({})).await;
    let body: Value = serde_json::from_slice(&response.body).unwrap();
    assert!(response.status == 200 && body["next_offset"].is_string(), "{body}");
    let (_, asked) = world.ask(json!({"value": []}), json!({"offset": body["next_offset"]})).await;
    // A page that was announced and is empty is asked for once more.
    assert_eq!(asked, [good.clone(), good]);
}
