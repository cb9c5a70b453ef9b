//! A request to the CRM, built from structure and never by joining text.

use serde::Deserialize;
use serde::de::{self, Deserializer};
use serde_json::Value;

use super::Ordered;
use crate::manifest::expression::Template;

/// The HTTP method.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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

/// A request to the CRM. It is built part by part; every value is encoded where it stands.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// The HTTP method.
    #[serde(default)]
    pub method: Method,
    /// The path, appended to `connection.base_url`. Every value in it is percent-encoded.
    pub path: Option<Template>,
    /// A whole URL instead of a path. Its host must be one of `connection.hosts`.
    pub url: Option<Template>,
    /// Query parameters. Null leaves one out, a list repeats it, a map is sent as JSON text.
    #[serde(default)]
    pub query: Ordered<Tree>,
    /// Headers besides the connection's. Null leaves one out.
    #[serde(default)]
    pub headers: Ordered<Template>,
    /// A JSON body. An expression that gives null leaves its key out.
    pub body: Option<Tree>,
    /// A form as the body, instead of JSON. Null leaves a field out.
    pub form: Option<Ordered<Template>>,
    /// A GraphQL operation as the body, instead of JSON of one's own; the method is POST then.
    pub graphql: Option<GraphQl>,
    /// Whether the request only reads, so that it may be sent again after a fault. Without it: GET and the
    /// queries of GraphQL read, everything else writes.
    pub reads: Option<bool>,
    /// The header in which the CRM takes a key, so that it does a write only once; actions fill it.
    pub idempotency_header: Option<String>,
    /// Members of an action's body that the manifest adds by itself (owner, assignee, a status), by their path
    /// (`data.0.Owner`), each with its name for people, or a map of `name` and `instead`, what stands in its
    /// place then. When the CRM refuses the write, it is made once more without the first that has a value,
    /// then without the next too; the message says so.
    #[serde(default)]
    pub optional: Ordered<Optional>,
    /// Whether the body stands alone, without the connection's envelope, and may hold secrets: a login.
    #[serde(default)]
    pub bare: bool,
    /// Whether the request goes without credentials: a token call, a public version check.
    #[serde(default)]
    pub anonymous: bool,
}

impl Fetch {
    /// Whether a template of the request reads the variable `name`.
    pub fn uses(&self, name: &str) -> bool {
        let mut found = false;
        self.each_template(&mut |template| found |= template.uses(name));
        found
    }

    /// The request without the optional members at these paths, or with what stands in for them.
    #[must_use]
    pub fn without(&self, paths: &[&str]) -> Fetch {
        let mut lean = self.clone();
        for path in paths {
            let instead = self.optional.get(*path).and_then(|spec| spec.instead.as_ref());
            if let Some(body) = &mut lean.body {
                body.replace(path, instead);
            }
        }
        lean
    }

    /// Visits every template of the request.
    pub fn each_template<'a>(&'a self, visit: &mut dyn FnMut(&'a Template)) {
        self.path.iter().chain(&self.url).for_each(&mut *visit);
        self.headers.values().for_each(&mut *visit);
        self.form.iter().flat_map(|f| f.values()).for_each(&mut *visit);
        self.query.values().chain(&self.body).for_each(|tree| tree.each_template(visit));
        self.optional.values().filter_map(|spec| spec.instead.as_ref()).for_each(visit);
    }
}

/// An operation of GraphQL. It is written into the request's body before anything reads it, on one line and
/// without comments; `check` holds its variables against those that it declares.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GraphQl {
    /// The operation's text: a `query` or a `mutation`, without expressions. Where `defaults` or the `fetch` of a
    /// `drain` have it, it need not be said again.
    #[serde(default)]
    pub query: String,
    /// The values of its variables. An expression that gives null leaves its variable out.
    #[serde(default)]
    pub variables: Ordered<Tree>,
}

/// A member of a body that the CRM may refuse: its name for people, or a map with `name` and `instead`.
#[derive(Clone, Debug)]
pub struct Optional {
    /// What follows "without the": `owner`.
    pub name: String,
    /// What stands in its place then, where the CRM insists on one; default: nothing.
    pub instead: Option<Template>,
}

