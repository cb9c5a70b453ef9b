//! What every filter asks of its value, and how it refuses one.

use minijinja::value::ValueKind;
use minijinja::{Error, ErrorKind, Value};

use super::as_text;

/// Marks details of our own errors: they hold kinds, never values, so they may be shown.
pub(super) const OURS: &str = "bridge: ";

/// An error of a filter. `message` must not hold the value.
pub(super) fn refused(message: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::InvalidOperation, format!("{OURS}{message}"))
}

/// What counts as nothing in a CRM's answer: null, `""` and `false`, which some print for it.
pub fn is_empty(value: &Value) -> bool {
    value.is_undefined()
        || value.is_none()
        || value.as_str().is_some_and(str::is_empty)
        || (value.kind() == ValueKind::Bool && !value.is_true())
}

/// A text filter: null stays null, numbers are text, lists and maps are refused.
pub(super) fn text(
    name: &str,
    value: &Value,
    change: impl Fn(&str) -> Result<String, Error>,
) -> Result<Value, Error> {
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
        return Err(refused(format!("{name}: takes text, not a {}", value.kind())));
    }
    match as_text(value) {
        None => Ok(Value::from(())),
        Some(text) => change(&text).map(Value::from),
    }
}
