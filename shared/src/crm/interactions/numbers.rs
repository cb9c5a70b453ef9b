//! A contact's numbers and addresses as look-ups ask for them: all forms at once, or one after the other.

use std::sync::{Arc, OnceLock};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::crm::Scope;
use crate::manifest::expression::is_empty;
use crate::manifest::model::{Identify, LookUpEach};

/// All forms of a contact's phone numbers that a CRM may hold (`contact.numbers`), made when a manifest
/// first reads them.
#[derive(Debug)]
struct Numbers {
    given: Value,
    forms: Value,
    made: OnceLock<Vec<Value>>,
}

/// More numbers than these are not asked for.
const MOST: usize = 50;

impl Numbers {
    fn made(&self) -> &[Value] {
        self.made.get_or_init(|| {
            let form = |name| members(&self.forms).filter_map(move |forms| forms.get_attr(name).ok());
            let forms = ["e164", "national", "digits"].into_iter().flat_map(form);
            let mut numbers: Vec<Value> = Vec::new();
            for number in members(&self.given).chain(forms).filter(|number| !is_empty(number)) {
                if numbers.len() < MOST && !numbers.contains(&number) {
                    numbers.push(number);
                }
            }
            numbers
        })
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

/// A contact with `numbers`, made of its `phones` and `phone_forms`.
pub(super) fn with_numbers(contact: &Scope) -> Scope {
    let list = |name| contact.get(name).cloned().unwrap_or_default();
    let numbers = Numbers { given: list("phones"), forms: list("phone_forms"), made: OnceLock::new() };
    contact.with("numbers", Value::from_object(numbers))
}

/// The scopes of a look-up: one, or one for each number or address that it is repeated for.
pub(super) fn each(look_up: &Identify, scope: &Scope) -> Vec<Scope> {
    let Some(each) = look_up.for_each else { return vec![scope.clone()] };
    let list =
        |name| scope.get("contact").and_then(|contact| contact.get_attr(name).ok()).unwrap_or_default();
    let most = look_up.most.unwrap_or(Identify::MOST);
    match each {
        LookUpEach::Email => {
            let emails: Vec<Value> = members(&list("emails")).take(most).collect();
            emails.into_iter().map(|email| scope.with("email", email)).collect()
        }
        LookUpEach::Phone => {
            let (numbers, forms) = (list("phones"), list("phone_forms"));
            let both = members(&numbers).zip(members(&forms)).take(most);
            both.map(|(number, phone)| scope.with("number", number).with("phone", phone)).collect()
        }
    }
}

fn members(list: &Value) -> impl Iterator<Item = Value> {
    list.try_iter().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contact() -> Scope {
        let form = |e164: &str, national: &str, digits: &str| minijinja::context! { e164, national, digits };
        Scope::default()
            .with("phones", vec!["+1 415 555 2671", "4155552671"])
            .with(
                "phone_forms",
                vec![form("+14155552671", "4155552671", "14155552671"), form("", "4155552671", "")],
            )
            .with("emails", vec!["a@example.com", "b@example.com", "c@example.com"])
    }

    #[test]
    fn numbers_are_all_forms_each_once_as_given_first() {
        let contact = with_numbers(&contact());
        let numbers = serde_json::to_value(contact.get("numbers").unwrap()).unwrap();
        assert_eq!(
            numbers,
            serde_json::json!(["+1 415 555 2671", "4155552671", "+14155552671", "14155552671"])
        );
    }

    #[test]
    fn a_look_up_is_made_for_as_many_as_the_manifest_says() {
        let scope = Scope::default().with("contact", contact().value());
        let look_up = |text: &str| -> Identify {
            serde_json::from_str(&format!(r#"{{{text} "fetch": {{"path": "/x"}}, "value": "1"}}"#)).unwrap()
        };
        assert_eq!(each(&look_up(""), &scope).len(), 1);
        let emails = each(&look_up(r#""for_each": "contact.emails", "most": 2,"#), &scope);
        assert_eq!(
            emails.iter().map(|s| s.get("email").unwrap().to_string()).collect::<Vec<_>>(),
            ["a@example.com", "b@example.com"]
        );
        let phones = each(&look_up(r#""for_each": "contact.phones","#), &scope);
        assert_eq!(phones.len(), 2);
        assert_eq!(phones[0].get("number").unwrap().to_string(), "+1 415 555 2671");
        assert_eq!(phones[0].get("phone").unwrap().get_attr("e164").unwrap().to_string(), "+14155552671");
    }
}
