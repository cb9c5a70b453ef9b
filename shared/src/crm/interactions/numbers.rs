//! All forms of a contact's phone numbers that a CRM may hold, each once (`contact.numbers`).

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use super::forms::Forms;
use crate::manifest::expression::is_empty;

/// The numbers in all their forms, made when an expression first reads them.
pub(super) struct Numbers {
    forms: Arc<Forms>,
    made: OnceLock<Vec<Value>>,
}

impl Numbers {
    /// More than these are nobody's.
    const MOST: usize = 50;

    /// What these forms come to.
    pub(super) fn of(forms: Arc<Forms>) -> Self {
        Self { forms, made: OnceLock::new() }
    }

    fn made(&self) -> &[Value] {
        self.made.get_or_init(|| {
            let mut numbers: Vec<Value> = Vec::new();
            let given = self.forms.given().iter().map(|number| Value::from(number.as_str()));
            let form = |name: &'static str| {
                self.forms.made().iter().filter_map(move |forms| forms.get_attr(name).ok())
            };
            let all = given.chain(form("e164")).chain(form("national")).chain(form("digits"));
            for number in all.filter(|number| !is_empty(number)) {
                if numbers.len() < Self::MOST && !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
            numbers
        })
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Numbers").finish_non_exhaustive()
    }
}

impl Object for Numbers {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.made().get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.made().len())
    }
}
