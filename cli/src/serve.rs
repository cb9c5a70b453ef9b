//! `serve`: the five endpoints on this machine, through the same gateway as in Lambda.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use bridge::contract::{Component, ErrorBody, ErrorDetail};
use bridge::gateway::{Bridge, HttpRequest, HttpResponse, route};
use bridge::time::Moment;

use crate::watch::{Conversation, Observer, collected};

mod arguments;
mod listening;
mod local;

pub use arguments::ServeArguments;
pub use listening::Listening;
pub use local::{Local, local, usable};

/// API Gateway's own limit of a request body.
const MAX_BODY: usize = 10 * 1024 * 1024;

/// The endpoints, served until it is dropped.
pub struct Server {
    listening: Listening,
}

struct Shared {
    bridge: Bridge,
    requests: AtomicU64,
    observers: Vec<Arc<dyn Observer>>,
}

impl Server {
    /// Starts on a loopback port; 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(bridge: Bridge, port: u16) -> Result<Self, String> {
        Self::observed(bridge, port, Vec::new()).await
    }

    /// The same, with somebody who looks at every conversation before Talkdesk gets its answer.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn observed(
        bridge: Bridge,
        port: u16,
        observers: Vec<Arc<dyn Observer>>,
    ) -> Result<Self, String> {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(|e| format!("port {port} cannot be used: {e}; choose another with --port"))?;
        let shared = Arc::new(Shared { bridge, requests: AtomicU64::new(0), observers });
        let router = Router::new().fallback(answer).with_state(shared);
        Ok(Self { listening: Listening::start(listener, router)? })
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        self.listening.url()
    }
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response {
    let number = shared.requests.fetch_add(1, Ordering::Relaxed) + 1;
    let request_id = format!("local-{number}");
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let Some(component) = route::component(&path) else {
        return refusal(
            404,
            "not_found",
            "There is no such endpoint. See the README for the five paths.",
            request_id,
        );
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return refusal(413, "too_large", "The request body is larger than 10 MB.", request_id);
    };
    let request = HttpRequest {
        source: None,
        method: parts.method.as_str().to_owned(),
        path,
        body: body.to_vec(),
        request_id,
        deadline: None,
    };
    shared.answer(component, request).await.into_http(Body::from)
}

impl Shared {
    async fn answer(&self, component: Component, request: HttpRequest) -> HttpResponse {
        if self.observers.is_empty() {
            return self.bridge.handle(component, request).await;
        }
        let (begun, path, body) = (Moment::now(), request.path.clone(), request.body.clone());
        let (response, heard) = collected(self.bridge.handle(component, request)).await;
        let read = |bytes: &[u8]| serde_json::from_slice(bytes).unwrap_or_default();
        let conversation = Conversation {
            component,
            path,
            request: read(&body),
            begun,
            took: Moment::now().since(begun),
            calls: heard.calls,
            lines: heard.lines,
            status: response.status,
            answer: read(&response.body),
        };
        for observer in &self.observers {
            observer.see(&conversation).await;
        }
        response
    }
}

/// What API Gateway itself would answer, in our form.
fn refusal(status: u16, code: &str, message: &str, request_id: String) -> Response {
    let body = ErrorBody {
        error: ErrorDetail { code: code.to_owned(), message: message.to_owned(), request_id },
        message: None,
    };
    let body = serde_json::to_vec(&body).unwrap_or_default();
    HttpResponse { status, headers: Vec::new(), body }.into_http(Body::from)
}
