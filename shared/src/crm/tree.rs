//! Parses JSON into values with a bound on what they take in memory: `{"a":0}` is eight bytes on the
//! wire and thirty times as many in a tree, and a function that runs out of memory leaves no log line.

use std::cell::Cell;
use std::fmt;

use minijinja::Value;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

mod entries;

/// What a value, an entry of a map, a map and a text (beside its letters) take: bytes, estimated, not
/// measured.
const VALUE: usize = 32;
const ENTRY: usize = 48;
const MAP: usize = 200;
const TEXT: usize = 40;

/// Why there is no tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTree {
    /// The text is not JSON.
    NotJson,
    /// Its values take more memory than they may.
    TooLarge,
}

/// Reads a JSON text whose values take at most about `room` bytes.
///
/// # Errors
/// [`NoTree`].
pub fn parse(bytes: &[u8], room: usize) -> Result<Value, NoTree> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let left = Cell::new(room);
    let parsed = Tree(&left).deserialize(&mut parser).and_then(|value| parser.end().map(|()| value));
    parsed.map_err(|_| if left.get() == 0 { NoTree::TooLarge } else { NoTree::NotJson })
}

#[derive(Clone, Copy)]
struct Tree<'a>(&'a Cell<usize>);

impl Tree<'_> {
    fn take<E: Error>(self, bytes: usize) -> Result<(), E> {
        match self.0.get().checked_sub(bytes).filter(|left| *left > 0) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => {
                self.0.set(0);
                Err(E::custom("too large"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.take(VALUE)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.take(TEXT + value.len())?;
        Ok(value.into())
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::from(()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        self.take(TEXT)?;
        let mut items: Vec<Value> = Vec::new();
        while let Some(item) = list.next_element_seed(self)? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        self.take(MAP)?;
        let mut entries: Vec<(Value, Value)> = Vec::new();
        while let Some(key) = map.next_key_seed(self)? {
            self.take(ENTRY)?;
            entries.push((key, map.next_value_seed(self)?));
        }
        Ok(entries::map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_is_what_serde_makes_of_the_same_text() {
        let text =
            r#"{"b": [1, -2, 2.5, "x", null, true], "a": {"k": "ä"}, "b2": 18446744073709551615, "a": 3}"#;
        let plain: Value = serde_json::from_str(text).unwrap();
        let tree = parse(text.as_bytes(), 10_000).unwrap();
        assert_eq!(serde_json::to_string(&tree).unwrap(), serde_json::to_string(&plain).unwrap());
    }

    #[test]
    fn maps_are_the_same_however_many_entries_they_have() {
        for count in [0, 1, 39, 40, 41, 200] {
            let text: Vec<String> = (0..count).map(|n| format!(r#""k{n}": {{"n": {n}}}"#)).collect();
            let text = format!("{{{}}}", text.join(","));
            let plain: Value = serde_json::from_str(&text).unwrap();
            let tree = parse(text.as_bytes(), 1_000_000).unwrap();
            assert_eq!((&tree, tree.len(), tree.kind()), (&plain, Some(count), plain.kind()));
            assert!(tree.try_iter().unwrap().eq(plain.try_iter().unwrap()));
            assert_eq!(tree.get_attr("k7").unwrap(), plain.get_attr("k7").unwrap());
        }
    }

    #[test]
    fn many_small_values_are_refused_long_before_they_fill_the_memory() {
        let bomb = format!("[{}]", vec![r#"{"a":0}"#; 100_000].join(","));
        assert_eq!(parse(bomb.as_bytes(), 5_000_000).unwrap_err(), NoTree::TooLarge);
        assert_eq!(parse(b"[1, 2", 5_000_000).unwrap_err(), NoTree::NotJson);
        assert_eq!(parse(b"[1] x", 5_000_000).unwrap_err(), NoTree::NotJson);
    }
}
