//! `GET /services/data/vXX.0/search`: SOSL, as far as it is needed here
//! (<https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_sosl_find.htm>).

use serde_json::{Value, json};

use super::{Org, Refusal};

/// A search: what to find, where, and what to give back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// Words, joined by `OR`; `*` and `?` that are not escaped stay as `\u{1}`.
    pub any_of: Vec<String>,
    /// `PHONE`, `EMAIL`, `NAME`, `ALL`
    pub group: String,
    /// What follows `RETURNING`.
    pub returning: String,
}

fn malformed(why: &str) -> Refusal {
    (400, "MALFORMED_SEARCH", why.to_owned())
}

/// Reads a search.
pub fn parse(text: &str) -> Result<Search, Refusal> {
    let rest = text.trim().strip_prefix("FIND {").ok_or_else(|| malformed("FIND {…} is expected"))?;
    let (mut words, mut word, mut signs, mut end) = (Vec::new(), String::new(), rest.char_indices(), None);
    while let Some((at, c)) = signs.next() {
        match c {
            '\\' => match signs.next() {
                Some((_, c)) => word.push(c),
                None => return Err(malformed("the search ends in a backslash")),
            },
            '}' => {
                end = Some(at + 1);
                break;
            }
            '*' | '?' => word.push('\u{1}'),
            '"' | '(' | ')' | '{' | '[' | ']' | '^' | '~' | ':' | '&' | '|' | '!' | '\'' | '+' | '-' => {
                return Err(malformed(&format!("the reserved sign {c} is not escaped")));
            }
            ' ' => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    let end = end.ok_or_else(|| malformed("the search has no end"))?;
    words.push(word);
    let words: Vec<String> = words.into_iter().filter(|w| !w.is_empty()).collect();
    let any_of: Vec<String> = words.iter().step_by(2).cloned().collect();
    if words.len().is_multiple_of(2) || words.iter().skip(1).step_by(2).any(|w| w != "OR") {
        return Err(malformed(&format!("only words joined by OR are known here: {words:?}")));
    }
    if any_of.iter().any(|w| w.chars().filter(|c| *c != '\u{1}').count() < 2) {
        return Err((400, "MALFORMED_SEARCH", "search term must be longer than one character".to_owned()));
    }
    let rest = rest[end..].trim().strip_prefix("IN ").ok_or_else(|| malformed("IN … FIELDS is expected"))?;
    let (group, rest) =
        rest.split_once(" FIELDS RETURNING ").ok_or_else(|| malformed("FIELDS RETURNING is expected"))?;
    if !["ALL", "EMAIL", "NAME", "PHONE", "SIDEBAR"].contains(&group) {
        return Err(malformed("no such group of fields"));
    }
    Ok(Search { any_of, group: group.to_owned(), returning: rest.trim().to_owned() })
}

impl Org {
    pub(super) fn find(&self, search: &Search) -> Result<Value, Refusal> {
        let name = match search.returning.as_str() {
            "Contact(Id)" => "Contact",
            "Lead(Id WHERE IsConverted = false)" => "Lead",
            _ => {
                return Err(malformed(
                    "this organisation knows only contacts and leads that are not converted",
                ));
            }
        };
        if search.group != "PHONE" {
            return Err(malformed("this organisation knows only IN PHONE FIELDS"));
        }
        let digits = |t: &str| t.chars().filter(char::is_ascii_digit).collect::<String>();
        let columns = ["Phone", "MobilePhone", "HomePhone", "OtherPhone", "AssistantPhone"];
        let mut found = Vec::new();
        let rows = self.rows(name);
        for row in rows.iter().filter(|row| row.get("IsConverted") != Some(&Value::Bool(true))) {
            let mut numbers =
                columns.iter().filter_map(|c| row.get(*c)).filter_map(Value::as_str).map(digits);
            // The index knows numbers with and without the country's code, however they are written.
            if numbers.any(|n| search.any_of.iter().any(|w| *w == n || n.strip_prefix('1') == Some(w))) {
                let id = &row["Id"];
                let url = format!("/services/data/v64.0/sobjects/{name}/{}", id.as_str().unwrap_or_default());
                found.push(json!({"attributes": {"type": name, "url": url}, "Id": id}));
            }
        }
        Ok(json!({"searchRecords": found}))
    }
}
