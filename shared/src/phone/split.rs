//! One field, several numbers: where one ends and the next begins.

use super::MIN_DIGITS;
use super::tidy::digit;

fn digits(text: &str) -> usize {
    text.chars().filter(|c| digit(*c).is_some()).count()
}

/// What one field holds: the texts to try as a number, in order, and what is sent if none is one.
pub(super) struct Candidate<'a> {
    pub(super) attempts: Vec<&'a str>,
    pub(super) whole: &'a str,
}

/// The numbers of one field.
///
/// `;` and line ends separate, unless a parameter or an extension follows a `;`. A `,` separates
/// two texts that can both stand alone; else it is a pause before an extension. `/` comes last,
/// because it also stands inside a number (`0171/1234567`).
pub(super) fn split(raw: &str) -> Vec<Candidate<'_>> {
    let mut segments: Vec<&str> = Vec::new();
    let mut start = 0;
    let ends = raw
        .char_indices()
        .filter(|(_, c)| matches!(c, ';' | ',' | '\n' | '\r'))
        .map(|(at, c)| (at, c.len_utf8()))
        .chain([(raw.len(), 0)]);
    let cuts: Vec<(usize, usize)> = ends.collect();
    let mut digits_so_far = 0;
    let mut next_from = 0;
    for (index, &(at, width)) in cuts.iter().enumerate() {
        digits_so_far += digits(&raw[next_from..at]);
        next_from = at + width;
        let following = match cuts.get(index + 1) {
            Some(&(end, _)) => &raw[next_from..end],
            None => "",
        };
        let alone = digits(following) >= MIN_DIGITS;
        let joined = match raw[at..].chars().next() {
            Some(';') => is_parameter(following) || (digits_so_far >= MIN_DIGITS && is_extension(following)),
            Some(',') => !(digits_so_far >= MIN_DIGITS && alone),
            _ => false,
        };
        if !joined {
            segments.push(trim(&raw[start..at]));
            (start, digits_so_far) = (next_from, 0);
        }
    }
    // A segment without digits is a remark, when there are others.
    if segments.iter().any(|s| digits(s) > 0) {
        segments.retain(|s| digits(s) > 0);
    } else {
        segments = vec![raw.trim()];
    }
    segments.retain(|s| !s.is_empty());
    segments.into_iter().flat_map(split_at_slashes).collect()
}

/// The numbers of a text whose only separator is `/`.
///
/// With white space around it, it separates if every part can stand alone. Otherwise parts are
/// put together until the last one is long enough to end a number; few digits behind that
/// (`555-2671/72`) belong to the number before, which they neither change nor lengthen.
fn split_at_slashes(text: &str) -> Vec<Candidate<'_>> {
    if !text.contains('/') {
        let first = text.split([',', ';']).next().unwrap_or(text);
        let attempts = if first.len() == text.len() { vec![text] } else { vec![text, first] };
        return vec![Candidate { attempts, whole: text }];
    }
    let spaced = spaced_slashes(text);
    if spaced.len() > 1 && spaced.iter().all(|part| digits(part) >= MIN_DIGITS) {
        return spaced.into_iter().flat_map(join_parts).collect();
    }
    join_parts(text)
}

fn join_parts(text: &str) -> Vec<Candidate<'_>> {
    // Where each number begins and ends.
    let mut groups: Vec<(usize, usize)> = Vec::new();
    let (mut complete, mut total, mut at) = (true, 0, 0);
    for part in text.split('/') {
        let (from, to) = (at, at + part.len());
        at = to + 1;
        let count = digits(part);
        let begins = complete || (total >= MIN_DIGITS && part.trim_start().starts_with('+'));
        match groups.last_mut() {
            Some(group) if !begins => group.1 = to,
            _ => {
                groups.push((from, to));
                total = 0;
            }
        }
        total += count;
        complete = count >= MIN_DIGITS;
    }
    let mut candidates: Vec<Candidate<'_>> = Vec::new();
    let mut begin = 0;
    for (from, to) in groups {
        let number = trim(&text[from..to]);
        match candidates.last_mut() {
            Some(before) if digits(number) < MIN_DIGITS => before.whole = trim(&text[begin..to]),
            _ => {
                begin = from;
                candidates.push(Candidate { attempts: vec![number], whole: number });
            }
        }
    }
    candidates
}

/// The parts between slashes that have white space beside them.
fn spaced_slashes(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, _) in text.match_indices('/') {
        let (before, after) = (&text[..at], &text[at + 1..]);
        if before.ends_with(char::is_whitespace) || after.starts_with(char::is_whitespace) {
            parts.push(trim(&text[start..at]));
            start = at + 1;
        }
    }
    parts.push(trim(&text[start..]));
    parts
}

/// Whether this is what may follow a number's `;` in a `tel:` URI.
fn is_parameter(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    ["ext=", "phone-context=", "isub="].iter().any(|name| text.starts_with(name))
}

/// Whether this is nothing but a few digits.
fn is_extension(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && text.len() < MIN_DIGITS && text.bytes().all(|b| b.is_ascii_digit())
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '/'))
}
