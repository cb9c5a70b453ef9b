//! A request to the CRM, built from structure and never by joining text.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

use super::Ordered;
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

impl Fetch {
    /// Whether a template of the request reads the variable `name`.
    pub fn uses(&self, name: &str) -> bool {
        let mut found = false;
        self.each_template(&mut |template| {
            let names = || template.expressions().into_iter().flat_map(|e| &e.found().names);
            found |= names().any(|path| path.first().is_some_and(|root| root == name));
        });
        found
    }

    /// Visits every template of the request.
    pub fn each_template<'a>(&'a self, visit: &mut dyn FnMut(&'a Template)) {
        self.path.iter().chain(&self.url).for_each(&mut *visit);
        self.headers.values().for_each(&mut *visit);
        self.form.iter().flat_map(|f| f.values()).for_each(&mut *visit);
        self.query.values().chain(&self.body).for_each(|tree| tree.each_template(visit));
    }
}

/// JSON with templates as leaves, and three directives: `$json`, `$base64url`,
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
    fn each_template<'a>(&'a self, visit: &mut dyn FnMut(&'a Template)) {
        match self {
            Tree::Leaf(template) => visit(template),
            Tree::List(items) => items.iter().for_each(|item| item.each_template(visit)),
            Tree::Map(entries) => {
                for (key, value) in entries {
                    visit(key);
                    value.each_template(visit);
                }
            }
            Tree::Json(inner) | Tree::Base64Url(inner) => inner.each_template(visit),
            Tree::Each { list, value, .. } => {
                visit(list);
                value.each_template(visit);
            }
        }
    }

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
