//! A Salesforce organisation, REST API v64.0
//! (<https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/>).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::response::Response;
use serde_json::{Value, json};

use crate::table::Table;
use crate::world::{Asked, TOKEN, answer, emulate};

mod create;
mod query;
mod rows;
mod schema;
pub mod soql;
pub mod sosl;

/// A refusal: status, error code, message.
pub(crate) type Refusal = (u16, &'static str, String);

/// A row: values by the fields' own names.
pub type Row = BTreeMap<String, Value>;

/// The organisation. Copies share it.
#[derive(Clone)]
pub struct Org(Arc<Inner>);

struct Inner {
    table: Table,
    leads: Table,
    records: Mutex<Vec<(&'static str, Row)>>,
    queries: Mutex<Vec<soql::Query>>,
    searches: Mutex<Vec<sosl::Search>>,
    users: u64,
    batch: AtomicUsize,
}

impl Org {
    /// An organisation with these contacts and so many users, every fifth of them not active.
    pub fn new(table: &Table, users: u64) -> Self {
        Self::with_leads(table, &table.beside(0), users)
    }

    /// The same with leads. One that is archived is converted: into the contact of its number, if there is one.
    pub fn with_leads(table: &Table, leads: &Table, users: u64) -> Self {
        Self(Arc::new(Inner {
            table: table.clone(),
            leads: leads.clone(),
            records: Mutex::default(),
            queries: Mutex::default(),
            searches: Mutex::default(),
            users,
            batch: AtomicUsize::new(2000),
        }))
    }

    /// What serves it.
    pub fn router(&self) -> Router {
        let org = self.clone();
        emulate(&self.0.table, move |asked| org.answer(asked))
    }

    /// From now on answers hold at most so many rows, as with wide rows.
    pub fn set_batch(&self, rows: usize) {
        self.0.batch.store(rows, Ordering::Relaxed);
    }

    fn batch(&self) -> usize {
        self.0.batch.load(Ordering::Relaxed)
    }

    fn table(&self) -> &Table {
        &self.0.table
    }

    /// The rows that are neither contacts nor users.
    pub fn records(&self) -> MutexGuard<'_, Vec<(&'static str, Row)>> {
        self.0.records.lock().expect("the records' lock")
    }

    /// Adds a row; gives back its id.
    pub fn add(&self, object: &str, values: &[(&str, Value)]) -> String {
        let (name, prefix) = schema::object(object).expect("an object");
        let row = values.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        self.keep(name, prefix, row)
    }

    fn keep(&self, name: &'static str, prefix: &str, mut row: Row) -> String {
        let mut records = self.records();
        let id = id(prefix, records.len() as u64 + 1);
        let now = self.0.table.now().iso_us();
        for column in ["CreatedDate", "LastModifiedDate", "SystemModstamp"] {
            row.entry(column.to_owned()).or_insert(now.as_str().into());
        }
        row.insert("Id".to_owned(), id.as_str().into());
        records.push((name, row));
        id
    }

    /// The statements that were understood.
    pub fn queries(&self) -> Vec<soql::Query> {
        self.0.queries.lock().expect("the queries' lock").clone()
    }

    /// The searches that were understood.
    pub fn searches(&self) -> Vec<sosl::Search> {
        self.0.searches.lock().expect("the searches' lock").clone()
    }

    fn rows(&self, name: &str) -> Vec<Row> {
        match name {
            "Contact" => self.0.table.shown().iter().filter(|p| !p.archived).map(rows::contact).collect(),
            "Lead" => {
                let contacts = self.0.table.truth().len() as u64;
                self.0.leads.shown().iter().map(|person| rows::lead(person, contacts)).collect()
            }
            "User" => (0..self.0.users).map(rows::user).collect(),
            _ => self.records().iter().filter(|(n, _)| *n == name).map(|(_, row)| row.clone()).collect(),
        }
    }

    fn answer(&self, asked: &Asked) -> Response {
        let mut response = self.answered(asked);
        response.headers_mut().insert("sforce-limit-info", "api-usage=896/15000".parse().unwrap());
        response
    }

    fn answered(&self, asked: &Asked) -> Response {
        let segments = asked.segments();
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let good = asked.bearer() == Some(TOKEN);
        if parts == ["services", "oauth2", "userinfo"] {
            // Not 401, and not JSON
            // (github.com/forcedotcom/SalesforceMobileSDK-iOS/issues/3398).
            return if good { answer(200, &rows::userinfo()) } else { plain(403, "Bad_OAuth_Token") };
        }
        if !good {
            return refused((401, "INVALID_SESSION_ID", "Session expired or invalid".to_owned()));
        }
        let found = match (asked.method.as_str(), parts.as_slice()) {
            // The second one also sees the bin, which is empty here.
            ("GET", ["services", "data", "v64.0", "query" | "queryAll"]) => {
                self.query(asked).map(|body| (200, body))
            }
            ("GET", ["services", "data", "v64.0", "search"]) => self.search(asked).map(|body| (200, body)),
            ("POST", ["services", "data", "v64.0", "sobjects", name]) => {
                self.create(asked, name).map(|body| (201, body))
            }
            _ => Err((404, "NOT_FOUND", "The requested resource does not exist".to_owned())),
        };
        match found {
            Ok((status, body)) => answer(status, &body),
            Err(refusal) => refused(refusal),
        }
    }

    fn query(&self, asked: &Asked) -> Result<Value, Refusal> {
        let text = only_q(asked)?;
        let query = soql::parse(text).map_err(|why| (400, "MALFORMED_QUERY", why))?;
        let body = self.run(&query)?;
        self.0.queries.lock().expect("the queries' lock").push(query);
        Ok(body)
    }

    fn search(&self, asked: &Asked) -> Result<Value, Refusal> {
        let search = sosl::parse(only_q(asked)?)?;
        let body = self.find(&search)?;
        self.0.searches.lock().expect("the searches' lock").push(search);
        Ok(body)
    }
}

fn only_q(asked: &Asked) -> Result<&str, Refusal> {
    let length: usize = asked.path.len() + asked.query.iter().map(|(n, v)| n.len() + v.len()).sum::<usize>();
    if length > 16_000 {
        return Err((414, "URI_TOO_LONG", "URI Too Long".to_owned()));
    }
    match asked.query.as_slice() {
        [(name, text)] if name == "q" => Ok(text),
        _ => Err((400, "MALFORMED_QUERY", "the one parameter q is expected".to_owned())),
    }
}

/// Errors come in a list.
fn refused((status, code, message): Refusal) -> Response {
    if code == "DUPLICATES_DETECTED" {
        let record = json!({"attributes": {"type": "Contact", "url": format!("/services/data/v64.0/sobjects/Contact/{message}")}, "Id": message});
        let matched = json!({"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": record});
        return answer(
            status,
            &json!([{"duplicateResult": {
            "allowSave": true, "duplicateRule": "Standard_Contact_Duplicate_Rule",
            "duplicateRuleEntityType": "Contact", "errorMessage": "Use one of these records?",
            "matchResults": [{"entityType": "Contact", "errors": [], "matchEngine": "ExactMatchEngine",
                "matchRecords": [matched], "rule": "Standard_Contact_Match_Rule_v1_1", "size": 1, "success": true}]},
            "errorCode": code, "message": "Use one of these records?"}]),
        );
    }
    let mut response = answer(status, &json!([{"message": message, "errorCode": code}]));
    if status == 401 {
        response.headers_mut().insert("www-authenticate", "Token".parse().unwrap());
    }
    response
}

fn plain(status: u16, text: &str) -> Response {
    let mut response = answer(status, &Value::Null);
    *response.body_mut() = text.to_owned().into();
    response.headers_mut().insert("content-type", "text/html;charset=UTF-8".parse().unwrap());
    response
}

/// The id of a contact.
pub fn contact_id(number: u64) -> String {
    id("003", number)
}

/// The id of a lead.
pub fn lead_id(number: u64) -> String {
    id("00Q", number)
}

/// An id of 18 signs: the last three tell which of the others are capitals.
pub fn id(prefix: &str, number: u64) -> String {
    let id = format!("{prefix}dM{number:010}");
    let sum = |part: &[u8]| {
        let bits =
            part.iter().enumerate().map(|(at, c)| usize::from(c.is_ascii_uppercase()) << at).sum::<usize>();
        b"ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"[bits] as char
    };
    let end: String = id.as_bytes().chunks(5).map(sum).collect();
    format!("{id}{end}")
}

fn same_id(a: Option<&Value>, b: Option<&Value>) -> bool {
    let short = |v: Option<&Value>| v.and_then(Value::as_str).and_then(|t| t.get(..15)).map(str::to_owned);
    short(a).is_some() && short(a) == short(b)
}
