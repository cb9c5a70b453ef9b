//! What an action knows of a call that has just ended: `call` in its templates.

use std::collections::HashSet;
use std::time::Duration;

use minijinja::Value;
use minijinja::value::ValueKind;

use crate::manifest::expression::{Template, TimeValue, as_text};
use crate::manifest::model::Action;
use crate::time::{Moment, Stated};

/// The inputs that tell more of a call, in the order of its text (`groups.call_details` of the standard).
const DETAILS: [&str; 11] = [
    "started_at",
    "waiting",
    "hold",
    "their_number",
    "our_number",
    "agent_name",
    "hangup",
    "tags",
    "recording",
    "call_id",
    "interaction_id",
];

/// The call: `seconds`, `started_at`, `ended_at`, `direction`, `title`, `details` and `text`.
pub fn call(action: &Action, input: &Value, now: Moment) -> Value {
    let given = |name: &str| input.get_attr(name).ok().filter(|value| !value.is_undefined());
    let seconds = given("seconds").and_then(|value| f64::try_from(value).ok()).unwrap_or(0.0).max(0.0);
    let length = Duration::from_secs(seconds as u64);
    let direction = given("direction");
    let title = direction.as_ref().map(|direction| match direction.as_str() {
        Some("inbound") => "Incoming call",
        _ => "Outgoing call",
    });
    let told = given("started_at").and_then(|value| start(&value, now));
    let details = details(action, input, told.is_some());
    let summary = given("summary").and_then(|value| as_text(&value)).filter(|text| !text.trim().is_empty());
    let lines: Vec<String> = summary.into_iter().chain(details.iter().cloned()).collect();
    minijinja::context! {
        seconds => seconds as i64,
        started_at => TimeValue::value(told.unwrap_or(now.minus(length))),
        ended_at => TimeValue::value(told.map_or(now, |start| start.plus(length))),
        direction => direction,
        title => title,
        details => details,
        text => if lines.is_empty() { None } else { Some(lines.join("\n")) },
    }
}

/// When the call began, where Talkdesk says so with its zone and it can be true: a clock without a zone may
/// be hours off, and then the line of text is the better place.
fn start(value: &Value, now: Moment) -> Option<Moment> {
    let (moment, stated) = Moment::parse_stated(value.as_str()?)?;
    let zoned = matches!(stated, Stated::Utc | Stated::Offset(_));
    (zoned && moment <= now).then_some(moment)
}

/// A line for each detail that was filled in and that no request of the action names itself: what has a
/// place in the CRM, also one that a customer's manifest adds, does not stand in the text as well.
fn details(action: &Action, input: &Value, start_is_known: bool) -> Vec<String> {
    let placed = placed(action);
    let line = |key: &&str| {
        let spec = action.input.get(*key)?;
        let value = input.get_attr(key).ok().filter(|value| !value.is_undefined())?;
        let elsewhere = placed.contains(*key) && (*key != "started_at" || start_is_known);
        let text = shown(&value).filter(|_| !elsewhere)?;
        Some(format!("{}: {text}", spec.name))
    };
    DETAILS.iter().filter_map(line).collect()
}

/// The inputs that the action's requests and steps name, and `started_at` where they use the call's time.
fn placed(action: &Action) -> HashSet<&str> {
    let mut named = HashSet::new();
    let mut look = |template: &Template| {
        for path in template.expressions().into_iter().flat_map(|expression| &expression.found().names) {
            match path.as_slice() {
                [root, key, ..] if root == "input" => {
                    named.extend(DETAILS.iter().find(|known| *known == key))
                }
                [root, key, ..] if root == "call" && (key == "started_at" || key == "ended_at") => {
                    named.extend(["started_at"].iter());
                }
                _ => {}
            }
        }
    };
    action.fetch.each_template(&mut |template| look(template));
    for step in action.steps.values() {
        step.fetch.iter().for_each(|fetch| fetch.each_template(&mut |template| look(template)));
        step.value.iter().for_each(|value| value.each_template(&mut |template| look(template)));
    }
    named.into_iter().copied().collect()
}

/// A value in one line; a list has its members one beside the other.
fn shown(value: &Value) -> Option<String> {
    let text = match value.kind() {
        ValueKind::Seq => {
            let members: Vec<String> = value.try_iter().ok()?.filter_map(|one| as_text(&one)).collect();
            members.join(", ")
        }
        ValueKind::Map => return None,
        _ => as_text(value)?,
    };
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
#[path = "logged/tests.rs"]
mod tests;
