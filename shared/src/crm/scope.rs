//! The variables that expressions see.

use std::borrow::Cow;
use std::sync::Arc;

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

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
        self.get(key.as_str()?).cloned()
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.get(key).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}
