//! Answers: a success as JSON, a failure by its class's row of the table, and both as HTTP.

use lambda_http::http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use crate::contract::{Component, ErrorBody, ErrorDetail};
use crate::error::{Class, Failure};

/// Seconds after which another try makes sense, when nobody knows better.
const RETRY_AFTER: u64 = 30;

/// An answer. Always JSON.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Headers besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// A success.
    ///
    /// # Errors
    /// `Internal`, when the value cannot be written as JSON.
    pub(super) fn success<T: Serialize>(status: u16, value: &T) -> Result<Self, Failure> {
        let body =
            serde_json::to_vec(value).map_err(|_| Failure::new(Class::Internal, "an answer is not JSON"))?;
        Ok(Self { status, headers: Vec::new(), body })
    }

    /// The answer for a failure: status from the class's table, JSON, nothing internal. `oauth` says
    /// whether Talkdesk holds a token that it can refresh.
    pub(super) fn refusal(component: Component, oauth: bool, failure: &Failure, request_id: &str) -> Self {
        let row = failure.class.row();
        let refresh = failure.class == Class::CredentialsRefused && oauth && !failure.written;
        // Contract §11.25: only 401 makes Talkdesk refresh the token and repeat the action.
        let status = if refresh { 401 } else { failure.class.status(component) };
        let action = component == Component::Actions;
        // The CRM's own sentence is for whoever ran the action; elsewhere it may name other people.
        let hidden = failure.quotes_crm && !failure.own_words && !action;
        let message = if hidden { row.message } else { &failure.message };
        let body = ErrorBody {
            error: ErrorDetail {
                code: row.code.to_owned(),
                message: message.to_owned(),
                request_id: request_id.to_owned(),
            },
            message: action.then(|| message.to_owned()),
        };
        let mut headers = Vec::new();
        if failure.class == Class::MethodNotAllowed {
            headers.push(("allow", "POST".to_owned()));
        }
        if matches!(status, 429 | 503) {
            let seconds = failure.retry_after.map_or(RETRY_AFTER, |wait| wait.as_secs_f64().ceil() as u64);
            headers.push(("retry-after", seconds.max(1).to_string()));
        }
        let body = serde_json::to_vec(&body).unwrap_or_else(|_| b"{}".to_vec());
        Self { status, headers, body }
    }

    /// The answer as a response of the `http` crate, with the headers that every answer has.
    pub fn into_http<B>(self, body: impl FnOnce(Vec<u8>) -> B) -> Response<B> {
        let mut response = Response::new(body(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
        response
    }
}
