//! Manifest text as a tree that remembers where everything stands.
//!
//! The tree exists so that every complaint, also one found long after parsing, can name file and
//! line, and so that an overlay file can be laid over a shipped manifest before anything is
//! interpreted.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::Spanned;

use super::problem::Problem;

// The path stands here because `build.rs` takes this file in, too.
#[path = "source/change.rs"]
mod change;

/// A place in a file; lines and columns count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// Index into the list of files that make up the manifest.
    pub file: usize,
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

/// One value of the tree.
#[derive(Clone, Debug)]
pub struct Node {
    at: Position,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Scalar(Value),
    List(Vec<Node>),
    Map(Vec<(Key, Node)>),
    /// What an overlay has taken away.
    Gone,
}

#[derive(Clone, Debug)]
struct Key {
    name: String,
    at: Position,
}

impl Node {
    /// Reads YAML. `file` is the index that positions will carry.
    ///
    /// # Errors
    /// The YAML's own error (syntax, a key twice), with its position.
    pub fn parse(text: &str, file: usize, file_name: &str) -> Result<Node, Problem> {
        // YAML 1.2: `no`, `y` and `on` are words, not booleans.
        let options = serde_saphyr::options! { strict_booleans: true };
        match serde_saphyr::from_str_with_options::<Node>(text, options) {
            Ok(mut node) => {
                node.set_file(file);
                Ok(node)
            }
            Err(error) => {
                let at = error.location();
                let line = at.map_or(1, |l| l.line());
                let mut problem = Problem::new(error.without_snippet().to_string()).at_line(
                    file_name,
                    line,
                    at.map_or(1, |l| l.column()),
                );
                let source_line =
                    usize::try_from(line).ok().and_then(|n| text.lines().nth(n.saturating_sub(1)));
                if source_line.is_some_and(|l| l.contains(": {{") || l.contains("[{{")) {
                    problem = problem.hint("put expressions in quotes: \"{{ … }}\"");
                }
                Err(problem)
            }
        }
    }

    fn set_file(&mut self, file: usize) {
        self.at.file = file;
        match &mut self.kind {
            Kind::Scalar(_) | Kind::Gone => {}
            Kind::List(items) => items.iter_mut().for_each(|n| n.set_file(file)),
            Kind::Map(entries) => {
                for (key, node) in entries {
                    key.at.file = file;
                    node.set_file(file);
                }
            }
        }
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match &self.kind {
            Kind::Map(entries) => entries.iter().find(|(k, _)| k.name == key).map(|(_, n)| n),
            _ => None,
        }
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        match &mut self.kind {
            Kind::Map(entries) => entries.iter_mut().find(|(k, _)| k.name == key).map(|(_, n)| n),
            _ => None,
        }
    }

    /// The value at a path of keys.
    pub fn at_path(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The value at a path of keys, for changing it.
    pub fn at_path_mut(&mut self, path: &[&str]) -> Option<&mut Node> {
        match path.split_first() {
            None => Some(self),
            Some((first, rest)) => self.get_mut(first)?.at_path_mut(rest),
        }
    }

    /// Where the value stands.
    pub fn position(&self) -> Position {
        self.at
    }

    /// The text, if the value is one.
    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(value) => value.as_str(),
            _ => None,
        }
    }

    /// The members of a list.
    pub fn items(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The entries of a map, in order; nothing for other values.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Node)> {
        let entries = match &self.kind {
            Kind::Map(entries) => entries.as_slice(),
            _ => &[],
        };
        entries.iter().map(|(key, node)| (key.name.as_str(), node))
    }

    /// The entries of a map, or the members of a list under the name of an empty text, for changing them.
    pub fn members_mut(&mut self) -> Box<dyn Iterator<Item = (&str, &mut Node)> + '_> {
        match &mut self.kind {
            Kind::Map(entries) => Box::new(entries.iter_mut().map(|(key, node)| (key.name.as_str(), node))),
            Kind::List(items) => Box::new(items.iter_mut().map(|node| ("", node))),
            Kind::Scalar(_) | Kind::Gone => Box::new(std::iter::empty()),
        }
    }

    /// The position of the deepest part of `path` that exists; for a map's entry, its key's.
    pub fn locate(&self, path: &[String]) -> Position {
        let Some((first, rest)) = path.split_first() else {
            return self.at;
        };
        match &self.kind {
            Kind::Map(entries) => match entries.iter().find(|(k, _)| &k.name == first) {
                Some((key, _)) if rest.is_empty() => key.at,
                Some((key, node)) => match node.kind {
                    Kind::Scalar(_) => key.at,
                    _ => node.locate(rest),
                },
                None => self.at,
            },
            Kind::List(items) => match first.parse::<usize>().ok().and_then(|i| items.get(i)) {
                Some(node) => node.locate(rest),
                None => self.at,
            },
            Kind::Scalar(_) | Kind::Gone => self.at,
        }
    }

    /// The same as plain JSON.
    pub fn to_json(&self) -> Value {
        match &self.kind {
            Kind::Scalar(value) => value.clone(),
            Kind::Gone => Value::Null,
            Kind::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Kind::Map(entries) => {
                Value::Object(entries.iter().map(|(k, n)| (k.name.clone(), n.to_json())).collect())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Kind>::deserialize(deserializer)?;
        Ok(Node { at: position(&spanned.referenced), kind: spanned.value })
    }
}

fn position(location: &serde_saphyr::Location) -> Position {
    Position { file: 0, line: location.line(), column: location.column() }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(KindVisitor)
    }
}

