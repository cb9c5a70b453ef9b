//! What is given on the command line: pairs, and files of JSON.

use std::io::ErrorKind;
use std::path::Path;

use bridge::manifest::why_unread;
use serde::de::DeserializeOwned;

/// The name and the value of `name=value`.
///
/// # Errors
/// A pair without `=`, with the option's name.
pub fn pair<'t>(option: &str, text: &'t str) -> Result<(&'t str, &'t str), String> {
    text.split_once('=').ok_or_else(|| format!("{option} {text}: write it as name=value"))
}

/// A file's text, without a byte order mark.
///
/// # Errors
/// A file that cannot be read, or that is empty.
pub fn text(path: &Path) -> Result<String, String> {
    let name = path.display();
    if name.to_string().contains("://") {
        return Err(format!("{name}: is an address: save what is there as a file, and name that"));
    }
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{name}: {}", why_unread(path, &error)))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() { Err(format!("{name}: is empty")) } else { Ok(text.to_owned()) }
}

/// A file of JSON, with a byte order mark or without.
///
/// # Errors
/// A file that cannot be read, or is not `expected`; for one that is not there, `absent` says what makes it.
pub fn json<T: DeserializeOwned>(path: &Path, absent: &str, expected: &str) -> Result<T, String> {
    let name = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!("{name} is not there: {absent}"),
        _ => format!("{name}: {}", why_unread(path, &error)),
    })?;
    // Where, and not what: the file may be a secret's.
    serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| format!("{name}: {expected} (line {}, column {})", error.line(), error.column()))
}
