//! Reads JSON the way contract §11.4 asks: absent, `null` and `""` are one and the same.

use serde_json::{Map, Number, Value};

use super::ContractError;

/// One JSON object, with the path by which errors name its members.
pub(super) struct Fields {
    path: String,
    members: Map<String, Value>,
}

/// The object that a request body is made of.
pub(super) fn body(bytes: &[u8]) -> Result<Fields, ContractError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ContractError::new("", "a JSON object, not an empty body"));
    }
    // The message of the JSON reader is left out: only its position is certain to be harmless.
    let value: Value = serde_json::from_slice(bytes).map_err(|e| {
        let (line, column) = (e.line(), e.column());
        ContractError::new("", format!("valid JSON (line {line}, column {column})"))
    })?;
    match value {
        Value::Object(members) => Ok(Fields::new(String::new(), members)),
        _ => Err(ContractError::new("", "a JSON object")),
    }
}

impl Fields {
    pub(super) fn new(path: String, members: Map<String, Value>) -> Self {
        Self { path, members }
    }

    /// An error about one member.
    pub(super) fn error(&self, name: &str, expected: impl Into<String>) -> ContractError {
        ContractError::new(self.path_of(name), expected)
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The member, unless it is absent, `null` or `""`.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        self.members.remove(name).filter(|v| !is_absent(v))
    }

    /// All members, in their order.
    pub(super) fn into_members(self) -> Map<String, Value> {
        self.members
    }

    /// A member that is an object; an empty one when it is absent.
    pub(super) fn object(&mut self, name: &str) -> Result<Self, ContractError> {
        let path = self.path_of(name);
        match self.take(name) {
            None => Ok(Self::new(path, Map::new())),
            Some(Value::Object(members)) => Ok(Self::new(path, members)),
            Some(_) => Err(ContractError::new(path, "an object")),
        }
    }

    /// A text as it stands; a whole number is turned into one.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ContractError> {
        match self.take(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Number(number)) => match whole_number(&number) {
                Some(text) => Ok(Some(text)),
                None => Err(self.error(name, TEXT)),
            },
            Some(_) => Err(self.error(name, TEXT)),
        }
    }

    /// A text without white space around it; absent when nothing is left.
    pub(super) fn trimmed(&mut self, name: &str) -> Result<Option<String>, ContractError> {
        Ok(self.text(name)?.and_then(trim))
    }

    /// A list of trimmed texts: `null` and empty members are dropped, numbers become text, and
    /// a bare value is a list of one. `None` when the member is absent.
    pub(super) fn list(&mut self, name: &str) -> Result<Option<Vec<String>>, ContractError> {
        let members = match self.take(name) {
            None => return Ok(None),
            Some(Value::Array(members)) => members,
            Some(value @ (Value::String(_) | Value::Number(_))) => vec![value],
            Some(_) => return Err(self.error(name, "an array of strings")),
        };
        let mut texts = Vec::with_capacity(members.len());
        for (index, member) in members.into_iter().enumerate() {
            let text = match member {
                Value::Null => continue,
                Value::String(text) => Some(text),
                Value::Number(number) => whole_number(&number),
                _ => None,
            };
            match text {
                Some(text) => texts.extend(trim(text)),
                None => return Err(self.error(&format!("{name}[{index}]"), TEXT)),
            }
        }
        Ok(Some(texts))
    }
}

const TEXT: &str = "a string or a whole number";

/// Whether a value means the same as leaving it out (contract §11.4).
pub(super) fn is_absent(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

/// The digits of a whole number; `None` for a fraction and for what a float cannot hold exactly,
/// because an id with its last digits lost would name somebody else.
pub(super) fn whole_number(number: &Number) -> Option<String> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if number.is_i64() || number.is_u64() {
        return Some(number.to_string());
    }
    let float = number.as_f64()?;
    (float.fract() == 0.0 && float.abs() < EXACT).then(|| format!("{}", float as i64))
}

fn trim(text: String) -> Option<String> {
    let trimmed = text.trim();
    if trimmed.len() == text.len() {
        return (!text.is_empty()).then_some(text);
    }
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}
