//! A second, lenient reading of an answer that is not quite JSON: one bad character in one record must
//! not end the synchronization of all the others.

use std::borrow::Cow;

/// What was mended, and where first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Repairs {
    /// A byte order mark in front.
    pub marks: usize,
    /// Characters of another encoding: bytes that are not UTF-8.
    pub bytes: usize,
    /// Halves of a character (`\ud83d` alone) that became U+FFFD.
    pub surrogates: usize,
    /// Control characters that stood unescaped.
    pub controls: usize,
    /// Numbers that no number type holds (`1e999`, `NaN`), which became null.
    pub numbers: usize,
    /// The position of the first of them in the text, in bytes.
    pub at: usize,
}

impl Repairs {
    /// How many there are.
    pub fn total(&self) -> usize {
        self.marks + self.bytes + self.surrogates + self.controls + self.numbers
    }
}

/// Mends what can be mended without guessing; `None` when that is nothing, or when the text is a web
/// page. `charset` is that of the answer's content type.
pub fn repair(body: &[u8], charset: Option<&str>) -> Option<(String, Repairs)> {
    let mut repairs = Repairs { at: usize::MAX, ..Repairs::default() };
    let text = decode(body, charset, &mut repairs);
    if text.trim_start().starts_with('<') {
        return None;
    }
    let mended = mend(&text, &mut repairs);
    (repairs.total() > 0).then_some((mended, repairs))
}

/// The JSON behind or in front of a server's warnings (`<br />\n<b>Deprecated</b>: … {"id": 1}`). Only
/// for the answer to a write, which was done, warnings or not.
pub fn without_noise(body: &[u8]) -> Option<&[u8]> {
    /// More places than any warning has where JSON could begin.
    const PLACES: usize = 50;
    let begins = |at: &usize| {
        let before = body[..*at].iter().rev().find(|b| !matches!(b, b' ' | b'\t'));
        matches!(body[*at], b'{' | b'[') && matches!(before, None | Some(b'\n' | b'>'))
    };
    (0..body.len()).filter(begins).take(PLACES).find_map(|at| {
        let mut values =
            serde_json::Deserializer::from_slice(&body[at..]).into_iter::<serde::de::IgnoredAny>();
        values.next()?.ok()?;
        let end = at + values.byte_offset();
        let rest = body[end..].trim_ascii_start();
        (rest.is_empty() || rest[0] == b'<').then_some(&body[at..end])
    })
}

fn decode<'a>(body: &'a [u8], charset: Option<&str>, repairs: &mut Repairs) -> Cow<'a, str> {
    use encoding_rs::{Encoding, UTF_8};
    let mark = Encoding::for_bom(body);
    let named = charset.and_then(|label| Encoding::for_label(label.as_bytes()));
    let (encoding, rest) = match (mark, named) {
        (Some((encoding, length)), _) => {
            repairs.marks += 1;
            repairs.at = 0;
            (encoding, &body[length..])
        }
        (None, named) => (named.unwrap_or(UTF_8), body),
    };
    if let Err(error) = std::str::from_utf8(rest) {
        repairs.at = repairs.at.min(error.valid_up_to());
        repairs.bytes += rest.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
    }
    encoding.decode_without_bom_handling(rest).0
}

fn mend(text: &str, repairs: &mut Repairs) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut at, mut inside) = (0, false);
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let rest = &text[at..];
        let byte = bytes[at];
        let (length, written, count): (usize, &str, Option<&mut usize>) = match byte {
            b'"' => {
                inside = !inside;
                (1, "\"", None)
            }
            b'\\' if inside => match escape(rest) {
                Some(length) => (length, &rest[..length], None),
                None => (6, "\\ufffd", Some(&mut repairs.surrogates)),
            },
            b'\n' if inside => (1, "\\n", Some(&mut repairs.controls)),
            b'\r' if inside => (1, "\\r", Some(&mut repairs.controls)),
            b'\t' if inside => (1, "\\t", Some(&mut repairs.controls)),
            0..0x20 if inside || !matches!(byte, b'\n' | b'\r' | b'\t') => {
                (1, " ", Some(&mut repairs.controls))
            }
            b'-' | b'+' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' if !inside => {
                let word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
                let length = rest.bytes().take_while(word).count();
                match boundless(&rest[..length]) {
                    true => (length, "null", Some(&mut repairs.numbers)),
                    false => (length, &rest[..length], None),
                }
            }
            _ => {
                let length = rest.chars().next().map_or(1, char::len_utf8);
                (length, &rest[..length], None)
            }
        };
        if let Some(count) = count {
            *count += 1;
            repairs.at = repairs.at.min(at);
        }
        out.push_str(written);
        at += length;
    }
    out
}

