//! Takes secrets and people out of exchanges, the same one always in the same way, and leaves what a reader
//! of the exchange needs: keys, ids, numbers, times, and the words that the manifest itself uses.

use std::collections::BTreeSet;

use bridge::credentials::SHORTEST_KEY;
use bridge::crm::transport::Outgoing;
use bridge::manifest::{File, Manifest};
use regex::Captures;
use serde_json::Value;

mod known;
mod phrase;
mod shape;

use known::Known;
use phrase::is_word;
use shape::{
    EMAIL, ID, PHONE, QUOTED, STAMP, TIME, bare_id, email, hides, is_phone, is_whole_phone, names,
    names_somebody, phone,
};

/// The host that stands for the CRM's.
pub const HOST: &str = "crm.example.com";
/// What stands for a secret.
pub const SECRET: &str = "fixture-secret";
/// Digits by which two ways of writing a phone number are the same one.
const LAST: usize = 9;

/// Replaces secrets and people.
#[derive(Clone, Default)]
pub struct Mask {
    /// Words of the manifest: field names, codes of tables, types.
    words: BTreeSet<String>,
    /// What is replaced wherever it stands, and by what.
    known: Known,
    /// Query parameters that hold a signature or a credential.
    hidden: BTreeSet<String>,
}

impl Mask {
    /// A mask that leaves the words of a manifest's files, and the choices of its actions, also those that
    /// standard inputs bring.
    pub fn of(files: &[File], manifest: &Manifest) -> Self {
        let mut mask = Self::default();
        for file in files {
            let words = file.text.split(|c| !is_word(c));
            mask.words.extend(words.filter(|word| !word.is_empty()).map(str::to_owned));
            // What an expression compares with may be several words.
            mask.words.extend(QUOTED.captures_iter(&file.text).map(|found| found[1].to_owned()));
        }
        let inputs = manifest.document().actions.values().flat_map(|action| action.input.values());
        let choices = inputs.filter_map(|input| input.format.as_deref()).flat_map(|format| format.split(','));
        mask.words.extend(choices.map(|choice| choice.trim().to_owned()));
        let auth = &manifest.document().connection.auth;
        let signed = auth.sign.iter().flat_map(|sign| sign.query.keys());
        mask.hidden.extend(auth.query.keys().chain(signed).cloned());
        mask
    }

    /// A secret, wherever it stands from now on. What is too short to be told from other text is left.
    pub fn secret(&mut self, value: &str) {
        if value.len() >= 4 {
            self.known.last(value, SECRET);
        }
    }

    /// Leaves the people who were met last; for between two conversations.
    pub fn forget(&mut self) {
        self.known.forget();
    }

    /// Talkdesk's `auth`: the fields that a manifest declares as secret, until a hundred others came.
    pub fn auth(&mut self, manifest: &Manifest, auth: &Value) {
        let key = manifest.document().credentials.as_ref().map(|credentials| credentials.caller_key.as_str());
        let declared = manifest.document().integration.authentication.iter();
        for (name, _) in declared.filter(|(_, field)| field.secret) {
            // What is too short to be a caller key is a word that somebody tried, and a word of our own sentences.
            let shortest = if key == Some(name.as_str()) { SHORTEST_KEY } else { 4 };
            let value = auth[name.as_str()].as_str().filter(|value| value.len() >= shortest);
            value.into_iter().for_each(|value| self.known.pass(value, SECRET));
        }
    }

    /// The CRM's host, with its port, wherever it stands from now on, and what stands for it.
    pub fn host(&mut self, host: &str, stand_in: &str) {
        self.known.last(host, stand_in);
    }

    /// A value with its texts replaced; `key` is the key that it stands under.
    pub fn json(&mut self, key: &str, value: &Value) -> Value {
        let end = |mask: &mut Self, key: &str, end: &Value| match end {
            Value::String(text) => Value::String(mask.field(key, text)),
            Value::Number(number) if is_phone(key, &number.to_string()) => {
                let text = mask.number(&number.to_string());
                text.parse::<u64>().map_or(Value::Null, Value::from)
            }
            other => other.clone(),
        };
        self.changed(key, value, &Ways { key: Self::key, end })
    }

    /// A request's value: what is known is replaced, addresses and numbers too, and every word that is not the
    /// manifest's.
    pub fn request(&mut self, key: &str, value: &Value) -> Value {
        let end = |mask: &mut Self, key: &str, end: &Value| match end {
            Value::String(text) if hides(key) => mask.hidden(text).into(),
            Value::String(text) => match mask.known.get(text) {
                Some(known) => known.clone().into(),
                None if is_whole_phone(key, text) => mask.number(text).into(),
                None => mask.phrase(key, text).into(),
            },
            other => other.clone(),
        };
        self.changed(key, value, &Ways { key: Self::key, end })
    }

