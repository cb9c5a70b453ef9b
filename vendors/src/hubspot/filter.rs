//! The filters of a search: what they may be, and which rows fit.

use bridge::time::Moment;
use serde_json::{Map, Value};

use super::row::Row;
use super::schema::{Type, property};
use super::{Refusal, invalid, known};

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

/// One condition.
pub(super) struct Filter {
    name: String,
    kind: Type,
    operator: String,
    value: String,
    high: String,
    values: Vec<String>,
}

/// All groups of a search; refuses what is wrong with them.
pub(super) fn groups(kind: &str, body: &Map<String, Value>) -> Result<Vec<Vec<Filter>>, Refusal> {
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

/// What is compared: milliseconds, numbers or small letters.
pub(super) fn key(kind: Type, value: Option<&String>) -> (i64, String) {
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

/// Whether times are compared with the epoch, which HubSpot answers with 500.
pub(super) fn zero_time(groups: &[Vec<Filter>]) -> bool {
    groups
        .iter()
        .flatten()
        .any(|f| f.kind == Type::Time && key(f.kind, Some(&f.value)).0 == 0 && f.values.is_empty())
}

/// Whether a row fits.
pub(super) fn matches(filter: &Filter, row: &Row) -> bool {
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
