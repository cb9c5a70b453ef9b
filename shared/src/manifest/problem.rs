//! What is wrong with a manifest, where, and what would be right.

use std::fmt;

/// One complaint about a manifest. Prints as `file:line:column: path: message`, or `file: message` where the file
/// is wrong as a whole, with what is allowed and a hint on lines of their own.
#[derive(Clone, Debug, Default)]
pub struct Problem {
    file: String,
    line: u64,
    column: u64,
    path: String,
    message: String,
    allowed: Vec<String>,
    hint: Option<String>,
}

impl Problem {
    /// A complaint without a place yet.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Names the file that is wrong as a whole.
    #[must_use]
    pub fn in_file(self, file: &str) -> Self {
        self.at_line(file, 0, 0)
    }

    /// Sets the place in a file, counted from one.
    #[must_use]
    pub fn at_line(mut self, file: &str, line: u64, column: u64) -> Self {
        file.clone_into(&mut self.file);
        self.line = line;
        self.column = column;
        self
    }

    /// Sets the path of keys (`contacts.map.name`).
    #[must_use]
    pub fn at_path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Lists what would be allowed; the nearest to `given` becomes the hint.
    #[must_use]
    pub fn allowing<S: Into<String>>(mut self, given: &str, allowed: impl IntoIterator<Item = S>) -> Self {
        self.allowed = allowed.into_iter().map(Into::into).collect();
        if let Some(nearest) = nearest(given, &self.allowed) {
            self.hint = Some(format!("did you mean `{nearest}`?"));
        }
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The path of keys.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.file.as_str(), self.line) {
            ("", _) => {}
            (file, 0) => write!(f, "{file}: ")?,
            (file, line) => write!(f, "{file}:{line}:{}: ", self.column)?,
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)?;
        if !self.allowed.is_empty() {
            write!(f, "\n  allowed: {}", self.allowed.join(", "))?;
        }
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}

/// The nearest of `allowed` to a mistyped word, if one is near enough to be meant.
pub fn nearest<'a>(given: &str, allowed: &'a [String]) -> Option<&'a str> {
    allowed
        .iter()
        .map(|word| (strsim::damerau_levenshtein(given, word), word))
        // Of a name of one letter nothing would be left.
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4 && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_file_line_path_and_the_nearest_choice() {
        let problem = Problem::new("unknown key `maps`")
            .at_line("manifest.yaml", 12, 3)
            .at_path("contacts.maps")
            .allowing("maps", ["map", "fetch", "records"]);
        assert_eq!(
            problem.to_string(),
            "manifest.yaml:12:3: contacts.maps: unknown key `maps`\n  \
             allowed: map, fetch, records\n  hint: did you mean `map`?"
        );
    }

    #[test]
    fn a_word_that_is_far_from_all_gets_no_suggestion() {
        let allowed = ["fetch".to_owned(), "records".to_owned()];
        assert_eq!(nearest("checkpoint", &allowed), None);
    }
}
