//! Zendesk Support, API v2 (<https://developer.zendesk.com/api-reference/ticketing/introduction/>).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::response::Response;
use serde_json::{Value, json};

use crate::table::{Person, Table};
use crate::world::{Asked, TOKEN, answer, emulate};

mod export;
pub mod search;
mod tickets;
mod users;

/// A refusal: status and body.
pub(crate) type Refusal = (u16, Value);

/// A token that Zendesk takes for nobody's: `/users/me` answers all the same.
pub const ANONYMOUS: &str = "token-of-nobody";

const FIRST_USER: u64 = 26_363_597_000_000;
const FIRST_AGENT: u64 = 46_406_145_000_000;

/// The account. Copies share it.
#[derive(Clone)]
pub struct Zendesk(Arc<Account>);

struct Account {
    table: Table,
    agents: u64,
    tickets: Mutex<Vec<Value>>,
    comments: Mutex<Vec<(u64, Value)>>,
    keys: Mutex<BTreeMap<String, Value>>,
    searches: Mutex<Vec<Vec<search::Term>>>,
    exports: AtomicUsize,
    exports_left: AtomicUsize,
}

impl Zendesk {
    /// An account with these end users and so many agents, every tenth of them suspended.
    pub fn new(table: &Table, agents: u64) -> Self {
        Self(Arc::new(Account {
            table: table.clone(),
            agents,
            tickets: Mutex::default(),
            comments: Mutex::default(),
            keys: Mutex::default(),
            searches: Mutex::default(),
            exports: AtomicUsize::new(1000),
            exports_left: AtomicUsize::new(usize::MAX),
        }))
    }

    /// What serves it.
    pub fn router(&self) -> Router {
        let zendesk = self.clone();
        emulate(&self.0.table, move |asked| zendesk.answer(asked))
    }

    /// From now on a page of the export holds at most so many users.
    pub fn set_export_page(&self, users: usize) {
        self.0.exports.store(users, Ordering::Relaxed);
    }

    /// So many exports are left; then comes one 429, and the next minute begins.
    pub fn set_exports_left(&self, calls: usize) {
        self.0.exports_left.store(calls, Ordering::Relaxed);
    }

    /// All tickets.
    pub fn tickets(&self) -> Vec<Value> {
        self.locked(&self.0.tickets).clone()
    }

    /// All comments, each with its ticket.
    pub fn comments(&self) -> Vec<(u64, Value)> {
        self.locked(&self.0.comments).clone()
    }

    /// The searches as they were understood.
    pub fn searches(&self) -> Vec<Vec<search::Term>> {
        self.locked(&self.0.searches).clone()
    }

    #[expect(clippy::unused_self, reason = "reads better")]
    fn locked<'a, T>(&self, lock: &'a Mutex<T>) -> MutexGuard<'a, T> {
        lock.lock().expect("a lock")
    }

    fn answer(&self, asked: &Asked) -> Response {
        let segments = asked.segments();
        let parts: Vec<&str> = segments.iter().map(|s| s.strip_suffix(".json").unwrap_or(s)).collect();
        let ["api", "v2", path @ ..] = parts.as_slice() else {
            return refused(&no_endpoint());
        };
        let anonymous = asked.bearer() == Some(ANONYMOUS) || !asked.headers.contains_key("authorization");
        if anonymous && path == ["users", "me"] {
            return answer(
                200,
                &json!({"user": {"id": null, "url": null, "name": "Anonymous user", "email": "invalid@example.com",
                "role": "end-user", "active": true, "verified": false, "phone": null}}),
            );
        }
        if asked.bearer() != Some(TOKEN) {
            return refused(&unsigned(anonymous));
        }
        if asked.method != "GET" && !asked.says_json() {
            return refused(&(415, json!({"error": "Unsupported Media Type"})));
        }
        let found = match (asked.method.as_str(), path) {
            ("GET", ["users", "me"]) => only(asked, &[]).map(|()| (200, json!({"user": self.agent(0)}))),
            ("GET", ["incremental", "users", "cursor"]) => self.export(asked).map(|b| (200, b)),
            ("GET", ["users"]) => self.list_users(asked).map(|b| (200, b)),
            ("GET", ["users", "search"]) => self.search_users(asked).map(|b| (200, b)),
            ("GET", ["users", id, "tickets", "requested"]) => self.requested(asked, id).map(|b| (200, b)),
            ("GET", ["tickets", id, "comments"]) => self.ticket_comments(asked, id).map(|b| (200, b)),
            ("POST", ["tickets"]) => return self.create_ticket_once(asked),
            ("PUT", ["tickets", id]) => self.update_ticket(asked, id).map(|b| (200, b)),
            ("POST", ["users"]) => self.create_user(asked, false),
            ("POST", ["users", "create_or_update"]) => self.create_user(asked, true),
            _ => Err(no_endpoint()),
        };
        match found {
            Ok((status, body)) => answer(status, &body),
            Err(refusal) => refused(&refusal),
        }
    }

    fn user(&self, person: &Person) -> Value {
        let id = user_id(person.number);
        json!({"id": id, "url": format!("https://acme.zendesk.com/api/v2/users/{id}.json"),
            "name": format!("{} {}", person.first_name, person.last_name).trim(), "email": person.email,
            "created_at": "2024-02-15T16:23:07Z", "updated_at": person.stamp.iso_s(), "time_zone": "Copenhagen",
            "phone": person.phones.first(), "shared_phone_number": null, "photo": null, "locale_id": 1,
            "organization_id": if person.number.is_multiple_of(3) { json!(57_542) } else { Value::Null },
            "role": "end-user", "verified": true, "external_id": null, "tags": [], "active": !person.archived,
            "shared": false, "suspended": false, "user_fields": {}})
    }

    fn agent(&self, number: u64) -> Value {
        let role = if number == 0 { "admin" } else { "agent" };
        json!({"id": agent_id(number), "name": format!("Agent{number} Smith"), "email": format!("agent{number}@example.com"),
            "created_at": "2024-02-15T16:23:07Z", "updated_at": "2026-04-20T16:23:07Z", "phone": null,
            "organization_id": null, "role": role, "active": true, "suspended": number % 10 == 9, "photo": null})
    }

    /// The person of an end user's id.
    fn person(&self, id: &str) -> Result<Person, Refusal> {
        let number = id.parse::<u64>().map_err(|_| no_endpoint())?;
        let person = self.0.table.truth().into_iter().find(|p| user_id(p.number) == number && !p.archived);
        person.ok_or_else(|| (404, json!({"error": "RecordNotFound", "description": "Not found"})))
    }
}

