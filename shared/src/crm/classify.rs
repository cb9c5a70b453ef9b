//! *Classify*: what a failed answer means, by the manifest's rules, else by HTTP's own meaning.

use std::time::Duration;

use minijinja::Value;
use minijinja::value::ValueKind;
use url::Url;

use super::answer::Answer;
use super::mapping::clean;
use super::{Engine, Scope};
use crate::error::{Class, Failure};
use crate::manifest::expression::{PieceRef, Template, as_text};
use crate::manifest::model::{ErrorRule, Fetch};
use crate::time::Moment;

/// No hint of a CRM is kept for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(3_600);
/// Longest message of a CRM that is passed on.
const MAX_MESSAGE: usize = 500;

/// A failed answer, understood.
pub struct Judged {
    /// What it is.
    pub failure: Failure,
    /// The CRM has done nothing: even a write may be sent again.
    pub nothing_happened: bool,
    /// A rule of the manifest matched.
    pub known: bool,
    /// It matched because of what the CRM says, not by the status alone.
    pub recognised: bool,
}

impl Engine {
    /// What a failed answer to `fetch` means: the first of the manifest's rules that matches, else
    /// HTTP's own meaning.
    ///
    /// "This record is not there" can only be said to a request that names one. A 404 or 410 to any
    /// other, which no rule recognises by what it says, is an API that is not (or no longer) there;
    /// to take it for "nobody" would show people an empty history.
    pub(super) fn classify(&self, answer: &Answer, scope: &Scope, fetch: &Fetch) -> Judged {
        let mut scope = scope.clone();
        answer.enter(&mut scope);
        let names = scope.value();
        let evaluate = |template: &Option<Template>| -> Option<Value> {
            let value = template.as_ref()?.eval(&names).ok()?;
            (!value.is_undefined() && !value.is_none()).then_some(value)
        };
        let rule = self.manifest.document().errors.iter().find(|rule| {
            let status = rule.status.as_ref().is_none_or(|s| s.0.contains(&answer.status));
            let head = rule.header.as_ref().is_none_or(|wanted| {
                let found = answer.header(&wanted.name.to_ascii_lowercase());
                match &wanted.value {
                    Some(value) => found.as_ref() == Some(value),
                    None => found.is_some(),
                }
            });
            let when = rule.when.is_none() || evaluate(&rule.when).is_some_and(|v| v.is_true());
            status && head && when
        });
        let wait = answer.header("retry-after").and_then(|v| wait_from(&Value::from(v), answer.asked));
        let class = rule.map_or_else(|| by_status(answer.status, wait.is_some()), |rule| rule.class);
        let mut failure = Failure::new(class, format!("the CRM answered {}", answer.status)).after(wait);
        if let Some(rule) = rule {
            let told = evaluate(&rule.retry_after).and_then(|v| wait_from(&v, answer.asked));
            failure.retry_after = told.or(wait);
            let message = evaluate(&rule.message).and_then(|v| as_text(&v)).and_then(|it| clean::line(&it));
            if let Some(message) = message {
                failure.message = message.chars().take(MAX_MESSAGE).collect::<String>().into();
                failure.quotes_crm = true;
                failure.own_words = rule.message.as_ref().is_some_and(|it| it.constant().is_some());
            }
            let words = evaluate(&rule.detail).map(|v| identifiers(&v)).filter(|words| !words.is_empty());
            if let Some(words) = words {
                failure.detail = format!("{}: {words}", failure.detail);
            }
            failure.existing_id = evaluate(&rule.id).and_then(|v| as_text(&v)).filter(|id| !id.is_empty());
        }
        let recognised = rule.is_some_and(recognises);
        if !recognised {
            failure = place(failure, answer, fetch);
        }
        // Only a limit is a promise that nothing was done. A 503 with a time is none: proxies say it
        // when a server dies while it answers.
        let limited = failure.class == Class::RateLimited && (rule.is_some() || answer.status == 429);
        let nothing_happened = limited || rule.is_some_and(|rule| rule.nothing_happened);
        Judged { failure, nothing_happened, known: rule.is_some(), recognised }
    }
}

/// The identifiers of a rule's `detail`, and nothing that could be a sentence or a person.
fn identifiers(value: &Value) -> String {
    let texts: Vec<String> = match value.kind() {
        ValueKind::Seq => value.try_iter().into_iter().flatten().filter_map(|v| as_text(&v)).collect(),
        _ => as_text(value).into_iter().collect(),
    };
    let plain = |word: &&str| {
        (1..=80).contains(&word.len())
            && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
    };
    let words = texts.iter().map(|text| text.trim()).filter(plain).take(4);
    words.collect::<Vec<_>>().join(" ")
}

/// Whether a rule knows a failure by what the CRM says, and not by its status alone.
fn recognises(rule: &ErrorRule) -> bool {
    let says = |t: &Template| {
        let mut names = t.expressions().into_iter().flat_map(|e| &e.found().names);
        names.any(|path| path.first().is_some_and(|root| root == "body" || root == "headers"))
    };
    rule.header.is_some() || rule.when.as_ref().is_some_and(says)
}

