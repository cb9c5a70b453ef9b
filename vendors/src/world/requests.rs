//! What an emulator is asked, kept; and answers that stand before it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header, request};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use serde_json::Value;

use crate::table::Table;

const MAX_BODY: usize = 8 * 1024 * 1024;

/// One request that an emulator received.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path, as sent (percent-encoded).
    pub path: String,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON; null when it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    /// The status that was answered.
    pub status: u16,
}

impl Asked {
    fn read(parts: &request::Parts, bytes: &[u8]) -> Self {
        let query = parts.uri.query().unwrap_or_default();
        let text = |v: &HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
        Self {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: url::form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
            headers: parts.headers.iter().map(|(n, v)| (n.to_string(), text(v))).collect(),
            body: serde_json::from_slice(bytes).unwrap_or(Value::Null),
            text: String::from_utf8_lossy(bytes).into_owned(),
            status: 0,
        }
    }

    /// The parts of the path, decoded.
    pub fn segments(&self) -> Vec<String> {
        let decoded = |s: &str| {
            let form = format!("x={}", s.replace('+', "%2B").replace('&', "%26"));
            let pair = url::form_urlencoded::parse(form.as_bytes()).into_owned().next();
            pair.map(|(_, v)| v).unwrap_or_default()
        };
        self.path.trim_start_matches('/').split('/').map(decoded).collect()
    }

    /// The token of `Authorization: Bearer …`.
    pub fn bearer(&self) -> Option<&str> {
        self.headers.get("authorization")?.strip_prefix("Bearer ")
    }

    /// Whether the body says that it is JSON.
    pub fn says_json(&self) -> bool {
        self.headers.get("content-type").is_some_and(|t| t.starts_with("application/json"))
    }

    /// A query parameter's first value.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

type Hook = Arc<dyn Fn(&Asked) + Send + Sync>;

/// All requests of an emulator, and answers that stand before it. Copies share them.
#[derive(Clone, Default)]
pub struct Requests(Arc<Mutex<Desk>>);

#[derive(Default)]
struct Desk {
    asked: Vec<Asked>,
    faults: Vec<Fault>,
    hook: Option<Hook>,
}

/// An answer in place of the emulator's.
#[derive(Clone, Debug, Default)]
pub struct Fault {
    /// A part of the path.
    pub path: String,
    /// How often.
    pub times: usize,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Value,
}

impl Requests {
    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.0.lock().expect("the requests' lock")
    }

    /// All requests so far.
    pub fn all(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// The requests whose path contains `part`.
    pub fn to(&self, part: &str) -> Vec<Asked> {
        self.all().into_iter().filter(|a| a.path.contains(part)).collect()
    }

    /// The last request whose path contains `part`.
    pub fn last(&self, part: &str) -> Asked {
        self.to(part).pop().unwrap_or_else(|| panic!("nothing was asked at {part}"))
    }

    /// Forgets them.
    pub fn clear(&self) {
        self.lock().asked.clear();
    }

    /// Requests that the emulator refused, with what was sent.
    pub fn refused(&self) -> Vec<Asked> {
        self.all().into_iter().filter(|a| a.status >= 400).collect()
    }

    /// Answers in place of the emulator.
    pub fn fault(&self, fault: Fault) {
        self.lock().faults.push(fault);
    }

    /// Runs before every answer: for what happens at the vendor meanwhile.
    pub fn before_each(&self, hook: impl Fn(&Asked) + Send + Sync + 'static) {
        self.lock().hook = Some(Arc::new(hook));
    }

    /// Nothing happens any more.
    pub fn quiet(&self) {
        let mut desk = self.lock();
        desk.hook = None;
        desk.faults.clear();
    }

    fn take_fault(&self, path: &str) -> Option<Fault> {
        let mut desk = self.lock();
        let fault = desk.faults.iter_mut().find(|f| f.times > 0 && path.contains(&f.path))?;
        fault.times -= 1;
        Some(fault.clone())
    }
}

/// An emulator that runs until its task is ended.
pub struct Emulator {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    /// What it was asked.
    pub requests: Requests,
    /// The task that serves.
    pub task: tokio::task::JoinHandle<()>,
}

/// Serves an emulator on a free loopback port, recording what it is asked.
pub async fn serve(router: Router) -> Emulator {
    let requests = Requests::default();
    let router = router.layer(from_fn_with_state(requests.clone(), record));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    Emulator { url, requests, task }
}

async fn record(State(requests): State<Requests>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
    let mut asked = Asked::read(&parts, &bytes);
    let hook = requests.lock().hook.clone();
    if let Some(hook) = hook {
        hook(&asked);
    }
    let response = match requests.take_fault(&asked.path) {
        Some(fault) => {
            let mut response = answer(fault.status, &fault.body);
            for (name, value) in fault.headers {
                response.headers_mut().insert(name, HeaderValue::from_str(&value).unwrap());
            }
            response
        }
        None => next.run(Request::from_parts(parts, Body::from(bytes))).await,
    };
    asked.status = response.status().as_u16();
    requests.lock().asked.push(asked);
    response
}

/// A JSON answer; null is no body.
pub fn answer(status: u16, body: &Value) -> Response {
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A router that answers everything with one function, dated by the table's clock.
pub fn emulate(table: &Table, answer: impl Fn(&Asked) -> Response + Clone + Send + Sync + 'static) -> Router {
    let router = Router::new().fallback(async move |request: Request| {
        let (parts, body) = request.into_parts();
        let bytes = to_bytes(body, MAX_BODY).await.unwrap_or_default();
        answer(&Asked::read(&parts, &bytes))
    });
    dated(router, table)
}

/// Every answer has a `Date` header of the table's clock.
pub fn dated(router: Router, table: &Table) -> Router {
    router.layer(from_fn_with_state(table.clone(), date))
}

async fn date(State(table): State<Table>, request: Request, next: Next) -> Response {
    // What is stamped while the answer is made may be missing from it: the earlier time is honest.
    let now = table.now();
    let mut response = next.run(request).await;
    let text = now.calendar().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    response.headers_mut().insert(header::DATE, HeaderValue::from_str(&text).unwrap());
    response
}
