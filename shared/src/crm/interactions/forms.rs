//! A contact's phone numbers as expressions see them (`contact.phone_forms`).
//!
//! A known contact needs none, and few manifests need how a number is written in its country: each form is
//! made when an expression first reads it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::manifest::expression::PhoneValue;
use crate::phone::PhoneNumbers;

/// The numbers in Talkdesk's order.
pub(super) struct Forms {
    phones: PhoneNumbers,
    raw: Vec<String>,
    made: OnceLock<Vec<Value>>,
}

impl Forms {
    /// The forms of these numbers.
    pub(super) fn new(phones: PhoneNumbers, raw: &[String]) -> Self {
        Self { phones, raw: raw.to_owned(), made: OnceLock::new() }
    }

    fn made(&self) -> &[Value] {
        self.made.get_or_init(|| {
            let forms = self.raw.iter().map(|phone| self.phones.lookup_forms(phone));
            forms.map(PhoneValue::value).collect()
        })
    }
}

impl fmt::Debug for Forms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Forms").field("numbers", &self.raw.len()).finish_non_exhaustive()
    }
}

impl Object for Forms {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.made().get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.raw.len())
    }
}
