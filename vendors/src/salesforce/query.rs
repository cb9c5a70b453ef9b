//! `GET /services/data/vXX.0/query`: what a statement may ask, and its rows.

use std::cmp::Ordering;

use bridge::time::Moment;
use serde_json::{Map, Value, json};

use super::schema::{Type, field, object};
use super::soql::{Condition, Literal, Query};
use super::{Org, Refusal, Row, same_id};
use crate::world::like;

const NONE: Value = Value::Null;

fn malformed(why: impl Into<String>) -> Refusal {
    (400, "MALFORMED_QUERY", why.into())
}

impl Org {
    pub(super) fn run(&self, query: &Query) -> Result<Value, Refusal> {
        let rows = self.select(query)?;
        let (total, batch) = (rows.len(), self.batch());
        let (name, _) = object(&query.object).expect("checked");
        let records: Vec<Value> =
            rows.iter().take(batch).map(|row| shown(name, row, &query.fields)).collect();
        let mut answer = json!({"totalSize": total, "done": total <= batch, "records": records});
        if total > batch {
            answer["nextRecordsUrl"] = "/services/data/v64.0/query/01gdM000001Qh2QQAS-2000".into();
        }
        Ok(answer)
    }

    fn select(&self, query: &Query) -> Result<Vec<Row>, Refusal> {
        let Some((name, _)) = object(&query.object) else {
            let why = format!("sObject type '{}' is not supported.", query.object);
            return Err((400, "INVALID_TYPE", why));
        };
        for column in query.fields.iter().chain(query.order.iter().map(|(f, _)| f)) {
            known(name, column)?;
        }
        for (column, _) in &query.order {
            if matches!(known(name, column)?, Type::Long | Type::Base64) {
                return Err(malformed(format!("field '{column}' can not be sorted in a query call")));
            }
        }
        if query.offset > 2000 {
            return Err((
                400,
                "NUMBER_OUTSIDE_VALID_RANGE",
                "Maximum SOQL offset allowed is 2000".to_owned(),
            ));
        }
        if name == "ContentDocumentLink" && !query.condition.as_ref().is_some_and(by_one_id) {
            return Err(malformed(
                "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
            ));
        }
        let mut rows = Vec::new();
        for row in self.rows(name) {
            let wanted = match &query.condition {
                None => true,
                Some(condition) => self.holds(name, &row, condition)?,
            };
            if wanted {
                rows.push(row);
            }
        }
        if let Some(condition) = &query.condition {
            // What is wrong with a statement does not depend on the rows.
            self.holds(name, &Row::default(), condition)?;
        }
        rows.sort_by(|a, b| {
            let columns = query.order.iter().map(|(column, descending)| {
                let (own, kind) = field(name, column).expect("checked");
                let order = compare(kind, a.get(own).unwrap_or(&NONE), b.get(own).unwrap_or(&NONE));
                if *descending { order.reverse() } else { order }
            });
            columns.fold(Ordering::Equal, Ordering::then)
        });
        let limit = query.limit.unwrap_or(usize::MAX);
        Ok(rows.into_iter().skip(query.offset).take(limit).collect())
    }

    fn holds(&self, name: &str, row: &Row, condition: &Condition) -> Result<bool, Refusal> {
        // No short way: every part must be right.
        match condition {
            Condition::And(list) => list.iter().try_fold(true, |all, c| Ok(self.holds(name, row, c)? && all)),
            Condition::Or(list) => list.iter().try_fold(false, |any, c| Ok(self.holds(name, row, c)? || any)),
            Condition::Not(inner) => Ok(!self.holds(name, row, inner)?),
            Condition::Compare(column, operator, value) => test(name, row, column, operator, value),
            Condition::In(column, not, values) => {
                let found =
                    values.iter().try_fold(false, |any, v| Ok(test(name, row, column, "=", v)? || any));
                found.map(|found| found != *not)
            }
            Condition::InQuery(column, not, query) => {
                let kind = known(name, column)?;
                let [wanted] = query.fields.as_slice() else {
                    return Err(malformed("one field is expected"));
                };
                let (inner, _) = object(&query.object).unwrap_or_default();
                if kind != Type::Id || known(inner, wanted)? != Type::Id {
                    return Err(malformed("semi join sub-selects are over ids only"));
                }
                let (own, _) = field(name, column).expect("checked");
                let (other, _) = field(inner, wanted).expect("checked");
                let found = self.select(query)?.iter().any(|r| same_id(r.get(other), row.get(own)));
                Ok(found != *not)
            }
        }
    }
}

fn known(name: &str, column: &str) -> Result<Type, Refusal> {
    let why = || {
        let text = format!(
            "No such column '{column}' on entity '{name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name."
        );
        (400, "INVALID_FIELD", text)
    };
    field(name, column).map(|(_, kind)| kind).ok_or_else(why)
}

