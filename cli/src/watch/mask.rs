//! Takes secrets and people out of exchanges, the same one always in the same way, and leaves what a reader
//! of the exchange needs: keys, ids, numbers, times, and the words that the manifest itself uses.

use std::collections::{BTreeMap, BTreeSet};

use bridge::crm::transport::Outgoing;
use bridge::manifest::{File, Manifest};
use regex::Captures;
use serde_json::Value;

mod shape;

use shape::{EMAIL, ID, PHONE, QUOTED, TIME, bare_id, email, hides, is_phone, names, phone};

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
    known: BTreeMap<String, String>,
    /// What was put in the place of something.
    made: BTreeSet<String>,
    /// Query parameters that hold a signature or a credential.
    hidden: BTreeSet<String>,
    /// Stand-ins of phone numbers by their last digits: a number may be written in several ways.
    numbers: BTreeMap<String, String>,
}

impl Mask {
    /// A mask that leaves the words of a manifest's files, and the choices of its actions, also those that
    /// standard inputs bring.
    pub fn of(files: &[File], manifest: &Manifest) -> Self {
        let mut mask = Self::default();
        for file in files {
            let words = file.text.split(|c: char| !(c.is_alphanumeric() || "_.-".contains(c)));
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
            self.know(value, SECRET);
        }
    }

    /// Talkdesk's `auth`: the fields that a manifest declares as secret.
    pub fn auth(&mut self, manifest: &Manifest, auth: &Value) {
        let declared = manifest.document().integration.authentication.iter();
        for (name, _) in declared.filter(|(_, field)| field.secret) {
            auth[name.as_str()].as_str().into_iter().for_each(|value| self.secret(value));
        }
    }

    /// The CRM's host, with its port, wherever it stands from now on, and what stands for it.
    pub fn host(&mut self, host: &str, stand_in: &str) {
        self.know(host, stand_in);
    }

    /// A value with its texts replaced; `key` is the key that it stands under.
    pub fn json(&mut self, key: &str, value: &Value) -> Value {
        self.each(key, value, |mask, key, leaf| match leaf {
            Value::String(text) => Value::String(mask.field(key, text)),
            Value::Number(number) if is_phone(key, &number.to_string()) => {
                let text = mask.number(&number.to_string());
                text.parse::<u64>().map_or(Value::Null, Value::from)
            }
            other => other.clone(),
        })
    }

    /// A request's value: what is known is replaced, addresses and numbers too; other words stay, because
    /// they are the manifest's.
    pub fn request(&mut self, key: &str, value: &Value) -> Value {
        self.each(key, value, |mask, key, leaf| match leaf {
            Value::String(_) if hides(key) => SECRET.into(),
            Value::String(text) => match mask.known.get(text) {
                Some(known) => known.clone().into(),
                None if is_phone(key, text) => mask.number(text).into(),
                None => mask.text(text).into(),
            },
            other => other.clone(),
        })
    }

    /// A value without secrets; people stay.
    pub fn without_secrets(&mut self, key: &str, value: &Value) -> Value {
        self.each(key, value, |mask, key, leaf| match leaf {
            Value::String(_) if hides(key) => SECRET.into(),
            Value::String(text) => mask.known(text).into(),
            other => other.clone(),
        })
    }

