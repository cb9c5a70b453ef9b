//! Logging calls.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;

use super::answer::answer;
use super::fields::Fields;
use super::notes::author;
use super::query::Query;
use super::reply::Reply;
use crate::clock::Micros;
use crate::crm::Shared;
use crate::store::contacts;
use crate::store::interactions::{Call, insert_call};

const A_DAY: i64 = 86_400;

pub(crate) async fn create(crm: State<Shared>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        crm.store.write(|db| {
            let mut fields = Fields::read(&body)?;
            let contact = fields.id("contact_id");
            let contact_id = fields.mandatory("contact_id", contact).unwrap_or_default();
            if !contacts::exists(db, contact_id)? {
                fields.refuse("contact_id", "There is no contact with this id.");
            }
            let direction = fields.choice("direction", &["inbound", "outbound"]);
            let seconds = fields.integer("seconds", 0..=A_DAY);
            let started_at = fields.time("started_at");
            let call = Call {
                id: 0,
                contact_id,
                author_id: author(&mut fields, db)?,
                direction: fields.mandatory("direction", direction).unwrap_or_default(),
                seconds: fields.mandatory("seconds", seconds).unwrap_or_default(),
                started_at: fields.mandatory("started_at", started_at).unwrap_or(Micros(0)),
                summary: fields.text("summary", 5_000).value(),
                url: String::new(),
            };
            fields.finish()?;
            Reply::created(&insert_call(db, call)?)
        })
    })
    .await
}
