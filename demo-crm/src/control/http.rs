//! The control over HTTP, for tests in other languages. It needs no key: the server is on loopback.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{Control, ControlError};
use crate::api::answer::answer;
use crate::api::refusal::Refusal;
use crate::api::reply::Reply;
use crate::clock::Micros;
use crate::crm::Shared;
use crate::fault::Fault;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    count: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Churn {
    per_request: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_millis: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lag {
    lag_millis: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StampOne {
    id: i64,
    updated_at: String,
}

pub(crate) fn router() -> Router<Shared> {
    Router::new()
        .route("/control/faults", get(waiting_faults).post(add_faults).delete(clear_faults))
        .route("/control/clock", post(clock))
        .route("/control/visibility", post(visibility))
        .route("/control/burst", post(burst))
        .route("/control/touch", post(touch))
        .route("/control/churn", post(churn))
        .route("/control/stamp", post(stamp))
        .route("/control/contacts", get(contacts))
        .route("/control/requests", get(requests).delete(clear_requests))
}

async fn waiting_faults(crm: State<Shared>) -> Response {
    run(crm, |control| Reply::ok(&control.waiting_faults())).await
}

async fn add_faults(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        let faults: Vec<Fault> = read(&body)?;
        control.add_faults(faults)?;
        Ok(Reply::nothing())
    })
    .await
}

async fn clear_faults(crm: State<Shared>) -> Response {
    run(crm, |control| {
        control.clear_faults();
        Ok(Reply::nothing())
    })
    .await
}

async fn clock(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        control.advance_clock(read::<Advance>(&body)?.advance_millis);
        Ok(Reply::nothing())
    })
    .await
}

async fn visibility(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        control.set_visibility_lag(read::<Lag>(&body)?.lag_millis);
        Ok(Reply::nothing())
    })
    .await
}

async fn burst(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        let ids = control.burst(read::<Count>(&body)?.count)?;
        Reply::ok(&json!({ "ids": ids }))
    })
    .await
}

async fn touch(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        let ids = control.touch(read::<Count>(&body)?.count)?;
        Reply::ok(&json!({ "ids": ids }))
    })
    .await
}

async fn churn(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        control.churn_per_request(read::<Churn>(&body)?.per_request);
        Ok(Reply::nothing())
    })
    .await
}

async fn stamp(crm: State<Shared>, body: Bytes) -> Response {
    run(crm, move |control| {
        let one: StampOne = read(&body)?;
        let problem = "Must be an RFC 3339 time with at most 6 digits of fraction.";
        let updated_at =
            Micros::parse(&one.updated_at).ok_or_else(|| Refusal::malformed("updated_at", problem))?;
        control.stamp(one.id, updated_at)?;
        Ok(Reply::nothing())
    })
    .await
}

async fn contacts(crm: State<Shared>) -> Response {
    run(crm, |control| Reply::ok(&control.contacts()?)).await
}

async fn requests(crm: State<Shared>) -> Response {
    run(crm, |control| Reply::ok(&control.requests())).await
}

async fn clear_requests(crm: State<Shared>) -> Response {
    run(crm, |control| {
        control.clear_requests();
        Ok(Reply::nothing())
    })
    .await
}

async fn run<F>(State(crm): State<Shared>, work: F) -> Response
where
    F: FnOnce(Control) -> Result<Reply, Refusal> + Send + 'static,
{
    let control = Control::new(crm.clone());
    answer(State(crm), move |_| work(control)).await
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|error| Refusal::malformed("body", &error.to_string()))
}

impl From<ControlError> for Refusal {
    fn from(error: ControlError) -> Self {
        match error {
            ControlError::Database(error) => Self::internal(error),
            ControlError::Invalid(problem) => Self::new(422, "validation_failed", problem),
        }
    }
}
