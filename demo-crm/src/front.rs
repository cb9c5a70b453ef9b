//! What every request passes: it is recorded, meets its fault, shows its key, and gets its stamps.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::refusal::Refusal;
use crate::crm::{Crm, Shared};
use crate::requests::{RecordedRequest, body_for_log};

mod play;

const LONGEST_BODY: usize = 1024 * 1024;

/// The layer around every path, unknown ones included. The control needs no key and has no faults.
pub(crate) async fn front(State(crm): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = if request.uri().path().starts_with("/api/") {
        api(&crm, request, next).await
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    set(headers, "date", &crm.clock.now().http_date());
    set(headers, "x-request-id", &crm.next_request_id());
    response
}

fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

async fn api(crm: &Crm, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, LONGEST_BODY).await else {
        return Refusal::new(413, "too_large", "The body is too long.").into_response();
    };
    crm.requests.push(recorded(&parts, &body));
    let is_read = parts.method == Method::GET;
    match crm.faults.take(parts.method.as_str(), parts.uri.path()) {
        None => serve(crm, parts, body, next).await,
        Some(fault) => {
            let real = serve(crm, parts, body, next);
            play::play(&fault, is_read, real, crm.running.clone()).await
        }
    }
}

fn recorded(parts: &Parts, body: &Bytes) -> RecordedRequest {
    let key = parts.headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    RecordedRequest {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: body_for_log(body),
        idempotency_key: key.map(str::to_owned),
    }
}

async fn serve(crm: &Crm, parts: Parts, body: Bytes, next: Next) -> Response {
    let key = parts.headers.get("x-api-key").map(HeaderValue::as_bytes);
    if key != Some(crm.api_key.as_bytes()) {
        return Refusal::unauthorized().into_response();
    }
    let has_body = matches!(parts.method, Method::POST | Method::PATCH);
    if has_body && !says_json(&parts.headers) {
        let message = "The Content-Type must be application/json.";
        return Refusal::new(415, "unsupported_media_type", message).into_response();
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn says_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = value.and_then(|value| value.split(';').next()).unwrap_or_default();
    media_type.trim().eq_ignore_ascii_case("application/json")
}
