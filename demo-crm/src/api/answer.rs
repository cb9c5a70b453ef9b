//! How every handler's work is run.

use axum::extract::State;
use axum::response::{IntoResponse, Response};

use super::refusal::Refusal;
use super::reply::Reply;
use crate::crm::{Crm, Shared};

/// Runs a handler's work where waiting for the database holds nobody else up.
pub(crate) async fn answer<F>(State(crm): State<Shared>, work: F) -> Response
where
    F: FnOnce(&Crm) -> Result<Reply, Refusal> + Send + 'static,
{
    match tokio::task::spawn_blocking(move || work(&crm)).await {
        Ok(Ok(reply)) => reply.into_response(),
        Ok(Err(refusal)) => refusal.into_response(),
        Err(_) => Refusal::internal("The handler stopped half way.").into_response(),
    }
}
