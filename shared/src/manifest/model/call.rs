//! One call to the CRM: what is sent, what counts as success, how pages follow each other.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

use super::{Ordered, Span};
use crate::error::Class;
use crate::manifest::expression::Template;

/// The HTTP method.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    #[default]
    Get,
    /// Creates, or reads where the vendor searches by POST.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
}

impl Method {
    /// The method's name.
    pub fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        }
    }
}

/// A request, built from structure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// Default GET.
    #[serde(default)]
    pub method: Method,
    /// Appended to the base URL; every value in it is percent-encoded.
    pub path: Option<Template>,
    /// A whole URL instead, its host checked like every other.
    pub url: Option<Template>,
    /// Query parameters. Null leaves one out, a list repeats it, a map is JSON text.
    #[serde(default)]
    pub query: Ordered<Tree>,
    /// Headers. Null leaves one out.
    #[serde(default)]
    pub headers: Ordered<Template>,
    /// A JSON body. Null values of expressions leave their key out.
    pub body: Option<Tree>,
    /// A form body.
    pub form: Option<Ordered<Template>>,
    /// Set for a POST that only reads: it may be sent again after a fault.
    pub reads: Option<bool>,
    /// The header for a key under which the CRM does a create only once.
    pub idempotency_header: Option<String>,
    /// Without the connection's envelope.
    #[serde(default)]
    pub bare: bool,
    /// Without the credentials (a token call, a public version check).
    #[serde(default)]
    pub anonymous: bool,
}

/// JSON with templates as leaves, and three directives (`crm-apis` §2.1): `$json`, `$base64url`,
/// `$each` with `$as` and `$value`. YAML's own anchors and merge keys (`<<`) work everywhere.
#[derive(Debug)]
pub enum Tree {
    /// A scalar or a template.
    Leaf(Template),
    /// A list.
    List(Vec<Tree>),
    /// A map; null values of expressions leave their key out.
    Map(Vec<(Template, Tree)>),
    /// The content as JSON text.
    Json(Box<Tree>),
    /// The content (text, or JSON of a structure) in base64 for URLs.
    Base64Url(Box<Tree>),
    /// One value for every member of a list.
    Each {
        /// The list.
        list: Template,
        /// The name of the member in `value`.
        name: String,
        /// What every member becomes.
        value: Box<Tree>,
    },
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Tree::from_json(Value::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

impl Tree {
    fn from_json(value: Value) -> Result<Tree, String> {
        let template = |value: Value| serde_json::from_value::<Template>(value).map_err(|e| e.to_string());
        match value {
            Value::Array(items) => {
                Ok(Tree::List(items.into_iter().map(Tree::from_json).collect::<Result<_, _>>()?))
            }
            Value::Object(mut map) => {
                if let Some(inner) = map.shift_remove("$json") {
                    return alone(&map, "$json").and(Ok(Tree::Json(Box::new(Tree::from_json(inner)?))));
                }
                if let Some(inner) = map.shift_remove("$base64url") {
                    return alone(&map, "$base64url")
                        .and(Ok(Tree::Base64Url(Box::new(Tree::from_json(inner)?))));
                }
                if let Some(list) = map.shift_remove("$each") {
                    let name = match map.shift_remove("$as") {
                        Some(Value::String(name)) => name,
                        None => "item".to_owned(),
                        Some(_) => return Err("`$as` must be a name".to_owned()),
                    };
                    let value = map.shift_remove("$value").ok_or("`$each` needs `$value`")?;
                    alone(&map, "$each")?;
                    return Ok(Tree::Each {
                        list: template(list)?,
                        name,
                        value: Box::new(Tree::from_json(value)?),
                    });
                }
                if let Some(directive) = map.keys().find(|k| {
                    k.starts_with('$') && ["$as", "$value", "$jsons", "$base64"].contains(&k.as_str())
                }) {
                    return Err(format!(
                        "unknown directive `{directive}`; there are $json, $base64url, $each with $as and $value"
                    ));
                }
                let entries = map
                    .into_iter()
                    .map(|(key, value)| Ok((Template::compile(&key)?, Tree::from_json(value)?)));
                Ok(Tree::Map(entries.collect::<Result<_, String>>()?))
            }
            scalar => Ok(Tree::Leaf(template(scalar)?)),
        }
    }
}

fn alone(rest: &serde_json::Map<String, Value>, directive: &str) -> Result<(), String> {
    match rest.keys().next() {
        None => Ok(()),
        Some(key) => Err(format!("`{directive}` must stand alone, but `{key}` stands beside it")),
    }
}

/// How the next page is asked for; exactly one way.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Page {
    /// The server's token for the next page; the request sees it as `page`.
    pub token: Option<Template>,
    /// The next page's whole URL; must stay on the same host.
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

/// A named further call (primitive 9): before the main call, or per row, or after a write.
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

/// A call that trades credentials for a token (primitive 2).
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

/// One rule of the error table (primitive 10).
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

/// How the CRM wants to be treated (primitive 11).
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
