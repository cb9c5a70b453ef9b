//! A conversation as the page gets it: a line for the list, and the whole.

use bridge::contract::Component;
use bridge::manifest::Manifest;
use serde_json::{Value, json};

use super::cut::{SIZES, Size, cut};
use super::{action, advice, pairs, places};
use crate::watch::log::Line;
use crate::watch::view::{View, answered};
use crate::watch::{Call, Conversation};

/// Bytes of one request on the page at most, where anything can be cut to it.
const LONGEST: usize = 600_000;
/// Headers of an answer that say something to a manifest.
const HEADERS: [&str; 6] = ["date", "link", "location", "retry-after", "content-type", "x-total-count"];

/// The line and the whole, everything in them masked.
pub fn of(
    number: u64,
    conversation: &Conversation,
    manifest: &Manifest,
    view: &mut View<'_>,
) -> (Value, String) {
    let mut detail = String::new();
    for size in SIZES {
        detail = whole(number, conversation, manifest, size, view).to_string();
        if detail.len() <= LONGEST {
            break;
        }
    }
    (summary(number, conversation, view), detail)
}

/// What the list shows of a request.
fn summary(number: u64, conversation: &Conversation, view: &mut View<'_>) -> Value {
    let crm = conversation.calls.iter().map(|call| call.took.as_millis()).sum::<u128>();
    json!({
        "number": number,
        "at": conversation.begun.iso_ms(),
        "component": conversation.component.name(),
        "path": conversation.path,
        "status": conversation.status,
        "ms": conversation.took.as_millis() as u64,
        "crm_ms": crm as u64,
        "calls": conversation.calls.len(),
        "class": class(conversation),
        "says": headline(conversation, view),
    })
}

/// The code of a refusal.
fn class(conversation: &Conversation) -> Option<&str> {
    conversation.answer["error"]["code"].as_str().filter(|_| conversation.status >= 400)
}

/// What came of a request, in a few words.
fn headline(conversation: &Conversation, view: &mut View<'_>) -> String {
    let answer = &conversation.answer;
    let count = |list: &Value, one: &str| match list.as_array().map_or(0, Vec::len) {
        1 => format!("1 {one}"),
        many => format!("{many} {one}s"),
    };
    let follows = |more: &str, end: &str| match answer["next_offset"].is_null() {
        false => more.to_owned(),
        true => end.to_owned(),
    };
    if conversation.status >= 400 {
        let message = answer["message"].as_str().or_else(|| answer["error"]["message"].as_str());
        return view.sentence(message.unwrap_or("refused"));
    }
    match conversation.component {
        Component::AuthValidation => "credentials accepted".to_owned(),
        Component::Contacts => {
            count(&answer["contacts"], "contact") + &follows(", more follow", ", the run is complete")
        }
        Component::Agents => count(&answer["agents"], "agent") + &follows(", more follow", ""),
        Component::Interactions => count(answer, "interaction"),
        Component::Actions => view.sentence(answer["message"].as_str().unwrap_or("done")),
    }
}

fn whole(
    number: u64,
    conversation: &Conversation,
    manifest: &Manifest,
    size: Size,
    view: &mut View<'_>,
) -> Value {
    // What is learnt from what was asked and answered masks the calls too.
    let asked = view.request(&cut(&conversation.request, size));
    let answers: Vec<_> =
        conversation.calls.iter().take(size.calls).map(|call| answer(call, size, view)).collect();
    let answered = cut(&conversation.answer, size);
    let answered = match conversation.component {
        Component::Actions => view.spoken(&answered),
        _ => view.said(conversation.status, &answered),
    };
    let calls = conversation.calls.iter().zip(answers).map(|(call, answer)| {
        let mut shown = request(call, size, view);
        shown["answer"] = answer;
        shown
    });
    let calls: Vec<_> = calls.collect();
    let rows = match conversation.component {
        Component::Actions => action::of(conversation, manifest, size, view),
        _ => pairs::of(conversation, manifest, size, view),
    };
    json!({
        "summary": summary(number, conversation, view),
        "refusal": refusal(conversation, view),
        "log": conversation.lines.iter().take(40).map(|line| logged(line, view)).collect::<Vec<_>>(),
        "came": places_of(conversation, &conversation.request["meta"], "offset", manifest, view),
        "handed_out": places_of(conversation, &conversation.answer, "next_offset", manifest, view),
        "rows": rows,
        "calls": calls,
        "more_calls": conversation.calls.len().saturating_sub(size.calls),
        "request": asked,
        "response": answered,
    })
}

/// Checkpoint and place of a contact sync.
fn places_of(
    conversation: &Conversation,
    of: &Value,
    offset: &str,
    manifest: &Manifest,
    view: &mut View<'_>,
) -> Value {
    if conversation.component != Component::Contacts {
        return Value::Null;
    }
    json!({
        "checkpoint": places::checkpoint(&of["synchronization_checkpoint"], manifest, view),
        "place": places::offset(&of[offset], manifest, view),
    })
}

/// Class, sentence and what to do.
fn refusal(conversation: &Conversation, view: &mut View<'_>) -> Value {
    let Some(code) = class(conversation) else { return Value::Null };
    let class = advice::class(code);
    let message = conversation.answer["error"]["message"].as_str().unwrap_or_default();
    json!({
        "class": class.map(|class| class.row().code),
        "message": view.sentence(message),
        "what_to_do": class.map(advice::what_to_do),
        "again": class.is_some_and(|class| class.is_transient()),
    })
}

fn logged(line: &Line, view: &mut View<'_>) -> Value {
    let fields = line.fields.iter().map(|(name, value)| json!([name, view.line(value)]));
    json!({ "level": line.level, "message": line.message, "fields": fields.collect::<Vec<_>>() })
}

fn request(call: &Call, size: Size, view: &mut View<'_>) -> Value {
    let sent = view.sent(&call.sent);
    let pairs =
        |map: &serde_json::Map<String, Value>| map.iter().map(|(n, v)| json!([n, cut(v, size)])).collect();
    json!({
        "method": sent.method,
        "url": sent.url,
        "route": call.sent.route,
        "query": Value::Array(pairs(&sent.query)),
        "headers": Value::Array(pairs(&sent.headers)),
        "body": sent.body.map(|body| cut(&body, size)),
        "ms": call.took.as_millis() as u64,
    })
}

fn answer(call: &Call, size: Size, view: &mut View<'_>) -> Value {
    let (status, body) = match answered(call) {
        Ok(answer) => answer,
        Err(why) => return json!({ "fault": why }),
    };
    let headers = call.answer.iter().flat_map(|incoming| &incoming.headers);
    let says =
        |name: &str| HEADERS.contains(&name) || name.contains("ratelimit") || name.contains("rate-limit");
    let headers =
        headers.filter(|(name, _)| says(name)).map(|(name, value)| json!([name, view.header(name, value)]));
    let headers: Vec<_> = headers.collect();
    let bytes = call.answer.as_ref().map_or(0, |incoming| incoming.body.len());
    json!({ "status": status, "bytes": bytes, "headers": headers, "body": view.said(status, &cut(&body, size)) })
}
