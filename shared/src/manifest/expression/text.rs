//! Filters over text and numbers.

use crate::lock::lock;
use std::sync::Mutex;

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, Value};
use regex::Regex;

use super::as_text;
use super::values::{is_empty, refused, text};

/// Longest HTML that is read: interaction descriptions are previews.
const MAX_HTML: usize = 200_000;

pub(super) fn register(e: &mut Environment<'static>) {
    e.add_filter("lower", |v: &Value| text("lower", v, |t| Ok(t.to_lowercase())));
    e.add_filter("upper", |v: &Value| text("upper", v, |t| Ok(t.to_uppercase())));
    e.add_filter("trim", |v: &Value| text("trim", v, |t| Ok(t.trim().to_owned())));
    e.add_filter("digits", |v: &Value| match v.kind() {
        ValueKind::Seq => v.try_iter()?.map(|member| digits(&member)).collect::<Result<Value, Error>>(),
        _ => digits(v),
    });
    e.add_filter("replace", |v: &Value, from: &str, to: &str| {
        text("replace", v, |t| Ok(t.replace(from, to)))
    });
    e.add_filter("text", |v: &Value| text("text", v, |t| Ok(html_to_text(t))));
    e.add_filter("string", |v: &Value| as_text(v).map_or(Value::from(()), Value::from));
    e.add_filter("int", |v: &Value| {
        if let Some(number) = v.as_i64() {
            return Value::from(number);
        }
        let number = as_text(v).and_then(|t| t.trim().parse::<f64>().ok());
        match number {
            Some(n) if n.is_finite() && n.abs() < 9e15 => Value::from(n as i64),
            _ => Value::from(()),
        }
    });
    e.add_filter("bool", |v: &Value| match as_text(v) {
        Some(t) => matches!(t.to_ascii_lowercase().as_str(), "true" | "1" | "yes"),
        None => false,
    });
    e.add_filter("email", |v: &Value| match as_text(v) {
        Some(t) if is_email(t.trim()) => Value::from(t.trim()),
        _ => Value::from(()),
    });
    e.add_filter("split", split);
    e.add_filter("match", |v: &Value, pattern: &str| {
        let Some(t) = as_text(v) else { return Ok(Value::from(())) };
        let regex = compiled(pattern).ok_or_else(|| refused("match: not a regular expression"))?;
        let group = regex.captures(&t).and_then(|c| c.get(1).or_else(|| c.get(0)));
        Ok::<_, Error>(group.map_or(Value::from(()), |g| Value::from(g.as_str())))
    });
    e.add_filter("link", |v: &Value, relation: &str| {
        as_text(v).and_then(|t| link(&t, relation)).map_or(Value::from(()), Value::from)
    });
    e.add_filter("from_json", |v: &Value| {
        as_text(v).and_then(|t| serde_json::from_str::<Value>(&t).ok()).unwrap_or(Value::from(()))
    });
}

fn digits(value: &Value) -> Result<Value, Error> {
    text("digits", value, |t| Ok(t.chars().filter(char::is_ascii_digit).collect()))
}

/// The parts of a text between separators; nothing has none.
pub(super) fn split(v: &Value, separator: &str) -> Result<Value, Error> {
    if is_empty(v) {
        return Ok(Value::from(Vec::<Value>::new()));
    }
    let t = v.as_str().ok_or_else(|| refused(format!("split: takes text, not a {}", v.kind())))?;
    Ok(t.split(separator).map(str::trim).filter(|p| !p.is_empty()).map(Value::from).collect())
}

/// A pattern of a manifest, compiled once: a request uses it for every row.
fn compiled(pattern: &str) -> Option<Regex> {
    /// More patterns than a manifest has; beyond them they are made from values, and not worth keeping.
    const MOST: usize = 64;
    static PATTERNS: Mutex<Vec<(String, Regex)>> = Mutex::new(Vec::new());
    let mut known = lock(&PATTERNS);
    if let Some((_, regex)) = known.iter().find(|(text, _)| text == pattern) {
        return Some(regex.clone());
    }
    let regex = Regex::new(pattern).ok()?;
    if known.len() < MOST {
        known.push((pattern.to_owned(), regex.clone()));
    }
    Some(regex)
}

/// Good enough to keep junk out of e-mail lists; the CRM decides what an address is.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    !local.is_empty()
        && text.len() <= 320
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"[]".contains(c))
}

/// The target of one relation in a Link header (RFC 8288).
fn link(header: &str, relation: &str) -> Option<String> {
    header.split(",").find_map(|part| {
        let (target, parameters) = part.trim().strip_prefix('<')?.split_once('>')?;
        let matches = parameters.split(';').any(|p| {
            p.trim()
                .strip_prefix("rel=")
                .is_some_and(|r| r.trim_matches('"').split(' ').any(|r| r == relation))
        });
        matches.then(|| target.to_owned())
    })
}

