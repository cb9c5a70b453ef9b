//! Lists and single records.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::response::Response;
use bridge::time::Moment;
use serde_json::{Value, json};

use super::rows::{by_email, exists, known};
use super::{Freshdesk, Refusal};
use crate::world::answer;

type Query = [(String, String)];

fn number(query: &Query, name: &str, most: u64, or: u64) -> Result<u64, Refusal> {
    let Some((_, text)) = query.iter().find(|(n, _)| n == name) else { return Ok(or) };
    match text.parse() {
        Ok(value) if (1..=most).contains(&value) => Ok(value),
        _ => Err(Refusal::value(
            name,
            &format!("It should be a Positive Integer less than or equal to {most}"),
        )),
    }
}

fn allowed(query: &Query, names: &[&str]) -> Result<(), Refusal> {
    for (index, (name, _)) in query.iter().enumerate() {
        if !names.contains(&name.as_str()) || query[..index].iter().any(|(n, _)| n == name) {
            return Err(Refusal::unknown(name));
        }
    }
    Ok(())
}

fn parameter<'a>(query: &'a Query, name: &str) -> Option<&'a str> {
    query.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

fn since(query: &Query, name: &str) -> Result<Option<Moment>, Refusal> {
    let wrong = || {
        Refusal::field(400, name, "It should be in the combined date and time ISO8601 format", "invalid_date")
    };
    parameter(query, name)
        .map(|text| Moment::parse(text).filter(|_| text.contains('T') && text.len() >= 20).ok_or_else(wrong))
        .transpose()
}

/// A page, with a link only when there is more.
fn page(rows: &[Value], query: &Query, host: &str, path: &str, pages: u64) -> Result<Response, Refusal> {
    let size = number(query, "per_page", 100, 30)?;
    let page = number(query, "page", pages, 1)?;
    let begin = ((page - 1) * size) as usize;
    let rest = rows.get(begin..).unwrap_or_default();
    let shown: Vec<Value> = rest.iter().take(size as usize).cloned().collect();
    let mut response = answer(200, &shown.into());
    if rest.len() > size as usize {
        let others: Vec<_> = query.iter().filter(|(n, _)| n != "page").cloned().collect();
        let next = [("page".to_owned(), (page + 1).to_string())];
        let text = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(others.iter().chain(&next))
            .finish();
        let link = format!("<https://{host}/api/v2/{path}?{text}>; rel=\"next\"");
        response.headers_mut().insert("link", HeaderValue::from_str(&link).expect("a header"));
    }
    Ok(response)
}

pub(super) fn agents(desk: &Freshdesk, query: &Query, host: &str) -> Result<Response, Refusal> {
    allowed(query, &["email", "mobile", "phone", "state", "page", "per_page"])?;
    let rows = desk.lock().agents.clone();
    page(&rows, query, host, "agents", u64::MAX)
}

pub(super) fn contacts(desk: &Freshdesk, query: &Query, host: &str) -> Result<Response, Refusal> {
    allowed(
        query,
        &["email", "mobile", "phone", "company_id", "state", "_updated_since", "page", "per_page"],
    )?;
    if let Some(state) = parameter(query, "state")
        && !["blocked", "deleted", "unverified", "verified"].contains(&state)
    {
        return Err(Refusal::value(
            "state",
            "It should be one of these values: 'verified,unverified,blocked,deleted'",
        ));
    }
    let mut rows = known(desk);
    for name in ["email", "phone", "mobile"] {
        if let Some(wanted) = parameter(query, name) {
            rows.retain(|row| row[name].as_str().is_some_and(|v| v.eq_ignore_ascii_case(wanted)));
        }
    }
    if let Some(since) = since(query, "_updated_since")? {
        // Whether the bound is inclusive is not documented: the worse of both is taken.
        rows.retain(|row| {
            row["updated_at"].as_str().and_then(Moment::parse).is_some_and(|stamp| stamp > since)
        });
    }
    page(&rows, query, host, "contacts", u64::MAX)
}

pub(super) fn contact(desk: &Freshdesk, id: &str) -> Result<Response, Refusal> {
    let id: u64 = id.parse().map_err(|_| Refusal(404, Value::Null))?;
    let mut row = known(desk).into_iter().find(|row| row["id"] == id).ok_or(Refusal(404, Value::Null))?;
    row["other_emails"] = json!([]);
    Ok(answer(200, &row))
}

pub(super) fn tickets(desk: &Freshdesk, query: &Query, host: &str) -> Result<Response, Refusal> {
    let names = [
        "filter",
        "requester_id",
        "email",
        "unique_external_id",
        "company_id",
        "updated_since",
        "order_by",
        "order_type",
        "include",
        "page",
        "per_page",
    ];
    allowed(query, &names)?;
    let one_of = |name: &str, values: &[&str]| {
        let wrong = parameter(query, name).is_some_and(|v| v.split(',').any(|v| !values.contains(&v)));
        let message = format!("It should be one of these values: '{}'", values.join(","));
        if wrong { Err(Refusal::value(name, &message)) } else { Ok(()) }
    };
    one_of("order_by", &["created_at", "due_by", "updated_at", "status"])?;
    one_of("order_type", &["asc", "desc"])?;
    one_of("include", &["requester", "stats", "description"])?;
    let mut rows = desk.lock().tickets.clone();
    if let Some(text) = parameter(query, "requester_id") {
        let id: u64 = text.parse().map_err(|_| Refusal::kind("requester_id", "Positive Integer"))?;
        if !exists(desk, id) {
            return Err(Refusal::value(
                "requester_id",
                "There is no contact matching the given requester_id",
            ));
        }
        rows.retain(|row| row["requester_id"] == id);
    }
    if let Some(email) = parameter(query, "email") {
        let id = by_email(desk, email);
        let id = id.ok_or_else(|| Refusal::value("email", "There is no contact matching the given email"))?;
        rows.retain(|row| row["requester_id"] == id);
    }
    let stamp = |row: &Value, name: &str| row[name].as_str().and_then(Moment::parse);
    match since(query, "updated_since")? {
        Some(since) => rows.retain(|row| stamp(row, "updated_at").is_some_and(|t| t >= since)),
        None => {
            let month = desk.table.now().minus(Duration::from_secs(30 * 86_400));
            rows.retain(|row| stamp(row, "created_at").is_some_and(|t| t >= month));
        }
    }
    let order = parameter(query, "order_by").unwrap_or("created_at");
    rows.sort_by_key(|row| (row[order].as_str().map(str::to_owned), row[order].as_i64(), row["id"].as_u64()));
    if parameter(query, "order_type") != Some("asc") {
        rows.reverse();
    }
    if !parameter(query, "include").is_some_and(|v| v.contains("description")) {
        for row in &mut rows {
            row.as_object_mut().expect("an object").retain(|key, _| !key.starts_with("description"));
        }
    }
    page(&rows, query, host, "tickets", 300)
}
