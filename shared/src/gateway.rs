//! Talkdesk's side: bytes → untrusted request → trusted request → operation → contract response →
//! bytes. The whole way of a request is `Bridge::answer` below.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::FutureExt;
use serde::Serialize;

use crate::config::{ManifestChoice, Settings};
use crate::contract::{
    ActionRequest, AgentsRequest, Component, ContactsRequest, Envelope, ErrorBody, ErrorDetail,
    InteractionsRequest, TalkdeskRequest,
};
use crate::credentials::{SecretCache, SecretStore, aws::AwsSecrets};
use crate::crm::actions::ActionContext;
use crate::crm::client::HttpClient;
use crate::crm::{Clock, Engine, Figures, Session, SystemClock, Transport};
use crate::error::{Class, Failure};
use crate::manifest::{Manifest, Problem};
use crate::telemetry::{Finished, write_line};
use crate::time::Moment;

pub mod account;
pub mod lambda;
pub mod route;
#[cfg(test)]
mod tests;
mod trust;

use trust::{Trusted, Untrusted};

/// A request as it comes from API Gateway or from the local server.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The path, with or without a stage in front.
    pub path: String,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// What the request is called in logs and answers.
    pub request_id: String,
    /// When whoever runs us gives up.
    pub deadline: Option<Moment>,
}

/// An answer. Always JSON.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// Headers besides the content type.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
}

/// The bridge for one integration: everything that lives as long as the process.
pub struct Bridge {
    engine: Engine,
    secrets: SecretCache,
    settings: Settings,
    cold: AtomicBool,
    metrics: bool,
}

impl Bridge {
    /// The bridge as the Lambda function of one component runs it.
    ///
    /// # Errors
    /// What is wrong with the settings or the manifest, ready to print.
    pub fn for_component(component: Component, settings: Settings) -> Result<Self, String> {
        let manifest = load_for(component, &settings).map_err(|problems| lines(&problems))?;
        let transport = HttpClient::new(settings.crm_base_url.clone())?;
        let parts = Parts {
            transport: Arc::new(transport),
            clock: Arc::new(SystemClock),
            store: Arc::new(AwsSecrets::at(settings.secrets_base_url.clone())),
        };
        Ok(Self::new(manifest, settings, parts))
    }

    /// A bridge from its parts.
    pub fn new(manifest: impl Into<Arc<Manifest>>, settings: Settings, parts: Parts) -> Self {
        let secrets = SecretCache::new(parts.store, parts.clock.clone(), settings.secret_ttl);
        let base = settings.crm_base_url.clone();
        let engine = Engine::new(manifest.into(), parts.transport, parts.clock, settings.phones, base);
        Self { engine, secrets, settings, cold: AtomicBool::new(true), metrics: false }
    }

    /// The same, writing CloudWatch's metrics to standard output.
    #[must_use]
    pub fn with_metrics(mut self) -> Self {
        self.metrics = true;
        self
    }

    /// The clock that deadlines and checkpoints are measured with.
    pub fn clock(&self) -> &dyn Clock {
        self.engine.clock()
    }

    /// The manifest that runs.
    pub fn manifest(&self) -> &Manifest {
        self.engine.manifest()
    }

    /// Answers a request, whatever happens: also a panic becomes a 500 in JSON.
    pub async fn handle(&self, component: Component, request: HttpRequest) -> HttpResponse {
        let begun = self.engine.clock().now();
        let cold_start = self.cold.swap(false, Ordering::Relaxed);
        let mut told = Told::default();
        let result = AssertUnwindSafe(self.answer(component, &request, &mut told)).catch_unwind().await;
        let result =
            result.unwrap_or_else(|_| Err(Failure::new(Class::Internal, "a panic, see the line before")));
        let (response, failure) = match result {
            Ok(response) => (response, None),
            Err(failure) => (self.refusal(component, &failure, &request.request_id), Some(failure)),
        };
        let spent = self.engine.clock().now().micros() - begun.micros();
        let finished = Finished {
            component,
            integration: self.manifest().name(),
            account: &told.account,
            stack: self.settings.stack.as_deref().unwrap_or("local"),
            version: &self.settings.version,
            manifest: self.manifest().hash(),
            request_id: &request.request_id,
            status: response.status,
            failure: failure.as_ref(),
            duration: std::time::Duration::from_micros(u64::try_from(spent).unwrap_or(0)),
            figures: told.figures,
            cold_start,
        };
        finished.log();
        if self.metrics {
            write_line(&finished.metrics());
        }
        response
    }

