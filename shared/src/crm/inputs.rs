//! What somebody filled in for an action, checked before anything is called: mandatory inputs,
//! choices, numbers, times and pairs. Templates see the values in one form.

use minijinja::Value;
use serde_json::{Map, Value as Json};

use crate::error::{Class, Failure};
use crate::manifest::expression::read_time;
use crate::manifest::model::{Action, ActionInput};
use crate::time::{Moment, Stated};
use crate::zone::Zone;

/// The inputs that the action declares, by key. Mandatory ones are checked again (contract §11.27).
///
/// # Errors
/// [`Class::BadRequest`] with a sentence that names every input to look at, and what it takes.
pub fn inputs(action: &Action, data: &Map<String, Json>, zone: Option<&Zone>) -> Result<Value, Failure> {
    let (mut missing, mut unfit, mut values) = (Vec::new(), Vec::new(), Vec::new());
    for (key, spec) in &action.input {
        let default = spec.default.as_ref().map(|text| Json::from(text.as_str()));
        let Some(given) = data.get(key).filter(|v| !blank(v)).or(default.as_ref()) else {
            if spec.mandatory {
                missing.push(spec.name.as_str());
            }
            continue;
        };
        // Talkdesk does not say how its placeholder for a duration prints.
        let length = given.as_str().filter(|_| key == "seconds").and_then(clock).map(Json::from);
        match read(spec, length.as_ref().unwrap_or(given), zone) {
            Ok(value) => values.push((key.clone(), value)),
            Err(takes) => unfit.push(format!("{}: {takes}.", spec.name)),
        }
    }
    let (detail, mut sentences) = (unsuited(missing.len(), unfit.len()), unfit);
    if !missing.is_empty() {
        sentences.insert(0, format!("Please fill in: {}.", missing.join(", ")));
    }
    match sentences.is_empty() {
        true => Ok(Value::from_pairs(values)),
        false => Err(Failure::new(Class::BadRequest, detail).with_message(sentences.join(" "))),
    }
}

