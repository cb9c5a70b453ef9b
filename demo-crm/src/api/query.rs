//! Query strings, read strictly: what is not known, repeated or unreadable is refused.

use std::ops::RangeInclusive;

use url::form_urlencoded;

use super::refusal::Refusal;
use crate::clock::Micros;

/// The parameters of a request, all of them known.
#[derive(Debug)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub fn read(raw: Option<&str>, known: &[&str]) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> =
            form_urlencoded::parse(raw.unwrap_or_default().as_bytes()).into_owned().collect();
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) if known.is_empty() => {
                Err(Refusal::malformed(name, "This path takes no parameters."))
            }
            Some((name, _)) => {
                Err(Refusal::malformed(name, &format!("Unknown parameter; known are {}.", known.join(", "))))
            }
            None => Ok(Self(pairs)),
        }
    }

    /// Every value of a parameter that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub fn time(&self, name: &str) -> Result<Option<Micros>, Refusal> {
        let Some(text) = self.once(name)? else {
            return Ok(None);
        };
        let problem = "Must be an RFC 3339 time with at most 6 digits of fraction.";
        Micros::parse(text).map(Some).ok_or_else(|| Refusal::malformed(name, problem))
    }

    pub fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.once(name)? else {
            return Ok(None);
        };
        // `parse` would take a plus sign, which in a query is a space that somebody forgot to encode.
        let digits = text.strip_prefix('-').unwrap_or(text);
        let number = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok());
        let problem = "Must be an integer.";
        number.flatten().map(Some).ok_or_else(|| Refusal::malformed(name, problem))
    }

    /// A count with a default, inside its bounds.
    pub fn count(&self, name: &str, default: usize, bounds: RangeInclusive<usize>) -> Result<usize, Refusal> {
        let Some(number) = self.integer(name)? else {
            return Ok(default);
        };
        usize::try_from(number).ok().filter(|count| bounds.contains(count)).ok_or_else(|| {
            let problem = format!("Must be from {} to {}.", bounds.start(), bounds.end());
            Refusal::invalid(name, &problem)
        })
    }

    /// One of several words.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        let Some(text) = self.once(name)? else {
            return Ok(None);
        };
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| Some(*value)).ok_or_else(|| {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            Refusal::malformed(name, &format!("Must be one of {}.", words.join(", ")))
        })
    }

    fn once(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(given, _)| given == name);
        let first = values.next().map(|(_, value)| value.as_str());
        match values.next() {
            Some(_) => Err(Refusal::malformed(name, "Given more than once.")),
            None => Ok(first),
        }
    }
}