    /// A request's way.
    async fn answer(
        &self,
        component: Component,
        request: &HttpRequest,
        told: &mut Told,
    ) -> Result<HttpResponse, Failure> {
        if request.method != "POST" {
            return Err(Failure::new(Class::MethodNotAllowed, "not a POST"));
        }
        self.offered(component, &request.path)?;
        let envelope = self.envelope(component, &request.body)?;
        told.account = account::label(self.manifest(), envelope.auth());
        let deadline = self.deadline(component, request);
        let mut trusted = self.trust(Untrusted::new(&envelope), deadline).await?;
        loop {
            let session = Session::new(
                self.manifest(),
                trusted.auth(),
                trusted.secret_fields(),
                deadline,
                &request.request_id,
            )
            .in_zone(self.settings.time_zone.as_ref());
            let result = self.operate(component, request, &envelope, &session, &trusted).await;
            if let Ok(done) = session.figures.lock() {
                told.figures.clone_from(&done);
            }
            match result {
                // A secret in memory may have been rotated: one look, one more try, nothing written yet.
                Err(failure) if may_repeat(&failure) => match self.renewed(&trusted, deadline).await? {
                    Some(renewed) => trusted = renewed,
                    None => return Err(failure),
                },
                other => return other,
            }
        }
    }

    /// The body in its parts; of `auth` only what the manifest declares.
    fn envelope<'a>(&self, component: Component, body: &'a [u8]) -> Result<Envelope<'a>, Failure> {
        let largest = largest_body(component);
        if body.len() > largest {
            let text = format!("The request's body is larger than {} kB.", largest >> 10);
            return Err(Failure::new(Class::BadRequest, text.clone()).with_message(text));
        }
        let fields = &self.manifest().document().integration.authentication;
        Envelope::read(body, |name| fields.contains_key(name)).map_err(|error| trust::bad_request(&error))
    }

    /// Whether the manifest has what the path names.
    fn offered(&self, component: Component, path: &str) -> Result<(), Failure> {
        if !self.manifest().offers(component) {
            return Err(absent());
        }
        let action = (component == Component::Actions).then(|| route::action_name(path).unwrap_or_default());
        match action {
            Some(name) if !self.manifest().document().actions.contains_key(&name) => {
                Err(Failure::new(Class::NotOffered, "the manifest does not have this action")
                    .with_message("This integration has no such action."))
            }
            _ => Ok(()),
        }
    }

    /// The component's operation. Only a [`Trusted`] request gets here.
    async fn operate(
        &self,
        component: Component,
        request: &HttpRequest,
        envelope: &Envelope<'_>,
        session: &Session,
        _: &Trusted,
    ) -> Result<HttpResponse, Failure> {
        let document = self.manifest().document();
        let engine = &self.engine;
        match component {
            Component::AuthValidation => {
                let spec = document.auth_validation.as_ref().ok_or_else(absent)?;
                respond(200, &engine.validate(session, spec).await?)
            }
            Component::Contacts => {
                let spec = document.contacts.as_ref().ok_or_else(absent)?;
                let meta = parse::<ContactsRequest>(envelope)?.meta;
                let (checkpoint, offset) = (meta.synchronization_checkpoint, meta.offset);
                respond(200, &engine.contacts(session, spec, checkpoint.as_deref(), offset.as_deref()).await?)
            }
            Component::Agents => {
                let spec = document.agents.as_ref().ok_or_else(absent)?;
                let meta = parse::<AgentsRequest>(envelope)?.meta;
                respond(200, &engine.agents(session, spec, meta.offset).await?)
            }
            Component::Interactions => {
                let spec = document.interactions.as_ref().ok_or_else(absent)?;
                let parsed = parse::<InteractionsRequest>(envelope)?;
                if !parsed.passed_over.is_empty() {
                    let (request_id, paths) = (&request.request_id, parsed.passed_over.join(", "));
                    tracing::warn!(request_id, paths, "parts of the request are not understood: passed over");
                }
                let types = parsed.meta.interaction_types.as_deref();
                respond(200, &engine.interactions(session, spec, types, &parsed.data).await?)
            }
            Component::Actions => {
                let name = route::action_name(&request.path).unwrap_or_default();
                let action = document.actions.get(&name).ok_or_else(absent)?;
                let parsed = parse::<ActionRequest>(envelope)?;
                let context = ActionContext {
                    contact_id: parsed.meta.contact_external_id.as_deref(),
                    agent_id: parsed.meta.agent_external_id.as_deref(),
                };
                respond(201, &engine.act(session, &name, action, context, &parsed.data).await?)
            }
        }
    }

    /// When the request must be over: Lambda's deadline less a second, or the component's budget.
    fn deadline(&self, component: Component, request: &HttpRequest) -> Moment {
        let own = self.engine.clock().now().plus(self.settings.budget(component));
        let given = request.deadline.map(|d| d.minus(std::time::Duration::from_secs(1)));
        given.map_or(own, |given| given.min(own))
    }

    /// The answer for a failure: status from the class's table, JSON, nothing internal.
    fn refusal(&self, component: Component, failure: &Failure, request_id: &str) -> HttpResponse {
        let row = failure.class.row();
        let oauth = self.manifest().document().integration.authentication_type.is_oauth2();
        let refresh = failure.class == Class::CredentialsRefused && oauth && !failure.written;
        // Contract §11.25: only 401 makes Talkdesk refresh the token and repeat the action.
        let status = if refresh { 401 } else { failure.class.status(component) };
        let action = component == Component::Actions;
        // The CRM's own sentence is for whoever ran the action; elsewhere it may name other people.
        let message = if failure.quotes_crm && !action { row.message } else { &failure.message };
        let body = ErrorBody {
            error: ErrorDetail {
                code: row.code.to_owned(),
                message: message.to_owned(),
                request_id: request_id.to_owned(),
            },
            message: action.then(|| message.to_owned()),
        };
        let mut headers = Vec::new();
        if failure.class == Class::MethodNotAllowed {
            headers.push(("allow", "POST".to_owned()));
        }
        if matches!(status, 429 | 503) {
            let seconds = failure.retry_after.map_or(30, |wait| wait.as_secs_f64().ceil() as u64);
            headers.push(("retry-after", seconds.max(1).to_string()));
        }
        let body = serde_json::to_vec(&body).unwrap_or_else(|_| b"{}".to_vec());
        HttpResponse { status, headers, body }
    }
}

