//! Freshdesk's API v2, from developers.freshdesk.com/api.

use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::response::Response;
use serde_json::{Value, json};

use crate::table::Table;
use crate::world::{answer, dated};

mod fields;
mod read;
mod request;
mod rows;
mod write;

use request::{Refusal, base64, body, text};
pub use rows::contact_id;

const ROOT: &str = "/api/v2/";

/// One help desk over a table of contacts.
#[derive(Clone)]
pub struct Freshdesk {
    /// The contacts.
    pub table: Table,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    key: String,
    admin: bool,
    agents: Vec<Value>,
    contacts: Vec<Value>,
    tickets: Vec<Value>,
    notes: Vec<Value>,
    bodies: Vec<(String, Value)>,
    serial: u64,
}

impl Freshdesk {
    /// A help desk that accepts one API key.
    pub fn new(table: Table, key: &str) -> Self {
        let inner = Inner { key: key.to_owned(), admin: true, ..Inner::default() };
        Self { table, inner: Arc::new(Mutex::new(inner)) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("the help desk's lock")
    }

    /// From now on another key is the valid one.
    pub fn set_key(&self, key: &str) {
        key.clone_into(&mut self.lock().key);
    }

    /// Whether the key's owner is an administrator.
    pub fn set_admin(&self, admin: bool) {
        self.lock().admin = admin;
    }

    /// Adds an agent. The first one owns the key.
    pub fn add_agent(&self, id: u64, name: &str, email: &str, kind: &str, deactivated: bool) {
        let stamp = "2024-10-21T09:29:51Z";
        self.lock().agents.push(json!({
            "available": false, "occasional": false, "id": id, "ticket_scope": 1, "signature": null, "type": kind,
            "created_at": stamp, "updated_at": stamp, "last_active_at": stamp, "available_since": null, "focus_mode": true,
            "deactivated": deactivated,
            "contact": {"active": true, "email": email, "job_title": null, "language": "en", "last_login_at": stamp,
                "mobile": null, "name": name, "phone": null, "time_zone": "London", "created_at": stamp, "updated_at": stamp},
        }));
    }

    /// Adds a ticket; `more` overrides what is printed.
    pub fn add_ticket(&self, requester: u64, created: &str, more: Value) -> u64 {
        let mut inner = self.lock();
        inner.serial += 1;
        let id = inner.serial;
        let mut ticket = write::ticket(id, created);
        ticket["requester_id"] = requester.into();
        for (key, value) in more.as_object().into_iter().flatten() {
            ticket[key] = value.clone();
        }
        inner.tickets.push(ticket);
        id
    }

    /// Tickets as stored.
    pub fn tickets(&self) -> Vec<Value> {
        self.lock().tickets.clone()
    }

    /// Notes as stored.
    pub fn notes(&self) -> Vec<Value> {
        self.lock().notes.clone()
    }

    /// Contacts created through the API.
    pub fn contacts(&self) -> Vec<Value> {
        self.lock().contacts.clone()
    }

    /// What was sent to a path (without `/api/v2/`), as it came.
    pub fn bodies(&self, path: &str) -> Vec<Value> {
        self.lock().bodies.iter().filter(|(p, _)| p == path).map(|(_, body)| body.clone()).collect()
    }

    /// The emulator.
    pub fn router(&self) -> Router {
        dated(Router::new().fallback(handle).with_state(self.clone()), &self.table)
    }
}

async fn handle(State(desk): State<Freshdesk>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 24).await.unwrap_or_default();
    let result = serve(&desk, &parts, &bytes);
    let mut response = result.unwrap_or_else(|Refusal(status, body)| answer(status, &body));
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-ratelimit-total", "400"),
        ("x-ratelimit-remaining", "399"),
        ("x-ratelimit-used-currentrequest", "1"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-freshdesk-api-version", HeaderValue::from_static("latest=v2; requested=v2"));
    response
}

fn serve(desk: &Freshdesk, parts: &axum::http::request::Parts, bytes: &[u8]) -> Result<Response, Refusal> {
    let expected = format!("Basic {}", base64(format!("{}:X", desk.lock().key).as_bytes()));
    if text(&parts.headers, "authorization") != expected {
        let message = "You have to be logged in to perform this action.";
        return Err(Refusal(401, json!({"code": "invalid_credentials", "message": message})));
    }
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
    let path = parts.uri.path().strip_prefix(ROOT).ok_or(Refusal(404, Value::Null))?;
    let segments: Vec<&str> = path.split('/').collect();
    let host = text(&parts.headers, "host");
    let admin = || {
        let refused =
            json!({"code": "access_denied", "message": "You are not authorized to perform this action."});
        if desk.lock().admin { Ok(()) } else { Err(Refusal(403, refused)) }
    };
    match (parts.method.as_str(), &segments[..]) {
        ("GET", ["account"]) => {
            admin()?;
            Ok(answer(
                200,
                &json!({"account_id": 1_840_509, "account_name": "Acme", "account_domain": "acme.freshdesk.com",
                "organisation_name": "acme.myfreshworks.com", "tier_type": "Forest", "data_center": "US"}),
            ))
        }
        ("GET", ["agents", "me"]) => match desk.lock().agents.first() {
            Some(agent) => Ok(answer(200, agent)),
            None => Err(Refusal(404, Value::Null)),
        },
        ("GET", ["agents"]) => admin().and_then(|()| read::agents(desk, &query, &host)),
        ("GET", ["contacts"]) => read::contacts(desk, &query, &host),
        ("GET", ["contacts", id]) => read::contact(desk, id),
        ("GET", ["tickets"]) => read::tickets(desk, &query, &host),
        ("POST", ["tickets"]) => write::create_ticket(desk, body(&parts.headers, bytes)?),
        ("POST", ["tickets", id, "notes"]) => write::create_note(desk, id, body(&parts.headers, bytes)?),
        ("POST", ["contacts"]) => write::create_contact(desk, body(&parts.headers, bytes)?),
        (_, ["agents" | "contacts" | "tickets"]) => {
            Err(Refusal(405, json!({"message": "The requested method is not allowed."})))
        }
        _ => Err(Refusal(404, Value::Null)),
    }
}
