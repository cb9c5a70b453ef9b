//! JSON bodies, read strictly and completely: one answer names every field that is wrong.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::clock::Micros;

/// A field of a body. Left out and null differ when something is changed.
#[derive(Debug)]
pub(crate) enum Given<T> {
    Absent,
    Null,
    Value(T),
}

impl<T> Given<T> {
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// Changes what is kept, unless the field was left out.
    pub fn change(self, kept: &mut Option<T>) {
        match self {
            Self::Absent => {}
            Self::Null => *kept = None,
            Self::Value(value) => *kept = Some(value),
        }
    }
}

/// The fields that nobody asked for yet, and what was wrong with the others.
pub(crate) struct Fields {
    left: Map<String, Value>,
    problems: BTreeMap<String, String>,
}

impl Fields {
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        match serde_json::from_slice(body) {
            Ok(Value::Object(left)) => Ok(Self { left, problems: BTreeMap::new() }),
            Ok(_) => Err(Refusal::malformed("body", "Must be a JSON object.")),
            Err(error) => Err(Refusal::malformed("body", &format!("Is not JSON: {error}."))),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    pub fn refuse(&mut self, name: &str, problem: impl Into<String>) {
        self.problems.entry(name.to_owned()).or_insert_with(|| problem.into());
    }

    /// The field as it is, for checks of its own.
    pub fn raw(&mut self, name: &str) -> Given<Value> {
        match self.left.shift_remove(name) {
            None => Given::Absent,
            Some(Value::Null) => Given::Null,
            Some(value) => Given::Value(value),
        }
    }

    pub fn text(&mut self, name: &str, longest: usize) -> Given<String> {
        self.typed(name, |value| match value {
            Value::String(text) if text.chars().count() > longest => {
                Err(format!("Must have at most {longest} characters."))
            }
            Value::String(text) => Ok(text),
            _ => Err("Must be a string.".to_owned()),
        })
    }

    pub fn integer(&mut self, name: &str, bounds: RangeInclusive<i64>) -> Given<i64> {
        self.typed(name, |value| match value.as_i64() {
            Some(number) if bounds.contains(&number) => Ok(number),
            Some(_) => Err(format!("Must be from {} to {}.", bounds.start(), bounds.end())),
            None => Err("Must be an integer.".to_owned()),
        })
    }

    pub fn id(&mut self, name: &str) -> Given<i64> {
        self.typed(name, |value| value.as_i64().ok_or_else(|| "Must be an integer.".to_owned()))
    }

    pub fn boolean(&mut self, name: &str) -> Given<bool> {
        self.typed(name, |value| value.as_bool().ok_or_else(|| "Must be true or false.".to_owned()))
    }

    pub fn time(&mut self, name: &str) -> Given<Micros> {
        self.typed(name, |value| {
            value
                .as_str()
                .and_then(Micros::parse)
                .ok_or_else(|| "Must be an RFC 3339 time with at most 6 digits of fraction.".to_owned())
        })
    }

    pub fn choice(&mut self, name: &str, choices: &[&str]) -> Given<String> {
        self.typed(name, |value| match value {
            Value::String(text) if choices.contains(&text.as_str()) => Ok(text),
            _ => Err(format!("Must be one of {}.", choices.join(", "))),
        })
    }

    /// Insists on a field, and says so unless it has a problem already.
    pub fn mandatory<T>(&mut self, name: &str, given: Given<T>) -> Option<T> {
        let value = given.value();
        if value.is_none() {
            self.refuse(name, "Is mandatory.");
        }
        value
    }

    /// Refuses the body if any field was wrong or unknown.
    pub fn finish(mut self) -> Result<(), Refusal> {
        for name in std::mem::take(&mut self.left).keys() {
            self.refuse(name, "Unknown field.");
        }
        if self.problems.is_empty() { Ok(()) } else { Err(Refusal::all_invalid(self.problems)) }
    }

    fn typed<T>(&mut self, name: &str, check: impl FnOnce(Value) -> Result<T, String>) -> Given<T> {
        match self.raw(name) {
            Given::Absent => Given::Absent,
            Given::Null => Given::Null,
            Given::Value(value) => match check(value) {
                Ok(value) => Given::Value(value),
                Err(problem) => {
                    self.refuse(name, problem);
                    Given::Absent
                }
            },
        }
    }
}
