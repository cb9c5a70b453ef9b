//! What stands for what: secrets for as long as the mask lives, people for as long as there is room.

use std::collections::{HashMap, HashSet, VecDeque};

/// Values of people that are kept beyond one conversation. A page of contacts has some two thousand.
const MOST: usize = 8_000;
/// Secrets that were met in headers: tokens, and keys and signatures that are others in every request.
const PASSING: usize = 100;
/// Words of one value that are looked for inside of what was derived from it.
const WORDS: usize = 200;

/// What is replaced wherever it stands, and by what.
#[derive(Clone, Default)]
pub struct Known {
    lasting: HashMap<String, String>,
    passing: HashMap<String, String>,
    /// They in the order in which they were met.
    passed: VecDeque<String>,
    people: HashMap<String, String>,
    /// People in the order in which they were met.
    order: VecDeque<String>,
    /// What was put in the place of something.
    made: HashSet<String>,
    /// Stand-ins of phone numbers by their last digits: a number may be written in several ways.
    numbers: HashMap<String, String>,
    /// Words of people, in lower case.
    words: HashSet<String>,
    /// Those of what somebody is called.
    names: HashSet<String>,
    /// How many were met in all: stand-ins are numbered.
    count: usize,
}

impl Known {
    /// A secret or a host, and what stands for it.
    pub fn last(&mut self, value: &str, stand_in: &str) {
        self.made.insert(stand_in.to_owned());
        self.lasting.insert(value.to_owned(), stand_in.to_owned());
    }

    /// A secret of a single request, forgotten after a hundred others.
    pub fn pass(&mut self, value: &str, stand_in: &str) {
        if self.get(value).is_some() {
            return;
        }
        self.made.insert(stand_in.to_owned());
        self.passing.insert(value.to_owned(), stand_in.to_owned());
        self.passed.push_back(value.to_owned());
        if self.passed.len() > PASSING {
            self.passed.pop_front().map(|oldest| self.passing.remove(&oldest));
        }
    }

    /// What stands for a whole value.
    pub fn get(&self, value: &str) -> Option<&String> {
        let secret = || self.passing.get(value);
        self.lasting.get(value).or_else(|| self.people.get(value)).or_else(secret)
    }

    /// Whether a text is a stand-in.
    pub fn is_made(&self, text: &str) -> bool {
        self.made.contains(text)
    }

    /// What stands for a person's value: the same at every place, another one for every other value.
    pub fn stand_in(&mut self, value: &str, make: impl Fn(usize) -> String) -> String {
        if self.made.contains(value) {
            return value.to_owned();
        }
        if let Some(made) = self.get(value) {
            return made.clone();
        }
        self.count += 1;
        let made = make(self.count);
        self.person(value, &made);
        made
    }

    /// A person's value with its stand-in, unless it has one.
    pub fn person(&mut self, value: &str, stand_in: &str) {
        if self.people.contains_key(value) {
            return;
        }
        self.made.insert(stand_in.to_owned());
        self.words.extend(words(value).filter(|word| word.chars().all(char::is_alphabetic)));
        self.people.insert(value.to_owned(), stand_in.to_owned());
        self.order.push_back(value.to_owned());
    }

    /// The stand-in of the phone number with these last digits.
    pub fn number(&self, last: &str) -> Option<&String> {
        self.numbers.get(last)
    }

    /// A phone number's stand-in by its last digits, unless they have one.
    pub fn count_as(&mut self, last: &str, stand_in: &str) {
        self.numbers.entry(last.to_owned()).or_insert_with(|| stand_in.to_owned());
    }

    /// What somebody is called: every word of it, also those with digits.
    pub fn name(&mut self, value: &str) {
        self.words.extend(words(value));
        self.names.extend(words(value));
    }

    /// Whether a word, however it is written, is a part of what somebody is called.
    pub fn is_name(&self, word: &str) -> bool {
        self.names.contains(&word.to_lowercase())
    }

    /// Whether a word, however it is written, is one of a person's.
    pub fn is_persons(&self, word: &str) -> bool {
        self.words.contains(&word.to_lowercase())
    }

    /// Leaves the people who were met last. For between two conversations: within one, nobody is forgotten.
    pub fn forget(&mut self) {
        if self.people.len() <= MOST {
            return;
        }
        while self.order.len() > MOST / 2 {
            self.order.pop_front().map(|value| self.people.remove(&value));
        }
        let left = self.lasting.values().chain(self.people.values()).chain(self.passing.values());
        self.made = left.cloned().collect();
        let made = &self.made;
        self.numbers.retain(|_, stand_in| made.contains(stand_in));
        self.words = self.people.keys().flat_map(|value| words(value)).collect();
        let (words, names) = (&self.words, std::mem::take(&mut self.names));
        self.names = names.into_iter().filter(|name| words.contains(name)).collect();
    }

    /// A text without secrets and hosts.
    pub fn without_secrets(&self, text: &str) -> String {
        replaced(text, self.lasting.iter().chain(&self.passing))
    }

    /// A text without anything that is known.
    pub fn without(&self, text: &str) -> String {
        replaced(text, self.lasting.iter().chain(&self.passing).chain(&self.people))
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.people.len() + self.passing.len() + self.made.len() + self.numbers.len()
    }
}

/// The longest first: a value may be a part of another.
fn replaced<'a>(text: &str, pairs: impl Iterator<Item = (&'a String, &'a String)>) -> String {
    let within =
        |(from, to): &(&String, &String)| from != to && from.len() >= 4 && text.contains(from.as_str());
    let mut found: Vec<_> = pairs.filter(within).collect();
    found.sort_by_key(|(from, _)| std::cmp::Reverse(from.len()));
    found.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from.as_str(), to))
}

/// The words of a value, in lower case; what is shorter than three characters tells nobody apart.
fn words(value: &str) -> impl Iterator<Item = String> + '_ {
    let parts = value.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().nth(2).is_some());
    parts.take(WORDS).map(str::to_lowercase)
}
