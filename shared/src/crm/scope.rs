//! The variables that expressions see.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

#[cfg(test)]
thread_local! {
    /// Names that expressions have read and that were not there.
    pub static MISSING: std::cell::RefCell<std::collections::BTreeSet<String>> = std::cell::RefCell::default();
}

/// Names that filters look for by themselves.
#[cfg(test)]
const LOOKED_UP: [&str; 3] =
    ["zone", crate::manifest::expression::WHERE, crate::manifest::expression::LOOK_UP];

/// Names and values. Small and cheap to copy: values are shared, a copy is made per row.
///
/// Has no `Debug`: values may be secrets.
#[derive(Clone, Default)]
pub struct Scope {
    names: Vec<(Cow<'static, str>, Value)>,
}

impl std::fmt::Debug for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.names.iter().map(|(name, _)| name)).finish()
    }
}

impl Scope {
    /// The scope with one more (or another) value.
    #[must_use]
    pub fn with(&self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        let mut scope = self.clone();
        scope.set(name, value);
        scope
    }

    /// Sets a value.
    pub fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        let (name, value) = (name.into(), value.into());
        match self.names.iter_mut().find(|(known, _)| *known == name) {
            Some(entry) => entry.1 = value,
            None => self.names.push((name, value)),
        }
    }

    /// A value by its name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.names.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    /// Every name, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|(name, _)| name.as_ref())
    }

    /// The scope as expressions take it.
    pub fn value(&self) -> Value {
        Value::from_object(self.clone())
    }
}

impl Object for Scope {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let found = self.get(key).cloned();
        #[cfg(test)]
        if found.is_none() && !LOOKED_UP.contains(&key) {
            MISSING.with_borrow_mut(|missing| missing.insert(key.to_owned()));
        }
        found
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
