//! What a reader of a live exchange may see: never secrets, and people only where `--show` says so.

use bridge::crm::transport::{Outgoing, TransportError};
use bridge::manifest::Manifest;
use serde_json::Value;

use super::mask::Mask;
use super::{Call, Conversation};
use crate::fixture::Sent;

/// Looks through a mask.
pub struct View<'m> {
    mask: &'m mut Mask,
    show: bool,
}

impl<'m> View<'m> {
    /// A view of one conversation, whose credentials are secret from here on; with `show` people are seen.
    pub fn of(conversation: &Conversation, manifest: &Manifest, mask: &'m mut Mask, show: bool) -> Self {
        mask.forget();
        mask.auth(manifest, &conversation.request["auth"]);
        conversation.calls.iter().for_each(|call| mask.sent(&call.sent));
        Self { mask, show }
    }

    /// What Talkdesk or the CRM said.
    pub fn json(&mut self, value: &Value) -> Value {
        self.under("", value)
    }

    /// What Talkdesk or the CRM said under a key.
    pub fn under(&mut self, key: &str, value: &Value) -> Value {
        match self.show {
            true => self.mask.without_secrets(key, value),
            false => self.mask.json(key, value),
        }
    }

    /// What came back with a status: sentences of a refusal may be read.
    pub fn said(&mut self, status: u16, value: &Value) -> Value {
        if status < 400 { self.json(value) } else { self.spoken(value) }
    }

    /// Sentences for people: plain words and the manifest's may be read.
    pub fn spoken(&mut self, value: &Value) -> Value {
        match self.show {
            true => self.mask.without_secrets("", value),
            false => self.mask.refusal("", value),
        }
    }

    /// A sentence for people.
    pub fn sentence(&mut self, text: &str) -> String {
        match self.show {
            true => self.mask.shown(text),
            false => self.mask.sentence(text),
        }
    }

    /// What Talkdesk asked, without `auth`.
    pub fn request(&mut self, request: &Value) -> Value {
        let mut asked = request.clone();
        if let Some(auth) = asked.get_mut("auth") {
            *auth = "…".into();
        }
        self.json(&asked)
    }

    /// What the CRM was asked, decoded: every value masked by itself. Headers are left out, they hold credentials.
    pub fn sent(&mut self, outgoing: &Outgoing) -> Sent {
        let mut sent = Sent::of(outgoing);
        sent.url = match self.show {
            true => self.mask.shown(&sent.url),
            false => self.mask.url(&sent.url),
        };
        let kind = outgoing.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        sent.headers = kind.map(|(name, value)| (name.to_ascii_lowercase(), value.as_str().into())).collect();
        for (name, value) in &mut sent.query {
            *value = self.asked(name, value);
        }
        sent.body = sent.body.map(|body| self.asked("", &body));
        sent
    }

    /// A value of a request to the CRM.
    pub fn asked(&mut self, key: &str, value: &Value) -> Value {
        match self.show {
            true => self.mask.without_secrets(key, value),
            false => self.mask.request(key, value),
        }
    }

    /// A header of an answer.
    pub fn header(&mut self, name: &str, value: &str) -> Value {
        match name {
            "link" | "location" => self.asked(name, &Value::from(value)),
            _ => self.mask.shown(value).into(),
        }
    }

    /// A line of the bridge's own log, which names nobody.
    pub fn line(&mut self, text: &str) -> String {
        self.mask.shown(text)
    }
}

/// The body that came back: JSON, else a text; null when there is none.
///
/// # Errors
/// Why no whole answer came, in plain words.
pub fn answered(call: &Call) -> Result<(u16, Value), String> {
    let incoming = call.answer.as_ref().map_err(said)?;
    let body = match serde_json::from_slice::<Value>(&incoming.body) {
        Ok(body) => body,
        Err(_) if incoming.body.is_empty() => Value::Null,
        Err(_) => String::from_utf8_lossy(&incoming.body).as_ref().into(),
    };
    Ok((incoming.status, body))
}

/// A transport's fault as a sentence.
pub fn said(error: &TransportError) -> String {
    match error {
        TransportError::NotConnected(why) => format!("no connection: {why}"),
        TransportError::Unfit => "not sent: no request that HTTP can carry".to_owned(),
        TransportError::AddressRefused => "not sent: the address is not one that may be called".to_owned(),
        TransportError::TimedOut => "nothing came in the time that was left".to_owned(),
        TransportError::Broken => "the connection broke before an answer came".to_owned(),
        TransportError::CutOff { status } => format!("status {status} came, then the connection broke"),
        TransportError::TooLarge => "the answer is larger than one may be".to_owned(),
    }
}
