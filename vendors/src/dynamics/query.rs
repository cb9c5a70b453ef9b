//! Lists: `$select`, `$filter`, `$orderby`, `$top`, and pages by the server's cookie.

use std::cmp::Ordering;

use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::response::Response;
use serde_json::{Value, json};

use super::rows::{Prefer, guid_order, print};
use super::schema::{Entity, Kind};
use super::{Dynamics, Refusal, filter, text};
use crate::world::answer;

/// Where a page that was handed out begins.
#[derive(Clone, Debug)]
pub(super) struct Link {
    others: Vec<(String, String)>,
    last: Vec<Value>,
    page: u64,
}

struct Query {
    select: Vec<String>,
    filter: Option<filter::Expr>,
    order: Vec<(String, bool)>,
    top: Option<usize>,
    /// The navigation property that is printed with every row, and its columns.
    expand: Option<(String, Vec<String>)>,
    token: Option<String>,
    others: Vec<(String, String)>,
}

fn read(entity: &'static Entity, raw: &str) -> Result<Query, Refusal> {
    let mut query = Query {
        select: vec![],
        filter: None,
        order: vec![],
        top: None,
        expand: None,
        token: None,
        others: vec![],
    };
    let known = |name: &str| {
        entity.column(name).map(|_| name.to_owned()).ok_or_else(|| Refusal::no_property(name, entity))
    };
    for pair in raw.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = url::form_urlencoded::parse(pair.as_bytes()).next().unwrap_or_default();
        match name.as_ref() {
            "$select" => query.select = value.split(',').map(known).collect::<Result<_, _>>()?,
            "$filter" => query.filter = Some(filter::parse(&value, entity)?),
            "$expand" => query.expand = Some(expand(entity, &value)?),
            "$orderby" => {
                for part in value.split(',') {
                    let (column, way) = part.trim().split_once(' ').unwrap_or((part.trim(), "asc"));
                    if !["asc", "desc"].contains(&way) {
                        return Err(Refusal::bad(&format!("Syntax error in '$orderby': '{part}'.")));
                    }
                    query.order.push((known(column)?, way == "desc"));
                }
            }
            "$top" => match value.parse() {
                Ok(top) if top > 0 => query.top = Some(top),
                _ => {
                    return Err(Refusal::bad(&format!(
                        "Invalid value '{value}' for $top query option found."
                    )));
                }
            },
            // As it came: another encoding breaks it.
            "$skiptoken" => query.token = pair.split_once('=').map(|(_, v)| v.to_owned()),
            "$skip" => return Err(Refusal::bad("Skip Clause is not supported in CRM")),
            other => {
                let message = format!("The query parameter {other} is not supported");
                return Err(Refusal::bad(&message));
            }
        }
        if name != "$skiptoken" {
            if query.others.iter().any(|(n, _)| *n == name) {
                return Err(Refusal::bad(&format!("Query option '{name}' was specified more than once.")));
            }
            query.others.push((name.into_owned(), value.into_owned()));
        }
    }
    if !query.order.iter().any(|(column, _)| column == entity.key) {
        query.order.push((entity.key.to_owned(), false));
    }
    Ok(query)
}

/// `name($select=column,…)` of a navigation property that the table has.
fn expand(entity: &'static Entity, text: &str) -> Result<(String, Vec<String>), Refusal> {
    let (name, options) = text.split_once('(').unwrap_or((text, ")"));
    let known = entity.expands.iter().find(|(known, _)| *known == name);
    let Some((_, columns)) = known else {
        return Err(Refusal::bad(&format!(
            "Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{}'.",
            entity.name
        )));
    };
    let options = options.strip_suffix(')').and_then(|inner| inner.strip_prefix("$select="));
    let wanted: Vec<String> = options.unwrap_or_default().split(',').map(str::to_owned).collect();
    match wanted.iter().find(|column| !columns.contains(&column.as_str())) {
        None => Ok((name.to_owned(), wanted)),
        Some(column) => Err(Refusal::bad(&format!("Could not find a property named '{column}' in $expand."))),
    }
}

/// A row as it is printed, with what is expanded.
fn printed(entity: &Entity, row: &Value, query: &Query, prefer: &Prefer) -> Value {
    let mut printed = print(entity, row, &query.select, prefer);
    if let Some((name, columns)) = &query.expand {
        let rows = row[name].as_array().into_iter().flatten();
        let only = |row: &Value| columns.iter().map(|c| (c.clone(), row[c].clone())).collect::<Value>();
        printed[name] = rows.map(only).collect();
    }
    printed
}

