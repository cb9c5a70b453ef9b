//! Reading requests, and errors as the vendor words them.

use axum::http::{HeaderMap, header};
use serde_json::{Value, json};

/// An error as the vendor answers it.
#[derive(Debug)]
pub(super) struct Refusal(pub u16, pub Value);

impl Refusal {
    pub(super) fn field(status: u16, field: &str, message: &str, code: &str) -> Self {
        Self(
            status,
            json!({"description": "Validation failed", "errors": [{"field": field, "message": message, "code": code}]}),
        )
    }

    pub(super) fn unknown(field: &str) -> Self {
        Self::field(400, field, "Unexpected/invalid field in request", "invalid_field")
    }

    pub(super) fn value(field: &str, message: &str) -> Self {
        Self::field(400, field, message, "invalid_value")
    }

    pub(super) fn kind(field: &str, wanted: &str) -> Self {
        Self::field(400, field, &format!("It should be a/an {wanted}"), "datatype_mismatch")
    }

    pub(super) fn missing(field: &str) -> Self {
        Self::field(400, field, "It should not be blank as this is a mandatory field", "missing_field")
    }
}

/// A header.
pub(super) fn text(headers: &HeaderMap, name: &str) -> String {
    headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

/// The body, if it is an object.
pub(super) fn body(headers: &HeaderMap, bytes: &[u8]) -> Result<serde_json::Map<String, Value>, Refusal> {
    if text(headers, header::CONTENT_TYPE.as_str()) != "application/json" {
        let message = "Content-Type header should be set to application/json";
        return Err(Refusal(415, json!({"code": "unsupported_content_type", "message": message})));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(body)) => Ok(body),
        _ => Err(Refusal(
            400,
            json!({"code": "invalid_json", "message": "Request body has invalid json format"}),
        )),
    }
}

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    const SIGNS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = (0..3).fold(0u32, |w, i| w << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let sign = SIGNS[(word >> (18 - 6 * i)) as usize & 63] as char;
            out.push(if i <= chunk.len() { sign } else { '=' });
        }
    }
    out
}
