//! `let`: expressions with a name, written in the place of every `let.<name>` before anything reads them. Checks
//! and quoting see the expression itself, so a name may stand wherever its expression may.

use super::problem::Problem;
use super::source::{Node, Position};

/// Characters of an expression: every term of one that is longer would stand on the stack at once.
pub const LONGEST: usize = 1_200;

/// A name, its expression in parentheses, where it stands, and whether a template names it.
struct Named {
    name: String,
    expression: String,
    at: Position,
    used: bool,
}

/// Writes the expressions of `let` into the templates that name them; one may name those before it. With
/// `all_used`, one that no template names is a problem.
///
/// # Errors
/// What is no expression, an unknown name, a name that nothing uses, with its place.
pub fn expressions(tree: &mut Node, all_used: bool) -> Result<(), (Position, Problem)> {
    let mut known = Vec::new();
    let given = tree.take(&["let"]);
    if let Some(other) = given.as_ref().filter(|given| !given.is_map()) {
        let problem = Problem::new("names and their expressions are expected: `name: \"{{ … }}\"`");
        return Err((other.position(), problem.at_path("let")));
    }
    for (name, node) in given.iter().flat_map(Node::members) {
        let wrong = |text: String| Err((node.position(), Problem::new(text).at_path(format!("let.{name}"))));
        if !is_name(name) {
            return wrong(format!("`{name}` is no name: lower case letters, digits and `_`, a letter first"));
        }
        let text = node.text().unwrap_or_default().trim();
        let Some(inner) = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}")) else {
            return wrong(
                "an expression is missing: \"{{ … }}\", with nothing before and after it".to_owned(),
            );
        };
        let text = inner.trim();
        let (inner, end) = hole(text, &mut known).map_err(|why| (node.position(), why))?;
        if end != text.len() {
            return wrong("one expression is expected, without another `}}` in it".to_owned());
        }
        let expression = format!("({inner})");
        if expression.chars().count() > LONGEST {
            return wrong(format!("with the names in it the expression is longer than {LONGEST} characters"));
        }
        known.push(Named { name: name.to_owned(), expression, at: node.position(), used: false });
    }
    tree.rewrite(&mut |text| template(text, &mut known))?;
    match known.iter().find(|named| all_used && !named.used) {
        Some(Named { name, at, .. }) => {
            Err((*at, Problem::new(format!("no template names `let.{name}`: take it out"))))
        }
        None => Ok(()),
    }
}

/// A text whose expressions stand between `{{` and `}}`, where it may name one.
fn template(text: &str, known: &mut [Named]) -> Result<Option<String>, Problem> {
    if !text.contains("let.") {
        return Ok(None);
    }
    let (mut written, mut rest) = (String::new(), text);
    while let Some(begin) = rest.find("{{") {
        let (before, inside) = rest.split_at(begin + 2);
        let (expression, end) = hole(inside, known)?;
        written.push_str(before);
        written.push_str(&expression);
        rest = &inside[end..];
    }
    Ok(Some(written + rest))
}

/// An expression up to its end or the text's, names replaced, and where it ends. What stands in quotes is no name,
/// nor is a key of that name.
fn hole(text: &str, known: &mut [Named]) -> Result<(String, usize), Problem> {
    let (mut written, mut quote, mut depth, mut before, mut at) = (String::new(), None, 0, ' ', 0);
    while let Some(sign) = text[at..].chars().next() {
        let mut length = sign.len_utf8();
        match (quote, sign) {
            (Some(_), '\\') => length += text[at + length..].chars().next().map_or(0, char::len_utf8),
            (Some(mark), _) => quote = quote.filter(|_| sign != mark),
            (None, '\'' | '"') => quote = Some(sign),
            (None, '{') => depth += 1,
            (None, '}') if depth == 0 => break,
            (None, '}') => depth -= 1,
            (None, _) => {
                let name = text[at..].strip_prefix("let.").map(identifier);
                let begins = !(before.is_alphanumeric() || matches!(before, '_' | '.'));
                if let Some(name) = name.filter(|_| begins) {
                    written.push_str(expression(name, known)?);
                    (at, before) = (at + "let.".len() + name.len(), ')');
                    continue;
                }
            }
        }
        written.push_str(&text[at..at + length]);
        (at, before) = (at + length, sign);
    }
    Ok((written, at))
}

fn expression<'k>(name: &str, known: &'k mut [Named]) -> Result<&'k str, Problem> {
    let Some(index) = known.iter().position(|named| named.name == name) else {
        let problem = Problem::new(format!("there is no `let.{name}`"));
        return Err(problem.allowing(name, known.iter().map(|named| named.name.as_str())));
    };
    known[index].used = true;
    Ok(&known[index].expression)
}

/// The name that a text begins with, whether it is a good one or not.
fn identifier(text: &str) -> &str {
    let end = text.find(|sign: char| !sign.is_ascii_alphanumeric() && sign != '_').unwrap_or(text.len());
    &text[..end]
}

fn is_name(text: &str) -> bool {
    let inside = |sign: char| sign.is_ascii_lowercase() || sign == '_' || sign.is_ascii_digit();
    text.starts_with(|sign: char| sign.is_ascii_lowercase()) && text.chars().all(inside)
}

#[cfg(test)]
#[path = "named/tests.rs"]
mod tests;