impl<'de> Deserialize<'de> for Optional {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Whole {
            name: String,
            instead: Option<Template>,
        }
        match Value::deserialize(deserializer)? {
            Value::String(name) => Ok(Optional { name, instead: None }),
            other => serde_json::from_value::<Whole>(other)
                .map(|whole| Optional { name: whole.name, instead: whole.instead })
                .map_err(de::Error::custom),
        }
    }
}

/// JSON with templates as leaves, and three directives: `$json`, `$base64url`,
/// `$each` with `$as` and `$value`. YAML's own anchors and merge keys (`<<`) work everywhere.
#[derive(Clone, Debug)]
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
    /// The member at a path of keys and positions, joined by dots. A key may hold dots itself.
    pub fn member(&self, path: &str) -> Option<&Tree> {
        match self {
            Tree::Map(entries) => entries.iter().find_map(|(key, value)| match below(key, path)? {
                "" => Some(value),
                rest => value.member(rest),
            }),
            Tree::List(items) => {
                let (position, rest) = path.split_once('.').unwrap_or((path, ""));
                let item = items.get(position.parse::<usize>().ok()?)?;
                if rest.is_empty() { Some(item) } else { item.member(rest) }
            }
            Tree::Json(inner) => inner.member(path),
            _ => None,
        }
    }

    /// Puts something in the place of the member at a path, or takes the member out.
    fn replace(&mut self, path: &str, instead: Option<&Template>) {
        match self {
            Tree::Map(entries) => {
                let found = entries.iter().position(|(key, value)| {
                    below(key, path).is_some_and(|rest| rest.is_empty() || value.member(rest).is_some())
                });
                let Some(index) = found else { return };
                let rest = below(&entries[index].0, path).unwrap_or_default().to_owned();
                match (rest.as_str(), instead) {
                    ("", None) => drop(entries.remove(index)),
                    ("", Some(template)) => entries[index].1 = Tree::Leaf(template.clone()),
                    (rest, _) => entries[index].1.replace(rest, instead),
                }
            }
            Tree::List(items) => {
                let (position, rest) = path.split_once('.').unwrap_or((path, ""));
                let Some(index) = position.parse::<usize>().ok().filter(|i| *i < items.len()) else { return };
                match (rest, instead) {
                    ("", None) => drop(items.remove(index)),
                    ("", Some(template)) => items[index] = Tree::Leaf(template.clone()),
                    (rest, _) => items[index].replace(rest, instead),
                }
            }
            Tree::Json(inner) => inner.replace(path, instead),
            _ => {}
        }
    }

    /// The value, when nothing in it is an expression.
    pub fn constant(&self) -> Option<Value> {
        match self {
            Tree::Leaf(template) => template.constant().and_then(|value| serde_json::to_value(value).ok()),
            Tree::List(items) => items.iter().map(Tree::constant).collect::<Option<_>>().map(Value::Array),
            Tree::Map(entries) => {
                let entry =
                    |(key, value): &(Template, Tree)| Some((key.source().to_owned(), value.constant()?));
                entries.iter().map(entry).collect::<Option<_>>().map(Value::Object)
            }
            Tree::Json(_) | Tree::Base64Url(_) | Tree::Each { .. } => None,
        }
    }

    /// Visits every template of the tree.
    pub fn each_template<'a>(&'a self, visit: &mut dyn FnMut(&'a Template)) {
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

/// What is left of a path below a key; nothing when the path does not lead there.
fn below<'p>(key: &Template, path: &'p str) -> Option<&'p str> {
    let rest = path.strip_prefix(key.source())?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('.') }
}

fn alone(rest: &serde_json::Map<String, Value>, directive: &str) -> Result<(), String> {
    match rest.keys().next() {
        None => Ok(()),
        Some(key) => Err(format!("`{directive}` must stand alone, but `{key}` stands beside it")),
    }
}
