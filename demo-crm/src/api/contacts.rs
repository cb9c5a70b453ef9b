//! Contacts: the list, the lookup, and one at a time.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::response::Response;
use serde_json::json;

use super::answer::answer;
use super::draft;
use super::query::Query;
use super::refusal::Refusal;
use super::reply::Reply;
use crate::contact::{Details, Phone};
use crate::control::churn;
use crate::crm::Shared;
use crate::store::list::{Filter, Sort};
use crate::store::{contacts, list, lookup};

/// Fewer digits would find half the database.
const FEWEST_DIGITS: usize = 5;
const MOST_LOOKED_UP: usize = 20;

pub(crate) async fn list(crm: State<Shared>, RawQuery(query): RawQuery) -> Response {
    answer(crm, move |crm| {
        let known = ["updated_from", "updated_before", "id_after", "sort", "limit"];
        let query = Query::read(query.as_deref(), &known)?;
        let sorts = [("updated_at", Sort::UpdatedAt), ("id", Sort::Id)];
        let filter = Filter {
            updated_from: query.time("updated_from")?,
            updated_before: query.time("updated_before")?,
            id_after: query.integer("id_after")?,
            sort: query.choice("sort", &sorts)?.unwrap_or(Sort::UpdatedAt),
            limit: query.count("limit", 50, 1..=200)?,
        };
        let page = crm.store.read(|db| list::page(db, &filter, crm.clock.now()))?;
        let reply = Reply::ok(&page);
        churn(crm)?;
        reply
    })
    .await
}

pub(crate) async fn lookup(crm: State<Shared>, RawQuery(query): RawQuery) -> Response {
    answer(crm, move |crm| {
        let query = Query::read(query.as_deref(), &["email", "phone", "limit"])?;
        let limit = query.count("limit", 50, 1..=200)?;
        let emails: Vec<String> = query.all("email").map(str::to_owned).collect();
        if emails.iter().any(|email| email.trim().is_empty()) {
            return Err(Refusal::invalid("email", "Must not be empty."));
        }
        let mut last9s = Vec::new();
        for phone in query.all("phone") {
            let digits = Phone::digits(phone);
            if digits.len() < FEWEST_DIGITS {
                let problem = format!("Must have at least {FEWEST_DIGITS} digits.");
                return Err(Refusal::invalid("phone", &problem));
            }
            last9s.push(Phone::last9(&digits).to_owned());
        }
        if !(1..=MOST_LOOKED_UP).contains(&(emails.len() + last9s.len())) {
            let problem = format!("Give from 1 to {MOST_LOOKED_UP} values of email and phone.");
            return Err(Refusal::invalid("email", &problem));
        }
        let found = crm.store.read(|db| lookup::lookup(db, &emails, &last9s, limit, crm.clock.now()))?;
        Reply::ok(&json!({ "contacts": found }))
    })
    .await
}

pub(crate) async fn read(crm: State<Shared>, Path(id): Path<String>, RawQuery(query): RawQuery) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let id = contact_id(&id)?;
        let contact = crm.store.read(|db| contacts::find(db, id))?;
        Reply::ok(&contact.ok_or_else(Refusal::no_contact)?)
    })
    .await
}

pub(crate) async fn create(crm: State<Shared>, RawQuery(query): RawQuery, body: Bytes) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let details = draft::new_contact(&body)?;
        crm.store.write(|db| {
            refuse_duplicate(db, &details, None)?;
            let stamp = crm.clock.stamp();
            let id = contacts::insert(db, &details, stamp.at, stamp)?;
            Reply::created(&contacts::find(db, id)?)
        })
    })
    .await
}

pub(crate) async fn change(
    crm: State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let id = contact_id(&id)?;
        crm.store.write(|db| {
            let mut contact = contacts::find(db, id)?.ok_or_else(Refusal::no_contact)?;
            let email_before = contact.details.email.clone();
            if !draft::changes(&body, &mut contact.details)? {
                return Reply::ok(&contact);
            }
            // Contacts that share an address already may keep it.
            if contact.details.email != email_before {
                refuse_duplicate(db, &contact.details, Some(id))?;
            }
            contacts::replace(db, id, &contact.details, crm.clock.stamp())?;
            Reply::ok(&contacts::find(db, id)?)
        })
    })
    .await
}

pub(crate) async fn delete(
    crm: State<Shared>,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let id = contact_id(&id)?;
        let deleted = crm.store.write(|db| contacts::delete(db, id))?;
        if deleted { Ok(Reply::nothing()) } else { Err(Refusal::no_contact()) }
    })
    .await
}

/// The id in a path. What is not a number is no contact's id, so the answer is the same.
pub(crate) fn contact_id(text: &str) -> Result<i64, Refusal> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(Refusal::no_contact)
}

fn refuse_duplicate(
    db: &rusqlite::Connection,
    details: &Details,
    other_than: Option<i64>,
) -> Result<(), Refusal> {
    let Some(email) = &details.email else {
        return Ok(());
    };
    match contacts::with_email(db, email, other_than)? {
        Some(existing) => Err(Refusal::duplicate(existing)),
        None => Ok(()),
    }
}
