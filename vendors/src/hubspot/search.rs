//! `POST /crm/objects/2026-03/{type}/search`.

use std::collections::BTreeMap;

use bridge::time::Moment;
use serde_json::{Map, Value, json};

use super::schema::{Type, defaults, kind, property};
use super::{HubSpot, Refusal, body, invalid, known};
use crate::world::Asked;

const OPERATORS: [&str; 13] = [
    "EQ",
    "NEQ",
    "LT",
    "LTE",
    "GT",
    "GTE",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
];

struct Filter {
    name: String,
    kind: Type,
    operator: String,
    value: String,
    high: String,
    values: Vec<String>,
}

struct Row {
    id: u64,
    properties: BTreeMap<String, String>,
    contacts: Vec<u64>,
    stamp: Moment,
}

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

    fn rows(&self, kind: &str) -> Vec<Row> {
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

fn shown(kind: &str, row: &Row, wanted: &[String]) -> Value {
    let mut shown = shown_properties(kind, row.id, &BTreeMap::new(), row.stamp);
    let known = wanted.iter().filter(|n| property(kind, n).is_some());
    let value = |n: &String| row.properties.get(n).map_or(Value::Null, |v| v.as_str().into());
    shown["properties"] = Value::Object(known.map(|n| (n.clone(), value(n))).collect());
    shown
}

fn groups(kind: &str, body: &Map<String, Value>) -> Result<Vec<Vec<Filter>>, Refusal> {
    let empty = Vec::new();
    let groups = match body.get("filterGroups") {
        None => &empty,
        Some(groups) => groups.as_array().ok_or_else(|| invalid("filterGroups: not a list".to_owned()))?,
    };
    if groups.len() > 5 {
        return Err(invalid(format!("Invalid number of filter groups: {}. Maximum is 5.", groups.len())));
    }
    let mut read = Vec::new();
    for group in groups {
        let group = group.as_object().ok_or_else(|| invalid("filterGroups: not objects".to_owned()))?;
        known(group, &["filters"])?;
        let filters = group.get("filters").and_then(Value::as_array);
        let filters = filters.ok_or_else(|| invalid("filters: may not be null".to_owned()))?;
        if filters.is_empty() || filters.len() > 6 {
            return Err(invalid(format!("Invalid number of filters: {}. Maximum is 6.", filters.len())));
        }
        read.push(filters.iter().map(|f| filter(kind, f)).collect::<Result<Vec<_>, _>>()?);
    }
    if read.iter().map(Vec::len).sum::<usize>() > 18 {
        return Err(invalid("Invalid number of filters. Maximum is 18 in all groups.".to_owned()));
    }
    Ok(read)
}

fn filter(of: &str, filter: &Value) -> Result<Filter, Refusal> {
    let object = filter.as_object().ok_or_else(|| invalid("filters: not objects".to_owned()))?;
    known(object, &["propertyName", "operator", "value", "values", "highValue"])?;
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let name = text("propertyName").ok_or_else(|| invalid("propertyName: may not be null".to_owned()))?;
    let operator = text("operator").ok_or_else(|| invalid("operator: may not be null".to_owned()))?;
    if !OPERATORS.contains(&operator) {
        return Err(invalid(format!("operator: \"{operator}\" is not an operator")));
    }
    let kind = match (of, name) {
        ("contacts", "associations.contact") => None,
        (_, "associations.contact") => Some(Type::Number),
        _ => property(of, name),
    };
    let kind = kind.ok_or_else(|| invalid(format!("Property \"{name}\" does not exist on {of}")))?;
    let many = matches!(operator, "IN" | "NOT_IN");
    let lone = matches!(operator, "HAS_PROPERTY" | "NOT_HAS_PROPERTY");
    let values: Option<Vec<String>> = object
        .get("values")
        .and_then(Value::as_array)
        .map(|list| list.iter().filter_map(|v| v.as_str().map(str::to_owned)).collect());
    if many && values.as_ref().is_none_or(|v| v.is_empty() || v.iter().any(String::is_empty)) {
        return Err(invalid(format!(
            "values: operator {operator} needs a list of values that are not empty"
        )));
    }
    if !many && (values.is_some() || !lone && text("value").is_none_or(str::is_empty)) {
        return Err(invalid(format!(
            "value: operator {operator} needs one value that is not empty, as a string"
        )));
    }
    let (value, high) = (text("value").unwrap_or_default(), text("highValue").unwrap_or_default());
    let numbers = values.iter().flatten().map(String::as_str).chain((!many && !lone).then_some(value));
    for number in numbers.chain((operator == "BETWEEN").then_some(high)) {
        if matches!(kind, Type::Number | Type::Time)
            && number.parse::<i64>().is_err()
            && Moment::parse(number).is_none()
        {
            return Err(invalid(format!("\"{number}\" is not a valid value of property \"{name}\"")));
        }
    }
    let values = values.unwrap_or_default();
    Ok(Filter {
        name: name.to_owned(),
        kind,
        operator: operator.to_owned(),
        value: value.to_owned(),
        high: high.to_owned(),
        values,
    })
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

/// What is compared: milliseconds, numbers or small letters.
fn key(kind: Type, value: Option<&String>) -> (i64, String) {
    let Some(value) = value else { return (i64::MIN, String::new()) };
    match kind {
        Type::Time => (
            value
                .parse()
                .ok()
                .or_else(|| Moment::parse(value).map(|m| m.micros().div_euclid(1000)))
                .unwrap_or(0),
            String::new(),
        ),
        Type::Number => (value.parse().unwrap_or(0), String::new()),
        _ => (0, value.to_lowercase()),
    }
}

fn zero_time(groups: &[Vec<Filter>]) -> bool {
    groups
        .iter()
        .flatten()
        .any(|f| f.kind == Type::Time && key(f.kind, Some(&f.value)).0 == 0 && f.values.is_empty())
}

fn matches(filter: &Filter, row: &Row) -> bool {
    let stored: Vec<String> = match filter.name.as_str() {
        "associations.contact" => row.contacts.iter().map(u64::to_string).collect(),
        name => row.properties.get(name).cloned().into_iter().collect(),
    };
    let compared = |value: &String| key(filter.kind, Some(value));
    let any = |test: &dyn Fn(&String) -> bool| stored.iter().any(test);
    match filter.operator.as_str() {
        "EQ" => any(&|s| compared(s) == compared(&filter.value)),
        "NEQ" => !any(&|s| compared(s) == compared(&filter.value)),
        "LT" => any(&|s| compared(s) < compared(&filter.value)),
        "LTE" => any(&|s| compared(s) <= compared(&filter.value)),
        "GT" => any(&|s| compared(s) > compared(&filter.value)),
        "GTE" => any(&|s| compared(s) >= compared(&filter.value)),
        "BETWEEN" => {
            any(&|s| compared(s) >= compared(&filter.value) && compared(s) <= compared(&filter.high))
        }
        // Text must be given in small letters here.
        "IN" => any(&|s| filter.values.contains(&s.to_lowercase())),
        "NOT_IN" => !any(&|s| filter.values.contains(&s.to_lowercase())),
        "HAS_PROPERTY" => !stored.is_empty(),
        "NOT_HAS_PROPERTY" => stored.is_empty(),
        "CONTAINS_TOKEN" => any(&|s| has_token(s, &filter.value)),
        _ => !any(&|s| has_token(s, &filter.value)),
    }
}

/// `*` stands for any signs within one token.
fn has_token(stored: &str, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    stored.to_lowercase().split([' ', ';', ',']).any(|token| crate::world::like(token, &wanted, '*'))
}
