//! The Authorization Validator's operation (contract §2).

use crate::contract::auth::AuthResponse;
use crate::error::{Class, Failure};
use crate::manifest::expression::{as_text, is_empty};
use crate::manifest::model::{Step, Validation};

use super::around::Around;
use super::page::unreadable;
use super::steps::enter;
use super::{Engine, Scope, Session};

impl Engine {
    /// Makes a call that only good credentials can make, then asks for what the components need;
    /// answers declared fields only, because Talkdesk stores whatever comes back (contract §11.2).
    ///
    /// # Errors
    /// Whatever the CRM says, or what kept it from saying anything. `Forbidden` with the missing right
    /// in its message when the credentials are good for less than the components need.
    pub async fn validate(&self, session: &Session, spec: &Validation) -> Result<AuthResponse, Failure> {
        let mut scope = session.scope.clone();
        let around = Around { ok: spec.ok.as_ref(), ..Around::default() };
        self.call(session, &spec.fetch, &scope, around).await?.enter(&mut scope);
        for (name, step) in &spec.steps {
            self.asked_for(session, name, step, &mut scope).await?;
        }
        let names = scope.value();
        let mut fields = serde_json::Map::new();
        for (name, template) in &spec.result {
            let value = template.eval(&names).map_err(|e| unreadable(&e))?;
            if let Some(text) = as_text(&value).filter(|_| !is_empty(&value)) {
                fields.insert(name.clone(), text.into());
            }
        }
        Ok(AuthResponse(fields))
    }

    /// One step. Only a refusal says that a right is missing, and an answer that the step's `ok` does not let pass;
    /// whatever else keeps the CRM from answering says nothing about the credentials, and the components will tell.
    async fn asked_for(
        &self,
        session: &Session,
        name: &str,
        step: &Step,
        scope: &mut Scope,
    ) -> Result<(), Failure> {
        let seen = step.fetch.is_some() || step.ok.as_ref().is_none_or(|ok| holds(ok, scope));
        let result = match seen {
            true => self.step(session, name, step, scope).await,
            false => Err(Failure::new(Class::Forbidden, "the answer lacks what the step wants")),
        };
        match (result, &step.needs) {
            (Ok(value), _) => enter(scope, name, value),
            (Err(failure), Some(needs)) if refused(&failure, step) => {
                let detail = format!("auth_validation.steps.{name}: {}", failure.detail);
                let message = format!("The credentials are good, but they may not {needs}.");
                return Err(Failure::new(Class::Forbidden, detail).with_message(message));
            }
            (Err(failure), Some(_)) => {
                let class = failure.class.row().code;
                tracing::warn!(request_id = %session.request_id, step = name, class, detail = %failure.detail, "a right could not be asked for");
            }
            (Err(failure), None) => return Err(failure),
        }
        Ok(())
    }
}

/// A 400 is refused too, but for what was sent; what `ok` does not let pass was answered.
fn refused(failure: &Failure, step: &Step) -> bool {
    let lacks = failure.class == Class::Invalid && !failure.refused && step.ok.is_some();
    lacks || matches!(failure.class, Class::Forbidden | Class::CredentialsRefused)
}

fn holds(ok: &crate::manifest::expression::Template, scope: &Scope) -> bool {
    ok.eval(&scope.value()).is_ok_and(|value| value.is_true())
}
