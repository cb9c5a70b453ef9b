//! Every component of every shipped manifest against a CRM that gives one and the same answer to
//! everything: a failure is never an empty success.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::Clock;
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::gateway::{Bridge, HttpRequest, Parts, lines};
use bridge::manifest::Manifest;
use bridge::time::Moment;
use serde_json::{Value, json};
use talkdesk_bridge::fixture::{Fixture, read_all};

use crate::manifests::folders;

const KEY: &str = "fixture-caller-key-0123456789";

/// Status, body and headers of an answer that is no answer.
const ANSWERS: [(u16, &str); 16] = [
    (301, "<html>Moved</html>"),
    (302, ""),
    (400, r#"{"message": "no"}"#),
    (401, r#"{"message": "no"}"#),
    (403, r#"{"message": "no"}"#),
    (404, r#"{"message": "gone"}"#),
    (404, "<html>Not Found</html>"),
    (410, r#"{"message": "gone"}"#),
    (429, r#"{"message": "slow down"}"#),
    (500, r#"{"message": "oops"}"#),
    (502, "<html>Bad Gateway</html>"),
    (503, ""),
    (200, ""),
    (200, "{}"),
    (200, "<!DOCTYPE html><title>Sign in</title>"),
    (200, r#"{"maintenance": true}"#),
];

/// Gives its answer to everything but the call for a token.
struct Monotone {
    token: Option<Value>,
    answer: (u16, &'static str),
    asked: Mutex<Vec<String>>,
}

impl Transport for Monotone {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let mut asked = self.asked.lock().unwrap();
        // The first call of all is the one for the token.
        let token = self.token.as_ref().filter(|_| asked.is_empty());
        let (status, body) = match token {
            Some(token) => (200, token.to_string()),
            None => (self.answer.0, self.answer.1.to_owned()),
        };
        asked.push(request.url.path().to_ascii_lowercase().replace("%2f", "/"));
        let location = ("location".to_owned(), "https://elsewhere.example.com/login".to_owned());
        let headers = if (300..400).contains(&status) { vec![location] } else { Vec::new() };
        Box::pin(async move { Ok(Incoming { status, headers, body: body.into_bytes() }) })
    }
}

struct Stopped(Mutex<Moment>);

impl Clock for Stopped {
    fn now(&self) -> Moment {
        *self.0.lock().unwrap()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        let mut now = self.0.lock().unwrap();
        *now = now.plus(span);
        Box::pin(async {})
    }
}

/// Asks what a fixture asks, of a CRM that answers `answer`; gives back status, body and whether
/// every address that was asked named the contact.
async fn ask(manifest: &Arc<Manifest>, fixture: &Fixture, answer: (u16, &'static str)) -> (u16, Value, bool) {
    let document = manifest.document();
    let turn = &fixture.turns[0];
    let mut auth = fixture.auth.clone();
    if let Some(credentials) = &document.credentials {
        auth.entry(credentials.caller_key.clone()).or_insert_with(|| KEY.into());
    }
    let mut secret = fixture.secret.clone();
    secret.insert("caller_keys".to_owned(), json!([KEY]));
    let has_token = document.connection.auth.token.is_some();
    let token = has_token.then(|| turn.exchanges[0].response.body.clone().unwrap());
    let crm = Arc::new(Monotone { token, answer, asked: Mutex::default() });
    let now = Moment::parse(fixture.now.as_deref().unwrap_or("2026-11-22T12:00:00Z")).unwrap();
    let parts = Parts {
        transport: crm.clone(),
        clock: Arc::new(Stopped(Mutex::new(now))),
        store: Arc::new(FixedSecret::new(Value::Object(secret).to_string())),
    };
    let bridge = Bridge::new(manifest.clone(), Settings::new(ManifestChoice::Embedded(String::new())), parts);
    let (component, path) = match fixture.component.strip_prefix("actions/") {
        Some(name) => (Component::Actions, format!("/actions/{name}")),
        None => {
            let component = Component::from_name(&fixture.component).unwrap();
            (component, component.path().to_owned())
        }
    };
    let request = HttpRequest {
        source: None,
        method: "POST".to_owned(),
        path,
        body: json!({"auth": auth, "meta": turn.meta, "data": turn.data}).to_string().into_bytes(),
        request_id: "matrix".to_owned(),
        deadline: None,
    };
    let response = bridge.handle(component, request).await;
    // The CRM knows an id without its list's prefix.
    let (_, id) = manifest.document().list_of(turn.data["contact_external_id"].as_str().unwrap_or("\u{0}"));
    let id = id.to_ascii_lowercase();
    let asked = crm.asked.lock().unwrap();
    let named = asked.iter().skip(usize::from(has_token)).all(|path| path.contains(&id));
    (response.status, serde_json::from_slice(&response.body).unwrap(), named)
}

#[tokio::test]
async fn a_failure_of_the_crm_is_never_an_empty_success_in_any_manifest() {
    let (mut wrong, mut asked) = (Vec::new(), 0);
    for folder in folders() {
        let shipped = Arc::new(Manifest::read(&folder, None).map_err(|p| lines(&p)).unwrap());
        for (file, fixture) in read_all(&folder).unwrap() {
            let manifest = fixture.manifest(&shipped).unwrap();
            let first = &fixture.turns[0];
            // What succeeds with a well CRM, and asks it something besides a token.
            let calls =
                first.exchanges.len() > usize::from(manifest.document().connection.auth.token.is_some());
            if first.expect.status >= 300 || !calls || first.exchanges[0].response.status != 200 {
                continue;
            }
            for answer in ANSWERS {
                let (status, body, named) = ask(&manifest, &fixture, answer).await;
                asked += 1;
                let fine = match status {
                    // The contact itself is not there.
                    200 => matches!(answer.0, 404 | 410) && named && body == json!([]),
                    // A write that the CRM says was done, and nothing more.
                    201 => (200..300).contains(&answer.0) && !answer.1.starts_with('<'),
                    _ => body["error"]["code"].is_string(),
                };
                if !fine {
                    wrong.push(format!("{file}: to {} {} → {status} {body}", answer.0, answer.1));
                }
            }
        }
    }
    assert!(asked > 2_000, "only {asked}");
    assert!(wrong.is_empty(), "{} of {asked}:\n{}", wrong.len(), wrong.join("\n"));
}