/// HTML as text: tags out, block ends as line breaks, entities decoded, script and style dropped.
///
/// Own code, because a preview needs no DOM and the HTML libraries are larger than this binary's
/// share of the function (a parser in the functions costs over 1 MB).
pub fn html_to_text(html: &str) -> String {
    let html: String = html.chars().take(MAX_HTML).collect();
    let mut out = String::with_capacity(html.len());
    let mut rest = html.as_str();
    while let Some(c) = rest.chars().next() {
        match c {
            '<' if rest[1..].starts_with(|n: char| n.is_ascii_alphabetic() || "/!?".contains(n)) => {
                let end = rest.find('>').map_or(rest.len(), |i| i + 1);
                let name: String = rest[1..end]
                    .trim_start_matches('/')
                    .chars()
                    .take_while(char::is_ascii_alphanumeric)
                    .collect::<String>()
                    .to_ascii_lowercase();
                let closing = rest[1..].starts_with('/');
                rest = &rest[end..];
                match name.as_str() {
                    "script" | "style" | "head" if !closing => {
                        rest = from_closing(rest, &name);
                    }
                    "br" | "p" | "div" | "li" | "tr" | "h1" | "h2" | "h3" | "h4" | "ul" | "ol" | "table"
                    | "blockquote" => out.push('\n'),
                    "td" | "th" => out.push(' '),
                    _ => {}
                }
            }
            '&' => {
                let (decoded, length) = entity(rest);
                out.push_str(&decoded);
                rest = &rest[length..];
            }
            _ => {
                out.push(c);
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    let lines: Vec<String> = out
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|line| !line.is_empty())
        .collect();
    lines.join("\n")
}

/// The rest of an HTML text from the tag on that closes an element; empty without one. Looks at every
/// sign once: what a stranger wrote into an e-mail may hold thousands of these elements.
fn from_closing<'a>(text: &'a str, name: &str) -> &'a str {
    let closes = |at: &usize| {
        let after = text.as_bytes().get(at + 2..at + 2 + name.len());
        after.is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()))
    };
    text.match_indices("</").map(|(at, _)| at).find(closes).map_or("", |at| &text[at..])
}

fn entity(text: &str) -> (String, usize) {
    let Some(end) = text.char_indices().take(12).find(|(_, c)| *c == ';').map(|(i, _)| i) else {
        return ("&".to_owned(), 1);
    };
    let name = &text[1..end];
    let character = match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "hellip" => Some('…'),
        "euro" => Some('€'),
        _ => name.strip_prefix('#').and_then(|number| {
            match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok(),
                None => number.parse().ok(),
            }
            .and_then(char::from_u32)
        }),
    };
    match character {
        Some(c) => (c.to_string(), end + 1),
        None => ("&".to_owned(), 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_lines_of_text_and_scripts_disappear() {
        let html =
            "<div>Caf&eacute; &#233; &#x41;<br>two&nbsp;words</div><SCRIPT>alert(1)</SCRIPT><p>a < b & c</p>";
        assert_eq!(html_to_text(html), "Caf&eacute; é A\ntwo words\na < b & c");
    }

    #[test]
    fn broken_html_never_panics_and_keeps_the_text() {
        for html in ["<", "<p", "a<b", "&", "&#xZZ;", "&#1114112;", "<script>", "é<ü>ß&ö;"] {
            let _ = html_to_text(html);
        }
        assert_eq!(html_to_text("<script>never closed"), "");
    }

    #[test]
    fn a_stranger_s_html_costs_time_by_its_length_only() {
        let begun = std::time::Instant::now();
        for piece in [
            "<script></script>",
            "<style>",
            "<SCRIPT></script >",
            "</",
            "<a",
            "&",
            "&#",
            "<!--",
            "<head>x</head>",
        ] {
            let _ = html_to_text(&piece.repeat(MAX_HTML / piece.len()));
        }
        // Far more than is ever read: what looks at the rest for every element would take hours.
        let many = "<script></script>".repeat(250_000);
        let mut rest = many.as_str();
        while !rest.is_empty() {
            rest = &from_closing(&rest["<script>".len()..], "script")["</script>".len()..];
        }
        assert!(begun.elapsed().as_secs() < 30, "{:?}", begun.elapsed());
        assert_eq!(html_to_text("a<script>if (a </b) c</SCRIPT>d<style></STYLE>e"), "ade");
    }

    #[test]
    fn addresses_are_told_from_junk() {
        for good in ["a@b.co", "jane.doe+x@mail.example.com"] {
            assert!(is_email(good), "{good}");
        }
        for bad in ["", "a", "@b.co", "a@b", "a b@c.de", "a@b.co, c@d.ef", "<a@b.co>"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
