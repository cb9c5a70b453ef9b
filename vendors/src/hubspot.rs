//! HubSpot CRM, version 2026-03, after its `OpenAPI` documents
//! (github.com/HubSpot/HubSpot-public-api-spec-collection) and
//! <https://developers.hubspot.com/docs/api-reference/2026-03/crm/search-the-crm>.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use axum::Router;
use axum::response::Response;
use serde_json::{Map, Value, json};

use crate::table::{Person, Table};
use crate::world::{Asked, EXPIRED, TOKEN, answer, emulate};

mod account;
mod create;
mod filter;
mod read;
mod row;
mod schema;
mod search;

/// A refusal: status, category, message.
pub(crate) type Refusal = (u16, &'static str, String);

/// One object that is not a contact.
#[derive(Clone, Debug)]
pub struct Record {
    /// Its id.
    pub id: u64,
    /// `tickets`, `notes`, …
    pub kind: &'static str,
    /// All values are text.
    pub properties: BTreeMap<String, String>,
    /// The contacts that it is associated with.
    pub contacts: Vec<u64>,
}

/// The account. Copies share it.
#[derive(Clone)]
pub struct HubSpot(Arc<Account>);

struct Account {
    table: Table,
    records: Mutex<Vec<Record>>,
    /// Properties of contacts that the table does not have.
    more: Mutex<BTreeMap<u64, BTreeMap<String, String>>>,
    searches: Mutex<Vec<Value>>,
    unknown: Mutex<Vec<String>>,
    owners: u64,
    turn: AtomicU64,
    /// Who was merged away, and into whom.
    merged: Mutex<BTreeMap<u64, u64>>,
    per_second: Option<usize>,
    times: Mutex<Vec<Instant>>,
}

impl HubSpot {
    /// An account with these people; `owners` people and one queue own things.
    pub fn new(table: &Table, owners: u64) -> Self {
        Self::limited(table, owners, None)
    }

    /// The same with the vendor's limit of searches a second.
    pub fn limited(table: &Table, owners: u64, per_second: Option<usize>) -> Self {
        Self(Arc::new(Account {
            table: table.clone(),
            records: Mutex::default(),
            more: Mutex::default(),
            searches: Mutex::default(),
            unknown: Mutex::default(),
            owners,
            turn: AtomicU64::new(0),
            merged: Mutex::default(),
            per_second,
            times: Mutex::default(),
        }))
    }

    /// What serves it.
    pub fn router(&self) -> Router {
        let hubspot = self.clone();
        emulate(&self.0.table, move |asked| hubspot.answer(asked))
    }

    /// The objects that are not contacts.
    pub fn records(&self) -> MutexGuard<'_, Vec<Record>> {
        self.0.records.lock().expect("the records' lock")
    }

    /// Adds an object to a contact.
    pub fn add(&self, kind: &'static str, contact: u64, properties: &[(&str, &str)]) -> u64 {
        let properties = properties.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        self.keep(kind, properties, vec![contact]).id
    }

    fn keep(
        &self,
        kind: &'static str,
        mut properties: BTreeMap<String, String>,
        contacts: Vec<u64>,
    ) -> Record {
        let mut records = self.records();
        let id = 394_413_098_000 + records.len() as u64;
        let now = self.0.table.now().iso_ms();
        for (name, value) in [
            ("hs_object_id", id.to_string()),
            ("createdate", now.clone()),
            ("hs_createdate", now.clone()),
            ("hs_lastmodifieddate", now),
        ] {
            properties.entry(name.to_owned()).or_insert(value);
        }
        let record = Record { id, kind, properties, contacts };
        records.push(record.clone());
        record
    }

    /// What the searches asked for, as they were understood.
    pub fn searches(&self) -> Vec<Value> {
        self.0.searches.lock().expect("the searches' lock").clone()
    }

    /// Properties that were asked for and do not exist: HubSpot passes them over in silence.
    pub fn unknown_properties(&self) -> Vec<String> {
        self.0.unknown.lock().expect("the names' lock").clone()
    }

    fn answer(&self, asked: &Asked) -> Response {
        if let Err(refusal) = signed(asked) {
            return refused(refusal);
        }
        let segments = asked.segments();
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let found = match (asked.method.as_str(), parts.as_slice()) {
            ("GET", ["account-info", "2026-03", "details"]) => {
                only(asked, &[]).map(|()| (200, account::details()))
            }
            ("GET", ["crm", "owners", "2026-03"]) => self.owners(asked).map(|body| (200, body)),
            ("GET", ["crm", "pipelines", "2026-03", "tickets"]) => {
                only(asked, &[]).map(|()| (200, account::pipelines()))
            }
            ("POST", ["crm", "objects", "2026-03", kind, "search"]) => {
                self.search(asked, kind).map(|b| (200, b))
            }
            ("GET", ["crm", "objects", "2026-03", "contacts", id]) => {
                self.one_contact(asked, id).map(|b| (200, b))
            }
            ("GET", ["crm", "objects", "2026-03", "contacts", id, "associations", to]) => {
                self.associated(asked, id, to).map(|b| (200, b))
            }
            ("POST", ["crm", "objects", "2026-03", kind, "batch", "read"]) => self.batch(asked, kind),
            ("POST", ["crm", "objects", "2026-03", kind]) => self.create(asked, kind).map(|b| (201, b)),
            _ => Err((404, "OBJECT_NOT_FOUND", "resource not found".to_owned())),
        };
        match found {
            Ok((status, body)) => answer(status, &body),
            Err(refusal) => refused(refusal),
        }
    }

    /// A contact's properties, as HubSpot keeps them.
    fn contact(&self, person: &Person) -> BTreeMap<String, String> {
        let mut all = self
            .0
            .more
            .lock()
            .expect("the properties' lock")
            .get(&person.number)
            .cloned()
            .unwrap_or_default();
        let stamp = person.stamp.iso_ms();
        all.insert("hs_object_id".to_owned(), person.number.to_string());
        all.insert("firstname".to_owned(), person.first_name.clone());
        all.insert("lastname".to_owned(), person.last_name.clone());
        all.insert("lastmodifieddate".to_owned(), stamp);
        all.insert("createdate".to_owned(), "2019-10-30T03:30:17.883Z".to_owned());
        if let Some(email) = &person.email {
            all.insert("email".to_owned(), email.to_lowercase());
        }
        let columns = [
            ("phone", "hs_searchable_calculated_phone_number"),
            ("mobilephone", "hs_searchable_calculated_mobile_number"),
        ];
        for (phone, (column, searchable)) in person.phones.iter().zip(columns) {
            all.insert(column.to_owned(), phone.clone());
            // Area code and local number, without the country's code.
            let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
            let local = if phone.starts_with("+1") { digits[1..].to_owned() } else { digits };
            all.insert(searchable.to_owned(), local);
        }
        all
    }

    /// A number that differs from request to request: ties come in an order of no meaning.
    fn turn(&self) -> u64 {
        self.0.turn.fetch_add(1, Ordering::Relaxed)
    }
}

