//! Playing a fault. What breaks here breaks on the wire, not in a pretence of it.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::api::refusal::Refusal;
use crate::fault::{Apply, Fault, FaultKind};

/// Longer than any client waits; without an end, a forgotten connection would stay for ever.
const LONGEST_HANG: Duration = Duration::from_secs(120);

/// The first half must leave the machine before the connection breaks.
const BEFORE_THE_CUT: Duration = Duration::from_millis(50);

const SIGN_IN_PAGE: &str = "<!DOCTYPE html><html><head><title>Sign in</title></head>\
     <body><h1>Sign in to Demo CRM</h1><p>Your session has expired.</p></body></html>";
const GARBAGE: &str = "{\"contacts\": [{\"id\": 1, \"first_name\": \"Gar\u{fffd}";

/// Answers with the fault. The real answer is a future: what is not awaited does not happen.
pub(super) async fn play(
    fault: &Fault,
    is_read: bool,
    real: impl Future<Output = Response>,
    mut running: watch::Receiver<()>,
) -> Response {
    let after = fault.apply == Apply::After;
    let delay = Duration::from_millis(fault.millis.unwrap_or_default().into());
    let mut response = match fault.kind {
        FaultKind::Slow if after => {
            let response = real.await;
            wait(delay, &mut running).await;
            response
        }
        FaultKind::Slow => {
            wait(delay, &mut running).await;
            real.await
        }
        // Reading changes nothing, so the half that arrives is half of the real answer.
        FaultKind::CutOff if after || is_read => cut(real.await).await,
        FaultKind::CutOff => cut(GARBAGE.into_response()).await,
        kind => {
            if after {
                real.await;
            }
            if kind == FaultKind::Hang {
                wait(LONGEST_HANG, &mut running).await;
            }
            instead(fault)
        }
    };
    if let Some(seconds) = fault.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The answer that comes instead of the real one.
fn instead(fault: &Fault) -> Response {
    let status = fault.status.and_then(|code| StatusCode::from_u16(code).ok());
    let status_or_ok = status.unwrap_or(StatusCode::OK);
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let json = [(header::CONTENT_TYPE, "application/json")];
    match fault.kind {
        FaultKind::Html => (status_or_ok, html, SIGN_IN_PAGE).into_response(),
        FaultKind::Garbage => (status_or_ok, json, GARBAGE).into_response(),
        _ => refusal(status.unwrap_or(StatusCode::GATEWAY_TIMEOUT)).into_response(),
    }
}

fn refusal(status: StatusCode) -> Refusal {
    let (code, message) = match status.as_u16() {
        401 => return Refusal::unauthorized(),
        403 => ("forbidden", "This key may not do that."),
        404 => ("not_found", "There is nothing at this path."),
        429 => ("rate_limited", "Too many requests."),
        503 => ("unavailable", "The CRM is down for maintenance."),
        504 => ("timeout", "The CRM took too long."),
        code if code < 500 => ("refused", "The CRM refuses the request."),
        _ => ("internal", "The CRM failed."),
    };
    Refusal::new(status.as_u16(), code, message)
}

/// Waits, unless the server stops: a stopping server must not hang with its clients.
async fn wait(time: Duration, running: &mut watch::Receiver<()>) {
    tokio::select! {
        () = sleep(time) => {}
        _ = running.changed() => {}
    }
}

/// Keeps the length of the whole body and ends the stream half way with an error, on which the
/// server closes the connection.
async fn cut(response: Response) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut whole = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if whole.is_empty() {
        // A status that says there is no body could not be cut.
        parts.status = StatusCode::OK;
        whole = Bytes::from_static(GARBAGE.as_bytes());
    }
    parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    let body = stream::unfold(Some(half), |half| async {
        match half {
            Some(half) if !half.is_empty() => Some((Ok(half), Some(Bytes::new()))),
            Some(_) => {
                sleep(BEFORE_THE_CUT).await;
                Some((Err(std::io::Error::other("cut off on purpose")), None))
            }
            None => None,
        }
    });
    Response::from_parts(parts, Body::from_stream(body))
}
