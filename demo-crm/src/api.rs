//! The HTTP API: every path, and what is answered to a request that has none.

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::crm::Shared;
use crate::{control, front};
use refusal::Refusal;

pub(crate) mod answer;
mod calls;
mod contacts;
mod draft;
mod fields;
mod history;
mod notes;
mod query;
pub(crate) mod refusal;
pub(crate) mod reply;
mod tickets;
mod users;

/// The whole server: API and control behind the layer that every request passes.
pub(crate) fn router(crm: Shared) -> Router {
    Router::new()
        .route("/api/v1/me", get(users::me))
        .route("/api/v1/users", get(users::list))
        .route("/api/v1/contacts", get(contacts::list).post(contacts::create))
        .route("/api/v1/contacts/lookup", get(contacts::lookup))
        .route("/api/v1/contacts/{id}", get(contacts::read).patch(contacts::change).delete(contacts::delete))
        .route("/api/v1/contacts/{id}/tickets", get(history::tickets))
        .route("/api/v1/contacts/{id}/notes", get(history::notes).post(notes::create))
        .route("/api/v1/contacts/{id}/calls", get(history::calls))
        .route("/api/v1/tickets", post(tickets::create))
        .route("/api/v1/calls", post(calls::create))
        .merge(control::http::router())
        .fallback(|| async { Refusal::not_found("There is nothing at this path.") })
        .method_not_allowed_fallback(|method: Method| async move {
            Refusal::new(405, "method_not_allowed", format!("{method} is not possible here."))
        })
        .layer(from_fn_with_state(crm.clone(), front::front))
        .with_state(crm)
}
