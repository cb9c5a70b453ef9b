//! A map of a CRM's row as it came: a few entries in their order, found by looking at each. A hash of every key
//! costs more than all that is ever looked up in a row.

use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt, ObjectRepr};

/// From here on, hashes are worth their price.
const MOST: usize = 40;

#[derive(Debug)]
struct Entries(Vec<(Value, Value)>);

/// A map of these entries; where a key comes again, its last value stands in its first place.
pub(super) fn map(entries: Vec<(Value, Value)>) -> Value {
    match entries.len() <= MOST && !repeats(&entries) {
        true => Value::from_object(Entries(entries)),
        false => Value::from_pairs(entries),
    }
}

/// Whether a key is there twice. Only keys that look alike (length, first and last letter) are compared.
fn repeats(entries: &[(Value, Value)]) -> bool {
    let mut looks = 0_u64;
    entries.iter().enumerate().any(|(index, (key, _))| {
        let key = key.as_str().unwrap_or_default();
        let letter = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(*byte));
        let look = key.len() + 3 * letter(key.as_bytes().first()) + 7 * letter(key.as_bytes().last());
        let seen = looks & (1 << (look % 64)) != 0;
        looks |= 1 << (look % 64);
        seen && entries[..index].iter().any(|(other, _)| other.as_str() == Some(key))
    })
}

impl Object for Entries {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.iter().find(|(known, _)| known.as_str() == Some(key)).map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_rev_enumerator(|this| Box::new(this.0.iter().map(|(key, _)| key.clone())))
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        Some(self.0.len())
    }
}
