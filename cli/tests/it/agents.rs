//! Agents of a CRM that has many, or hides what they are matched by.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::SystemClock;
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::transport::{Incoming, Outgoing, Transport, TransportError};
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;
use serde_json::{Value, json};

const KEY: &str = "fixture-caller-key-0123456789";

/// The demo CRM's users: `pages` pages of `each` users.
struct Users {
    pages: u64,
    each: u64,
    email: bool,
    padding: usize,
    asked: Mutex<Vec<u64>>,
}

impl Transport for Users {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let page = request.url.query_pairs().find(|(name, _)| name == "page");
        let page: u64 = page.unwrap().1.parse().unwrap();
        self.asked.lock().unwrap().push(page);
        let user = |id: u64| {
            let email = self.email.then(|| format!("user{id}@example.com"));
            let name = format!("User {id}{}", "x".repeat(self.padding));
            json!({"id": id, "name": name, "email": email, "role": "agent", "active": true})
        };
        let users: Vec<Value> = ((page - 1) * self.each + 1..=page * self.each).map(user).collect();
        let body = json!({"users": users, "page": page, "pages": self.pages}).to_string().into_bytes();
        Box::pin(async move { Ok(Incoming { status: 200, headers: Vec::new(), body }) })
    }
}

async fn ask(users: Users, offset: Value) -> (u16, Value, Vec<u64>) {
    let users = Arc::new(users);
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo");
    let secret = json!({"api_key": "demo-api-key", "caller_keys": [KEY]}).to_string();
    let parts = Parts {
        transport: users.clone(),
        clock: Arc::new(SystemClock),
        store: Arc::new(FixedSecret::new(secret)),
    };
    let settings = Settings::new(ManifestChoice::Embedded(String::new()));
    let bridge = Bridge::new(Manifest::read(&folder, None).ok().unwrap(), settings, parts);
    let request = HttpRequest {
        source: None,
        method: "POST".to_owned(),
        path: "/agent_sync".to_owned(),
        body: json!({"auth": {"account": "acme", "bridge_key": KEY}, "meta": {"offset": offset}})
            .to_string()
            .into_bytes(),
        request_id: "agents".to_owned(),
        deadline: None,
    };
    let response = bridge.handle(Component::Agents, request).await;
    let asked = users.asked.lock().unwrap().clone();
    (response.status, serde_json::from_slice(&response.body).unwrap(), asked)
}

fn users(pages: u64) -> Users {
    Users { pages, each: 1, email: true, padding: 0, asked: Mutex::default() }
}

#[tokio::test]
async fn many_pages_are_gone_on_with_where_the_calls_ran_out_not_from_the_first() {
    let (mut offset, mut found, mut calls) = (Value::Null, Vec::new(), 0);
    loop {
        let (status, body, asked) = ask(users(450), offset).await;
        assert_eq!(status, 200, "{body}");
        assert!(asked.len() <= 200, "{} calls in one request", asked.len());
        calls += asked.len();
        found.extend(body["agents"].as_array().unwrap().iter().map(|a| a["id"].as_str().unwrap().to_owned()));
        offset = body["next_offset"].clone();
        if offset.is_null() {
            break;
        }
        assert!(offset.is_u64(), "{offset}");
    }
    let expected: Vec<String> = (1..=450).map(|id| id.to_string()).collect();
    assert_eq!((found, calls), (expected, 450));
}

#[tokio::test]
async fn an_answer_that_lambda_could_not_carry_ends_early() {
    let large = Users { each: 500, padding: 4_000, ..users(12) };
    let (status, body, _) = ask(large, Value::Null).await;
    assert_eq!(status, 200);
    assert!(serde_json::to_string(&body.to_string()).unwrap().len() < 6_000_000);
    assert!(body["next_offset"].is_u64() && !body["agents"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn users_of_whom_none_can_be_matched_are_a_failure_not_an_empty_list() {
    let (status, body, _) = ask(Users { email: false, ..users(2) }, Value::Null).await;
    assert_eq!((status, body["error"]["code"].as_str()), (502, Some("crm_unreadable")));
}
