//! Filters over lists and maps.

use std::borrow::Cow;
use std::collections::HashSet;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};

use super::as_text;
use super::values::{is_empty, refused};

pub(super) fn register(e: &mut Environment<'static>) {
    e.add_filter("first", |v: &Value| Ok::<_, Error>(nothing(items("first", v)?.first().cloned())));
    e.add_filter("last", |v: &Value| Ok::<_, Error>(nothing(items("last", v)?.last().cloned())));
    e.add_filter("take", |v: &Value, count: usize| match v.as_str() {
        Some(text) => Ok(Value::from(text.chars().take(count).collect::<String>())),
        None => Ok::<_, Error>(items("take", v)?.into_iter().take(count).collect()),
    });
    e.add_filter("compact", |v: &Value| {
        if v.kind() == ValueKind::Map {
            let entries = v.try_iter()?.filter_map(|key| Some((key.clone(), v.get_item(&key).ok()?)));
            return Ok(Value::from_pairs(entries.filter(|(_, value)| !is_empty(value))));
        }
        Ok::<_, Error>(items("compact", v)?.into_iter().filter(|m| !is_empty(m)).collect::<Value>())
    });
    e.add_filter("flatten", |v: &Value| {
        let mut flat = Vec::new();
        for member in items("flatten", v)? {
            flat.extend(items("flatten", &member).unwrap_or_else(|_| vec![member]));
        }
        Ok::<_, Error>(Value::from(flat))
    });
    e.add_filter("pluck", |v: &Value, key: &str| {
        let members = items("pluck", v)?.into_iter();
        Ok::<_, Error>(members.map(|m| m.get_attr(key).unwrap_or(Value::from(()))).collect::<Value>())
    });
    e.add_filter("where", |v: &Value, key: &str, wanted: Value| {
        let members = items("where", v)?.into_iter();
        Ok::<_, Error>(
            members.filter(|m| m.get_attr(key).is_ok_and(|found| found == wanted)).collect::<Value>(),
        )
    });
    e.add_filter("wrap", |v: &Value, key: &str| {
        let members = items("wrap", v)?.into_iter();
        Ok::<_, Error>(members.map(|m| Value::from_pairs([(key.to_owned(), m)])).collect::<Value>())
    });
    e.add_filter("unique", |v: &Value| {
        let mut members = items("unique", v)?;
        let mut seen = HashSet::new();
        members.retain(|member| seen.insert(member.clone()));
        Ok::<_, Error>(Value::from(members))
    });
    e.add_filter("join", |v: &Value, separator: &str| {
        Ok::<_, Error>(joined(items("join", v)?.into_iter(), separator))
    });
    e.add_filter("size", |v: &Value| match v.as_str() {
        Some(text) => text.chars().count(),
        None => v.len().unwrap_or(0),
    });
}

/// The members that are something as one text.
pub(super) fn joined(members: impl Iterator<Item = Value>, separator: &str) -> String {
    let mut text = String::new();
    let mut first = true;
    for member in members.filter(|member| !is_empty(member)) {
        let own = member.as_str().map(Cow::Borrowed).or_else(|| as_text(&member).map(Cow::Owned));
        let Some(own) = own else { continue };
        if !std::mem::take(&mut first) {
            text.push_str(separator);
        }
        text.push_str(&own);
    }
    text
}

fn nothing(value: Option<Value>) -> Value {
    value.unwrap_or(Value::from(()))
}

/// The members of a list; nothing has none.
fn items(name: &str, value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        _ if is_empty(value) => Ok(Vec::new()),
        ValueKind::Seq | ValueKind::Iterable => Ok(value.try_iter()?.collect()),
        kind => Err(refused(format!("{name}: takes a list, not a {kind}"))),
    }
}
