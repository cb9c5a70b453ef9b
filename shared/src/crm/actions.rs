//! The Action Executor's operation (contract §6): one write, and never an error after it succeeded.

use std::collections::HashSet;

use minijinja::Value;
use minijinja::value::ValueKind;
use serde_json::{Map, Value as Json};

use crate::contract::actions::ActionResponse;
use crate::error::{Class, Failure};
use crate::manifest::expression::{Template, as_text, is_empty};
use crate::manifest::model::{Action, ActionResult, Requirement};

use super::around::Around;
use super::interactions::Found;
use super::{Engine, Scope, Session, inputs, logged, recent};
use crate::manifest::expression::TimeValue;
use crate::zone::Zone;

/// What Talkdesk sends along with an action's inputs.
#[derive(Clone, Debug, Default)]
pub struct ActionContext<'a> {
    /// The contact in whose scope the action runs.
    pub contact_id: Option<&'a str>,
    /// The agent.
    pub agent_id: Option<&'a str>,
}

impl Engine {
    /// Runs an action.
    ///
    /// # Errors
    /// Missing inputs, or the CRM's refusal. `written` is set when something had been written.
    pub async fn act(
        &self,
        session: &Session,
        name: &str,
        action: &Action,
        context: ActionContext<'_>,
        data: &Map<String, Json>,
    ) -> Result<ActionResponse, Failure> {
        session.is_watched();
        let done = self.act_for(session, name, action, context.clone(), data).await;
        let Err(failure) = &done else { return done };
        match self.successor(session, action, &context, failure).await {
            // The contact was merged into another one, or has moved to another list: once more, for that one.
            Some(other) => {
                let context = ActionContext { contact_id: Some(&other), ..context };
                self.act_for(session, name, action, context, data).await
            }
            None => done,
        }
    }

    /// What an action knows of the contact: its list, and its id in the CRM.
    fn contact_of(&self, id: Option<&str>) -> Value {
        let (list, id) = id.map(|id| self.manifest().document().list_of(id)).unzip();
        minijinja::context! { list, id }
    }

    /// Who the contact of a refused action has become, by the CRM's own word; nobody when something
    /// was written, or when the refusal is about something else. An action that is for another list is
    /// refused by ourselves, and the contact may have moved there.
    async fn successor(
        &self,
        session: &Session,
        action: &Action,
        context: &ActionContext<'_>,
        failure: &Failure,
    ) -> Option<String> {
        let id = context.contact_id?;
        let scope = session.scope.with("contact", self.contact_of(Some(id)));
        let refused = match failure.class {
            Class::NotFound | Class::Invalid => !failure.written,
            Class::BadRequest => action.require.iter().any(|one| of_another_list(one, &scope)),
            _ => false,
        };
        if !refused {
            return None;
        }
        match self.survivor(session, &scope).await {
            Ok(Some(Found::Is(other))) if other != id => Some(other),
            _ => None,
        }
    }

    async fn act_for(
        &self,
        session: &Session,
        name: &str,
        action: &Action,
        context: ActionContext<'_>,
        data: &Map<String, Json>,
    ) -> Result<ActionResponse, Failure> {
        let zone = session.scope.get("zone").and_then(|name| Zone::named(name.as_str()?).ok());
        let input = inputs::inputs(action, data, zone.as_ref())?;
        let chosen = inputs::contact(action, data);
        let contact_id = chosen.as_deref().or(context.contact_id);
        if action.needs_contact && contact_id.is_none() {
            return Err(Failure::new(Class::BadRequest, "the action needs a contact")
                .with_message("This action can only be run for a contact that comes from the CRM."));
        }
        let now = self.clock.now();
        let scope = session
            .scope
            .with("contact", self.contact_of(contact_id))
            .with("call", logged::call(action, &input, now))
            .with("input", input)
            .with("agent", minijinja::context! { id => context.agent_id });
        let (key, names_call) = recent::key(session, name, &scope, now);
        let scope = scope.with("idempotency_key", key.as_str()).with("now", TimeValue::value(now));
        required(action, &scope)?;
        let remembered = names_call.then(|| format!("{}:{key}", session.fingerprint));
        let _turn = match &remembered {
            Some(call) => Some(self.recent.turn(call).await),
            None => None,
        };
        if let Some(answer) = remembered.as_ref().and_then(|call| self.recent.find(call, now)) {
            tracing::info!(request_id = %session.request_id, "the same call again: answered as before");
            return Ok(answer);
        }
        let scope = match self.steps_before(session, &action.steps, scope.clone()).await {
            Ok(scope) => scope,
            // A look-up that finds the record says the same as a write that is refused for it.
            Err(failure) => return failed(action, &scope, failure),
        };
        let around = Around { ok: action.ok.as_ref(), idempotency_key: Some(&key), ..Around::default() };
        let (answer, dropped) = match self.write(session, action, &scope, around).await {
            Ok(done) => done,
            Err(failure) => return failed(action, &scope, failure),
        };
        let mut scope = scope;
        answer.enter(&mut scope);
        // From here on the write has happened: whatever fails is logged, not answered.
        let scope = match self.steps_after(session, &action.steps, scope.clone()).await {
            Ok(scope) => scope,
            Err(failure) => {
                tracing::error!(request_id = %session.request_id, class = failure.class.row().code, detail = %failure.detail, "a step after the write failed");
                scope
            }
        };
        session.figures(|f| f.records_out += 1);
        let mut told = result(&action.result, &scope);
        if !dropped.names.is_empty() {
            told.message = Some(dropped.told(told.message.unwrap_or_else(|| "Done".to_owned())));
        }
        if let Some(call) = remembered {
            self.recent.keep(call, now, told.clone());
        }
        Ok(told)
    }
}

