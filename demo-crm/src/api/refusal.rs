//! A request that is not served, in the one form that clients have to understand.

use std::collections::BTreeMap;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// Why a request is not served.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    error: Error,
    pub retry_after: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Error {
    code: &'static str,
    message: String,
    fields: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    existing_id: Option<i64>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: &'a Error,
}

impl Refusal {
    pub fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let error = Error { code, message: message.into(), fields: BTreeMap::new(), existing_id: None };
        Self { status, error, retry_after: None }
    }

    pub fn not_found(message: &str) -> Self {
        Self::new(404, "not_found", message)
    }

    pub fn no_contact() -> Self {
        Self::not_found("There is no contact with this id.")
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "unauthorized", "The API key is not valid.")
    }

    /// A request that cannot be read: an unknown parameter, or a value of the wrong form.
    pub fn malformed(field: &str, problem: &str) -> Self {
        Self::about(400, "invalid_request", BTreeMap::from([(field.into(), problem.into())]))
    }

    /// A value that can be read and is not accepted.
    pub fn invalid(field: &str, problem: &str) -> Self {
        Self::all_invalid(BTreeMap::from([(field.into(), problem.into())]))
    }

    pub fn all_invalid(fields: BTreeMap<String, String>) -> Self {
        Self::about(422, "validation_failed", fields)
    }

    pub fn duplicate(existing_id: i64) -> Self {
        let mut refusal = Self::new(409, "duplicate", "A contact with this e-mail exists.");
        refusal.error.existing_id = Some(existing_id);
        refusal
    }

    /// The cause is told: whoever reads it owns this server and its made-up data.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Self::new(500, "internal", format!("The CRM failed: {cause}"))
    }

    /// The message names every field, because many clients show nothing but the message.
    fn about(status: u16, code: &'static str, fields: BTreeMap<String, String>) -> Self {
        let problems: Vec<String> =
            fields.iter().map(|(field, problem)| format!("{field}: {problem}")).collect();
        let mut refusal = Self::new(status, code, problems.join(" "));
        refusal.error.fields = fields;
        refusal
    }
}

impl From<rusqlite::Error> for Refusal {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&Envelope { error: &self.error }).unwrap_or_default();
        let json = [(header::CONTENT_TYPE, "application/json")];
        let mut response = (status, json, body).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