fn signed(asked: &Asked) -> Result<(), Refusal> {
    match asked.bearer() {
        Some(TOKEN) => Ok(()),
        Some(EXPIRED) => {
            let why = "The OAuth token used to make this call expired 60 minute(s) ago.";
            Err((401, "EXPIRED_AUTHENTICATION", why.to_owned()))
        }
        _ => Err((
            401,
            "INVALID_AUTHENTICATION",
            "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview".to_owned(),
        )),
    }
}

fn refused((status, category, message): Refusal) -> Response {
    let id = "aeb5f871-7f07-4993-9211-075dc63e7cbf";
    let mut body = json!({"status": "error", "message": message, "correlationId": id, "category": category});
    if status == 429 {
        body["errorType"] = "RATE_LIMIT".into();
        body["policyName"] = "SECONDLY".into();
    }
    answer(status, &body)
}

fn invalid(message: String) -> Refusal {
    (400, "VALIDATION_ERROR", message)
}

fn only(asked: &Asked, names: &[&str]) -> Result<(), Refusal> {
    match asked.query.iter().find(|(name, _)| !names.contains(&name.as_str())) {
        Some((name, _)) => Err(invalid(format!("unknown query parameter {name}"))),
        None => Ok(()),
    }
}

/// The body as an object with these keys only.
fn body<'a>(asked: &'a Asked, keys: &[&str]) -> Result<&'a Map<String, Value>, Refusal> {
    only(asked, &[])?;
    if !asked.says_json() {
        return Err((415, "VALIDATION_ERROR", "Unsupported Media Type".to_owned()));
    }
    let body =
        asked.body.as_object().ok_or_else(|| invalid("Invalid input JSON on line 1, column 1".to_owned()))?;
    known(body, keys)?;
    Ok(body)
}

fn known(object: &Map<String, Value>, keys: &[&str]) -> Result<(), Refusal> {
    match object.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => {
            Err(invalid(format!("Invalid input JSON on line 1, column 1: Unrecognized field \"{key}\"")))
        }
        None => Ok(()),
    }
}