    /// What the CRM or the bridge said when it refused: sentences may be read, but for names.
    pub fn refusal(&mut self, key: &str, value: &Value) -> Value {
        let end = |mask: &mut Self, key: &str, end: &Value| match end {
            Value::String(text) if hides(key) => mask.hidden(text).into(),
            Value::String(text) if is_whole_phone(key, text) => mask.number(text).into(),
            Value::String(text) => mask.sentence(text).into(),
            other => other.clone(),
        };
        self.changed(key, value, &Ways { key: Self::key, end })
    }

    /// A value without secrets; people stay.
    pub fn without_secrets(&mut self, key: &str, value: &Value) -> Value {
        let end = |mask: &mut Self, key: &str, end: &Value| match end {
            Value::String(text) if hides(key) => mask.hidden(text).into(),
            Value::String(text) => mask.shown(text).into(),
            other => other.clone(),
        };
        self.changed(key, value, &Ways { key: |mask, key| mask.shown(key), end })
    }

    /// A value with its keys and what stands at its ends changed.
    fn changed(&mut self, key: &str, value: &Value, ways: &Ways) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.changed(key, item, ways)).collect(),
            Value::Object(map) => {
                map.iter().map(|(k, v)| ((ways.key)(self, k), self.changed(k, v, ways))).collect()
            }
            end => (ways.end)(self, key, end),
        }
    }

    /// A key: it is the CRM's word, but for those that are an address, a number or somebody's name.
    fn key(&mut self, key: &str) -> String {
        match self.known.get(key).filter(|_| key.contains(' ')) {
            Some(known) => known.clone(),
            None if self.words.contains(key) => key.to_owned(),
            None => {
                let key = self.people("", key);
                self.known.without_secrets(&key)
            }
        }
    }

    /// What a request holds as credentials, in headers and in its query: secret wherever it stands from now on.
    pub fn sent(&mut self, sent: &Outgoing) {
        self.headers(&sent.headers);
        let hidden: Vec<String> = sent
            .url
            .query_pairs()
            .filter(|(name, _)| self.hidden.contains(name.as_ref()))
            .map(|(_, value)| value.into_owned())
            .collect();
        hidden.iter().filter(|value| value.len() >= 4).for_each(|value| self.known.pass(value, SECRET));
    }

    /// What a request's headers hold as credentials: secret wherever it stands from now on.
    fn headers(&mut self, headers: &[(String, String)]) {
        const PLAIN: [&str; 6] =
            ["accept", "accept-encoding", "content-type", "user-agent", "prefer", "host"];
        for (_, value) in
            headers.iter().filter(|(name, _)| !PLAIN.contains(&name.to_ascii_lowercase().as_str()))
        {
            // A constant of the manifest is no credential, and may be a part of the address as well.
            let words =
                value.split_whitespace().filter(|word| word.len() >= 8 && !self.words.contains(*word));
            words.for_each(|word| self.known.pass(word, SECRET));
        }
    }

    /// The stand-in of a secret that is known by its key; it is one wherever it stands from now on.
    fn hidden(&mut self, text: &str) -> String {
        if !self.known.is_made(text) {
            self.known.pass(text, SECRET);
        }
        SECRET.to_owned()
    }

    /// One field's text.
    fn field(&mut self, key: &str, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if hides(key) {
            return self.hidden(text);
        }
        if matches!(key, "next_offset" | "offset") {
            // It may hold the CRM's own link to the next page, with whatever that says.
            return format!("… ({} characters)", text.len());
        }
        if key == "synchronization_checkpoint"
            || text.is_empty()
            || TIME.is_match(text)
            || self.words.contains(text)
            || !names(key) && self.says(text)
        {
            return text.to_owned();
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return self.link(text);
        }
        if text.starts_with('/') && !text.contains(char::is_whitespace) {
            return self.place(text);
        }
        let rest = PHONE.replace_all(text, "");
        let rest = EMAIL.replace_all(&rest, "");
        if rest.len() < text.len() && !rest.chars().any(char::is_alphabetic) && !bare_id(key, text) {
            return self.people(key, text);
        }
        let id = !names(key) && ID.is_match(text) && !self.packs_people(text);
        if id || text.chars().all(|c| !c.is_alphabetic()) {
            return text.to_owned();
        }
        if names_somebody(key) {
            self.known.name(text);
        }
        self.stand_in(text, |n| format!("Text {n}"))
    }

    /// Whether a text has words of the manifest only: the sentence with which a CRM refuses and that a rule looks
    /// for, a media type.
    fn says(&self, text: &str) -> bool {
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let mut words = text.split([' ', '/']).map(bare);
        text.contains([' ', '/']) && words.all(|word| self.words.contains(&word))
    }

    /// A longer text, in which what is known, addresses and numbers are replaced.
    pub fn text(&mut self, text: &str) -> String {
        let text = self.people("", text);
        self.known(&text)
    }

    /// A text with its addresses and numbers replaced. A time of day ends what may be a number: `5 2026-11-20T…`.
    fn people(&mut self, key: &str, text: &str) -> String {
        let (mut masked, mut read) = (String::new(), 0);
        for time in STAMP.find_iter(text) {
            masked.push_str(&self.people_between(key, &text[read..time.start()]));
            masked.push_str(time.as_str());
            read = time.end();
        }
        masked + &self.people_between(key, &text[read..])
    }

    fn people_between(&mut self, key: &str, text: &str) -> String {
        let text = EMAIL.replace_all(text, |found: &Captures<'_>| self.address(&found[0]));
        let number = |found: &Captures<'_>| match found.name("time").is_none() && is_phone(key, &found[0]) {
            true => self.number(&found[0]),
            false => found[0].to_owned(),
        };
        PHONE.replace_all(&text, number).into_owned()
    }

    /// An address's stand-in: in other capitals it is the same person's, and keeps that it is written otherwise.
    fn address(&mut self, address: &str) -> String {
        if self.known.is_made(address) {
            return address.to_owned();
        }
        let plain = address.to_lowercase();
        let made = self.stand_in(&plain, email);
        if plain == address {
            return made;
        }
        let made = made.replacen("person", "PERSON", 1);
        self.known.person(address, &made);
        made
    }

    /// A number's stand-in, the same however it is written. Its last digits, which look-ups ask for, are known from
    /// then on as well.
    fn number(&mut self, number: &str) -> String {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let from = digits(number);
        let last = &from[from.len().saturating_sub(LAST)..];
        let made = match self.known.number(last).cloned().filter(|_| !self.known.is_made(number)) {
            Some(made) => made,
            None => self.stand_in(number, phone),
        };
        self.known.person(number, &made);
        self.known.count_as(last, &made);
        let to = digits(&made);
        for length in 7..=from.len().min(to.len()) {
            let last = |text: &str| text[text.len() - length..].to_owned();
            self.known.person(&last(&from), &last(&to));
        }
        made
    }

    /// A text without what is known so far: secrets, and people that were met before.
    pub fn known(&self, text: &str) -> String {
        self.known.without(text)
    }

    fn link(&mut self, text: &str) -> String {
        let Ok(url) = url::Url::parse(text) else { return self.stand_in(text, |n| format!("Text {n}")) };
        let host = url.authority().to_owned();
        match self.known.get(&host).cloned() {
            // The CRM's links are as it is reached in the fixture: encrypted.
            Some(known) => {
                let rest = text.split_once(&host).map_or("", |(_, rest)| rest);
                format!("https://{known}{}", self.place(rest))
            }
            None => self.stand_in(text, |n| format!("https://www.example.com/{n}")),
        }
    }

    /// Path and query: what is an id or a word of the manifest stays.
    fn place(&mut self, text: &str) -> String {
        let parts = text.split_inclusive(['/', '?', '&', '=']);
        let mut masked = String::new();
        for part in parts {
            let word = part.trim_end_matches(['/', '?', '&', '=']);
            let kept = word.is_empty() || part.ends_with('=') || self.words.contains(word);
            let kept = kept || ID.is_match(word) && self.known.get(word).is_none();
            masked.push_str(&if kept {
                word.to_owned()
            } else if EMAIL.find(word).is_some_and(|found| found.as_str() == word) {
                self.address(word)
            } else {
                self.stand_in(word, |n| format!("part-{n}"))
            });
            masked.push_str(&part[word.len()..]);
        }
        masked
    }

    /// What stands for a value: the same at every place, and another one for every other value.
    fn stand_in(&mut self, value: &str, make: impl Fn(usize) -> String) -> String {
        self.known.stand_in(value, make)
    }
}

/// How keys and ends of a value are changed.
struct Ways {
    key: fn(&mut Mask, &str) -> String,
    end: fn(&mut Mask, &str, &Value) -> Value,
}

#[cfg(test)]
mod tests;
