//! `POST /crm/objects/2026-03/{type}/search`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bridge::time::Moment;
use serde_json::{Map, Value, json};

use super::filter::{groups, key, matches, zero_time};
use super::row::Row;
use super::schema::{Type, defaults, kind, property};
use super::{HubSpot, Refusal, body, invalid, known};
use crate::world::Asked;

impl HubSpot {
    pub(super) fn search(&self, asked: &Asked, name: &str) -> Result<Value, Refusal> {
        let kind = kind(name).ok_or_else(|| invalid(format!("Unable to infer object type from: {name}")))?;
        if asked.text.chars().count() > 3000 {
            return Err(invalid("The request body is larger than 3000 characters.".to_owned()));
        }
        let body = body(asked, &["filterGroups", "sorts", "query", "properties", "limit", "after"])?;
        let groups = groups(kind, body)?;
        let sort = sort(kind, body)?;
        let limit = match body.get("limit") {
            None => 10,
            Some(limit) => limit.as_u64().ok_or_else(|| invalid("limit: not an integer".to_owned()))?,
        };
        if limit > 200 {
            return Err(invalid("limit must be less than or equal to 200".to_owned()));
        }
        let after = match body.get("after") {
            None => 0,
            Some(Value::String(text)) => text.parse::<u64>().map_err(|_| {
                invalid(format!("Cannot deserialize value of type `int` from String \"{text}\""))
            })?,
            Some(_) => return Err(invalid("after: not a string".to_owned())),
        };
        if after + limit > 10_000 {
            return Err(invalid("There was a problem with the request: more than 10000 results.".to_owned()));
        }
        self.in_time()?;
        if zero_time(&groups) {
            return Err((500, "INTERNAL_ERROR", "internal error".to_owned()));
        }
        self.0.searches.lock().expect("the searches' lock").push(json!({"kind": kind, "body": asked.body}));
        let wanted = self.wanted(kind, body)?;
        let mut rows: Vec<Row> = self
            .rows(kind)
            .into_iter()
            .filter(|r| groups.is_empty() || groups.iter().any(|g| g.iter().all(|f| matches(f, r))))
            .collect();
        let turn = self.turn().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        rows.sort_by_key(|r| r.id.wrapping_mul(0x2545_F491_4F6C_DD1D) ^ turn);
        if let Some((name, of, descending)) = sort {
            rows.sort_by(|a, b| {
                let order = key(of, a.properties.get(&name)).cmp(&key(of, b.properties.get(&name)));
                if descending { order.reverse() } else { order }
            });
        }
        let total = rows.len() as u64;
        let page: Vec<Value> =
            rows.iter().skip(after as usize).take(limit as usize).map(|r| shown(kind, r, &wanted)).collect();
        let next = after + page.len() as u64;
        let mut answer = json!({"total": total, "results": page});
        if next < total {
            answer["paging"] = json!({"next": {"after": next.to_string(), "link": "?after=..."}});
        }
        Ok(answer)
    }

    /// Five searches a second and account, by the real clock: the bridge's own pace is at stake.
    fn in_time(&self) -> Result<(), Refusal> {
        let Some(most) = self.0.per_second else { return Ok(()) };
        let (mut times, now) = (self.0.times.lock().expect("the times' lock"), Instant::now());
        times.retain(|t| now.duration_since(*t) < Duration::from_secs(1));
        if times.len() >= most {
            return Err((429, "RATE_LIMITS", "You have reached your secondly limit.".to_owned()));
        }
        times.push(now);
        Ok(())
    }

    fn wanted(&self, kind: &str, body: &Map<String, Value>) -> Result<Vec<String>, Refusal> {
        let Some(list) = body.get("properties") else {
            return Ok(defaults(kind).iter().map(|n| (*n).to_owned()).collect());
        };
        let list = list.as_array().ok_or_else(|| invalid("properties: not a list".to_owned()))?;
        let mut names: Vec<String> = Vec::new();
        for name in list {
            let name =
                name.as_str().ok_or_else(|| invalid("properties: not a list of strings".to_owned()))?;
            if property(kind, name).is_none() {
                self.0.unknown.lock().expect("the names' lock").push(format!("{kind}.{name}"));
            }
            names.push(name.to_owned());
        }
        let modified = if kind == "contacts" { "lastmodifieddate" } else { "hs_lastmodifieddate" };
        names.extend(["createdate", modified, "hs_object_id"].map(str::to_owned));
        Ok(names)
    }

    pub(super) fn rows(&self, kind: &str) -> Vec<Row> {
        if kind == "contacts" {
            let people = self.0.table.shown().into_iter().filter(|p| !p.archived);
            return people
                .map(|p| Row {
                    id: p.number,
                    properties: self.contact(&p),
                    contacts: Vec::new(),
                    stamp: p.stamp,
                })
                .collect();
        }
        let records = self.records();
        let of_kind = records.iter().filter(|r| r.kind == kind);
        of_kind
            .map(|r| Row {
                id: r.id,
                properties: r.properties.clone(),
                contacts: r.contacts.clone(),
                stamp: self.0.table.now(),
            })
            .collect()
    }
}

pub(super) fn shown_properties(
    kind: &str,
    id: u64,
    properties: &BTreeMap<String, String>,
    stamp: Moment,
) -> Value {
    let code = match kind {
        "contacts" => "0-1",
        "tickets" => "0-5",
        "deals" => "0-3",
        "notes" => "0-46",
        "calls" => "0-48",
        _ => "0-27",
    };
    let created = properties.get("createdate").cloned().unwrap_or_default();
    json!({"id": id.to_string(), "properties": properties, "createdAt": created, "updatedAt": stamp.iso_ms(),
        "archived": false, "url": format!("https://app-eu1.hubspot.com/contacts/147893286/record/{code}/{id}")})
}

pub(super) fn shown(kind: &str, row: &Row, wanted: &[String]) -> Value {
    let mut shown = shown_properties(kind, row.id, &BTreeMap::new(), row.stamp);
    let known = wanted.iter().filter(|n| property(kind, n).is_some());
    let value = |n: &String| row.properties.get(n).map_or(Value::Null, |v| v.as_str().into());
    shown["properties"] = Value::Object(known.map(|n| (n.clone(), value(n))).collect());
    shown
}

fn sort(kind: &str, body: &Map<String, Value>) -> Result<Option<(String, Type, bool)>, Refusal> {
    let Some(sorts) = body.get("sorts").and_then(Value::as_array) else { return Ok(None) };
    match sorts.as_slice() {
        [] => Ok(None),
        [Value::Object(sort)] => {
            known(sort, &["propertyName", "direction"])?;
            let name = sort.get("propertyName").and_then(Value::as_str).unwrap_or_default();
            let of = property(kind, name)
                .ok_or_else(|| invalid(format!("Property \"{name}\" does not exist on {kind}")))?;
            match sort.get("direction").and_then(Value::as_str) {
                None | Some("ASCENDING") => Ok(Some((name.to_owned(), of, false))),
                Some("DESCENDING") => Ok(Some((name.to_owned(), of, true))),
                Some(other) => Err(invalid(format!("direction: {other}"))),
            }
        }
        _ => Err(invalid("Only one sort is allowed.".to_owned())),
    }
}
