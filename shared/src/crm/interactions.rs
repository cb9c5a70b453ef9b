//! The Interaction Retriever's operation (contract §5): an agent is looking at the screen.

use futures_util::{StreamExt, stream};
use minijinja::Value;

use crate::contract::interactions::{ContactIdentity, Interaction, InteractionsResponse};
use crate::error::{Class, Failure};
use crate::manifest::expression::{as_text, is_empty};
use crate::manifest::model::{Identify, InteractionMap, Interactions, OnError, Read, Unused};

use super::agents::Page;
use super::call::Around;
use super::page::{Position, unreadable};
use super::transport::BoxFuture;
use super::{Engine, Scope, Session};

/// All types together at most (contract §11.23).
const MOST: usize = 100;

impl Engine {
    /// The newest interactions of one contact, of the types asked for. An unknown contact has none.
    ///
    /// # Errors
    /// When the contact cannot be looked up, or every type fails.
    pub async fn interactions(
        &self,
        session: &Session,
        spec: &Interactions,
        asked: Option<&[String]>,
        identity: &ContactIdentity,
    ) -> Result<InteractionsResponse, Failure> {
        // Contract §11.20: absent means all, `[]` means none, unknown types are ignored.
        let types: Vec<_> = spec
            .types
            .iter()
            .filter(|(name, _)| asked.is_none_or(|types| types.iter().any(|t| t == *name)))
            .collect();
        if types.is_empty() {
            return Ok(InteractionsResponse(Vec::new()));
        }
        let scope = self.with_contact(&session.scope, identity, identity.contact_external_id.as_deref());
        let Some(scope) = self.identified(session, spec, scope, identity).await? else {
            return Ok(InteractionsResponse(Vec::new()));
        };
        let limit = self.manifest().document().limits.concurrency.max(1);
        let mut calls: Vec<BoxFuture<'_, _>> = Vec::new();
        for (name, operation) in types {
            let scope = scope.clone();
            calls.push(Box::pin(async move { (name, self.one_type(session, name, operation, scope).await) }));
        }
        let results: Vec<_> = stream::iter(calls).buffered(limit).collect().await;
        let mut found = Vec::new();
        let (mut failures, mut successes) = (Vec::new(), 0);
        for (name, result) in results {
            match result {
                Ok(interactions) => {
                    successes += 1;
                    found.extend(interactions);
                }
                // Nobody there, says this type; where others fail, that is not the whole answer.
                Err(failure) if failure.class == Class::NotFound => {}
                Err(failure) => {
                    tracing::warn!(request_id = %session.request_id, kind = name.as_str(), class = failure.class.row().code, detail = %failure.detail, "interaction type failed");
                    failures.push(failure);
                }
            }
        }
        // A refused credential must reach Talkdesk even if another type still answered from a cache.
        if let Some(refused) = failures.iter().position(|f| f.class == Class::CredentialsRefused) {
            return Err(failures.swap_remove(refused));
        }
        if successes == 0 && !failures.is_empty() {
            return Err(failures.swap_remove(0));
        }
        found.sort_by_key(|i: &Interaction| std::cmp::Reverse(i.date));
        found.truncate(MOST);
        session.figures(|f| f.records_out += found.len());
        Ok(InteractionsResponse(found))
    }

    fn with_contact(&self, scope: &Scope, identity: &ContactIdentity, id: Option<&str>) -> Scope {
        let forms: Value = identity
            .contact_phones
            .iter()
            .map(|phone| {
                let forms = self.phones.lookup_forms(phone);
                minijinja::context! {
                    e164 => forms.e164, national => forms.national, digits => forms.digits, last => forms.last,
                }
            })
            .collect();
        let contact = minijinja::context! {
            id => id,
            name => identity.contact_name.as_deref(),
            emails => identity.contact_emails.iter().map(String::as_str).map(Value::from).collect::<Value>(),
            phones => identity.contact_phones.iter().map(String::as_str).map(Value::from).collect::<Value>(),
            phone_forms => forms,
        };
        scope.with("contact", contact)
    }

