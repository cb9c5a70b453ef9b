//! A regular expression that a whole value must match, compiled when the first value comes.

use std::sync::OnceLock;

use regex::Regex;

/// A pattern for hosts and `auth` fields.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    regex: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// A pattern; [`Pattern::compile`] says whether it is one.
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), regex: OnceLock::new() }
    }

    /// The expression, anchored at both ends; nothing when it does not compile.
    pub fn compile(source: &str) -> Option<Regex> {
        Regex::new(&format!("^(?:{source})$")).ok()
    }

    /// Whether the whole value matches. A pattern that does not compile matches nothing.
    pub fn fits(&self, value: &str) -> bool {
        if let Some(literal) = literal(&self.source) {
            return literal == value;
        }
        self.regex.get_or_init(|| Self::compile(&self.source)).as_ref().is_some_and(|r| r.is_match(value))
    }
}

/// The one text that a pattern without any operator matches, such as `api\.example\.com`.
fn literal(source: &str) -> Option<String> {
    let text = source.replace("\\.", "\u{0}");
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '\u{0}');
    text.chars().all(plain).then(|| text.replace('\u{0}', "."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_fits_whole_values_only() {
        for (pattern, fitting, other) in [
            (r"api\.example\.com", "api.example.com", "apixexample.com"),
            (r"api\.example\.com", "api.example.com", "api.example.com.evil.test"),
            (r"[a-z]+\.example\.com", "acme.example.com", "acme.example.com/"),
            ("a|b", "a", "ab"),
        ] {
            let compiled = Pattern::compile(pattern).unwrap();
            for (value, expected) in [(fitting, true), (other, false)] {
                assert_eq!(Pattern::new(pattern).fits(value), expected, "{pattern} {value}");
                assert_eq!(compiled.is_match(value), expected, "{pattern} {value}");
            }
        }
    }

    #[test]
    fn what_does_not_compile_matches_nothing() {
        assert!(Pattern::compile("(").is_none());
        assert!(!Pattern::new("(").fits("("));
    }
}
