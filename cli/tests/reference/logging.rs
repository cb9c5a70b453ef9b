//! `docs/logging.md` lists every line of the log with its fields, as the code writes them.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{files, root};

type Lines = BTreeMap<String, BTreeSet<String>>;

/// The lines that the document has: headings of level three in backticks, and their tables.
fn documented() -> Lines {
    let text = std::fs::read_to_string(root().join("docs/logging.md")).unwrap();
    let (mut lines, mut current) = (Lines::new(), None::<String>);
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("### `").and_then(|rest| rest.strip_suffix('`')) {
            lines.insert(name.to_owned(), BTreeSet::new());
            current = Some(name.to_owned());
        } else if line.starts_with('#') {
            current = None;
        } else if let (Some(name), Some(field)) = (&current, line.strip_prefix("| `")) {
            lines.entry(name.clone()).or_default().insert(field.split('`').next().unwrap().to_owned());
        }
    }
    lines
}

/// The lines that functions can write: every call of a macro of `tracing` in their code.
fn written() -> Lines {
    let mut lines = Lines::new();
    for (path, text) in files(&["rs"]) {
        if !path.starts_with("shared/src") && !path.starts_with("functions") {
            continue;
        }
        for name in ["error", "warn", "info", "debug", "trace", "event"] {
            for (start, call) in text.match_indices(&format!("tracing::{name}!(")) {
                let (message, fields) = read(&text[start + call.len()..]);
                let message =
                    message.unwrap_or_else(|| panic!("{}: a line without a message", path.display()));
                lines.entry(message).or_default().extend(fields);
            }
        }
    }
    lines
}

/// Message and fields of a macro's arguments, up to the parenthesis that closes it.
fn read(text: &str) -> (Option<String>, Vec<String>) {
    let (mut message, mut fields) = (None, Vec::new());
    for argument in arguments(text) {
        let argument = argument.trim();
        if let Some(text) = argument.strip_prefix('"') {
            message = text.strip_suffix('"').map(str::to_owned);
            continue;
        }
        let name = argument.split('=').next().unwrap_or_default().trim().trim_start_matches(['%', '?']);
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c));
        if is_name {
            fields.push(name.to_owned());
        }
    }
    (message, fields)
}

fn arguments(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start, mut found) = (0_usize, false, 0, Vec::new());
    let mut before = ' ';
    for (index, c) in text.char_indices() {
        match c {
            '"' if before != '\\' => quoted = !quoted,
            _ if quoted => {}
            '(' | '[' | '{' => depth += 1,
            ')' if depth == 0 => {
                found.push(&text[start..index]);
                break;
            }
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
        before = c;
    }
    found
}

#[test]
fn every_line_and_field_of_the_log_is_documented_and_nothing_else() {
    let (written, documented) = (written(), documented());
    let mut wrong = Vec::new();
    for (message, fields) in &written {
        match documented.get(message) {
            None => wrong.push(format!("the line `{message}` with {fields:?} is missing")),
            Some(known) => {
                let missing: Vec<_> = fields.difference(known).collect();
                if !missing.is_empty() {
                    wrong.push(format!("`{message}`: {missing:?} missing"));
                }
                let gone: Vec<_> = known.difference(fields).collect();
                if !gone.is_empty() {
                    wrong.push(format!("`{message}`: {gone:?} no longer written"));
                }
            }
        }
    }
    wrong.extend(
        documented
            .keys()
            .filter(|m| !written.contains_key(*m))
            .map(|m| format!("`{m}` is no longer written")),
    );
    assert!(wrong.is_empty(), "docs/logging.md, which others read the log by:\n{}", wrong.join("\n"));
}
