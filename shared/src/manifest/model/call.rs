//! Around a request: how pages follow each other, steps, tokens, errors, limits.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

use super::{Fetch, Span, Tree};
use crate::error::Class;
use crate::manifest::expression::Template;

/// How the next page is asked for; exactly one way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The server's token for the next page; the request sees it as `page`.
    pub token: Option<Template>,
    /// The next page's whole URL; must stay at the scheme, host, port and path of its own request.
    pub next_url: Option<Template>,
    /// Page numbers; the request sees the number as `page`.
    pub number: Option<PageNumber>,
    /// Number of rows to skip; the request sees it as `page`.
    pub offset: Option<PageNumber>,
    /// Only if the vendor's paging is a keyset that survives updates.
    #[serde(default)]
    pub stable: bool,
}

/// Where numbering begins.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PageNumber {
    /// The first page's number (or offset).
    pub start: u64,
}

/// A named further call: before the main call, or per row, or after a write.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The call; without it the step is only a computed value.
    pub fetch: Option<Fetch>,
    /// Only when this is true.
    pub when: Option<Template>,
    /// `row`: once for every row that is delivered.
    pub for_each: Option<ForEach>,
    /// After the main call instead of before it.
    #[serde(default)]
    pub after: bool,
    /// What a failure does.
    #[serde(default)]
    pub on_error: OnError,
    /// Whether a 200 is really a success.
    pub ok: Option<Template>,
    /// Statuses that mean "nothing".
    #[serde(default)]
    pub empty_on: Vec<u16>,
    /// What the step is worth as `steps.<name>`; default `body` and `headers` of the answer.
    pub value: Option<Tree>,
    /// Keep the value in memory for as long as the function lives, at most this long.
    pub cache: Option<Span>,
    /// Only in `auth_validation`: the right that is missing when the CRM refuses the step, or when
    /// its `ok` is not true. Goes on from "these credentials may not".
    pub needs: Option<String>,
}

/// What a step is repeated for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum ForEach {
    /// Every delivered row.
    Row,
}

/// What a step's failure does.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The operation fails.
    #[default]
    Fail,
    /// The operation goes on; `steps.<name>.failed` is true.
    Warn,
}

/// A call that trades credentials for a token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenCall {
    /// The call.
    pub fetch: Fetch,
    /// Whether a 200 is really a success.
    pub ok: Option<Template>,
    /// The token in the answer.
    pub value: Template,
    /// Seconds that it lives; it is renewed a little earlier.
    pub ttl: Option<Template>,
}

/// One rule of the error table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// Statuses to which the rule applies; without it, every failure.
    pub status: Option<OneOrMany>,
    /// A header that must be there, or have a value.
    pub header: Option<HeaderMatch>,
    /// A condition over `status`, `headers` and `body`.
    pub when: Option<Template>,
    /// What it means.
    #[serde(deserialize_with = "class")]
    pub class: Class,
    /// The CRM's own sentence, for people.
    pub message: Option<Template>,
    /// What the operator needs to know, for the log: error codes, names of columns and rights, as one
    /// value or a list. Only words of `A-Z a-z 0-9 _ .` are taken, four at most: never a sentence.
    pub detail: Option<Template>,
    /// Seconds to wait, or a moment.
    pub retry_after: Option<Template>,
    /// The existing record's id, for a conflict.
    pub id: Option<Template>,
    /// The failure happened before anything was done: even a create may be sent again.
    #[serde(default)]
    pub nothing_happened: bool,
}

/// A header condition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderMatch {
    /// The header's name.
    pub name: String,
    /// Its value; any when absent.
    pub value: Option<String>,
}

const CLASSES: [(&str, Class); 12] = [
    ("auth_expired", Class::CredentialsRefused),
    ("forbidden", Class::Forbidden),
    ("not_found", Class::NotFound),
    ("conflict", Class::Conflict),
    ("invalid", Class::Invalid),
    ("rate_limited", Class::RateLimited),
    ("quota_exhausted", Class::QuotaExhausted),
    ("cursor_gone", Class::CursorGone),
    ("retry", Class::CrmUnavailable),
    ("server", Class::CrmUnavailable),
    ("timeout", Class::CrmTimeout),
    ("unreadable", Class::CrmUnreadable),
];

fn class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Class, D::Error> {
    let name = String::deserialize(deserializer)?;
    let found = CLASSES.iter().find(|(known, _)| *known == name);
    found.map(|(_, class)| *class).ok_or_else(|| {
        let known: Vec<_> = CLASSES.iter().map(|(known, _)| *known).collect();
        de::Error::custom(format!("unknown class `{name}`, expected one of `{}`", known.join("`, `")))
    })
}

/// One number or several.
#[derive(Clone, Debug)]
pub struct OneOrMany(pub Vec<u16>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Array(items) => serde_json::from_value(Value::Array(items)).map(OneOrMany),
            one => serde_json::from_value(one).map(|status| OneOrMany(vec![status])),
        }
        .map_err(de::Error::custom)
    }
}

/// How the CRM wants to be treated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls at the same time.
    pub concurrency: usize,
    /// Calls in one second, by this function.
    pub per_second: Option<u32>,
    /// Calls in one minute, by this function.
    pub per_minute: Option<u32>,
    /// The longest that one call may take.
    pub timeout: Span,
    /// The longest that an invocation waits because the CRM asks for it.
    pub wait: Span,
    /// Tries for a call that may be repeated, the first included.
    pub tries: u32,
    /// Pages after which a contact run closes; the next run goes on from there.
    pub pages: u64,
    /// Rows of a page, known to requests as `page_size`; made smaller when the CRM is slow.
    pub page_size: u64,
    /// Interactions of one type at most.
    pub interactions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = |s| Span(std::time::Duration::from_secs(s));
        Self {
            concurrency: 5,
            per_second: None,
            per_minute: None,
            timeout: seconds(20),
            wait: seconds(10),
            tries: 3,
            pages: 100_000,
            page_size: 100,
            interactions: 50,
        }
    }
}
