//! A regular expression that a whole value must match, compiled when the first value comes.

use std::sync::OnceLock;

use regex::Regex;

mod shape;

use shape::Shape;

/// A pattern for hosts and `auth` fields.
#[derive(Debug)]
pub struct Pattern {
    source: String,
    matcher: OnceLock<Matcher>,
}

#[derive(Debug)]
enum Matcher {
    Shape(Shape),
    /// Nothing when it does not compile.
    Regex(Option<Regex>),
}

impl Pattern {
    /// A pattern; [`Pattern::compile`] says whether it is one.
    pub fn new(source: &str) -> Self {
        Self { source: source.to_owned(), matcher: OnceLock::new() }
    }

    /// The expression, anchored at both ends; nothing when it does not compile.
    pub fn compile(source: &str) -> Option<Regex> {
        Regex::new(&format!("^(?:{source})$")).ok()
    }

    /// Whether the whole value matches. A pattern that does not compile matches nothing.
    pub fn fits(&self, value: &str) -> bool {
        let matcher = || match Shape::of(&self.source) {
            Some(shape) => Matcher::Shape(shape),
            None => Matcher::Regex(Self::compile(&self.source)),
        };
        match self.matcher.get_or_init(matcher) {
            Matcher::Shape(shape) => shape.fits(value),
            Matcher::Regex(regex) => regex.as_ref().is_some_and(|regex| regex.is_match(value)),
        }
    }
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
    fn a_shape_fits_what_its_regular_expression_fits() {
        let shapes = [
            "abc",
            r"a\.b-c_d",
            "[0-9]{1,20}",
            "[a-z0-9-]{1,4}\\.x\\.com",
            "[a-z0-9][a-z0-9-]{0,3}",
            "[A-Za-z0-9._-]+",
            "a*b",
            "[a-c]{2}[0-9]*[x]",
            "",
            "[-a]+",
            "[a-]{2}",
            "[a-z]{0,2}",
        ];
        let values = [
            "",
            "a",
            "ab",
            "abc",
            "a.b-c_d",
            "axb-c_d",
            "0",
            "01234567890123456789",
            "012345678901234567890",
            "a-1.x.com",
            "abcde.x.com",
            "a.x.com.evil",
            ".x.com",
            "A.x.com",
            "a-",
            "-a",
            "aaab",
            "b",
            "aab",
            "ab12x",
            "ab12",
            "abx",
            "ä",
            "aä",
            "a\n",
            "\na",
            "a--",
            "é.x.com",
            "--",
            "az",
            "abcd",
        ];
        for pattern in shapes {
            assert!(Shape::of(pattern).is_some(), "{pattern}");
            let compiled = Pattern::compile(pattern).unwrap();
            for value in values {
                assert_eq!(
                    Pattern::new(pattern).fits(value),
                    compiled.is_match(value),
                    "{pattern} {value:?}"
                );
            }
        }
        let others = [
            "a|b", "a+b+", "a?", "[^a]", "(a)", r"\d", "a{1,}", "a+?", "a{2}{3}", "[a&&b]", "[a--b]", "^a",
            "a$", ".", "[a", "a{x}", "ä", r"[\w]", "[]a]", "a{2,1}", "[z-a]",
        ];
        for pattern in others {
            assert!(Shape::of(pattern).is_none(), "{pattern}");
        }
    }

    #[test]
    fn what_does_not_compile_matches_nothing() {
        assert!(Pattern::compile("(").is_none());
        assert!(!Pattern::new("(").fits("("));
    }
}
