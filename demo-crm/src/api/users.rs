//! Who the key belongs to, and who else works in the CRM.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use serde_json::json;

use super::answer::answer;
use super::query::Query;
use super::reply::Reply;
use crate::crm::Shared;
use crate::store::users;

pub(crate) async fn me(crm: State<Shared>, RawQuery(query): RawQuery) -> Response {
    answer(crm, move |crm| {
        Query::read(query.as_deref(), &[])?;
        let user = crm.store.read(users::key_owner)?;
        Reply::ok(&json!({
            "id": user.id,
            "name": user.name,
            "email": user.email,
            "account": "Demo CRM",
        }))
    })
    .await
}

pub(crate) async fn list(crm: State<Shared>, RawQuery(query): RawQuery) -> Response {
    answer(crm, move |crm| {
        let query = Query::read(query.as_deref(), &["page", "per_page"])?;
        let page = query.count("page", 1, 1..=100_000)?;
        let per_page = query.count("per_page", 50, 1..=100)?;
        crm.store.read(|db| {
            let total = users::count(db)?;
            Reply::ok(&json!({
                "users": users::page(db, (page - 1) * per_page, per_page)?,
                "page": page,
                "pages": total.div_ceil(per_page),
                "total": total,
            }))
        })
    })
    .await
}