/// The contact that somebody chose by the input `contact_id`, for actions that have it.
pub fn contact(action: &Action, data: &Map<String, Json>) -> Option<String> {
    let given =
        data.get("contact_id").filter(|given| action.input.contains_key("contact_id") && !blank(given))?;
    match given {
        Json::String(text) => Some(text.trim().to_owned()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn unsuited(missing: usize, unfit: usize) -> String {
    format!("of the inputs {missing} are missing and {unfit} are not what they are declared to be")
}

/// One input as templates see it; else what it takes, for people.
fn read(spec: &ActionInput, given: &Json, zone: Option<&Zone>) -> Result<Value, String> {
    match spec.r#type.as_deref() {
        Some("select") => choice(spec, given).map(Value::from),
        Some("number") => number(spec, given),
        Some("datetime") => match read_time(&Value::from(minijinja::value::Serde(given)), None) {
            Ok(Some(_)) => Ok(local(given, zone).map_or_else(|| text(given), Value::from)),
            _ => Err("a date and time such as 2026-05-14T18:00".to_owned()),
        },
        Some("time") => match given.as_str().is_some_and(is_time_of_day) {
            true => Ok(text(given)),
            false => Err("a time such as 18:00".to_owned()),
        },
        Some("key/value") => {
            pairs(given).ok_or_else(|| "pairs of a key and a value".to_owned()).map(|pairs| structure(&pairs))
        }
        _ => Ok(text(given)),
    }
}

/// The declared spelling of what was chosen; people and automations write it as they like.
fn choice(spec: &ActionInput, given: &Json) -> Result<String, String> {
    let said = match given {
        Json::String(text) => text.trim().to_lowercase(),
        Json::Number(_) | Json::Bool(_) => given.to_string(),
        _ => String::new(),
    };
    let choices: Vec<&str> = spec.choices().collect();
    let also = spec.also.iter().map(|(word, choice)| (word.as_str(), choice.as_str()));
    let mut known = choices.iter().map(|choice| (*choice, *choice)).chain(also);
    match known.find(|(word, _)| word.to_lowercase() == said) {
        Some((_, choice)) => Ok(choice.to_owned()),
        // As a sentence, and as they are to be written in an automation.
        None => {
            Err(format!("{}. Please choose one of these values: '{}'", either(&choices), choices.join(",")))
        }
    }
}

/// A number, whole where it is whole, within the declared bounds.
fn number(spec: &ActionInput, given: &Json) -> Result<Value, String> {
    let said = match given {
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    let inside = |n: f64| spec.min.is_none_or(|min| n >= min) && spec.max.is_none_or(|max| n <= max);
    if let Ok(whole) = said.parse::<i64>()
        && inside(whole as f64)
    {
        return Ok(Value::from(whole));
    }
    match said.parse::<f64>() {
        Ok(n) if n.is_finite() && inside(n) => {
            Ok(if n.fract() == 0.0 && n.abs() < 9e15 { Value::from(n as i64) } else { Value::from(n) })
        }
        _ => Err(match (spec.min, spec.max) {
            (Some(min), Some(max)) => format!("a number from {min} to {max}"),
            (Some(min), None) => format!("a number that is {min} or more"),
            (None, Some(max)) => format!("a number that is {max} or less"),
            (None, None) => "a number such as 12 or 12.5".to_owned(),
        }),
    }
}

/// A clock on a wall shows the time of the account's zone: the same with the offset that it has then.
fn local(given: &Json, zone: Option<&Zone>) -> Option<String> {
    let (Stated::Wall | Stated::Day, zone) = (Moment::parse_stated(given.as_str()?)?.1, zone?) else {
        return None;
    };
    let shown = Moment::parse(given.as_str()?)?.calendar().naive_utc();
    let moment = zone.moment(shown)?;
    let offset = chrono::FixedOffset::east_opt(zone.offset(moment))?;
    Some(moment.calendar().with_timezone(&offset).to_rfc3339_opts(chrono::SecondsFormat::Secs, false))
}

fn is_time_of_day(text: &str) -> bool {
    let text = text.trim();
    ["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"]
        .iter()
        .any(|pattern| chrono::NaiveTime::parse_from_str(text, pattern).is_ok())
        || matches!(read_time(&Value::from(text), None), Ok(Some(_)))
}

/// Pairs are a map or a list of maps; where a field of text was filled in, that text is their JSON.
fn pairs(given: &Json) -> Option<Json> {
    let value = match given {
        Json::String(text) => serde_json::from_str(text).ok()?,
        other => other.clone(),
    };
    let fits = match &value {
        Json::Object(_) => true,
        Json::Array(members) => members.iter().all(Json::is_object),
        _ => false,
    };
    fits.then_some(value)
}

/// Talkdesk does not state types (contract §11.27): a field of text gets text, also for `5` and `true`.
fn text(value: &Json) -> Value {
    match value {
        Json::Number(_) | Json::Bool(_) => Value::from(value.to_string()),
        _ => structure(value),
    }
}

fn structure(value: &Json) -> Value {
    Value::from(minijinja::value::Serde(value))
}

fn blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty() || is_placeholder(text.trim()),
        _ => false,
    }
}

/// `{{recording_url}}`, as it stands in the configuration: the automation's trigger knows no such thing.
fn is_placeholder(text: &str) -> bool {
    let inside = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
    let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
    inside.is_some_and(|inside| !inside.trim().is_empty() && inside.trim().chars().all(name))
}

/// A duration as clocks show it, `1:02:03` or `02:03`, in seconds.
fn clock(text: &str) -> Option<u64> {
    let parts: Vec<&str> = text.trim().split(':').collect();
    let digits = |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !(2..=3).contains(&parts.len()) || !parts.iter().all(digits) {
        return None;
    }
    parts.iter().try_fold(0, |sum, part| Some(sum * 60 + part.parse::<u64>().ok()?))
}

/// `low, normal or high`.
fn either(choices: &[&str]) -> String {
    match choices {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => choices.join(""),
    }
}

#[cfg(test)]
#[path = "inputs/tests.rs"]
mod tests;
