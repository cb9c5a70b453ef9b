//! Writing notes about a contact.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use rusqlite::Connection;

use super::answer::answer;
use super::contacts::contact_id;
use super::fields::{Fields, Given};
use super::query::Query;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::crm::Shared;
use crate::store::interactions::{Note, insert_note};
use crate::store::{contacts, users};

const LONGEST_NOTE: usize = 50_000;

pub(crate) async fn create(
    crm: State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let contact_id = contact_id(&id)?;
        crm.store.write(|db| {
            if !contacts::exists(db, contact_id)? {
                return Err(Refusal::no_contact());
            }
            let mut fields = Fields::read(&body)?;
            let html = html(&mut fields);
            let author_id = author(&mut fields, db)?;
            fields.finish()?;
            let created_at = crm.clock.now();
            let note = Note { id: 0, contact_id, author_id, html, created_at, url: String::new() };
            Reply::created(&insert_note(db, note)?)
        })
    })
    .await
}

/// The note as HTML, from either form.
fn html(fields: &mut Fields) -> String {
    let html = fields.text("html", LONGEST_NOTE);
    let text = fields.text("text", LONGEST_NOTE);
    let html = match (html, text) {
        (Given::Value(html), Given::Absent | Given::Null) => html,
        (Given::Absent | Given::Null, Given::Value(text)) => escaped(&text),
        _ => String::new(),
    };
    if html.trim().is_empty() {
        fields.refuse("html", "Either html or text is mandatory, not both.");
    }
    html
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<p>{}</p>", text.replace('\n', "<br>"))
}

/// Who wrote it: only users who still work here can.
pub(crate) fn author(fields: &mut Fields, db: &Connection) -> Result<Option<i64>, Refusal> {
    let author_id = fields.id("author_id").value();
    if let Some(id) = author_id
        && !users::is_active(db, id)?
    {
        fields.refuse("author_id", "There is no active user with this id.");
    }
    Ok(author_id)
}