/// What a request tells about itself, also when it fails.
#[derive(Default)]
struct Told {
    account: String,
    figures: Figures,
}

/// What a bridge is put together from; tests replace the network and the clock.
pub struct Parts {
    /// The way to the CRM.
    pub transport: Arc<dyn Transport>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The way to the secrets.
    pub store: Arc<dyn SecretStore>,
}

/// The manifest that the settings choose, read and checked.
///
/// # Errors
/// What is wrong with it.
pub fn load(settings: &Settings) -> Result<Manifest, Vec<Problem>> {
    match &settings.manifest {
        ManifestChoice::Embedded(name) => Manifest::embedded_with(name, settings.overlay.as_deref()),
        ManifestChoice::Path(path) => Manifest::read(path, settings.overlay.as_deref()),
    }
}

/// What one component needs of it. An embedded manifest without an overlay was checked when the bridge was
/// built; anything else is read and checked now.
fn load_for(component: Component, settings: &Settings) -> Result<Manifest, Vec<Problem>> {
    match (&settings.manifest, &settings.overlay) {
        (ManifestChoice::Embedded(name), None) => Manifest::embedded_for(name, component),
        _ => load(settings),
    }
}

/// Problems, one after the other.
pub fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn absent() -> Failure {
    Failure::new(Class::NotOffered, "the manifest does not have this component")
}

/// Whether a request may be made once more with renewed credentials: they were refused, and nothing
/// was written before.
fn may_repeat(failure: &Failure) -> bool {
    failure.class == Class::CredentialsRefused && !failure.written
}

fn parse<T: TalkdeskRequest>(envelope: &Envelope<'_>) -> Result<T, Failure> {
    T::from_envelope(envelope).map_err(|error| trust::bad_request(&error))
}

/// The largest body of a component, in bytes. Talkdesk's requests are below 5 kB; an action may
/// carry a long note.
const fn largest_body(component: Component) -> usize {
    match component {
        Component::Actions => 1 << 20,
        _ => 256 << 10,
    }
}

fn respond<T: Serialize>(status: u16, value: &T) -> Result<HttpResponse, Failure> {
    let body =
        serde_json::to_vec(value).map_err(|_| Failure::new(Class::Internal, "an answer is not JSON"))?;
    Ok(HttpResponse { status, headers: Vec::new(), body })
}
