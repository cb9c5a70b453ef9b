//! Looks things up in an OpenAPI document.

use serde_json::Value;

/// Lists that are named where none is called after people.
const LISTS: usize = 8;

/// A path's last part, without an ending such as `.json`.
fn last_part(path: &str) -> Option<&str> {
    path.trim_end_matches('/').rsplit(['/', '.']).find(|part| *part != "json")
}

/// Whether a name can stand in a manifest as it is.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_-.".contains(c))
}

/// A document, with its references followed.
pub struct Spec<'d>(pub &'d Value);

impl<'d> Spec<'d> {
    /// A value, or what it refers to in the document.
    pub fn resolved(&self, value: &'d Value) -> &'d Value {
        let mut value = value;
        for _ in 0..8 {
            let Some(pointer) = value["$ref"].as_str().and_then(|text| text.strip_prefix('#')) else { break };
            value = self.0.pointer(pointer).unwrap_or(&Value::Null);
        }
        value
    }

    /// The GET of the shortest path without parameters that ends in one of these words, the first word first.
    pub fn list(&self, words: &[&str]) -> Option<(String, &'d Value)> {
        let paths: Vec<_> = self.0["paths"]
            .as_object()?
            .iter()
            .filter(|(path, item)| is_plain(path) && item["get"].is_object())
            .collect();
        words.iter().find_map(|word| {
            let fits = |path: &str| last_part(path).is_some_and(|end| end.eq_ignore_ascii_case(word));
            let (path, item) =
                paths.iter().filter(|(path, _)| fits(path)).min_by_key(|(path, _)| path.len())?;
            Some(((*path).clone(), &item["get"]))
        })
    }

    /// The lists that the document has, shortest path first, as the end of a sentence: people may be one of them.
    pub fn lists(&self) -> String {
        let items = self.0["paths"].as_object().into_iter().flatten();
        let of_records =
            |item: &'d Value| self.rows(&item["get"]).is_some_and(|(_, row)| row["properties"].is_object());
        let lists = items.filter(|(path, item)| is_plain(path) && of_records(item));
        let mut paths: Vec<&str> = lists.map(|(path, _)| path.as_str()).collect();
        paths.sort_by_key(|path| (path.len(), *path));
        paths.truncate(LISTS);
        if paths.is_empty() { String::new() } else { format!("; its lists are {}", paths.join(", ")) }
    }

    /// The names of an operation's query parameters.
    pub fn parameters(&self, operation: &'d Value) -> Vec<String> {
        let all = operation["parameters"].as_array().into_iter().flatten().map(|value| self.resolved(value));
        let query = all.filter(|parameter| parameter["in"] == "query");
        let names = query.filter_map(|parameter| parameter["name"].as_str());
        names.filter(|name| is_plain(name)).map(str::to_owned).collect()
    }

    /// Where the rows of an operation's answer are, and a row's schema.
    pub fn rows(&self, operation: &'d Value) -> Option<(String, &'d Value)> {
        let answers = operation["responses"].as_object()?;
        let (_, answer) = answers.iter().find(|(status, _)| status.starts_with('2'))?;
        let content = self.resolved(answer)["content"].as_object()?;
        let (_, media) = content.iter().find(|(kind, _)| kind.contains("json"))?;
        let schema = self.whole(&media["schema"]);
        if schema["type"] == "array" {
            return Some(("body".to_owned(), self.whole(&schema["items"])));
        }
        let properties = schema["properties"].as_object()?;
        properties.iter().find_map(|(name, property)| {
            let property = self.whole(property);
            (property["type"] == "array").then(|| (format!("body.{name}"), self.whole(&property["items"])))
        })
    }

    /// A schema, or the first part of it that has properties.
    fn whole(&self, schema: &'d Value) -> &'d Value {
        let schema = self.resolved(schema);
        let parts = schema["allOf"].as_array().into_iter().flatten().take(20).map(|part| self.resolved(part));
        let parts = parts.flat_map(|part| {
            let inner =
                part["allOf"].as_array().into_iter().flatten().take(20).map(|inner| self.resolved(inner));
            std::iter::once(part).chain(inner)
        });
        parts.into_iter().find(|part| part["properties"].is_object()).unwrap_or(schema)
    }
}