/// How long a good escape is; `None` for half of a character.
fn escape(rest: &str) -> Option<usize> {
    let unit = |from: usize| u16::from_str_radix(rest.get(from..from + 4)?, 16).ok();
    let two = 1 + rest.chars().nth(1).map_or(0, char::len_utf8);
    if rest.as_bytes().get(1) != Some(&b'u') {
        return Some(two);
    }
    match unit(2) {
        None => Some(two),
        Some(0xd800..0xdc00) => {
            let low = (rest.get(6..8) == Some("\\u")).then(|| unit(8)).flatten();
            low.is_some_and(|low| (0xdc00..0xe000).contains(&low)).then_some(12)
        }
        Some(0xdc00..0xe000) => None,
        Some(_) => Some(6),
    }
}

/// Whether a word outside of texts stands for a number that there is not.
fn boundless(word: &str) -> bool {
    let bare = word.trim_start_matches(['-', '+']);
    matches!(bare, "NaN" | "Infinity" | "inf" | "nan")
        || bare.starts_with(|c: char| c.is_ascii_digit()) && bare.parse::<f64>().is_ok_and(f64::is_infinite)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mended(body: &[u8]) -> Option<(serde_json::Value, Repairs)> {
        let (text, repairs) = repair(body, None)?;
        Some((serde_json::from_str(&text).unwrap(), repairs))
    }

    #[test]
    fn one_bad_character_is_mended_and_counted_where_it_stands() {
        for (body, text, position) in [
            (&b"\xef\xbb\xbf{\"a\": \"x\"}"[..], "x", 0),
            (br#"{"a": "x\ud83d"}"#, "x\u{fffd}", 8),
            (br#"{"a": "\ude00x"}"#, "\u{fffd}x", 7),
            (br#"{"a": "\ud83d\ud83d\ude00"}"#, "\u{fffd}\u{1f600}", 7),
            (b"{\"a\": \"x\xe9\"}", "x\u{fffd}", 8),
            (b"{\"a\": \"x\ty\"}", "x\ty", 8),
            (b"{\"a\": \"x\x01y\"}", "x y", 8),
            (b"{\"a\":\x0b \"x\"}", "x", 5),
        ] {
            let (value, repairs) = mended(body).unwrap();
            assert_eq!((value["a"].as_str().unwrap(), repairs.total(), repairs.at), (text, 1, position));
        }
    }

    #[test]
    fn numbers_that_no_type_holds_are_null_and_others_stay() {
        let (value, repairs) =
            mended(br#"{"a": [1e999, -1e999, NaN, Infinity, -Infinity, 1e10, -2, true]}"#).unwrap();
        assert_eq!(value["a"], serde_json::json!([null, null, null, null, null, 1e10, -2, true]));
        assert_eq!(repairs.numbers, 5);
        assert_eq!(repair(br#"{"a": "NaN 1e999", "b": 1}"#, None), None);
    }

    #[test]
    fn another_encoding_is_read_when_the_answer_names_it() {
        let (text, _) = repair(b"{\"a\": \"J\xf6rg\"}", Some("ISO-8859-1")).unwrap();
        assert_eq!(text, "{\"a\": \"J\u{f6}rg\"}");
        let wide: Vec<u8> = "\u{feff}{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(repair(&wide, None).unwrap().0, "{}");
    }

    #[test]
    fn a_web_page_is_not_mended_and_warnings_are_passed_over_for_writes() {
        assert_eq!(repair(b"\xef\xbb\xbf<html>\x01</html>", None), None);
        let noisy = b"<br />\n<b>Notice</b>: x[0] in <b>/a.php</b><br />\n{\"id\": 1}\n<br />";
        assert_eq!(without_noise(noisy), Some(&b"{\"id\": 1}"[..]));
        assert_eq!(without_noise(b"<html><script>\n{\"a\": 1};</script></html>"), None);
        assert_eq!(without_noise(b"<html>Sign in</html>"), None);
    }
}
