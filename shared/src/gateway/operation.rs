//! What a request asks for: the manifest's part that its path names, and the request's own members.
//!
//! The path is looked at once, here, and each member is read once: what is repeated with renewed
//! credentials is the same call.

use super::HttpResponse;
use super::trust::bad_request;
use crate::contract::{
    ActionRequest, AgentsRequest, Component, ContactsRequest, Envelope, InteractionsRequest, TalkdeskRequest,
};
use crate::crm::actions::ActionContext;
use crate::crm::{Engine, Session};
use crate::error::{Class, Failure};
use crate::manifest::model::{Action, AgentMap, Document, Interactions, Read, Unused, Validation};

/// The part of a manifest that a path names.
pub(super) enum Operation<'m> {
    Validation(&'m Validation),
    Contacts,
    Agents(&'m Read<AgentMap, Unused>),
    Interactions(&'m Interactions),
    Action(&'m str, &'m Action),
}

/// An operation with what the request says to it.
pub(super) enum Call<'m> {
    Validation(&'m Validation),
    Contacts(ContactsRequest),
    Agents(&'m Read<AgentMap, Unused>, AgentsRequest),
    Interactions(&'m Interactions, InteractionsRequest),
    Action(&'m str, &'m Action, ActionRequest),
}

impl<'m> Operation<'m> {
    /// What the path of a component's request names.
    ///
    /// # Errors
    /// `NotOffered` when the manifest does not have it.
    pub fn of(document: &'m Document, component: Component, path: &str) -> Result<Self, Failure> {
        let absent = || Failure::new(Class::NotOffered, "the manifest does not have this component");
        match component {
            Component::AuthValidation => document.auth_validation.as_ref().map(Self::Validation),
            Component::Contacts => document.contacts.is_some().then_some(Self::Contacts),
            Component::Agents => document.agents.as_ref().map(Self::Agents),
            Component::Interactions => document.interactions.as_ref().map(Self::Interactions),
            Component::Actions if document.actions.is_empty() => None,
            Component::Actions => {
                let name = super::route::action_name(path).unwrap_or_default();
                let (name, action) = document.actions.get_key_value(&name).ok_or_else(|| {
                    Failure::new(Class::NotOffered, "the manifest does not have this action")
                        .with_message("This integration has no such action.")
                })?;
                Some(Self::Action(name, action))
            }
        }
        .ok_or_else(absent)
    }

    /// The operation with the request's own members, read only now that the caller is known.
    ///
    /// # Errors
    /// `BadRequest` for a member of a wrong type.
    pub fn read(self, envelope: &Envelope<'_>, request_id: &str) -> Result<Call<'m>, Failure> {
        Ok(match self {
            Self::Validation(spec) => Call::Validation(spec),
            Self::Contacts => Call::Contacts(parse(envelope)?),
            Self::Agents(spec) => Call::Agents(spec, parse(envelope)?),
            Self::Interactions(spec) => {
                let request = parse::<InteractionsRequest>(envelope)?;
                if !request.passed_over.is_empty() {
                    let paths = request.passed_over.join(", ");
                    tracing::warn!(request_id, paths, "parts of the request are not understood: passed over");
                }
                Call::Interactions(spec, request)
            }
            Self::Action(name, spec) => Call::Action(name, spec, parse(envelope)?),
        })
    }
}

impl Call<'_> {
    /// Whether the call changes something in the CRM.
    pub fn writes(&self) -> bool {
        matches!(self, Self::Action(..))
    }

    /// Makes the call. A [`Session`] comes from a trusted request only.
    pub async fn run(&self, engine: &Engine, session: &Session) -> Result<HttpResponse, Failure> {
        match self {
            Self::Validation(spec) => HttpResponse::success(200, &engine.validate(session, spec).await?),
            Self::Contacts(request) => {
                let (checkpoint, offset) = (&request.meta.synchronization_checkpoint, &request.meta.offset);
                let page = engine.contacts(session, checkpoint.as_deref(), offset.as_deref()).await?;
                HttpResponse::success(200, &page)
            }
            Self::Agents(spec, request) => {
                HttpResponse::success(200, &engine.agents(session, spec, request.meta.offset).await?)
            }
            Self::Interactions(spec, request) => {
                let types = request.meta.interaction_types.as_deref();
                HttpResponse::success(200, &engine.interactions(session, spec, types, &request.data).await?)
            }
            Self::Action(name, spec, request) => {
                let context = ActionContext {
                    contact_id: request.meta.contact_external_id.as_deref(),
                    agent_id: request.meta.agent_external_id.as_deref(),
                };
                HttpResponse::success(201, &engine.act(session, name, spec, context, &request.data).await?)
            }
        }
    }
}

fn parse<T: TalkdeskRequest>(envelope: &Envelope<'_>) -> Result<T, Failure> {
    T::from_envelope(envelope).map_err(|error| bad_request(&error))
}
