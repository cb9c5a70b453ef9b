//! The accepted caller keys of a secret, in every way in which people and consoles write them.

use secrecy::SecretString;
use serde_json::Value;

use crate::pasted::trimmed;

/// The shortest caller key that is accepted, in characters: shorter ones can be guessed.
pub const SHORTEST_KEY: usize = 16;

/// Reads `caller_keys`: a text or a list of texts. A text may be what a console makes of a list,
/// `["one","two"]`, or hold several keys divided by commas or line ends. Blank ones do not count.
///
/// # Errors
/// What is wrong, without a value.
pub(super) fn read(value: Option<Value>) -> Result<Vec<SecretString>, String> {
    let texts = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => listed(&text),
        Some(Value::Array(keys)) => keys
            .iter()
            .map(|key| key.as_str().map(|key| trimmed(key).to_owned()))
            .collect::<Option<_>>()
            .ok_or("`caller_keys` must be texts")?,
        Some(_) => return Err("`caller_keys` must be a text or a list of texts".to_owned()),
    };
    let keys: Vec<String> = texts.into_iter().filter(|key| !key.is_empty()).collect();
    if keys.is_empty() {
        return Err(
            "`caller_keys` is missing: without it anybody who knows the URL could use the CRM".to_owned()
        );
    }
    if keys.iter().any(|key| key.chars().count() < SHORTEST_KEY) {
        return Err(format!("a caller key is shorter than {SHORTEST_KEY} characters"));
    }
    Ok(keys.into_iter().map(SecretString::from).collect())
}

/// The keys of a text. A comma may belong to a key: where one of the parts could not be a key,
/// the line is one key; where all could, the line is accepted as a whole too.
fn listed(text: &str) -> Vec<String> {
    let text = trimmed(text);
    if let Ok(keys) = serde_json::from_str::<Vec<String>>(text) {
        return keys.iter().map(|key| trimmed(key).to_owned()).collect();
    }
    let brackets = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let mut keys = Vec::new();
    for line in brackets.unwrap_or(text).split(['\n', '\r']) {
        let parts: Vec<String> = line.split(',').map(unquoted).filter(|part| !part.is_empty()).collect();
        let whole = unquoted(line);
        let divided = parts.iter().all(|part| part.chars().count() >= SHORTEST_KEY);
        if brackets.is_some() || divided {
            keys.extend(parts);
        }
        if !keys.contains(&whole) && (!divided || whole.contains(',')) && brackets.is_none() {
            keys.push(whole);
        }
    }
    keys
}

/// A key without blanks and quotation marks around it.
fn unquoted(text: &str) -> String {
    let text = trimmed(text);
    let inner = ['"', '\''].into_iter().find_map(|sign| text.strip_prefix(sign)?.strip_suffix(sign));
    trimmed(inner.unwrap_or(text)).to_owned()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbb";

    fn keys(value: Value) -> Vec<String> {
        read(Some(value)).unwrap().iter().map(|key| key.expose_secret().to_owned()).collect()
    }

    #[test]
    fn keys_are_read_as_people_and_consoles_write_them() {
        for (written, expected) in [
            (json!(A), vec![A]),
            (json!(format!("\u{FEFF}{A}\r\n")), vec![A]),
            (json!([format!(" {A}\n"), B, "", " "]), vec![A, B]),
            (json!(format!("[\"{A}\"]")), vec![A]),
            (json!(format!(" [\"{A}\", \"{B}\\n\"] ")), vec![A, B]),
            (json!(format!("['{A}', '{B}']")), vec![A, B]),
            (json!(format!("[{A}, {B}]")), vec![A, B]),
            (json!(format!("{A}\n{B}\n")), vec![A, B]),
            (json!(format!("\"{A}\"")), vec![A]),
        ] {
            assert_eq!(keys(written.clone()), expected, "{written}");
        }
    }

    #[test]
    fn a_comma_divides_keys_and_may_belong_to_one() {
        let both = format!("{A},{B}");
        assert_eq!(keys(json!(both)), [A, B, &both]);
        assert_eq!(keys(json!(format!("{A}, {B}"))), [A, B, &format!("{A}, {B}")]);
        assert_eq!(keys(json!("0123,456789012345")), ["0123,456789012345"]);
    }

    #[test]
    fn keys_that_open_the_door_to_guessing_are_refused() {
        for value in
            [json!("short"), json!(["short", A]), json!("[\"short\"]"), json!([1]), json!({}), json!(7)]
        {
            assert!(read(Some(value.clone())).is_err(), "{value}");
        }
        for blank in
            [json!(""), json!("                    "), json!([" \n", "\u{200B}"]), json!("[]"), json!(null)]
        {
            assert!(read(Some(blank.clone())).unwrap_err().contains("is missing"), "{blank}");
        }
        assert!(read(None).is_err());
    }
}
