//! Talkdesk's side: bytes → untrusted request → trusted request → operation → contract response →
//! bytes. The whole way of a request is `Bridge::answer` below.

use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures_util::FutureExt;

use crate::contract::{Component, Envelope};
use crate::error::{Class, Failure};
use crate::telemetry::Figures;
use crate::telemetry::{Finished, write_line};
use crate::time::Moment;

pub mod account;
mod bridge;
pub mod lambda;
mod operation;
mod request;
mod response;
pub mod route;
#[cfg(test)]
mod tests;
mod trust;

pub use bridge::{Bridge, Parts, lines, load};
pub use request::HttpRequest;
pub use response::HttpResponse;

use operation::Operation;
use trust::{Untrusted, bad_request};

impl Bridge {
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
            Err(failure) => {
                let oauth = self.manifest().document().integration.authentication_type.is_oauth2();
                let refusal = HttpResponse::refusal(component, oauth, &failure, &request.request_id);
                (refusal, Some(failure))
            }
        };
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
            duration: self.engine.clock().now().since(begun),
            figures: told.figures,
            cold_start,
        };
        finished.log();
        if self.metrics {
            write_line(&finished.metrics());
        }
        response
    }

    /// A request's way. What it names is looked up once, `auth` is read before the caller is known,
    /// the rest after it, and only what [`trust`](Self::trust) gives can open a session with the CRM.
    async fn answer(
        &self,
        component: Component,
        request: &HttpRequest,
        told: &mut Told,
    ) -> Result<HttpResponse, Failure> {
        let document = self.manifest().document();
        let body = request.acceptable(component)?;
        let operation = Operation::of(document, component, &request.path)?;
        let declared = |name: &str| document.integration.authentication.contains_key(name);
        let envelope = Envelope::read(body, declared).map_err(|error| bad_request(&error))?;
        told.account = account::label(self.manifest(), envelope.auth());
        let deadline = self.deadline(component, request);
        let mut trusted = self.trust(Untrusted::new(&envelope), deadline).await?;
        let call = operation.read(&envelope, &request.request_id)?;
        loop {
            let session = trusted.session(self.manifest(), deadline, &request.request_id);
            let session = session.in_zone(self.settings.time_zone.as_ref()).at(self.clock().now());
            // A write that is cut short may have been done all the same.
            let session = if call.writes() { session } else { self.engine.admit(session) };
            let result = call.run(&self.engine, &session).await;
            self.engine.dismiss(&session, result.as_ref().err());
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

    /// When the request must be over: Lambda's deadline less a second, or the component's budget.
    fn deadline(&self, component: Component, request: &HttpRequest) -> Moment {
        let own = self.engine.clock().now().plus(self.settings.budget(component));
        let given = request.deadline.map(|d| d.minus(Duration::from_secs(1)));
        given.map_or(own, |given| given.min(own))
    }
}

/// What a request tells about itself, also when it fails.
#[derive(Default)]
struct Told {
    account: String,
    figures: Figures,
}

/// Whether a request may be made once more with renewed credentials: they were refused, and nothing
/// was written before.
fn may_repeat(failure: &Failure) -> bool {
    failure.class == Class::CredentialsRefused && !failure.written
}
