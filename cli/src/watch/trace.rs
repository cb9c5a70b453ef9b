//! `serve --trace`: every conversation as text, decoded, for whoever writes a manifest.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use bridge::clock::BoxFuture;
use bridge::lock::lock;
use bridge::manifest::Manifest;
use serde_json::Value;

use super::mask::Mask;
use super::{Call, Conversation, Observer};
use crate::fixture::Sent;

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
        mask.auth(&self.manifest, &conversation.request["auth"]);
        conversation.calls.iter().for_each(|call| mask.sent(&call.sent));
        (self.print)(&text(conversation, &mut View { mask: &mut mask, show: self.show }));
        Box::pin(async {})
    }
}

/// A conversation as text. What is learnt from the answers masks the requests too, so answers go first.
fn text(conversation: &Conversation, view: &mut View<'_>) -> String {
    let mut asked = conversation.request.clone();
    if let Some(auth) = asked.get_mut("auth") {
        *auth = "…".into();
    }
    let asked = view.json(&asked);
    let answers: Vec<_> = conversation.calls.iter().map(|call| answer(call, view)).collect();
    let answered = view.json(&conversation.answer);
    let mut text = String::new();
    let _ = writeln!(text, "── Talkdesk: POST {} {}", conversation.path, short(&asked));
    for (call, answer) in conversation.calls.iter().zip(answers) {
        let _ = writeln!(text, "{}   ← {answer} ({} ms)", request(call, view), call.took.as_millis());
    }
    let took = conversation.took.as_millis();
    let _ = writeln!(text, "── answered {} {} ({took} ms)\n", conversation.status, short(&answered));
    text
}

/// What a reader may see.
struct View<'m> {
    mask: &'m mut Mask,
    show: bool,
}

impl View<'_> {
    /// What Talkdesk or the CRM said.
    fn json(&mut self, value: &Value) -> Value {
        match self.show {
            true => self.mask.without_secrets("", value),
            false => self.mask.json("", value),
        }
    }

    /// What the CRM is asked.
    fn request(&mut self, key: &str, value: &Value) -> Value {
        match self.show {
            true => self.mask.without_secrets(key, value),
            false => self.mask.request(key, value),
        }
    }

    fn text(&mut self, text: &str) -> String {
        match self.show {
            true => self.mask.known(text),
            false => self.mask.text(text),
        }
    }
}

/// What was sent, with its query decoded; every value is masked before it is shortened.
fn request(call: &Call, view: &mut View<'_>) -> String {
    let sent = Sent::of(&call.sent);
    let mut text = format!("   → {} {}\n", sent.method, view.text(&sent.url));
    let headers: HashMap<_, _> = call.sent.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), v)).collect();
    if let Some(kind) = headers.get("content-type") {
        let _ = writeln!(text, "     content-type: {kind}");
    }
    for (name, value) in &sent.query {
        let _ = writeln!(text, "     ?{name} = {}", plain(&view.request(name, value)));
    }
    if let Some(body) = &sent.body {
        let _ = writeln!(text, "     {}", short(&view.request("", body)));
    }
    text
}

fn answer(call: &Call, view: &mut View<'_>) -> String {
    match &call.answer {
        Ok(incoming) => match serde_json::from_slice::<Value>(&incoming.body) {
            Ok(body) => format!("{} {}", incoming.status, short(&view.json(&body))),
            Err(_) if incoming.body.is_empty() => incoming.status.to_string(),
            Err(_) => {
                let text = String::from_utf8_lossy(&incoming.body);
                format!("{} no JSON: {}", incoming.status, short(&view.json(&Value::from(text.as_ref()))))
            }
        },
        Err(error) => format!("no answer: {error:?}"),
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