fn by_one_id(condition: &Condition) -> bool {
    let id =
        |column: &str| ["ContentDocumentId", "LinkedEntityId"].iter().any(|n| n.eq_ignore_ascii_case(column));
    match condition {
        Condition::Compare(column, operator, _) => id(column) && operator == "=",
        Condition::In(column, not, _) => id(column) && !not,
        Condition::And(list) => list.iter().any(by_one_id),
        _ => false,
    }
}

/// Whether a row's field stands to a value as the operator says; refuses what does not fit the type.
fn test(name: &str, row: &Row, column: &str, operator: &str, value: &Literal) -> Result<bool, Refusal> {
    let kind = known(name, column)?;
    let (own, _) = field(name, column).expect("checked");
    let invalid = |why: String| (400, "INVALID_FIELD", why);
    if matches!(kind, Type::Long | Type::Base64) {
        return Err(invalid(format!("field '{column}' can not be filtered in a query call")));
    }
    let wanted: Value = match (kind, value) {
        (_, Literal::Null) => Value::Null,
        (Type::Id, Literal::Text(text)) => {
            let right = matches!(text.len(), 15 | 18) && text.chars().all(|c| c.is_ascii_alphanumeric());
            if !right {
                return Err((400, "INVALID_QUERY_FILTER_OPERATOR", format!("invalid ID field: {text}")));
            }
            text.as_str().into()
        }
        (Type::Text(_) | Type::One(_), Literal::Text(text)) => text.as_str().into(),
        (Type::Time, Literal::Time(time)) => time.iso_us().into(),
        (Type::Date, Literal::Date(date)) => date.as_str().into(),
        (Type::Bool, Literal::Bool(b)) => (*b).into(),
        (Type::Number, Literal::Number(n)) => (*n).into(),
        (kind, value) => {
            return Err(invalid(format!(
                "value of filter criterion for field '{column}' must be of type {kind:?} ({value:?})"
            )));
        }
    };
    let stored = row.get(own).unwrap_or(&NONE);
    if operator == "LIKE" {
        let (Type::Text(_), Value::String(pattern)) = (kind, &wanted) else {
            return Err((400, "INVALID_QUERY_FILTER_OPERATOR", format!("{column} cannot be used with LIKE")));
        };
        return Ok(like(&stored.as_str().unwrap_or_default().to_lowercase(), &pattern.to_lowercase(), '%'));
    }
    if stored.is_null() || wanted.is_null() {
        return Ok(matches!((operator, stored == &wanted), ("=", true) | ("!=" | "<>", false)));
    }
    let order = compare(kind, stored, &wanted);
    match operator {
        "=" => Ok(order.is_eq()),
        "!=" | "<>" => Ok(order.is_ne()),
        "<" | "<=" | ">" | ">=" if kind == Type::Bool => {
            Err((400, "INVALID_QUERY_FILTER_OPERATOR", format!("{column} cannot be compared")))
        }
        "<" => Ok(order.is_lt()),
        "<=" => Ok(order.is_le()),
        ">" => Ok(order.is_gt()),
        ">=" => Ok(order.is_ge()),
        other => Err(malformed(format!("unexpected token: '{other}'"))),
    }
}

fn compare(kind: Type, a: &Value, b: &Value) -> Ordering {
    let text = |v: &Value| v.as_str().map(str::to_lowercase);
    match kind {
        Type::Time => moment(a).cmp(&moment(b)),
        Type::Id => {
            a.as_str().map(|t| t.get(..15).unwrap_or(t)).cmp(&b.as_str().map(|t| t.get(..15).unwrap_or(t)))
        }
        Type::Number => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        Type::Bool => a.as_bool().cmp(&b.as_bool()),
        _ => text(a).cmp(&text(b)),
    }
}

fn moment(value: &Value) -> Option<Moment> {
    value.as_str().and_then(Moment::parse)
}

/// A row as it is answered: only what was asked for, whole seconds, relations as objects.
fn shown(name: &str, row: &Row, fields: &[String]) -> Value {
    let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
    let url = format!("/services/data/v64.0/sobjects/{name}/{id}");
    let mut shown = Map::from_iter([("attributes".to_owned(), json!({"type": name, "url": url}))]);
    for column in fields {
        let (own, kind) = field(name, column).expect("checked");
        let value = row.get(own).cloned().unwrap_or(Value::Null);
        let value = match (kind, moment(&value)) {
            (Type::Time, Some(time)) => {
                time.calendar().format("%Y-%m-%dT%H:%M:%S.000+0000").to_string().into()
            }
            _ => value,
        };
        match own.split_once('.') {
            None => drop(shown.insert(own.to_owned(), value)),
            Some((relation, _)) if value.is_null() => drop(shown.insert(relation.to_owned(), Value::Null)),
            Some((relation, part)) => {
                drop(
                    shown.insert(relation.to_owned(), json!({"attributes": {"type": relation}, part: value})),
                );
            }
        }
    }
    Value::Object(shown)
}