    /// A value with what stands at its ends changed.
    fn each(&mut self, key: &str, value: &Value, leaf: fn(&mut Self, &str, &Value) -> Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.each(key, item, leaf)).collect(),
            Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), self.each(k, v, leaf))).collect(),
            end => leaf(self, key, end),
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
        hidden.iter().for_each(|value| self.secret(value));
    }

    /// What a request's headers hold as credentials: secret wherever it stands from now on.
    fn headers(&mut self, headers: &[(String, String)]) {
        const PLAIN: [&str; 6] =
            ["accept", "accept-encoding", "content-type", "user-agent", "prefer", "host"];
        for (_, value) in
            headers.iter().filter(|(name, _)| !PLAIN.contains(&name.to_ascii_lowercase().as_str()))
        {
            // A constant of the manifest is no credential, and may be a part of the address as well.
            let words: Vec<_> =
                value.split_whitespace().filter(|w| w.len() >= 8 && !self.words.contains(*w)).collect();
            words.into_iter().for_each(|word| self.secret(word));
        }
    }

    /// One field's text.
    fn field(&mut self, key: &str, text: &str) -> String {
        if let Some(known) = self.known.get(text) {
            return known.clone();
        }
        if hides(key) {
            return self.stand_in(text, |_| SECRET.to_owned());
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
        if !names(key) && ID.is_match(text) || text.chars().all(|c| !c.is_alphabetic()) {
            return text.to_owned();
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

    /// A text with its addresses and numbers replaced.
    fn people(&mut self, key: &str, text: &str) -> String {
        let text = EMAIL.replace_all(text, |found: &Captures<'_>| self.address(&found[0]));
        let number = |found: &Captures<'_>| match found.name("time").is_none() && is_phone(key, &found[0]) {
            true => self.number(&found[0]),
            false => found[0].to_owned(),
        };
        PHONE.replace_all(&text, number).into_owned()
    }

    /// An address's stand-in: in other capitals it is the same person's, and keeps that it is written otherwise.
    fn address(&mut self, address: &str) -> String {
        if self.made.contains(address) {
            return address.to_owned();
        }
        let plain = address.to_lowercase();
        let made = self.stand_in(&plain, email);
        if plain == address {
            return made;
        }
        let made = made.replacen("person", "PERSON", 1);
        self.know(address, &made);
        made
    }

    /// A number's stand-in, the same however it is written. Its last digits, which look-ups ask for, are known from
    /// then on as well.
    fn number(&mut self, number: &str) -> String {
        let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
        let from = digits(number);
        let last = from[from.len().saturating_sub(LAST)..].to_owned();
        let made = match self.numbers.get(&last).cloned().filter(|_| !self.made.contains(number)) {
            Some(made) => made,
            None => self.stand_in(number, phone),
        };
        self.know(number, &made);
        self.numbers.entry(last).or_insert_with(|| made.clone());
        let to = digits(&made);
        for length in 7..=from.len().min(to.len()) {
            let last = |text: &str| text[text.len() - length..].to_owned();
            self.made.insert(last(&to));
            self.known.entry(last(&from)).or_insert_with(|| last(&to));
        }
        made
    }

    /// A text without what is known so far: secrets, and people that were met before.
    pub fn known(&self, text: &str) -> String {
        let mut text = text.to_owned();
        let mut known: Vec<_> =
            self.known.iter().filter(|(from, to)| from != to && from.len() >= 4).collect();
        known.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
        for (from, to) in known {
            text = text.replace(from.as_str(), to);
        }
        text
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
            let kept = kept || ID.is_match(word) && !self.known.contains_key(word);
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

    fn know(&mut self, value: &str, stand_in: &str) {
        self.known.insert(value.to_owned(), stand_in.to_owned());
        self.made.insert(stand_in.to_owned());
    }

    /// What stands for a value: the same at every place, and another one for every other value.
    fn stand_in(&mut self, value: &str, make: impl Fn(usize) -> String) -> String {
        if self.made.contains(value) {
            return value.to_owned();
        }
        let number = self.known.len() + 1;
        let made = self.known.entry(value.to_owned()).or_insert_with(|| make(number)).clone();
        self.made.insert(made.clone());
        made
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mask() -> Mask {
        let mut mask =
            Mask { words: ["open", "Contact", "contacts"].map(str::to_owned).into(), ..Mask::default() };
        mask.host("acme.crm.test", HOST);
        mask.secret("canary-key-123");
        mask
    }

    #[test]
    fn people_are_replaced_and_the_same_one_always_by_the_same() {
        let row = json!({
            "id": "003x9", "name": "Grace Hopper", "email": "grace@navy.mil", "phone": "+1 (202) 456-1111",
            "status": "open", "updated_at": "2026-11-20T12:00:00Z", "age": 85, "site": "https://grace.example/me",
        });
        let mut mask = mask();
        let first = mask.json("", &row);
        assert_eq!(first, mask.json("", &row));
        for person in ["Grace", "navy", "456", "grace.example"] {
            assert!(!first.to_string().contains(person), "{first}");
        }
        for kept in ["003x9", "open", "2026-11-20T12:00:00Z", "85"] {
            assert!(first.to_string().contains(kept), "{kept}: {first}");
        }
        let query = mask.text("SELECT Id FROM Contact WHERE Email = 'grace@navy.mil'");
        let email = first["email"].as_str().unwrap();
        assert_eq!(query, format!("SELECT Id FROM Contact WHERE Email = '{email}'"));
    }

    #[test]
    fn a_number_and_an_address_are_the_same_ones_however_they_are_written() {
        let mut mask = mask();
        let asked =
            mask.json("", &json!({"contact_phones": ["+12024561111"], "contact_emails": ["Grace@Navy.mil"]}));
        let row = mask.json("", &json!({"phone": "(202) 456-1111", "mail": "grace@navy.mil"}));
        assert_eq!(row["mail"], asked["contact_emails"][0]);
        let phone = asked["contact_phones"][0].as_str().unwrap();
        assert_eq!(row["phone"], phone);
        let link = mask.json("", &json!({"_url": "https://acme.crm.test/contacts/grace@navy.mil"}));
        let mail = row["mail"].as_str().unwrap();
        assert_eq!(link["_url"], format!("https://crm.example.com/contacts/{mail}"));
    }

    #[test]
    fn a_sentence_of_the_manifests_words_is_left_and_a_name_of_them_is_not() {
        let mut mask = mask();
        let (said, kind) = ("contacts: open Contact", "open/contacts");
        let row = json!({"message": said, "name": "open Contact", "other": "open Grace", "type": kind});
        let masked = mask.json("", &row);
        assert_eq!((&masked["message"], &masked["type"]), (&row["message"], &row["type"]));
        assert!(masked["name"] != row["name"] && masked["other"] != row["other"], "{masked}");
    }

    #[test]
    fn what_is_masked_once_is_left_as_it_is() {
        let mut mask = mask();
        let row = json!({"name": "Grace Hopper", "email": "grace@navy.mil", "phone": "+12024561111"});
        let once = mask.json("", &row);
        assert_eq!(mask.json("", &once), once);
        let text = once["email"].as_str().unwrap().to_owned();
        assert_eq!(mask.text(&text), text);
    }

    #[test]
    fn secrets_and_the_crms_host_are_nowhere() {
        let mut mask = mask();
        let answer = json!({"access_token": "abc.def", "next": "https://acme.crm.test/contacts?page=2&key=canary-key-123"});
        let masked = mask.json("", &answer).to_string();
        assert!(!masked.contains("abc.def") && !masked.contains("acme"), "{masked}");
        assert!(!mask.text("Bearer canary-key-123").contains("canary"), "{masked}");
        assert!(masked.contains("https://crm.example.com/contacts?page=2"), "{masked}");
    }

    #[test]
    fn a_signature_is_a_secret_in_a_header_and_in_the_query() {
        let text = include_str!("../../tests/it/signed/signed.yaml").replace(
            "      headers:\n        X-Key",
            "      query: {sign: \"{{ signature }}\"}\n      headers:\n        X-Key",
        );
        let files = [File { name: "signed.yaml".to_owned(), text }];
        let mut mask = Mask::of(&files, &Manifest::load(&files).unwrap());
        mask.sent(&Outgoing {
            method: "GET",
            url: "https://crm.example.com/api/users?page=12345678&sign=c0ffee%2Bc0ffee".parse().unwrap(),
            headers: vec![("X-Signature".to_owned(), "canary-signature".to_owned())],
            body: None,
            route: String::new(),
        });
        let shown = mask.text("page 12345678: c0ffee+c0ffee, canary-signature");
        assert_eq!(shown, format!("page 12345678: {SECRET}, {SECRET}"));
    }

    #[test]
    fn a_number_in_bare_digits_is_a_person_where_its_key_says_so() {
        let mut mask = mask();
        let row = json!({"phone": "4155550161", "mobile": "07700900162", "contact_phones": ["4155550163"], "id": "998877665544"});
        let text = mask.json("", &row).to_string();
        assert!(
            !text.contains("41555501") && !text.contains("0770090") && text.contains("998877665544"),
            "{text}"
        );
    }

    #[test]
    fn a_request_is_masked_value_by_value() {
        let mut mask = mask();
        mask.headers(&[("Authorization".to_owned(), "Bearer canary-token-99".to_owned())]);
        let body = json!({"note": "say \"canary-key-123\"", "password": "p\"w", "phone": "4155550161", "sid": "canary-token-99"});
        let text = mask.request("", &body).to_string();
        for hidden in ["canary", "p\\\"w", "4155550161"] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }

    #[test]
    fn one_person_written_in_two_ways_is_one_stand_in() {
        let mut mask = mask();
        let row = mask.json("", &json!({"email": "grace@navy.mil", "phone": "(202) 456-1111"}));
        let asked = mask.json("", &json!({"email": "Grace@Navy.mil", "phone": "+12024561111"}));
        assert_eq!(asked["phone"], row["phone"]);
        assert_ne!(asked["email"], row["email"]);
        assert_eq!(asked["email"].as_str().map(str::to_lowercase).as_deref(), row["email"].as_str());
        assert_eq!(mask.json("", &asked), asked);
    }

    #[test]
    fn what_an_expression_compares_with_may_be_several_words() {
        let found = QUOTED.captures_iter("{{ body.user | where('name', 'Phone Call') | first }}");
        assert_eq!(found.map(|found| found[1].to_owned()).collect::<Vec<_>>(), ["name", "Phone Call"]);
    }

    #[test]
    fn a_header_that_the_manifest_itself_writes_is_no_credential() {
        let mut mask = Mask { words: ["developer_api".to_owned()].into(), ..Mask::default() };
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        mask.headers(&[header("X-Application", "developer_api"), header("X-Token", "canary-token-99")]);
        let text = mask.known("https://crm.example.com/developer_api/v1?key=canary-token-99");
        assert_eq!(text, "https://crm.example.com/developer_api/v1?key=fixture-secret");
    }

    #[test]
    fn numbers_under_a_phones_key_are_people_and_ids_are_not() {
        let mut mask = mask();
        let row = json!({"id": 4155550100_u64, "phone": 4155559999_u64, "hs_id": "512345678901"});
        let masked = mask.json("", &row);
        assert_eq!((&masked["id"], &masked["hs_id"]), (&row["id"], &row["hs_id"]));
        assert_ne!(masked["phone"], row["phone"]);
    }
}
