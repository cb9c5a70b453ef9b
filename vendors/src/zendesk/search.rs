//! Zendesk's search syntax, as far as it is needed here
//! (<https://developer.zendesk.com/documentation/api-basics/working-with-data/searching-with-the-zendesk-api/>).

/// One term: `-keyword:"value"`, or a word alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not be so.
    pub not: bool,
    /// `email`, `phone`, `role`, …; empty for words alone.
    pub keyword: String,
    /// `:`, `<`, `>`, `<=`, `>=`
    pub operator: String,
    /// What is looked for.
    pub value: String,
    /// In double quotes: a phrase, in which `*` and `:` mean nothing.
    pub phrase: bool,
}

/// Reads a query. Nothing is wrong in it; what is not meant so is words.
pub fn parse(query: &str) -> Vec<Term> {
    let (mut terms, mut rest) = (Vec::new(), query.trim_start());
    while !rest.is_empty() {
        let not = rest.starts_with('-') && rest.len() > 1;
        rest = &rest[usize::from(not)..];
        let name =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
        let after = &rest[name..];
        let operator = [">=", "<=", ":", "<", ">"].into_iter().find(|o| name > 0 && after.starts_with(o));
        let (keyword, operator) = match operator {
            Some(operator) => (rest[..name].to_ascii_lowercase(), operator),
            None => (String::new(), ""),
        };
        if !operator.is_empty() {
            rest = &after[operator.len()..];
        }
        let (value, phrase, end) = match rest.strip_prefix('"') {
            Some(inner) => match inner.find('"') {
                Some(end) => (&inner[..end], true, end + 2),
                None => (inner, false, rest.len()),
            },
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (&rest[..end], false, end)
            }
        };
        terms.push(Term { not, keyword, operator: operator.to_owned(), value: value.to_owned(), phrase });
        rest = rest[end..].trim_start();
    }
    terms
}

/// Whether a number fits: digits only, without the plus sign; `*` in front for a number that is
/// written in another way
/// (<https://developer.zendesk.com/documentation/voice/talk-partner-edition/retrieving-the-zendesk-user-id-of-a-caller/>).
pub fn phone_fits(stored: &str, wanted: &str) -> bool {
    let stored: String = stored.chars().filter(char::is_ascii_digit).collect();
    let (ends, wanted) = wanted.strip_prefix('*').map_or((false, wanted), |w| (true, w));
    if wanted.is_empty() || !wanted.chars().all(|c| c.is_ascii_digit()) {
        return false;
    }
    stored == wanted || ends && stored.ends_with(wanted)
}