/// The id of an end user.
pub fn user_id(number: u64) -> u64 {
    FIRST_USER + number
}

/// The id of an agent.
pub fn agent_id(number: u64) -> u64 {
    FIRST_AGENT + number
}

fn refused((status, body): &Refusal) -> Response {
    answer(*status, body)
}

fn no_endpoint() -> Refusal {
    (404, json!({"error": "InvalidEndpoint", "description": "Not found"}))
}

fn unsigned(anonymous: bool) -> Refusal {
    let body = match anonymous {
        true => json!({"error": "Couldn't authenticate you"}),
        false => {
            json!({"error": "invalid_token", "error_description": "The access token provided is expired, revoked, malformed or invalid for other reasons."})
        }
    };
    (401, body)
}

fn invalid(why: &str) -> Refusal {
    (400, json!({"error": {"title": "Invalid attribute", "message": why}}))
}

/// A record that may not be.
fn record_invalid(field: &str, why: &str, error: &str) -> Refusal {
    let details = json!({field: [{"description": why, "error": error}]});
    (422, json!({"error": "RecordInvalid", "description": "Record validation errors", "details": details}))
}

fn only(asked: &Asked, names: &[&str]) -> Result<(), Refusal> {
    match asked.query.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        Some((name, _)) => Err(invalid(&format!("unknown parameter {name}"))),
        None => Ok(()),
    }
}

fn number(asked: &Asked, name: &str, default: usize, most: usize) -> Result<usize, Refusal> {
    let Some(text) = asked.parameter(name) else { return Ok(default) };
    let value = text.parse::<usize>().ok().filter(|n| (1..=most).contains(n));
    value.ok_or_else(|| invalid(&format!("{name} must be a number from 1 to {most}, not {text}")))
}

/// One page by `page[size]` and `page[after]`.
fn paged(asked: &Asked, rows: &[Value], name: &str) -> Result<Value, Refusal> {
    let size = number(asked, "page[size]", 100, 100)?;
    let from = match asked.parameter("page[after]") {
        None => 0,
        Some(cursor) => cursor
            .strip_prefix("at-")
            .and_then(|n| n.parse().ok())
            .ok_or_else(|| invalid("page[after] is not valid"))?,
    };
    let page: Vec<&Value> = rows.iter().skip(from).take(size).collect();
    let (next, more) = (from + page.len(), from + page.len() < rows.len());
    Ok(
        json!({name: page, "links": {"prev": null, "next": more.then(|| format!("https://acme.zendesk.com/api/v2/…{next}"))},
        "meta": {"has_more": more, "after_cursor": (next > 0).then(|| format!("at-{next}")), "before_cursor": null}}),
    )
}
