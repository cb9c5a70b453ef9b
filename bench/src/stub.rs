//! Lambda's Runtime API, Secrets Manager and a CRM that answers at once, in one server on loopback.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::{Mutex as Turn, Semaphore};

/// What happened at the Runtime API.
#[derive(Debug)]
pub enum Seen {
    /// A function asks for an event: it has started, or has answered the one before.
    Ready,
    /// An event was handed to the function.
    Given(Instant),
    /// The function answered.
    Answered(Instant, Bytes),
}

/// One answer of the CRM: a part of the address, and the body.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What the path must hold.
    pub path: String,
    /// JSON.
    pub body: Bytes,
}

struct Inner {
    event: Mutex<Bytes>,
    secret: Mutex<String>,
    answers: Mutex<Vec<Answer>>,
    events: Semaphore,
    /// Which process is asked; the one before may still hold a connection after its end.
    process: AtomicUsize,
    /// What the CRM was asked by it.
    calls: AtomicUsize,
    seen: UnboundedSender<Seen>,
}

/// The server.
pub struct Stub {
    inner: Arc<Inner>,
    /// What happens, in order; one process at a time.
    pub seen: Turn<UnboundedReceiver<Seen>>,
    /// Host and port.
    pub address: String,
}

impl Stub {
    /// Starts the server on a free port.
    pub async fn start() -> Self {
        let (seen, receiver) = unbounded_channel();
        let inner = Arc::new(Inner {
            event: Mutex::default(),
            secret: Mutex::default(),
            answers: Mutex::default(),
            events: Semaphore::new(0),
            process: AtomicUsize::new(0),
            calls: AtomicUsize::new(0),
            seen,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let app = Router::new().fallback(answer).with_state(inner.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { inner, seen: Turn::new(receiver), address }
    }

    /// Sets what the next processes meet.
    pub fn set(&self, event: &Value, secret: &str, answers: &[Answer]) {
        *self.inner.event.lock().unwrap() = event.to_string().into();
        secret.clone_into(&mut self.inner.secret.lock().unwrap());
        *self.inner.answers.lock().unwrap() = answers.to_vec();
    }

    /// Lets one event go.
    pub fn give(&self) {
        self.inner.events.add_permits(1);
    }

    /// How many calls of the CRM the process has made so far.
    pub fn calls(&self) -> usize {
        self.inner.calls.load(Ordering::SeqCst)
    }

    /// Another process is next: takes back events that nobody asked for, and forgets what was seen.
    pub async fn reset(&self) {
        self.inner.process.fetch_add(1, Ordering::SeqCst);
        self.inner.calls.store(0, Ordering::SeqCst);
        self.inner.events.forget_permits(usize::MAX);
        let mut seen = self.seen.lock().await;
        while seen.try_recv().is_ok() {}
    }
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    if path.ends_with("/invocation/next") {
        let process = inner.process.load(Ordering::SeqCst);
        let _ = inner.seen.send(Seen::Ready);
        inner.events.acquire().await.unwrap().forget();
        if process != inner.process.load(Ordering::SeqCst) {
            inner.events.add_permits(1);
            return StatusCode::GONE.into_response();
        }
        let event = inner.event.lock().unwrap().clone();
        let deadline = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let head = [
            ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned()),
            ("lambda-runtime-deadline-ms", (deadline.as_millis() + 30_000).to_string()),
            (
                "lambda-runtime-invoked-function-arn",
                "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
            ),
            ("content-type", "application/json".to_owned()),
        ];
        let _ = inner.seen.send(Seen::Given(Instant::now()));
        return (head, event).into_response();
    }
    if method == Method::POST && path.contains("/runtime/") {
        let _ = inner.seen.send(Seen::Answered(Instant::now(), body));
        return StatusCode::ACCEPTED.into_response();
    }
    if headers.contains_key("x-amz-target") {
        let secret = inner.secret.lock().unwrap().clone();
        let answer = json!({"ARN": "arn:x", "Name": "n", "SecretString": secret, "VersionId": "1"});
        return ([("content-type", "application/x-amz-json-1.1")], answer.to_string()).into_response();
    }
    inner.calls.fetch_add(1, Ordering::SeqCst);
    let answers = inner.answers.lock().unwrap();
    match answers.iter().find(|a| path.contains(&a.path)) {
        Some(found) => ([("content-type", "application/json")], found.body.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, format!("{method} {path}")).into_response(),
    }
}
