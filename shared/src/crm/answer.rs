//! *Read*: what an answer says, and what a broken exchange means.

use std::time::Duration;

use minijinja::Value;
use minijinja::value::ValueKind;

use super::Scope;
use super::render::unfit;
use super::repair::{Repairs, repair, without_noise};
use super::transport::{Incoming, TransportError};
use super::tree::{NoTree, parse};
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

/// How well a body could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It is JSON, or there is none.
    Read,
    /// It is JSON after repairs.
    Repaired(Repairs),
    /// It is not JSON; the answer has the beginning of its text.
    NotJson,
    /// Its values do not fit into the function's memory.
    TooLarge,
}

impl Answer {
    /// Reads what came in. `room` bounds the values; a `written` answer may have warnings of the server
    /// around its JSON, since the write was done, warnings or not.
    pub fn read(incoming: &Incoming, elapsed: Duration, room: usize, written: bool) -> (Self, Body) {
        let headers =
            Value::from_pairs(incoming.headers.iter().map(|(n, v)| (n.clone(), Value::from(v.as_str()))));
        let content_type = incoming.headers.iter().find(|(name, _)| name == "content-type");
        let charset = content_type.and_then(|(_, value)| value.split_once("charset="));
        let charset = charset.map(|(_, label)| label.split(';').next().unwrap_or_default().trim_matches('"'));
        let blank = incoming.body.iter().all(u8::is_ascii_whitespace);
        let (body, how) = match blank {
            true => (Value::UNDEFINED, Body::Read),
            false => body_of(&incoming.body, charset, room, written),
        };
        let date = incoming.headers.iter().find(|(name, _)| name == "date");
        let asked = date.and_then(|(_, v)| Moment::parse_http_date(v)).map(|d| d.minus(elapsed));
        let answer = Self { status: incoming.status, headers, body, asked, empty: false };
        (answer, how)
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

/// An answer that does not fit into the function's memory.
pub fn too_large() -> Failure {
    let detail = "an answer takes more than its share of the function's memory: \
                  make limits.page_size smaller or the function's memory larger";
    Failure::new(Class::CrmTooLarge, detail)
}

/// What a broken exchange means.
pub fn broken(error: TransportError) -> Failure {
    match error {
        TransportError::NotConnected(why) => {
            Failure::new(Class::CrmUnreachable, format!("no connection to the CRM: {why}"))
        }
        TransportError::Unfit => unfit("the request to the CRM is larger than a request can be".to_owned()),
        TransportError::AddressRefused => {
            Failure::new(Class::CrmUnreachable, "the CRM's address is not public")
                .with_message("The CRM's address is not one that this integration may call.")
        }
        TransportError::TimedOut => Failure::new(Class::CrmTimeout, "the CRM did not answer in time"),
        TransportError::Broken => Failure::new(Class::CrmUnavailable, "the connection broke"),
        TransportError::CutOff { status } => {
            Failure::new(Class::CrmUnavailable, format!("the answer ({status}) ended too early"))
        }
        TransportError::TooLarge => too_large(),
    }
}

fn body_of(bytes: &[u8], charset: Option<&str>, room: usize, written: bool) -> (Value, Body) {
    let lenient = || {
        if let Some((text, repairs)) = repair(bytes, charset)
            && let Ok(body) = parse(text.as_bytes(), room)
        {
            return Some((body, Body::Repaired(repairs)));
        }
        let body = without_noise(bytes).filter(|_| written).and_then(|bytes| parse(bytes, room).ok());
        body.map(|body| (body, Body::Read))
    };
    match parse(bytes, room) {
        Ok(body) => (body, Body::Read),
        Err(NoTree::TooLarge) => (Value::UNDEFINED, Body::TooLarge),
        Err(NoTree::NotJson) => lenient().unwrap_or_else(|| {
            let beginning = &bytes[..bytes.len().min(4 * MAX_TEXT)];
            let text = String::from_utf8_lossy(beginning);
            let text = text.trim_start_matches('\u{feff}').trim();
            (Value::from(text.chars().take(MAX_TEXT).collect::<String>()), Body::NotJson)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_in_plain_words_can_be_looked_at() {
        let incoming = |body: &str| Incoming { status: 403, headers: Vec::new(), body: body.into() };
        let read = |body: &str| Answer::read(&incoming(body), Duration::ZERO, 10_000, false);
        let (answer, how) = read(" Bad_OAuth_Token\n");
        assert_eq!((answer.body, how), (Value::from("Bad_OAuth_Token"), Body::NotJson));
        let (answer, how) = read(" \n");
        assert!(answer.body.is_undefined() && how == Body::Read);
    }
}