struct KindVisitor;

impl<'de> Visitor<'de> for KindVisitor {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Bool(v)))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Number(v.into())))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Number(v.into())))
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Kind, E> {
        Number::from_f64(v)
            .map(|n| Kind::Scalar(Value::Number(n)))
            .ok_or_else(|| E::custom("not a number that JSON has"))
    }

    fn visit_str<E>(self, v: &str) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::String(v.to_owned())))
    }

    fn visit_string<E>(self, v: String) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::String(v)))
    }

    fn visit_unit<E>(self) -> Result<Kind, E> {
        Ok(Kind::Scalar(Value::Null))
    }

    fn visit_none<E: de::Error>(self) -> Result<Kind, E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Kind, D::Error> {
        d.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Kind, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Kind::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Kind, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry::<Spanned<KeyName>, Node>()? {
            let at = position(&key.referenced);
            entries.push((Key { name: key.value.0, at }, node));
        }
        Ok(Kind::Map(entries))
    }
}

/// A key: tables may have numbers and booleans as keys, which count as text.
struct KeyName(String);

impl<'de> Deserialize<'de> for KeyName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Kind::deserialize(deserializer)? {
            Kind::Scalar(Value::String(text)) => Ok(KeyName(text)),
            Kind::Scalar(Value::Null) => Ok(KeyName("null".to_owned())),
            Kind::Scalar(other) => Ok(KeyName(other.to_string())),
            _ => Err(de::Error::custom("a key must be text: put expressions in quotes: \"{{ … }}\"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Node {
        Node::parse(text, 0, "m.yaml").unwrap()
    }

    #[test]
    fn positions_are_those_of_the_keys() {
        let node = parse("a: 1\nb:\n  c: [x, y]\n  d: {e: f}\n");
        let path = |p: &[&str]| p.iter().map(|s| (*s).to_string()).collect::<Vec<_>>();
        assert_eq!(node.locate(&path(&["b", "c"])).line, 3);
        assert_eq!(node.locate(&path(&["b", "d", "e"])).line, 4);
        assert_eq!(node.locate(&path(&["b", "nothing"])).line, 3);
    }

    #[test]
    fn a_patch_merges_maps_replaces_lists_and_removes_nulls() {
        let mut base = parse("a: {x: 1, y: 2}\nb: [1, 2]\nc: 3\n");
        base.merge(&parse("a: {y: 5, z: 6}\nb: [9]\nc: null\n"));
        assert_eq!(base.to_json(), serde_json::json!({"a": {"x": 1, "y": 5, "z": 6}, "b": [9]}));
    }

    #[test]
    fn numbers_as_keys_are_text() {
        assert_eq!(parse("1: low\ntrue: yes it is\n").to_json()["1"], "low");
    }

    #[test]
    fn an_expression_without_quotes_gets_a_hint() {
        let problem = Node::parse("contacts:\n  id: {{ row.id }}\n", 0, "m.yaml").unwrap_err();
        assert!(problem.to_string().contains("quotes"), "{problem}");
        assert!(problem.to_string().starts_with("m.yaml:2"), "{problem}");
    }

    #[test]
    fn a_key_given_twice_is_refused() {
        let problem = Node::parse("a: 1\na: 2\n", 0, "m.yaml").unwrap_err();
        assert!(problem.to_string().contains("m.yaml:2"), "{problem}");
    }
}
