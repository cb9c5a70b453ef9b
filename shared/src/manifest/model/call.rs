//! Around a request: how pages follow each other, steps, tokens, errors, limits.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

use super::{Fetch, Method, Span, Tree};
use crate::error::Class;
use crate::manifest::expression::Template;

/// How the next page is asked for: exactly one of `token`, `next_url`, `number`, `offset`.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The server's token for the next page, null at the end. The next request knows it as `page`; on the
    /// first page `page` is null.
    pub token: Option<Template>,
    /// The next page's whole URL, null at the end. Scheme, host, port and path must be those of its own
    /// request.
    pub next_url: Option<Template>,
    /// Pages are numbered; the request knows the number as `page`. Needs `more`.
    pub number: Option<PageNumber>,
    /// Rows are skipped; the request knows their number as `page`. Needs `more`.
    pub offset: Option<PageNumber>,
    /// Whether the vendor's paging survives updates between two pages (a keyset on the sort's columns).
    /// Only then are its pages followed instead of `checkpoint.drain`.
    #[serde(default)]
    pub stable: bool,
}

impl Page {
    /// Whether pages are counted, so that a row that goes moves the ones behind it.
    pub fn counted(&self) -> bool {
        self.number.is_some() || self.offset.is_some()
    }

    /// How many rows counted pages need at least to overlap. Numbered ones overlap by being of another size
    /// each, for which there must be enough sizes.
    pub fn least(&self) -> u64 {
        if self.number.is_some() { 20 } else { 2 }
    }
}

/// Where counting begins.
#[derive(Clone, Copy, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PageNumber {
    /// The first page's number, or the first offset.
    pub start: u64,
}

/// A further call with a name: before the main call, for every row, or after a write.
///
/// Steps run in the manifest's order, and later ones see the earlier ones' values; the first ones that only
/// read and use no `steps` are asked at the same time. Those of `auth_validation` run after its call.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The call. Without it the step only computes its `value`.
    pub fetch: Option<Fetch>,
    /// The step runs only when this is true; otherwise `steps.<name>` is null.
    pub when: Option<Template>,
    /// `row`: once for every row that the page brings, before `where` looks at it.
    pub for_each: Option<ForEach>,
    /// Whether the step runs after the main call, whose answer it sees: in actions after the write; where rows
    /// are read once for every page that has some, before the steps of single rows, and it sees them as `rows`.
    #[serde(default)]
    pub after: bool,
    /// What a failure of the step does.
    #[serde(default)]
    pub on_error: OnError,
    /// What must be true of the answer, for CRMs that refuse with status 200.
    pub ok: Option<Template>,
    /// Statuses that mean "nothing there" instead of a failure.
    #[serde(default)]
    pub empty_on: Vec<u16>,
    /// What `steps.<name>` is: a template, a list or a map. Without it, the answer's `status`, `headers` and
    /// `body`.
    pub value: Option<Tree>,
    /// How long the value is kept in the function's memory, per credentials. The request may then use `auth`
    /// and `const` only.
    pub cache: Option<Span>,
    /// The right that is missing when the CRM refuses the step, or when its `ok` is not true; it goes on from
    /// "they may not". In `auth_validation` only.
    pub needs: Option<String>,
    /// The entry of `contact_lists` that the question is for: where an overlay takes that list away, nobody asks
    /// it any more. In `auth_validation` only.
    pub list: Option<String>,
}

impl Step {
    /// Whether the step changes something in the CRM.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.fetch.as_ref().is_some_and(|fetch| !fetch.reads.unwrap_or(fetch.method == Method::Get))
    }

    /// Whether the step runs before its section's own call.
    #[must_use]
    pub fn comes_before(&self) -> bool {
        !self.after && self.for_each.is_none()
    }

    /// Whether the step is a question that needs no other step's answer.
    #[must_use]
    pub fn reads_alone(&self) -> bool {
        let Some(fetch) = &self.fetch else { return false };
        let mut alone = !self.writes();
        let mut look = |template: &Template| alone &= !template.source().contains("steps");
        fetch.each_template(&mut |template| look(template));
        self.when.iter().chain(&self.ok).for_each(&mut look);
        self.value.iter().for_each(|value| value.each_template(&mut |template| look(template)));
        alone
    }
}

/// What a step is repeated for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ForEach {
    /// Every row of the page.
    Row,
}

/// What a step's failure does.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The operation fails.
    #[default]
    Fail,
    /// The operation goes on; `steps.<name>` is a map with `failed: true` and prints as nothing. In
    /// `contacts`, a step of a row goes on so only where the failure may be the record's own: refused
    /// credentials, a limit or no time left end the page there, as does the failure of most rows.
    Warn,
}

/// A call that trades credentials for a token, which is kept in memory until it ends.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TokenCall {
    /// The call; mark it `anonymous`, and `bare` when there is an envelope. It knows `secret` everywhere.
    pub fetch: Fetch,
    /// What must be true of the answer, for CRMs that refuse with status 200.
    pub ok: Option<Template>,
    /// The token in the answer: `token` where credentials are built.
    pub value: Template,
    /// Seconds that the token lives; it is renewed a little earlier.
    #[cfg_attr(feature = "schema", schemars(extend("default" = Self::TTL)))]
    pub ttl: Option<Template>,
}

