//! Manifest text as a tree that remembers where everything stands.
//!
//! The tree exists so that every complaint, also one found long after parsing, can name file and
//! line, and so that an overlay file can be laid over a shipped manifest before anything is
//! interpreted.

use serde_json::Value;
use serde_saphyr::{MessageFormatter as _, UserMessageFormatter};

use super::problem::Problem;

// The paths stand here because `build.rs` takes this file in, too.
#[path = "source/change.rs"]
mod change;
#[path = "source/read.rs"]
mod read;

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
                let mut problem = Problem::new(UserMessageFormatter.format_message(error.without_snippet()))
                    .at_line(file_name, line, at.map_or(1, |l| l.column()));
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

    /// Whether the value is a map.
    pub fn is_map(&self) -> bool {
        matches!(self.kind, Kind::Map(_))
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

#[cfg(test)]
#[path = "source/tests.rs"]
mod tests;