/// What a status says about the place that was asked: a redirect, or an address that is not there.
fn place(failure: Failure, answer: &Answer, fetch: &Fetch) -> Failure {
    let status = answer.status;
    let (detail, message) = match status {
        300..=399 => {
            let host = answer.header("location").map_or("nowhere".to_owned(), |to| host_of(&to));
            (
                format!("the CRM answered {status} and points to {host}; redirects are not followed"),
                "The CRM points to another address. Please check the CRM's address in the settings.",
            )
        }
        410 if matches!(failure.class, Class::NotFound | Class::Invalid) && !names_record(fetch) => (
            format!("the CRM answered {status}: this API version is gone"),
            "The CRM does not offer this version of its API any more.",
        ),
        404 if failure.class == Class::NotFound && !names_record(fetch) => (
            format!("the CRM answered {status} to a request that names no record: its API is not there"),
            "The CRM's API is not where it is expected. Please check the CRM's address in the settings.",
        ),
        _ => return failure,
    };
    let mut found = Failure::new(Class::CrmUnreadable, detail);
    match failure.quotes_crm {
        true => {
            (found.message, found.quotes_crm, found.own_words) = (failure.message, true, failure.own_words);
        }
        false => found.message = message.into(),
    }
    found
}

/// The host of a link, and nothing else of it: its path and query may hold a token.
fn host_of(link: &str) -> String {
    match Url::parse(link) {
        Ok(url) => url.host_str().map_or_else(|| "no host".to_owned(), |host| format!("the host {host}")),
        Err(_) => "another path of the same host".to_owned(),
    }
}

/// Whether a request's address holds a value of its own (a contact's id, a row's) and so names a record.
pub(super) fn names_record(fetch: &Fetch) -> bool {
    const PLACE: [&str; 12] = [
        "const",
        "tables",
        "auth",
        "secret",
        "page",
        "page_size",
        "cursor",
        "limit",
        "from",
        "initial",
        "to",
        "last_id",
    ];
    fetch.path.iter().chain(&fetch.url).flat_map(Template::pieces).any(|piece| match piece {
        PieceRef::Literal(_) => false,
        PieceRef::Hole(expression) => {
            let mut roots = expression.found().names.iter().filter_map(|path| path.first());
            roots.any(|root| !PLACE.contains(&root.as_str()))
        }
    })
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

/// A `Retry-After` in seconds, or as a moment measured against the CRM's clock; an hour at most, since
/// nobody should be sent away for longer by a header. Seconds since 1970 are a moment too. What cannot
/// be read is no hint.
fn wait_from(value: &Value, now: Option<Moment>) -> Option<Duration> {
    let text = as_text(value)?;
    let text = text.trim();
    let now = now.unwrap_or_else(Moment::now);
    let until = |moment: Moment| moment.since(now);
    let wait = match text.parse::<f64>() {
        Ok(seconds) if seconds.is_nan() || seconds < 0.0 => return None,
        Ok(seconds) => {
            let ahead = seconds - now.micros() as f64 / 1e6;
            let moment = (-3_600.0..=86_400.0).contains(&ahead);
            Duration::from_secs_f64(if moment { ahead.max(0.0) } else { seconds.min(1e6) })
        }
        Err(_) => until(Moment::parse_http_date(text).or_else(|| Moment::parse(text))?),
    };
    Some(wait.min(LONGEST_WAIT))
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
    fn a_detail_holds_identifiers_only() {
        let words = |value: serde_json::Value| identifiers(&Value::from(minijinja::value::Serde(value)));
        assert_eq!(
            words(serde_json::json!(["INVALID_FIELD", "Account.Name__c", null])),
            "INVALID_FIELD Account.Name__c"
        );
        assert_eq!(words(serde_json::json!(["jo@example.com", "Jo Doe", "", "+1555"])), "");
        assert_eq!(words(serde_json::json!("OAUTH_SCOPE_MISMATCH")), "OAUTH_SCOPE_MISMATCH");
    }

    #[test]
    fn a_links_path_and_query_stay_out_of_the_log() {
        assert_eq!(host_of("https://new.example.com/a?token=s"), "the host new.example.com");
        assert_eq!(host_of("/login?next=jo@example.com"), "another path of the same host");
        assert_eq!(host_of("mailto:jo@example.com"), "no host");
    }

    #[test]
    fn only_a_value_of_its_own_in_the_address_names_a_record() {
        let fetch = |text: &str| serde_json::from_value::<Fetch>(serde_json::json!({"path": text})).unwrap();
        for named in ["/contacts/{{ contact.id }}/notes", "/Case/{{ row.id }}", "/t/{{ steps.newest }}"] {
            assert!(names_record(&fetch(named)), "{named}");
        }
        for place in ["/contacts", "/v{{ const.v }}/query", "/{{ auth.account }}/users/{{ page }}"] {
            assert!(!names_record(&fetch(place)), "{place}");
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = Moment::parse("2026-11-22T16:45:50Z");
        let wait = |text: &str| wait_from(&Value::from(text), now);
        assert_eq!(wait("7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("Sun, 22 Nov 2026 16:45:59 GMT"), Some(Duration::from_secs(9)));
        assert_eq!(wait("Sun, 22 Nov 2026 16:45:00 GMT"), Some(Duration::ZERO));
        assert_eq!(wait("41.5"), Some(Duration::from_millis(41_500)));
        assert_eq!(wait("1795366000"), Some(Duration::from_secs(50)), "seconds since 1970");
        for long in ["1000000000", "1e300", "inf", "2592000", "Fri, 31 Dec 9999 23:59:59 GMT"] {
            assert_eq!(wait(long), Some(LONGEST_WAIT), "{long}");
        }
        for junk in ["soon", "-1", "NaN", "", "1,5"] {
            assert_eq!(wait(junk), None, "{junk}");
        }
    }
}
