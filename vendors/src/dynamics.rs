//! Microsoft Dataverse's Web API v9.2, from learn.microsoft.com/power-apps/developer/data-platform/webapi.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::table::Table;
use crate::world::{answer, dated};

mod checked;
pub mod filter;
mod query;
mod refusal;
pub mod rows;
pub mod schema;
mod write;

use filter::Expr;
pub use refusal::Refusal;
use schema::Entity;

const ROOT: &str = "/api/data/v9.2/";

/// One environment over a table of contacts.
#[derive(Clone)]
pub struct Dynamics {
    /// The contacts.
    pub table: Table,
    /// The leads; an archived one is qualified, into the contact of its number, or disqualified without it.
    pub leads: Table,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    token: String,
    fine: bool,
    links: HashMap<String, query::Link>,
    rows: HashMap<&'static str, Vec<Value>>,
    filters: Vec<(&'static str, Expr)>,
    bodies: Vec<(&'static str, Value)>,
    serial: u64,
}

impl Dynamics {
    /// An environment that accepts one token. Contacts come from the table.
    pub fn new(table: Table, token: &str) -> Self {
        let inner = Inner { token: token.to_owned(), ..Inner::default() };
        Self { leads: table.beside(0), table, inner: Arc::new(Mutex::new(inner)) }
    }

    /// With these leads.
    pub fn with_leads(self, leads: &Table) -> Self {
        Self { leads: leads.clone(), ..self }
    }

    /// Whether `modifiedon` is stored finer than it is printed.
    pub fn fine(self, fine: bool) -> Self {
        self.lock().fine = fine;
        self
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("the environment's lock")
    }

    /// From now on another token is the valid one.
    pub fn set_token(&self, token: &str) {
        token.clone_into(&mut self.lock().token);
    }

    /// Adds a row to a table other than contacts.
    pub fn add(&self, set: &str, row: Value) {
        let entity = schema::entity(set).expect("a known entity set");
        self.lock().rows.entry(entity.set).or_default().push(row);
    }

    /// The rows of a table other than the contacts of the table.
    pub fn rows(&self, set: &str) -> Vec<Value> {
        self.lock().rows.get(set).cloned().unwrap_or_default()
    }

    /// What was sent to create or change rows of a table, as it came.
    pub fn bodies(&self, set: &str) -> Vec<Value> {
        self.lock().bodies.iter().filter(|(s, _)| *s == set).map(|(_, body)| body.clone()).collect()
    }

    /// Every `$filter` that was parsed, with its entity set.
    pub fn filters(&self) -> Vec<(&'static str, Expr)> {
        self.lock().filters.clone()
    }

    /// Forgets what was parsed and received; rows stay.
    pub fn clear(&self) {
        let mut inner = self.lock();
        inner.filters.clear();
        inner.bodies.clear();
    }

    /// The emulator.
    pub fn router(&self) -> Router {
        dated(Router::new().fallback(handle).with_state(self.clone()), &self.table)
    }

    fn all(&self, entity: &'static Entity) -> Vec<Value> {
        let inner = self.lock();
        let mut rows = inner.rows.get(entity.set).cloned().unwrap_or_default();
        if entity.set == "contacts" {
            rows.extend(self.table.shown().iter().map(|p| rows::contact(p, inner.fine)));
        }
        if entity.set == "leads" {
            let contacts = self.table.truth().len() as u64;
            rows.extend(self.leads.shown().iter().map(|p| rows::lead(p, inner.fine, contacts)));
        }
        rows
    }
}

async fn handle(State(vendor): State<Dynamics>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, 1 << 24).await.unwrap_or_default();
    let mut response = match serve(&vendor, &parts, &bytes) {
        Ok(response) => response,
        Err(refusal) => refusal.response(),
    };
    let refused = response.status() == 401;
    let headers = response.headers_mut();
    headers.insert("odata-version", HeaderValue::from_static("4.0"));
    headers
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; odata.metadata=minimal"));
    if refused {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize, resource_id=https://contoso.crm4.dynamics.com/"));
    }
    response
}

fn serve(vendor: &Dynamics, parts: &axum::http::request::Parts, bytes: &[u8]) -> Result<Response, Refusal> {
    let expected = format!("Bearer {}", vendor.lock().token);
    if text(&parts.headers, "authorization") != expected {
        return Ok(Response::builder().status(401).body(Body::empty()).expect("a response"));
    }
    for name in ["odata-version", "odata-maxversion"] {
        let version = text(&parts.headers, name);
        if !version.is_empty() && version != "4.0" && version != "4.01" {
            return Err(Refusal::bad(&format!("The {name} header '{version}' is not supported.")));
        }
    }
    if !text(&parts.headers, "accept").contains("application/json") {
        return Err(Refusal::new(415, "0x80060888", "A supported MIME type could not be found."));
    }
    let (path, method) = (parts.uri.path(), parts.method.as_str());
    let segment =
        path.strip_prefix(ROOT).ok_or_else(|| Refusal::new(404, "", "No HTTP resource was found."))?;
    if segment == "WhoAmI" && method == "GET" {
        return Ok(answer(
            200,
            &json!({
                "@odata.context": format!("https://contoso.crm4.dynamics.com{ROOT}$metadata#Microsoft.Dynamics.CRM.WhoAmIResponse"),
                "BusinessUnitId": rows::guid(0x70, 1), "UserId": rows::guid(0x55, 1), "OrganizationId": rows::guid(0x71, 1),
            }),
        ));
    }
    let (set, key) = match segment.split_once('(') {
        Some((set, key)) => (set, key.strip_suffix(')')),
        None => (segment, None),
    };
    let unknown =
        || Refusal::new(404, "0x8006088a", &format!("Resource not found for the segment '{segment}'."));
    let entity = schema::entity(set).ok_or_else(unknown)?;
    if segment.contains('(') && !key.is_some_and(rows::is_guid) {
        return Err(Refusal::bad("Error in query syntax."));
    }
    let prefer = rows::Prefer::read(&text(&parts.headers, "prefer"));
    match (method, key) {
        ("GET", None) => query::list(vendor, entity, parts, &prefer),
        ("POST", None) => write::create(vendor, entity, parts, bytes, &prefer),
        ("PATCH", Some(key)) => write::update(vendor, entity, key, parts, bytes),
        _ => Err(Refusal::new(405, "0x80060888", "The requested resource does not support this method.")),
    }
}

/// The first header of a name: a second `Prefer` may be lost.
fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}
