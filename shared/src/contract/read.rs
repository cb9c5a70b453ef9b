//! Reads JSON the way contract §11.4 asks: absent, `null` and `""` are one and the same.

use std::fmt;

use serde::de::{Deserializer as _, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use super::ContractError;
use crate::pasted;

/// Most JSON values that a part of a request may hold: a value costs a hundred times its text.
const MOST_VALUES: usize = 10_000;

/// A part that cannot be read. Of the reader's message only the position is certain to be harmless.
pub(super) fn unreadable(path: &str, error: &serde_json::Error) -> ContractError {
    let (line, column) = (error.line(), error.column());
    ContractError::new(path, format!("valid JSON (line {line}, column {column})"))
}

/// One JSON object, with the path by which errors name its members.
pub(super) struct Fields {
    path: String,
    members: Map<String, Value>,
    passed_over: Vec<String>,
}

/// The object that `meta` or `data` is; an empty one when it is absent. Members that nobody reads
/// are skipped without becoming a tree.
pub(super) fn part(
    path: &str,
    text: Option<&RawValue>,
    wanted: Option<&[&str]>,
) -> Result<Fields, ContractError> {
    let text = text.map_or("null", RawValue::get);
    if matches!(text, "null" | "\"\"") {
        return Ok(Fields::new(path.to_owned(), Map::new()));
    }
    if !text.starts_with('{') {
        return Err(ContractError::new(path, "an object"));
    }
    let wanted = |name: &str| wanted.is_none_or(|names| names.contains(&name));
    let members = members(text, wanted).map_err(|e| unreadable(path, &e))?;
    let mut fields = Fields::new(path.to_owned(), Map::new());
    let mut left = MOST_VALUES;
    for (name, text) in members {
        left = left
            .checked_sub(values(text.get()))
            .ok_or_else(|| ContractError::new(path, format!("at most {MOST_VALUES} values")))?;
        let value = serde_json::from_str(text.get()).map_err(|e| unreadable(&fields.path_of(&name), &e))?;
        fields.members.insert(name, value);
    }
    Ok(fields)
}

/// The members of an object that are wanted, not read yet.
pub(super) fn members(
    object: &str,
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
    serde_json::Deserializer::from_str(object).deserialize_map(Members(wanted))
}

struct Members<W>(W);

impl<'de, W: Fn(&str) -> bool> Visitor<'de> for Members<W> {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut kept = Vec::new();
        while let Some(name) = members.next_key::<String>()? {
            if (self.0)(&name) {
                kept.push((name, members.next_value()?));
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(kept)
    }
}

/// How many values a JSON text has at most, without reading it: itself, and one for every comma
/// and opening bracket outside of strings.
fn values(text: &str) -> usize {
    let (mut inside, mut escaped, mut count) = (false, false, 1);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            b',' | b'[' | b'{' if !inside => count += 1,
            _ => {}
        }
    }
    count
}

impl Fields {
    pub(super) fn new(path: String, members: Map<String, Value>) -> Self {
        Self { path, members, passed_over: Vec::new() }
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

    /// A text as it stands; a whole number is turned into one.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ContractError> {
        match self.take(name).map(plain) {
            None => Ok(None),
            Some(None) => Err(self.error(name, TEXT)),
            Some(text) => Ok(text),
        }
    }

    /// A text without what is pasted around it; absent when nothing is left.
    pub(super) fn trimmed(&mut self, name: &str) -> Result<Option<String>, ContractError> {
        Ok(self.text(name)?.and_then(trim))
    }

    /// An id, trimmed. No CRM has one of more than [`LONGEST_ID`] characters.
    pub(super) fn id(&mut self, name: &str) -> Result<Option<String>, ContractError> {
        match self.trimmed(name)? {
            Some(id) if id.chars().count() > LONGEST_ID => {
                Err(self.error(name, format!("an id of at most {LONGEST_ID} characters")))
            }
            id => Ok(id),
        }
    }

    /// A list of trimmed texts, at most `most`: `null` and empty members are dropped, numbers become
    /// text, and a bare value is a list of one. `None` when the member is absent.
    pub(super) fn list(&mut self, name: &str, most: usize) -> Result<Option<Vec<String>>, ContractError> {
        let members = match self.take(name) {
            None => return Ok(None),
            Some(Value::Array(members)) => members,
            Some(value @ (Value::String(_) | Value::Number(_))) => vec![value],
            Some(_) => return Err(self.error(name, "an array of strings")),
        };
        let mut texts = Vec::with_capacity(members.len().min(most));
        for (index, member) in members.into_iter().enumerate().filter(|(_, member)| !member.is_null()) {
            match plain(member) {
                Some(text) => texts.extend(trim(text)),
                None => return Err(self.error(&format!("{name}[{index}]"), TEXT)),
            }
        }
        texts.truncate(most);
        Ok(Some(texts))
    }

    /// A text that may be passed over: `None` also for another type and for a text that is too long.
    pub(super) fn lenient(&mut self, name: &str, longest: usize) -> Option<String> {
        let text = self.take(name).map(plain)?;
        if text.is_none() || text.as_ref().is_some_and(|t| t.chars().count() > longest) {
            self.pass_over(name);
            return None;
        }
        text.and_then(trim)
    }

    /// Ways to reach somebody, each once and at most `most`: texts, or objects that hold one under
    /// one of the `keys`, as Talkdesk's own contacts do. What is none of these, or longer than
    /// `longest` characters, is passed over: the others are good all the same.
    pub(super) fn reachable(
        &mut self,
        name: &str,
        keys: &[&str],
        longest: usize,
        most: usize,
    ) -> Vec<String> {
        let members = match self.take(name) {
            None => return Vec::new(),
            Some(Value::Array(members)) => members,
            Some(value) => vec![value],
        };
        let mut texts: Vec<String> = Vec::new();
        for (index, member) in members.into_iter().enumerate().filter(|(_, member)| !is_absent(member)) {
            if texts.len() == most {
                self.pass_over(&format!("{name}[{index}…]"));
                break;
            }
            let text = match member {
                Value::Object(mut map) => keys.iter().find_map(|key| map.remove(*key).and_then(plain)),
                member => plain(member),
            };
            match text {
                Some(text) if text.chars().count() <= longest => {
                    texts.extend(trim(text).filter(|text| !texts.contains(text)));
                }
                _ => self.pass_over(&format!("{name}[{index}]")),
            }
        }
        texts
    }

    /// Remembers a member that is not understood.
    fn pass_over(&mut self, name: &str) {
        if self.passed_over.len() < MOST_PATHS {
            self.passed_over.push(self.path_of(name));
        }
    }

    /// The paths of what was not understood and passed over; they hold no values.
    pub(super) fn into_passed_over(self) -> Vec<String> {
        self.passed_over
    }
}

/// Longest id, in characters.
const LONGEST_ID: usize = 512;

/// Most paths that are remembered of what was passed over.
const MOST_PATHS: usize = 10;

const TEXT: &str = "a string or a whole number";

/// A text, or a whole number as one.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Number(number) => whole_number(&number),
        _ => None,
    }
}

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
    let trimmed = pasted::trimmed(&text);
    if trimmed.len() == text.len() {
        return (!text.is_empty()).then_some(text);
    }
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}
