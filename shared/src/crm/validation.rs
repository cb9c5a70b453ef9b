//! The Authorization Validator's operation (contract §2).

use crate::contract::auth::AuthResponse;
use crate::error::Failure;
use crate::manifest::expression::{as_text, is_empty};
use crate::manifest::model::Validation;

use super::call::Around;
use super::page::unreadable;
use super::{Engine, Session};

impl Engine {
    /// Makes a call that only good credentials can make; answers declared fields only, because
    /// Talkdesk stores whatever comes back (contract §11.2).
    ///
    /// # Errors
    /// Whatever the CRM says, or what kept it from saying anything.
    pub async fn validate(&self, session: &Session, spec: &Validation) -> Result<AuthResponse, Failure> {
        let scope = self.steps_before(session, &spec.steps, session.scope.clone()).await?;
        let around = Around { ok: spec.ok.as_ref(), ..Around::default() };
        let answer = self.call(session, &spec.fetch, &scope, around).await?;
        let mut scope = scope;
        answer.enter(&mut scope);
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
}