impl TokenCall {
    /// Seconds for which a token is kept that does not say how long it lives.
    pub const TTL: u64 = 300;
}

/// One rule of how failures are recognised. All of its conditions must hold.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ErrorRule {
    /// The statuses to which the rule applies; without it every failure, also a 200 that `ok` refuses.
    pub status: Option<OneOrMany>,
    /// A header that the answer must have.
    pub header: Option<HeaderMatch>,
    /// A condition over `status`, `headers` and `body`. `body` is the JSON, or the beginning of the text.
    pub when: Option<Template>,
    /// What the failure means: it decides the status answered, whether the call is made again, and the log.
    #[serde(deserialize_with = "class")]
    #[cfg_attr(feature = "schema", schemars(schema_with = "class_schema"))]
    pub class: Class,
    /// The CRM's own sentence for people, cut at 500 characters; only who runs an action sees it, because it may name
    /// others. A sentence without an expression is the manifest's own, and everybody's.
    pub message: Option<Template>,
    /// What the operator needs to know, for the log: error codes, names of columns and rights, as one value or a
    /// list. Only words of `A-Z a-z 0-9 _ .` are taken, four at most: never a sentence.
    pub detail: Option<Template>,
    /// When another try makes sense: seconds, or a time. Without it, the header `Retry-After`.
    pub retry_after: Option<Template>,
    /// The id of the record that exists already, for class `conflict`: `existing_id` in `on_conflict`.
    pub id: Option<Template>,
    /// Whether the CRM had done nothing yet: then even a write may be sent again.
    #[serde(default)]
    pub nothing_happened: bool,
}

/// A header that an answer must have.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct HeaderMatch {
    /// The header's name, in any case.
    pub name: String,
    /// The header's whole value. Without it any value will do.
    pub value: Option<String>,
}

/// The names of classes in manifests, what each stands for, and what it means.
const CLASSES: [(&str, Class, &str); 12] = [
    ("auth_expired", Class::CredentialsRefused, "The credentials are not, or no longer, good."),
    ("forbidden", Class::Forbidden, "The credentials are good but may not do this."),
    ("not_found", Class::NotFound, "The record is not there. For interactions: there are none."),
    (
        "conflict",
        Class::Conflict,
        "Such a record exists already. In actions `on_conflict` makes it a success.",
    ),
    ("invalid", Class::Invalid, "The CRM refuses a value."),
    (
        "rate_limited",
        Class::RateLimited,
        "Too many calls: nothing happened, and the call is made again later.",
    ),
    ("quota_exhausted", Class::QuotaExhausted, "The quota of the day or the plan is used up: no try helps."),
    (
        "cursor_gone",
        Class::CursorGone,
        "The page token or cursor is no longer valid: the query begins again.",
    ),
    ("retry", Class::CrmUnavailable, "A fault that passes: reads are made again."),
    ("server", Class::CrmUnavailable, "The same as `retry`."),
    ("timeout", Class::CrmTimeout, "The CRM gave up on the call: reads are made again."),
    ("unreadable", Class::CrmUnreadable, "The answer is not what the CRM documents."),
];

fn class<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Class, D::Error> {
    let name = String::deserialize(deserializer)?;
    let found = CLASSES.iter().find(|(known, ..)| *known == name);
    found.map(|(_, class, _)| *class).ok_or_else(|| {
        let known: Vec<_> = CLASSES.iter().map(|(known, ..)| *known).collect();
        de::Error::custom(format!("unknown class `{name}`, expected one of `{}`", known.join("`, `")))
    })
}

#[cfg(feature = "schema")]
fn class_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let choice =
        |(name, _, text): &(&str, Class, &str)| serde_json::json!({"const": name, "description": text});
    schemars::json_schema!({ "oneOf": CLASSES.iter().map(choice).collect::<Vec<_>>() })
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

/// How often, how long and how much the CRM may be asked, by one instance of a function.
#[derive(Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Calls that one request makes at the same time (types of interactions, steps of rows).
    pub concurrency: usize,
    /// Calls in one second, by one instance of a function. Without it there is no limit.
    pub per_second: Option<u32>,
    /// Calls in one minute, by one instance of a function. Without it there is no limit.
    pub per_minute: Option<u32>,
    /// The longest time that one call may take.
    pub timeout: Span,
    /// The longest time that a request waits because the CRM asks for it or its rate is used up.
    pub wait: Span,
    /// Tries of a call that may be made again, the first one included.
    pub tries: u32,
    /// Pages after which a contact run ends; the next run goes on from there.
    pub pages: u64,
    /// Rows of a page, known to requests as `page_size`. A slow CRM is asked for fewer.
    pub page_size: u64,
    /// Interactions of one type that are shown at most, known to requests as `limit`.
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
