//! *Read*: what an answer says, and what a broken exchange means.

use std::time::Duration;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::Scope;
use super::transport::{Incoming, TransportError};
use crate::error::{Class, Failure};
use crate::manifest::expression::{Template, as_text};
use crate::time::Moment;

/// What error rules see of a body that is plain text.
const MAX_TEXT: usize = 1_000;

/// An answer that was understood.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers as a map, names in lower case.
    pub headers: Value,
    /// The body; undefined when there is none, the beginning of its text when it is not JSON: some
    /// vendors refuse in plain words, and error rules may look for them.
    pub body: Value,
    /// The CRM's own clock when it answered, less the time that the exchange took: rows stamped
    /// before this moment were there when the query ran, or are late.
    pub asked: Option<Moment>,
    /// Whether the status means "nothing here" (`empty_on`).
    pub empty: bool,
}

impl Answer {
    /// Reads what came in; the second value says whether the body could be read as JSON.
    pub fn read(incoming: &Incoming, elapsed: Duration) -> (Self, bool) {
        let headers =
            Value::from_pairs(incoming.headers.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))));
        let blank = incoming.body.iter().all(u8::is_ascii_whitespace);
        let parsed = (!blank).then(|| serde_json::from_slice::<Value>(&incoming.body));
        let readable = !matches!(parsed, Some(Err(_)));
        let body = match parsed {
            Some(Ok(body)) => body,
            Some(Err(_)) => {
                let beginning = &incoming.body[..incoming.body.len().min(4 * MAX_TEXT)];
                let text = String::from_utf8_lossy(beginning);
                Value::from(text.trim().chars().take(MAX_TEXT).collect::<String>())
            }
            None => Value::UNDEFINED,
        };
        let date = incoming.headers.iter().find(|(name, _)| name == "date");
        let asked = date.and_then(|(_, v)| Moment::parse_http_date(v)).map(|d| d.minus(elapsed));
        let answer = Self { status: incoming.status, headers, body, asked, empty: false };
        (answer, readable)
    }

    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get_attr(name).ok().and_then(|v| as_text(&v))
    }

    /// Whether the body says nothing at all: none, `null`, `{}`.
    pub fn says_nothing(&self) -> bool {
        let bare = self.body.kind() == ValueKind::Map && self.body.len() == Some(0);
        self.body.is_undefined() || self.body.is_none() || bare
    }

    /// Whether the answer has what a template reads of its body: at least one of the keys at the top
    /// that it names. An empty list there is an answer; a body without the key says something else.
    pub fn holds(&self, template: &Template) -> bool {
        let expressions = template.expressions();
        let mut places = expressions
            .iter()
            .flat_map(|e| &e.found().names)
            .filter(|path| path.first().is_some_and(|root| root == "body"))
            .peekable();
        let there = |path: &Vec<String>| match path.get(1) {
            Some(key) => self.body.get_attr(key).is_ok_and(|value| !value.is_undefined()),
            None => true,
        };
        places.peek().is_none() || !self.says_nothing() && places.any(there)
    }

    /// Adds `status`, `headers` and `body` to a scope.
    pub fn enter(&self, scope: &mut Scope) {
        scope.set("status", self.status);
        scope.set("headers", self.headers.clone());
        scope.set("body", self.body.clone());
    }
}

/// What a broken exchange means.
pub fn broken(error: TransportError) -> Failure {
    match error {
        TransportError::NotConnected => Failure::new(Class::CrmUnreachable, "no connection to the CRM"),
        TransportError::AddressRefused => {
            Failure::new(Class::CrmUnreachable, "the CRM's address is not public")
                .with_message("The CRM's address is not one that this integration may call.")
        }
        TransportError::TimedOut => Failure::new(Class::CrmTimeout, "the CRM did not answer in time"),
        TransportError::Broken => Failure::new(Class::CrmUnavailable, "the connection broke"),
        TransportError::CutOff { status } => {
            Failure::new(Class::CrmUnavailable, format!("the answer ({status}) ended too early"))
        }
        TransportError::TooLarge => Failure::new(Class::CrmUnreadable, "the answer is too large"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_in_plain_words_can_be_looked_at() {
        let incoming = |body: &str| Incoming { status: 403, headers: Vec::new(), body: body.into() };
        let (answer, readable) = Answer::read(&incoming(" Bad_OAuth_Token\n"), Duration::ZERO);
        assert_eq!((answer.body, readable), (Value::from("Bad_OAuth_Token"), false));
        let (answer, readable) = Answer::read(&incoming(" \n"), Duration::ZERO);
        assert!(answer.body.is_undefined() && readable);
    }
}
