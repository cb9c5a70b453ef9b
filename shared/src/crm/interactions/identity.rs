//! Who the contact is in the CRM: by the id that Talkdesk has, by its successor, or by e-mail and phone.

use futures_util::{StreamExt, stream};
use minijinja::Value;

use crate::clock::BoxFuture;
use crate::contract::interactions::ContactIdentity;
use crate::crm::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::model::{Identify, Interactions, OnError};
use crate::phone::PhoneNumbers;

use super::forms::Forms;
use super::look_up::Found;
use super::numbers::{each, with_numbers};

/// What Talkdesk knows of a contact besides an id, as expressions see it (`contact`).
pub fn person(identity: &ContactIdentity, phones: PhoneNumbers) -> Scope {
    let texts = |list: &[String]| list.iter().map(String::as_str).map(Value::from).collect::<Value>();
    let person = Scope::default()
        .with("name", identity.contact_name.as_deref())
        .with("emails", texts(&identity.contact_emails))
        .with("phones", texts(&identity.contact_phones))
        .with("phone_forms", Value::from_object(Forms::new(phones, &identity.contact_phones)));
    with_numbers(&person)
}

impl Engine {
    /// The scope with `contact`: what Talkdesk knows of somebody, the list, and the id in the CRM.
    pub(super) fn with_id(&self, scope: &Scope, person: &Scope, id: Option<&str>) -> Scope {
        let (list, id) = id.map(|id| self.manifest().document().list_of(id)).unzip();
        scope.with("contact", person.with("list", list).with("id", id).value())
    }

    /// The id of a contact that Talkdesk knows by e-mail and phone only: all look-ups at the same time,
    /// the first of the manifest's order that finds somebody decides.
    ///
    /// # Errors
    /// A look-up's failure, unless another one may be asked instead of it.
    pub(super) async fn identified(
        &self,
        session: &Session,
        spec: &Interactions,
        scope: &Scope,
    ) -> Result<Option<String>, Failure> {
        let mut calls: Vec<BoxFuture<'_, _>> = Vec::new();
        for look_up in &spec.identify {
            for scope in each(look_up, scope) {
                if applies(look_up, &scope.value())? {
                    calls.push(Box::pin(
                        async move { (look_up, self.look_up(session, look_up, &scope).await) },
                    ));
                }
            }
        }
        let limit = self.manifest().document().limits.concurrency.max(1);
        let mut answers = stream::iter(calls).buffered(limit);
        let (mut refused, mut answered): (Option<Failure>, _) = (None, false);
        while let Some((look_up, answer)) = answers.next().await {
            match answer {
                Ok(Found::Is(id)) => return Ok(Some(id)),
                Ok(Found::Nobody) => answered = true,
                // A refusal that the manifest takes for "nobody" is one only beside a real answer.
                Ok(Found::Refused(status)) => {
                    let detail = format!("the CRM answered {status} to every look-up");
                    refused.get_or_insert_with(|| Failure::new(Class::Invalid, detail));
                }
                Err(failure) if passed_over(look_up, failure.class) => {
                    warn(session, &failure, "look-up failed, going on");
                    answered |= look_up.on_error == OnError::Warn;
                    refused = Some(failure);
                }
                Err(failure) => return Err(failure),
            }
        }
        match refused {
            Some(failure) if !answered => Err(failure),
            _ => Ok(None),
        }
    }

    /// The id under which a contact lives on that the CRM does not show under its old one; nothing when
    /// it still exists, or when nobody is found. `gone` says whether the CRM denied the old id: without
    /// that only `survivor` can tell a contact without interactions from one that is gone.
    ///
    /// # Errors
    /// As [`Engine::identified`].
    pub(super) async fn elsewhere(
        &self,
        session: &Session,
        spec: &Interactions,
        scope: &Scope,
        id: &str,
        gone: bool,
    ) -> Result<Option<String>, Failure> {
        match self.survivor(session, scope).await {
            Ok(Some(Found::Is(other))) => return Ok(Some(other).filter(|other| other != id)),
            Ok(Some(Found::Nobody | Found::Refused(_))) => {}
            Ok(None) if gone => {}
            Ok(None) => return Ok(None),
            Err(failure) if failure.class == Class::CredentialsRefused => return Err(failure),
            Err(failure) => {
                warn(session, &failure, "successor not found, going on");
                if !gone {
                    return Ok(None);
                }
            }
        }
        let found = self.identified(session, spec, scope).await?;
        Ok(found.filter(|other| other != id))
    }

    /// Asks the CRM for the contact that `contact.id` in the scope has become; `None` when the manifest
    /// has no `survivor`, or not for such an id.
    ///
    /// # Errors
    /// Whatever the CRM says, unless it says that there is nobody.
    pub(in crate::crm) async fn survivor(
        &self,
        session: &Session,
        scope: &Scope,
    ) -> Result<Option<Found>, Failure> {
        let Some(look_up) = &self.manifest().document().survivor else { return Ok(None) };
        if !applies(look_up, &scope.value())? {
            return Ok(None);
        }
        self.look_up(session, look_up, scope).await.map(Some)
    }
}

fn applies(look_up: &Identify, names: &Value) -> Result<bool, Failure> {
    let Some(when) = &look_up.when else { return Ok(true) };
    Ok(when.eval(names).map_err(|e| crate::crm::render::unbuildable(&e))?.is_true())
}

/// A value that one look-up cannot take may be one for the next. A refused credential is for nobody.
fn passed_over(look_up: &Identify, class: Class) -> bool {
    match look_up.on_error {
        OnError::Warn => class != Class::CredentialsRefused,
        OnError::Fail => matches!(class, Class::Invalid | Class::BadRequest),
    }
}

fn warn(session: &Session, failure: &Failure, what: &str) {
    let class = failure.class.row().code;
    tracing::warn!(request_id = %session.request_id, class, detail = %failure.detail, what, "contact look-up");
}