/// What the manifest insists on before the CRM is asked anything.
fn required(action: &Action, scope: &Scope) -> Result<(), Failure> {
    let names = scope.value();
    let unmet = action.require.iter().find(|one| !one.that.eval(&names).is_ok_and(|value| value.is_true()));
    unmet.map_or(Ok(()), |one| {
        let detail = format!("`{}` is not true", one.that.source());
        Err(Failure::new(Class::BadRequest, detail).with_message(one.message.clone()))
    })
}

/// Whether a requirement is about the contact's list, and that is another one.
fn of_another_list(requirement: &Requirement, scope: &Scope) -> bool {
    let names = requirement.that.expressions().into_iter().flat_map(|expression| &expression.found().names);
    let mut lists = names.filter(|path| path.len() == 2 && path[0] == "contact" && path[1] == "list");
    lists.next().is_some() && !requirement.that.eval(&scope.value()).is_ok_and(|value| value.is_true())
}

/// What a failure before the write becomes. "It exists already" is a success when the manifest says
/// what it becomes, and which record it is: the refusal names it, or a step has found it.
fn failed(action: &Action, scope: &Scope, failure: Failure) -> Result<ActionResponse, Failure> {
    if failure.class == Class::Conflict
        && let Some(spec) = &action.on_conflict
    {
        let known = result(spec, &scope.with("existing_id", failure.existing_id.as_deref()));
        if known.external_id.is_some() || known.contact_external_id.is_some() {
            return Ok(known);
        }
    }
    Err(named(action, scope, failure))
}

/// A request that could not be built says which inputs to look at.
fn named(action: &Action, scope: &Scope, failure: Failure) -> Failure {
    if failure.class != Class::BadRequest {
        return failure;
    }
    let (names, mut unfit) = (scope.value(), HashSet::new());
    let steps = action.steps.values().filter_map(|step| step.fetch.as_ref());
    for fetch in steps.chain([&action.fetch]) {
        fetch.each_template(&mut |template| {
            for expression in template.expressions().into_iter().filter(|e| e.eval(&names).is_err()) {
                unfit.extend(expression.found().names.iter().filter_map(|path| filled_in(path)));
            }
        });
    }
    let inputs = action.input.iter().filter(|(key, _)| unfit.contains(key.as_str()));
    let inputs: Vec<&str> = inputs.map(|(_, input)| input.name.as_str()).collect();
    match inputs.is_empty() {
        true => failure,
        false => failure.with_message(format!("Please check what is filled in: {}.", inputs.join(", "))),
    }
}

/// The input from which a name comes.
fn filled_in(path: &[String]) -> Option<&str> {
    match path {
        [root, input, ..] if root == "input" => Some(input),
        [root, id, ..] if root == "contact" && id == "id" => Some("contact_id"),
        _ => None,
    }
}

/// The answer. A line that cannot be rendered is left out: the write has happened. A message reads
/// well also where an id is missing.
fn result(spec: &ActionResult, scope: &Scope) -> ActionResponse {
    let names = scope.value();
    let line = |template: &Option<Template>| {
        let value = template.as_ref()?.eval(&names).ok()?;
        // A step that failed is a map: no text for anybody.
        let text = !matches!(value.kind(), ValueKind::Map | ValueKind::Seq);
        as_text(&value).filter(|_| text && !is_empty(&value))
    };
    ActionResponse {
        message: line(&spec.message).map(|text| text.split_whitespace().collect::<Vec<_>>().join(" ")),
        external_id: line(&spec.external_id),
        contact_external_id: line(&spec.contact_external_id),
        contact_external_type: line(&spec.contact_external_type),
        contact_external_url: line(&spec.contact_external_url),
    }
}