    /// The scope with `contact.id`, looked up when Talkdesk does not know it.
    async fn identified(
        &self,
        session: &Session,
        spec: &Interactions,
        scope: Scope,
        identity: &ContactIdentity,
    ) -> Result<Option<Scope>, Failure> {
        if identity.contact_external_id.is_some() {
            return Ok(Some(scope));
        }
        let (mut refused, mut answered): (Option<Failure>, _) = (None, false);
        for look_up in &spec.identify {
            let names = scope.value();
            if let Some(when) = &look_up.when
                && !when.eval(&names).map_err(|e| super::build::unbuildable(&e))?.is_true()
            {
                continue;
            }
            let around = Around { ok: look_up.ok.as_ref(), empty_on: &look_up.empty_on, ..Around::default() };
            let answer = match self.call(session, &look_up.fetch, &scope, around).await {
                Ok(answer) => answer,
                Err(failure) if failure.class == Class::NotFound => {
                    answered = true;
                    continue;
                }
                Err(failure) if passed_over(look_up, failure.class) => {
                    tracing::warn!(request_id = %session.request_id, class = failure.class.row().code, detail = %failure.detail, "look-up failed, going on");
                    answered |= look_up.on_error == OnError::Warn;
                    refused = Some(failure);
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            // A refusal that the manifest takes for "nobody" is one only beside a real answer.
            answered |= (200..300).contains(&answer.status);
            if answer.empty {
                let detail = format!("the CRM answered {} to every look-up", answer.status);
                refused.get_or_insert_with(|| Failure::new(Class::Invalid, detail));
                continue;
            }
            if !answer.holds(&look_up.value) {
                let detail =
                    format!("the answer ({}) to a look-up has nothing of what it asks for", answer.status);
                return Err(Failure::new(Class::CrmUnreadable, detail));
            }
            let mut found = scope.clone();
            answer.enter(&mut found);
            let value = look_up.value.eval(&found.value()).map_err(|e| unreadable(&e))?;
            if let Some(id) = as_text(&value).filter(|_| !is_empty(&value)) {
                return Ok(Some(self.with_contact(&session.scope, identity, Some(&id))));
            }
        }
        match refused {
            Some(failure) if !answered => Err(failure),
            _ => Ok(None),
        }
    }

    async fn one_type(
        &self,
        session: &Session,
        kind: &str,
        spec: &Read<InteractionMap, Unused>,
        scope: Scope,
    ) -> Result<Vec<Interaction>, Failure> {
        let scope = self.steps_before(session, &spec.steps, scope).await?;
        if let Some(when) = &spec.when
            && !when.eval(&scope.value()).map_err(|e| super::build::unbuildable(&e))?.is_true()
        {
            return Ok(Vec::new());
        }
        let most = self.manifest().document().limits.interactions;
        let mut found = Vec::new();
        let mut position = Position::First;
        loop {
            let Page { rows, more, scope: names, .. } =
                self.read_page(session, spec, scope.clone(), &position, Some(most)).await?;
            for row in self.steps_per_row(session, &spec.steps, &names, &rows).await? {
                let values = row.value();
                if !super::contacts::wanted(spec.r#where.as_ref(), &values) {
                    continue;
                }
                match self.interaction(kind, &spec.map, &values) {
                    Ok(interaction) => found.push(interaction),
                    Err(bad) => self.skipped(session, kind, &bad, None),
                }
            }
            let next = match &spec.page {
                Some(paging) if found.len() < most => {
                    self.next_page(paging, &position, &names.value(), more, rows.len())?
                }
                _ => None,
            };
            match next {
                Some(next) => position = next,
                None => break,
            }
        }
        found.sort_by_key(|i| std::cmp::Reverse(i.date));
        found.truncate(most);
        Ok(found)
    }
}

/// A value that one look-up cannot take may be one for the next. A refused credential is for nobody.
fn passed_over(look_up: &Identify, class: Class) -> bool {
    match look_up.on_error {
        OnError::Warn => class != Class::CredentialsRefused,
        OnError::Fail => matches!(class, Class::Invalid | Class::BadRequest),
    }
}
