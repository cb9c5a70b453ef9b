//! Changing a tree: what is laid over it, under it, and taken out of it.

use serde_json::Value;

use super::{Key, Kind, Node, Position};

impl Node {
    /// A map of these entries; a key stands where its value does.
    pub fn map(at: Position, entries: Vec<(String, Node)>) -> Node {
        let entries = entries.into_iter().map(|(name, node)| (Key { name, at: node.at }, node));
        Node { at, kind: Kind::Map(entries.collect()) }
    }

    /// The same value as if all of it stood at one place.
    #[must_use]
    pub fn placed(&self, at: Position) -> Node {
        let kind = match &self.kind {
            Kind::Scalar(value) => Kind::Scalar(value.clone()),
            Kind::Gone => Kind::Gone,
            Kind::List(items) => Kind::List(items.iter().map(|item| item.placed(at)).collect()),
            Kind::Map(entries) => {
                let placed =
                    |(key, node): &(Key, Node)| (Key { name: key.name.clone(), at }, node.placed(at));
                Kind::Map(entries.iter().map(placed).collect())
            }
        };
        Node { at, kind }
    }

    /// Puts another text in the place of a part of this text.
    pub fn replace(&mut self, part: &str, text: &str) {
        if let Kind::Scalar(Value::String(whole)) = &mut self.kind {
            *whole = whole.replace(part, text);
        }
    }

    /// Puts what `write` makes of it, if anything, in the place of every text, and of every name in a map.
    ///
    /// # Errors
    /// The first of `write`, with its place.
    pub fn rewrite<E>(
        &mut self,
        write: &mut impl FnMut(&str) -> Result<Option<String>, E>,
    ) -> Result<(), (Position, E)> {
        match &mut self.kind {
            Kind::Scalar(Value::String(text)) => {
                if let Some(other) = write(text).map_err(|why| (self.at, why))? {
                    *text = other;
                }
            }
            Kind::Scalar(_) | Kind::Gone => {}
            Kind::List(items) => items.iter_mut().try_for_each(|item| item.rewrite(write))?,
            Kind::Map(entries) => {
                for (key, node) in entries {
                    if let Some(other) = write(&key.name).map_err(|why| (key.at, why))? {
                        key.name = other;
                    }
                    node.rewrite(write)?;
                }
            }
        }
        Ok(())
    }

    /// Takes from `usual` what this map does not say; other values stay as they are.
    pub fn stand_on(&mut self, usual: &Node) {
        if matches!(self.kind, Kind::Map(_)) {
            let mut whole = Node { at: self.at, kind: usual.kind.clone() };
            whole.merge(self);
            *self = whole;
        }
    }

    /// Lays `patch` over this value: maps merge, `null` removes, everything else replaces
    /// (RFC 7396), for `drain` and for overlays.
    pub fn merge(&mut self, patch: &Node) {
        self.lay(patch, false);
    }

    /// The same, but what is removed leaves its place marked as gone: it takes away too what a default would
    /// put there, until [`Node::sweep`].
    pub fn merge_marking(&mut self, patch: &Node) {
        self.lay(patch, true);
    }

    fn lay(&mut self, patch: &Node, marks: bool) {
        let Kind::Map(changes) = &patch.kind else {
            *self = patch.clone();
            return;
        };
        if !matches!(self.kind, Kind::Map(_)) {
            self.kind = Kind::Map(Vec::new());
            self.at = patch.at;
        }
        let Kind::Map(entries) = &mut self.kind else {
            return;
        };
        for (key, node) in changes {
            let existing = entries.iter().position(|(k, _)| k.name == key.name);
            let removes = matches!(&node.kind, Kind::Scalar(Value::Null) | Kind::Gone);
            match (existing, removes) {
                (Some(index), true) if marks => entries[index].1.kind = Kind::Gone,
                (None, true) if marks => entries.push((key.clone(), Node { at: node.at, kind: Kind::Gone })),
                (Some(index), true) => {
                    entries.remove(index);
                }
                (Some(index), false) => {
                    // A complaint about a value names where it was said last.
                    if !matches!(node.kind, Kind::Map(_)) {
                        entries[index].0.at = key.at;
                    }
                    entries[index].1.lay(node, marks);
                }
                (None, true) => {}
                (None, false) => entries.push((key.clone(), node.clone())),
            }
        }
    }

    /// Takes out what is marked as gone.
    pub fn sweep(&mut self) {
        match &mut self.kind {
            Kind::Map(entries) => {
                entries.retain(|(_, node)| !matches!(node.kind, Kind::Gone));
                entries.iter_mut().for_each(|(_, node)| node.sweep());
            }
            Kind::List(items) => items.iter_mut().for_each(Node::sweep),
            Kind::Scalar(_) | Kind::Gone => {}
        }
    }

    /// Keeps the members of this list or map that `keep` wants.
    pub fn retain(&mut self, keep: impl Fn(&Node) -> bool) {
        match &mut self.kind {
            Kind::Map(entries) => entries.retain(|(_, node)| keep(node)),
            Kind::List(items) => items.retain(keep),
            Kind::Scalar(_) | Kind::Gone => {}
        }
    }

    /// Takes a key and its value out of this map.
    pub fn take(&mut self, path: &[&str]) -> Option<Node> {
        let (last, path) = path.split_last()?;
        let Kind::Map(entries) = &mut self.at_path_mut(path)?.kind else { return None };
        let index = entries.iter().position(|(key, _)| key.name == *last)?;
        Some(entries.remove(index).1)
    }
}
