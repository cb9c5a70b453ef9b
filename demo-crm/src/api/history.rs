//! What happened with a contact, newest first.

use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use rusqlite::Connection;
use serde::Serialize;
use serde_json::json;

use super::answer::answer;
use super::contacts::contact_id;
use super::query::Query;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::crm::Shared;
use crate::store::{contacts, interactions, tickets};

pub(crate) async fn tickets(
    crm: State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    newest(crm, id, query, "tickets", tickets::of_contact).await
}

pub(crate) async fn notes(crm: State<Shared>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    newest(crm, id, query, "notes", interactions::notes_of).await
}

pub(crate) async fn calls(crm: State<Shared>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    newest(crm, id, query, "calls", interactions::calls_of).await
}

async fn newest<T: Serialize + 'static>(
    crm: State<Shared>,
    id: String,
    query: Option<String>,
    name: &'static str,
    of_contact: fn(&Connection, i64, usize) -> rusqlite::Result<Vec<T>>,
) -> Response {
    answer(crm, move |crm| {
        let query = Query::read(query.as_deref(), &["limit"])?;
        let limit = query.count("limit", 50, 1..=200)?;
        let id = contact_id(&id)?;
        crm.store.read(|db| {
            if !contacts::exists(db, id)? {
                return Err(Refusal::no_contact());
            }
            Reply::ok(&json!({ name: of_contact(db, id, limit)? }))
        })
    })
    .await
}
