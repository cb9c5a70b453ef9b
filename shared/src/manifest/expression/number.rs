//! A phone number as expressions see it, and whether a record has it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use minijinja::value::{Enumerator, Object, ValueKind};
use minijinja::{Environment, Error, Value};

use super::as_text;
use super::values::refused;
use crate::phone::{PhoneForms, PhoneNumbers};

pub(super) fn register(e: &mut Environment<'static>) {
    e.add_filter("same_number", |v: &Value, phone: &Value| {
        // A text with its country code is a number without more; other texts are read by nobody's region here.
        let forms = match phone.downcast_object_ref::<PhoneValue>() {
            Some(known) => known.forms.clone(),
            None => PhoneNumbers::default().lookup_forms(&given(phone)?),
        };
        match phone.as_str().is_some() && forms.e164.is_none() {
            true => Err(refused("same_number: takes `phone`, or a number with its country code")),
            false => has(v, &forms),
        }
    });
}

/// Whether a text, which may hold more than one number, or a text of a list is this number.
fn has(value: &Value, phone: &PhoneForms) -> Result<bool, Error> {
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return value.try_iter()?.try_fold(false, |found, member| Ok(found || has(&member, phone)?));
    }
    Ok(phone.is_in(&given(value)?))
}

fn given(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::Map => {
            Err(refused("same_number: takes text, or a list of texts, not a map: `pluck` the numbers"))
        }
        _ => Ok(as_text(value).unwrap_or_default()),
    }
}

/// A number in the forms in which a CRM may hold it (`phone`, `contact.phone_forms`).
pub struct PhoneValue {
    forms: PhoneForms,
    written: OnceLock<(Value, Value)>,
}

impl PhoneValue {
    /// The number as a value; how it is written in its country is found out when an expression asks for it.
    pub fn value(forms: PhoneForms) -> Value {
        Value::from_object(Self { forms, written: OnceLock::new() })
    }

    fn written(&self) -> &(Value, Value) {
        let made = || (Value::from(self.forms.written()), Value::from(self.forms.groups()));
        self.written.get_or_init(made)
    }
}

impl fmt::Debug for PhoneValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.forms.fmt(f)
    }
}

impl Object for PhoneValue {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "e164" => Value::from(self.forms.e164.as_deref()),
            "national" => Value::from(self.forms.national.as_str()),
            "digits" => Value::from(self.forms.digits.as_str()),
            "last" => Value::from(self.forms.last.as_str()),
            "written" => self.written().0.clone(),
            "groups" => self.written().1.clone(),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&["e164", "national", "digits", "last", "written", "groups"])
    }
}
