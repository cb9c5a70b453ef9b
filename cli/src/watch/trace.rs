//! `serve --trace`: every conversation as text, decoded, for whoever writes a manifest.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use bridge::clock::BoxFuture;
use bridge::lock::lock;
use bridge::manifest::Manifest;
use serde_json::Value;

use super::mask::Mask;
use super::view::{View, answered};
use super::{Call, Conversation, Observer};

/// Characters of a body that are printed.
const LONGEST: usize = 1_200;

/// Prints conversations.
pub struct Trace {
    /// The manifest that answers.
    pub manifest: Arc<Manifest>,
    /// Takes people and secrets out.
    pub mask: Mutex<Mask>,
    /// People are shown; credentials are not.
    pub show: bool,
    /// Where the text goes.
    pub print: fn(&str),
}

impl Observer for Trace {
    fn see<'a>(&'a self, conversation: &'a Conversation) -> BoxFuture<'a, ()> {
        let mut mask = lock(&self.mask);
        let mut view = View::of(conversation, &self.manifest, &mut mask, self.show);
        (self.print)(&text(conversation, &mut view));
        Box::pin(async {})
    }
}

/// A conversation as text. What is learnt from the answers masks the requests too, so answers go first.
fn text(conversation: &Conversation, view: &mut View<'_>) -> String {
    let asked = view.request(&conversation.request);
    let answers: Vec<_> = conversation.calls.iter().map(|call| answer(call, view)).collect();
    let answered = view.said(conversation.status, &conversation.answer);
    let mut text = String::new();
    let _ = writeln!(text, "── Talkdesk: POST {} {}", conversation.path, short(&asked));
    for (call, answer) in conversation.calls.iter().zip(answers) {
        let _ = writeln!(text, "{}   ← {answer} ({} ms)", request(call, view), call.took.as_millis());
    }
    let took = conversation.took.as_millis();
    let _ = writeln!(text, "── answered {} {} ({took} ms)\n", conversation.status, short(&answered));
    text
}

/// What was sent, with its query decoded; every value is masked before it is shortened.
fn request(call: &Call, view: &mut View<'_>) -> String {
    let sent = view.sent(&call.sent);
    let mut text = format!("   → {} {}\n", sent.method, sent.url);
    for (name, value) in &sent.headers {
        let _ = writeln!(text, "     {name}: {}", plain(value));
    }
    for (name, value) in &sent.query {
        let _ = writeln!(text, "     ?{name} = {}", plain(value));
    }
    if let Some(body) = &sent.body {
        let _ = writeln!(text, "     {}", short(body));
    }
    text
}

fn answer(call: &Call, view: &mut View<'_>) -> String {
    match answered(call) {
        Ok((status, Value::Null)) => status.to_string(),
        Ok((status, body @ Value::String(_))) => {
            format!("{status} no JSON: {}", short(&view.said(status, &body)))
        }
        Ok((status, body)) => format!("{status} {}", short(&view.said(status, &body))),
        Err(why) => format!("no answer: {why}"),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A body's beginning.
fn short(value: &Value) -> String {
    if value.is_null() {
        return String::new();
    }
    let text: String =
        plain(value).chars().map(|c| if c.is_control() && c != '\n' { '\u{fffd}' } else { c }).collect();
    let length = text.chars().count();
    match length > LONGEST {
        true => {
            let beginning: String = text.chars().take(LONGEST).collect();
            format!("{beginning}… ({length} characters)")
        }
        false => text,
    }
}
