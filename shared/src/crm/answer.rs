//! *Read* and *classify*: what an answer says, and what a failure means.

use std::time::Duration;

use minijinja::Value;

use super::transport::{Incoming, TransportError};
use super::{Engine, Scope};
use crate::error::{Class, Failure};
use crate::manifest::expression::{Template, as_text};
use crate::time::Moment;

/// Longest message of a CRM that is passed on.
const MAX_MESSAGE: usize = 500;
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

    /// Adds `status`, `headers` and `body` to a scope.
    pub fn enter(&self, scope: &mut Scope) {
        scope.set("status", self.status);
        scope.set("headers", self.headers.clone());
        scope.set("body", self.body.clone());
    }
}

impl Engine {
    /// What a failed answer means: the first of the manifest's rules that matches, else HTTP's own
    /// meaning.
    pub(super) fn classify(&self, answer: &Answer, scope: &Scope) -> (Failure, bool) {
        let mut scope = scope.clone();
        answer.enter(&mut scope);
        let names = scope.value();
        let evaluate = |template: &Option<Template>| -> Option<Value> {
            let value = template.as_ref()?.eval(&names).ok()?;
            (!value.is_undefined() && !value.is_none()).then_some(value)
        };
        let header = |name: &str| answer.headers.get_attr(name).ok().and_then(|v| as_text(&v));
        let rule = self.manifest.document().errors.iter().find(|rule| {
            let status = rule.status.as_ref().is_none_or(|s| s.0.contains(&answer.status));
            let head = rule.header.as_ref().is_none_or(|wanted| {
                let found = header(&wanted.name.to_ascii_lowercase());
                match &wanted.value {
                    Some(value) => found.as_ref() == Some(value),
                    None => found.is_some(),
                }
            });
            let when = rule.when.is_none() || evaluate(&rule.when).is_some_and(|v| v.is_true());
            status && head && when
        });
        let wait = header("retry-after").and_then(|v| wait_from(&Value::from(v), answer.asked));
        let Some(rule) = rule else {
            let class = by_status(answer.status, wait.is_some());
            let detail = format!("the CRM answered {}", answer.status);
            return (Failure::new(class, detail).after(wait), class == Class::RateLimited);
        };
        let detail = format!("the CRM answered {}", answer.status);
        let told = evaluate(&rule.retry_after).and_then(|v| wait_from(&v, answer.asked));
        let mut failure = Failure::new(rule.class, detail).after(told.or(wait));
        if let Some(message) = evaluate(&rule.message).and_then(|v| as_text(&v)) {
            let clean: String = message.split_whitespace().collect::<Vec<_>>().join(" ");
            failure.message = clean.chars().take(MAX_MESSAGE).collect::<String>().into();
            failure.quotes_crm = true;
        }
        failure.existing_id = evaluate(&rule.id).and_then(|v| as_text(&v)).filter(|id| !id.is_empty());
        let nothing_happened = rule.nothing_happened || rule.class == Class::RateLimited;
        (failure, nothing_happened)
    }
}

/// HTTP's own meaning of a status (RFC 9110), for what the manifest does not name.
pub fn by_status(status: u16, says_when: bool) -> Class {
    match status {
        401 => Class::CredentialsRefused,
        403 => Class::Forbidden,
        404 | 410 => Class::NotFound,
        408 => Class::CrmTimeout,
        409 => Class::Conflict,
        429 => Class::RateLimited,
        503 if says_when => Class::RateLimited,
        400..=499 => Class::Invalid,
        500..=599 => Class::CrmUnavailable,
        _ => Class::CrmUnreadable,
    }
}

/// A `Retry-After` in seconds, or as a moment measured against the CRM's clock.
fn wait_from(value: &Value, now: Option<Moment>) -> Option<Duration> {
    let text = as_text(value)?;
    if let Ok(seconds) = text.trim().parse::<f64>() {
        return (seconds.is_finite() && (0.0..=86_400.0 * 31.0).contains(&seconds))
            .then(|| Duration::from_secs_f64(seconds));
    }
    let until = Moment::parse_http_date(&text).or_else(|| Moment::parse(&text))?;
    let micros = until.micros() - now.unwrap_or_else(Moment::now).micros();
    Some(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
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
    fn every_status_has_a_class() {
        for (status, says_when, class) in [
            (400, false, Class::Invalid),
            (401, false, Class::CredentialsRefused),
            (403, false, Class::Forbidden),
            (404, false, Class::NotFound),
            (409, false, Class::Conflict),
            (422, false, Class::Invalid),
            (429, false, Class::RateLimited),
            (500, false, Class::CrmUnavailable),
            (503, false, Class::CrmUnavailable),
            (503, true, Class::RateLimited),
            (301, false, Class::CrmUnreadable),
        ] {
            assert_eq!(by_status(status, says_when), class, "{status}");
        }
    }

    #[test]
    fn a_refusal_in_plain_words_can_be_looked_at() {
        let incoming = |body: &str| Incoming { status: 403, headers: Vec::new(), body: body.into() };
        let (answer, readable) = Answer::read(&incoming(" Bad_OAuth_Token\n"), Duration::ZERO);
        assert_eq!((answer.body, readable), (Value::from("Bad_OAuth_Token"), false));
        let (answer, readable) = Answer::read(&incoming(" \n"), Duration::ZERO);
        assert!(answer.body.is_undefined() && readable);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Moment::parse("2026-11-22T16:45:50Z");
        let wait = |text: &str| wait_from(&Value::from(text), now);
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("Sun, 22 Nov 2026 16:45:59 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(wait("Sun, 22 Nov 2026 16:45:00 GMT"), Some(Duration::ZERO));
        for junk in ["soon", "-1", "NaN", "1e300"] {
            assert_eq!(wait(junk), None, "{junk}");
        }
    }
}
