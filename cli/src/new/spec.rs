//! Looks things up in an OpenAPI document.

use serde_json::Value;

/// Keys under which vendors keep a record's fields.
const WRAPPERS: [&str; 4] = ["profile", "attributes", "properties", "fields"];
/// Schemas of which one schema may be made.
const PARTS: usize = 60;

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

    /// The GETs of paths without parameters that end in one of these words, the first word and the shortest path first.
    pub fn called(&self, words: &[&str]) -> Vec<(&'d str, &'d Value)> {
        let items = self.0["paths"].as_object().into_iter().flatten();
        let gets = items.filter(|(path, item)| is_plain(path) && item["get"].is_object());
        let rank = |path: &str| {
            let end = last_part(path)?;
            words.iter().position(|word| end.eq_ignore_ascii_case(word))
        };
        let mut found: Vec<_> =
            gets.filter_map(|(path, item)| Some((rank(path)?, path.as_str(), &item["get"]))).collect();
        found.sort_by_key(|(rank, path, _)| (*rank, path.len()));
        found.into_iter().map(|(_, path, operation)| (path, operation)).collect()
    }

    /// The lists of records that the document has, shortest path first.
    pub fn lists(&self) -> Vec<(&'d str, &'d Value)> {
        let items = self.0["paths"].as_object().into_iter().flatten().filter(|(path, _)| is_plain(path));
        let mut lists: Vec<_> = items
            .filter_map(|(path, item)| {
                let (_, row) = self.rows(&item["get"])?;
                (!self.properties(row).is_empty()).then_some((path.as_str(), row))
            })
            .collect();
        lists.sort_by_key(|(path, _)| (path.len(), *path));
        lists
    }

    /// The names of an operation's query parameters.
    pub fn parameters(&self, operation: &'d Value) -> Vec<String> {
        let all = operation["parameters"].as_array().into_iter().flatten().map(|value| self.resolved(value));
        let query = all.filter(|parameter| parameter["in"] == "query");
        let names = query.filter_map(|parameter| parameter["name"].as_str());
        names.filter(|name| is_plain(name)).map(str::to_owned).collect()
    }

    /// Where the rows of an operation's answer are, and a row's schema. Of several lists the one of records.
    pub fn rows(&self, operation: &'d Value) -> Option<(String, &'d Value)> {
        let schema = self.answer(operation)?;
        if is_list(schema) {
            return Some(("body".to_owned(), self.resolved(&schema["items"])));
        }
        let mut lists = Vec::new();
        self.lists_in(schema, "body", 2, &mut lists);
        let of_records = lists.iter().position(|(_, row)| self.fields(row).iter().any(|name| is_id(name)));
        (!lists.is_empty()).then(|| lists.swap_remove(of_records.unwrap_or(0)))
    }

    /// The schema of an operation's good answer.
    pub fn answer(&self, operation: &'d Value) -> Option<&'d Value> {
        let answers = operation["responses"].as_object()?;
        let (_, answer) = answers.iter().find(|(status, _)| status.starts_with('2'))?;
        let content = self.resolved(answer)["content"].as_object()?;
        let (_, media) = content.iter().find(|(kind, _)| kind.contains("json"))?;
        Some(self.resolved(&media["schema"]))
    }

    /// The lists that stand in an answer, with their places; `deep` keys down.
    fn lists_in(&self, schema: &'d Value, place: &str, deep: usize, lists: &mut Vec<(String, &'d Value)>) {
        for (name, property) in self.properties(schema).into_iter().filter(|(name, _)| is_plain(name)) {
            let place = format!("{place}.{name}");
            if is_list(property) {
                lists.push((place, self.resolved(&property["items"])));
            } else if deep > 1 {
                self.lists_in(property, &place, deep - 1, lists);
            }
        }
    }

    /// The names of a record's fields; those one key down, where the vendor keeps them there.
    pub fn fields(&self, row: &'d Value) -> Vec<String> {
        let own = self.properties(row);
        let within = own.iter().filter(|(name, _)| WRAPPERS.contains(&name.as_str()));
        let below = within.flat_map(|(name, schema)| {
            self.properties(schema).into_iter().map(move |(field, _)| format!("{name}.{field}"))
        });
        own.iter().map(|(name, _)| (*name).clone()).chain(below).filter(|name| is_plain(name)).collect()
    }

    /// A schema's properties, also those of the schemas that it is made of.
    pub fn properties(&self, schema: &'d Value) -> Vec<(&'d String, &'d Value)> {
        let mut found: Vec<(&String, &Value)> = Vec::new();
        let (mut waiting, mut looked) = (vec![schema], 0);
        while let Some(schema) = waiting.pop().filter(|_| looked < PARTS) {
            looked += 1;
            let schema = self.resolved(schema);
            for (name, property) in schema["properties"].as_object().into_iter().flatten() {
                if found.iter().all(|(known, _)| *known != name) {
                    found.push((name, self.resolved(property)));
                }
            }
            let parts = ["allOf", "oneOf", "anyOf"].into_iter().flat_map(|key| schema[key].as_array());
            waiting.extend(parts.flatten().rev());
        }
        found
    }
}

/// Whether a schema is a list; version 3.1 may name several types.
fn is_list(schema: &Value) -> bool {
    let kind = &schema["type"];
    kind == "array" || kind.as_array().is_some_and(|kinds| kinds.contains(&"array".into()))
}

/// Whether a field tells records apart.
pub fn is_id(field: &str) -> bool {
    let name = field.to_lowercase().replace(['_', '-'], "");
    let own = ["contactid", "personid", "customerid", "clientid", "userid", "memberid"];
    ["id", "uid", "uuid", "guid", "key"].contains(&name.as_str()) || own.contains(&name.as_str())
}
