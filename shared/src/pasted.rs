//! What people paste: keys, tokens and addresses with blanks, line ends and invisible marks around them.
//!
//! Secrets are written by `echo`, by editors that end every file with a line end, and by consoles
//! that keep what was copied from a web page. None of these signs belongs to a key.

/// The text without what surrounds a pasted value: white space (line ends and no-break blanks
/// too), control characters and [invisible](is_invisible) marks such as the byte order mark.
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || c.is_control() || is_invisible(c))
}

/// Whether a character is never seen: byte order mark, zero-width signs, marks of writing direction.
pub fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{2069}'
            | '\u{FEFF}'
    )
}

/// The host, in lower case, and the path of an address that may have been pasted with its scheme,
/// HTTPS's own port, slashes, and what a browser adds behind the path. The path stands as it was.
pub fn address(text: &str) -> (String, &str) {
    let text = trimmed(text);
    let scheme = ["https://", "http://"]
        .iter()
        .find(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let text = scheme.map_or(text, |scheme| &text[scheme.len()..]);
    let (host, path) = text.split_once('/').unwrap_or((text, ""));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let host = host.strip_suffix(":443").unwrap_or(host);
    (host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase(), path.trim_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_surrounds_a_pasted_value_is_cut_off_and_what_is_inside_stays() {
        for pasted in ["key", " key\n", "\u{FEFF}key\r\n", "\u{200B}key\u{00A0}", "\t\0key\u{200E}\u{2060} "]
        {
            assert_eq!(trimmed(pasted), "key", "{pasted:?}");
        }
        assert_eq!(trimmed(" a \u{200B}b "), "a \u{200B}b");
        for nothing in ["", " ", "\n\u{FEFF}\u{200D}"] {
            assert_eq!(trimmed(nothing), "", "{nothing:?}");
        }
    }
}
