//! Texts that are sent to the CRM. They are made of the manifest's own words and of values; what was made of
//! a value (upper case, base64, a part of it) is found in no list, so every word that is not the manifest's
//! is replaced.

use std::collections::HashSet;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bridge::error::Class;
use percent_encoding::percent_decode_str;
use regex::{Captures, Regex};

use super::shape::{EMAIL, ID, PHONE, is_phone, pattern};
use super::{Mask, SECRET};

/// What may be base64.
static BASE64: LazyLock<Regex> = LazyLock::new(|| pattern(r"[A-Za-z0-9+/_-]{8,}={0,2}"));
/// An encoded byte of a URL.
static ENCODED: LazyLock<Regex> = LazyLock::new(|| pattern("%[0-9A-Fa-f]{2}"));
/// Words of plain English sentences: those that this project's own pages write in lower case.
static ENGLISH: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let pages =
        [include_str!("../../../../docs/manifest.md"), include_str!("../../../../docs/failure-modes.md")];
    let messages = Class::ALL.iter().map(|class| class.row().message);
    let words = pages.into_iter().chain(messages).flat_map(|text| text.split(|c| !is_word(c)));
    words
        .map(|word| word.trim_matches(['.', '-']))
        .filter(|word| !word.contains(char::is_uppercase))
        .collect()
});
/// Words that filters write: of times, of HTML, of JSON.
const WRITTEN: [&str; 32] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed",
    "Thu", "Fri", "Sat", "Sun", "AM", "PM", "UTC", "GMT", "true", "false", "null", "br", "amp", "lt", "gt",
    "quot", "nbsp",
];

impl Mask {
    /// A text of a request with its secrets, addresses, numbers and foreign words replaced.
    pub(super) fn phrase(&mut self, key: &str, text: &str) -> String {
        self.read(key, text, false)
    }

    /// A sentence of the CRM or of the bridge: as a text of a request, but plain English may be read too.
    pub fn sentence(&mut self, text: &str) -> String {
        self.read("", text, true)
    }

    fn read(&mut self, key: &str, text: &str, english: bool) -> String {
        let text = self.people(key, &unencoded(text));
        let text = self.known.without_secrets(&text);
        let text = BASE64.replace_all(&text, |found: &Captures<'_>| match unpacked(&found[0]) {
            Some(inside) if !self.known.is_made(&found[0]) && self.phrase("", &inside) != inside => {
                self.known.stand_in(&found[0], |n| format!("Text {n}"))
            }
            _ => found[0].to_owned(),
        });
        self.foreign(&text, english)
    }

    /// A text without secrets, also where base64 packs one; people stay.
    pub fn shown(&self, text: &str) -> String {
        let text = self.known.without_secrets(text);
        let hidden = |found: &Captures<'_>| match unpacked(&found[0]) {
            Some(inside) if self.known.without_secrets(&inside) != inside => SECRET.to_owned(),
            _ => found[0].to_owned(),
        };
        BASE64.replace_all(&text, hidden).into_owned()
    }

    /// A URL, decoded, with the parts of its path masked.
    pub fn url(&mut self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
        let mut parts = rest.split('/');
        let host = self.known.without_secrets(parts.next().unwrap_or_default());
        // A slash inside of a part was sent encoded: it is none of the path's.
        let path: Vec<String> = parts.map(|part| self.phrase("", part).replace('/', "%2F")).collect();
        let begin = if scheme.is_empty() { host } else { format!("{scheme}://{host}") };
        if path.is_empty() { begin } else { format!("{begin}/{}", path.join("/")) }
    }

    /// Replaces words that are not the manifest's, neighbours by one stand-in.
    fn foreign(&mut self, text: &str, english: bool) -> String {
        let (mut masked, mut run) = (String::new(), String::new());
        let mut begins = true;
        for piece in pieces(text) {
            let own = self.own(piece) || english && self.is_english(piece, begins);
            begins = begins && piece == " " || piece.ends_with('.');
            if !own || (piece == " " && !run.is_empty()) {
                run.push_str(piece);
                continue;
            }
            masked.push_str(&self.ended(&mut run));
            masked.push_str(piece);
        }
        masked.push_str(&self.ended(&mut run));
        masked
    }

    /// The stand-in of foreign words; a space behind them stays.
    fn ended(&mut self, run: &mut String) -> String {
        let words = std::mem::take(run);
        let trimmed = words.trim_end();
        if trimmed.is_empty() {
            return words;
        }
        let made = self.known.stand_in(trimmed, |n| format!("Text {n}"));
        made + &words[trimmed.len()..]
    }

    /// Whether a piece may be read: white space and signs, the manifest's words, ids, times, stand-ins.
    fn own(&self, piece: &str) -> bool {
        let word = |word: &str| {
            let bare = word.trim_matches(['.', '-']);
            let plain = |part: &str| part.chars().nth(1).is_none() || !part.chars().any(char::is_alphabetic);
            let id = |part: &str| ID.is_match(part) && !self.known.is_persons(part);
            let listed = [word, bare].iter().any(|it| self.words.contains(*it)) || WRITTEN.contains(&bare);
            listed || bare.split('.').all(|part| plain(part) || id(part))
        };
        let made = |piece: &str| self.known.is_made(piece);
        made(piece) || made(piece.trim_matches(['.', '-'])) || piece.split(|c: char| !is_word(c)).all(word)
    }

    /// Whether a piece is a plain word, which has a capital only where a sentence `begins`.
    fn is_english(&self, piece: &str, begins: bool) -> bool {
        let bare = piece.trim_matches(['.', '-']);
        ENGLISH.contains(bare)
            || begins && ENGLISH.contains(bare.to_lowercase().as_str()) && !self.known.is_name(bare)
    }

    /// Whether a text that looks like an id says in base64 whom it is of.
    pub(super) fn packs_people(&self, text: &str) -> bool {
        let Some(inside) = unpacked(text).filter(|_| text.len() >= 8) else { return false };
        let number = || PHONE.find_iter(&inside).any(|found| is_phone("phone", found.as_str()));
        let persons = || inside.split(|c: char| !c.is_alphanumeric()).any(|word| self.known.is_persons(word));
        EMAIL.is_match(&inside) || number() || persons()
    }
}

/// A sign of a word as [`Mask::of`] takes the manifest apart.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || "_.-".contains(c)
}

/// Words with what may be inside of an address or a name, and what stands between them, character by character.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let inside = |c: char| is_word(c) || "@+'’".contains(c);
        let end = match inside(first) {
            true => rest.find(|c| !inside(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(end);
        rest = after;
        Some(piece)
    })
}

/// A text without URL encoding, when it has any that can be read.
fn unencoded(text: &str) -> String {
    match ENCODED.is_match(text).then(|| percent_decode_str(text).decode_utf8()) {
        Some(Ok(decoded)) => decoded.into_owned(),
        _ => text.to_owned(),
    }
}

/// What a word says in base64, when that is a text.
fn unpacked(word: &str) -> Option<String> {
    let word = word.trim_end_matches('=');
    let bytes = STANDARD_NO_PAD.decode(word).or_else(|_| URL_SAFE_NO_PAD.decode(word)).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let readable = !text.chars().any(|c| c.is_control() && !c.is_whitespace());
    (readable && text.chars().any(char::is_alphanumeric)).then_some(text)
}