/// `GET /<entity set>`
pub(super) fn list(
    vendor: &Dynamics,
    entity: &'static Entity,
    parts: &Parts,
    prefer: &Prefer,
) -> Result<Response, Refusal> {
    let query = read(entity, parts.uri.query().unwrap_or_default())?;
    let link = match &query.token {
        None => None,
        Some(token) => {
            let link = vendor.lock().links.get(token).cloned();
            let link = link.filter(|l| l.others == query.others);
            let message = "Malformed XML in the Paging Cookie";
            Some(link.ok_or_else(|| Refusal::new(400, "0x80041129", message))?)
        }
    };
    let mut rows = vendor.all(entity);
    if let Some(expr) = &query.filter {
        vendor.lock().filters.push((entity.set, expr.clone()));
        rows.retain(|row| expr.fits(row));
    }
    let key =
        |row: &Value| -> Vec<Value> { query.order.iter().map(|(column, _)| row[column].clone()).collect() };
    let compare = |a: &[Value], b: &[Value]| {
        let pairs = query.order.iter().zip(a.iter().zip(b));
        let mut orders = pairs.map(|((column, down), (a, b))| {
            let order = values(entity.column(column), a, b);
            if *down { order.reverse() } else { order }
        });
        orders.find(|o| *o != Ordering::Equal).unwrap_or(Ordering::Equal)
    };
    rows.sort_by(|a, b| compare(&key(a), &key(b)));
    if let Some(link) = &link {
        rows.retain(|row| compare(&key(row), &link.last) == Ordering::Greater);
    }
    // With $top there are no pages.
    let size = query.top.unwrap_or_else(|| prefer.page_size.unwrap_or(5000)).min(5000);
    let more = rows.len() > size && query.top.is_none();
    rows.truncate(size);
    let host = text(&parts.headers, "host");
    let mut body = json!({
        "@odata.context": format!("http://{host}/api/data/v9.2/$metadata#{}({})", entity.set, query.select.join(",")),
        "value": rows.iter().map(|row| printed(entity, row, &query, prefer)).collect::<Vec<_>>(),
    });
    if more {
        let page = link.map_or(1, |l| l.page) + 1;
        let last = key(&rows[rows.len() - 1]);
        let token = cookie(page, &query.order, &last);
        let options: Vec<String> = query.others.iter().map(|(n, v)| format!("{n}={}&", encoded(v))).collect();
        let url =
            format!("http://{host}/api/data/v9.2/{}?{}$skiptoken={token}", entity.set, options.concat());
        body["@odata.nextLink"] = url.into();
        vendor.lock().links.insert(token, Link { others: query.others, last, page });
    }
    let mut response = answer(200, &body);
    if let Some(size) = prefer.page_size {
        let applied = format!("odata.maxpagesize={size}");
        response
            .headers_mut()
            .insert("preference-applied", HeaderValue::from_str(&applied).expect("a header"));
    }
    Ok(response)
}

/// Nulls first, GUIDs in the database's order, text without case.
fn values(kind: Option<Kind>, a: &Value, b: &Value) -> Ordering {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) if matches!(kind, Some(Kind::Guid | Kind::Lookup)) => {
            guid_order(a).cmp(&guid_order(b))
        }
        (Some(a), Some(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        _ if a.is_null() || b.is_null() => b.is_null().cmp(&a.is_null()),
        _ => (a.as_i64(), a.as_bool()).cmp(&(b.as_i64(), b.as_bool())),
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The cookie: XML in XML, encoded twice inside, as documented.
fn cookie(page: u64, order: &[(String, bool)], last: &[Value]) -> String {
    let columns = order.iter().zip(last);
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let columns: Vec<String> =
        columns.map(|((column, _), v)| format!("<{column} last=\"{}\" />", text(v))).collect();
    let inner = format!("<cookie page=\"{}\">{}</cookie>", page - 1, columns.concat());
    let inner = encoded(&encoded(&inner));
    encoded(&format!("<cookie pagenumber=\"{page}\" pagingcookie=\"{inner}\" istracking=\"False\" />"))
}
