//! `let`: expressions with a name, written in the place of every `let.<name>` before anything reads them. Checks
//! and quoting see the expression itself, so a name may stand wherever its expression may.

use super::problem::Problem;
use super::source::{Node, Position};

/// Characters of an expression: every term of one that is longer would stand on the stack at once.
pub const LONGEST: usize = 1_200;
/// Characters that names may be written as in a whole manifest; ours have fewer than 20,000.
const MOST: usize = 300_000;

/// Judges an expression of its own: syntax and filters. The build, which has no interpreter, judges none: what it
/// embeds was checked by a test.
pub type Judge<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// A name, what it stands for, where that stands.
struct Named {
    name: String,
    /// Between `{{` and `}}`.
    text: String,
    /// In parentheses, with the names in it written out.
    expression: Option<String>,
    at: Position,
    /// Whether it is being written out.
    open: bool,
    /// Whether a template, or another name, names it.
    used: bool,
}

/// Every name, and how much was written for them.
#[derive(Default)]
struct Names {
    all: Vec<Named>,
    written: usize,
}

/// Writes the expressions of `let` into the templates that name them; one may name others, in any order. One that
/// no template names is a problem, unless it is among those of an `earlier` file, whose templates may be gone.
///
/// # Errors
/// What is no expression, an unknown name, a name that nothing uses, with its place.
pub fn expressions(tree: &mut Node, earlier: &[String], judge: Judge<'_>) -> Result<(), (Position, Problem)> {
    let mut names = Names::default();
    let given = tree.take(&["let"]);
    if let Some(other) = given.as_ref().filter(|given| !given.is_map()) {
        let problem = Problem::new("names and their expressions are expected: `name: \"{{ … }}\"`");
        return Err((other.position(), problem.at_path("let")));
    }
    for (name, node) in given.iter().flat_map(Node::members) {
        let named = Named::read(name, node);
        names.all.push(
            named.map_err(|text| (node.position(), Problem::new(text).at_path(format!("let.{name}"))))?,
        );
    }
    for index in 0..names.all.len() {
        let at = names.all[index].at;
        let path = format!("let.{}", names.all[index].name);
        let expression = names.written_out(index).map_err(|problem| (at, problem))?;
        judge(&expression[1..expression.len() - 1]).map_err(|why| (at, Problem::new(why).at_path(path)))?;
    }
    tree.rewrite(&mut |text| names.template(text))?;
    let known = |name: &String| earlier.contains(name);
    match names.all.iter().find(|named| !named.used && !known(&named.name)) {
        Some(Named { name, at, .. }) => {
            let problem = Problem::new(format!("no template names `let.{name}`: take it out"));
            Err((*at, if earlier.is_empty() { problem } else { problem.allowing(name, earlier) }))
        }
        None => Ok(()),
    }
}

/// The names of a file's `let`.
pub fn names(file: &Node) -> Vec<String> {
    file.get("let").into_iter().flat_map(Node::members).map(|(name, _)| name.to_owned()).collect()
}

impl Named {
    fn read(name: &str, node: &Node) -> Result<Self, String> {
        if !is_name(name) {
            return Err(format!("`{name}` is no name: lower case letters, digits and `_`, a letter first"));
        }
        let text = node.text().unwrap_or_default().trim();
        let inner = text.strip_prefix("{{").and_then(|text| text.strip_suffix("}}"));
        let inner = inner.ok_or("an expression is missing: \"{{ … }}\", with nothing before and after it")?;
        let (name, text) = (name.to_owned(), inner.trim().to_owned());
        Ok(Self { name, text, expression: None, at: node.position(), open: false, used: false })
    }
}

impl Names {
    /// What a name stands for.
    fn written_out(&mut self, index: usize) -> Result<String, Problem> {
        let named = &mut self.all[index];
        if let Some(expression) = &named.expression {
            return Ok(expression.clone());
        }
        let path = format!("let.{}", named.name);
        if std::mem::replace(&mut named.open, true) {
            return Err(Problem::new(format!("`{path}` names itself, by others perhaps")).at_path(path));
        }
        let text = named.text.clone();
        let (inner, end) = self.hole(&text)?;
        if end != text.len() {
            return Err(Problem::new("one expression is expected, without another `}}` in it").at_path(path));
        }
        let expression = format!("({inner})");
        if expression.chars().count() > LONGEST {
            let why = format!("with the names in it the expression is longer than {LONGEST} characters");
            return Err(Problem::new(why).at_path(path));
        }
        self.all[index].expression = Some(expression.clone());
        Ok(expression)
    }

    /// A text whose expressions stand between `{{` and `}}`, where it may name one.
    fn template(&mut self, text: &str) -> Result<Option<String>, Problem> {
        if !text.contains("let.") {
            return Ok(None);
        }
        let (mut written, mut rest) = (String::new(), text);
        while let Some(begin) = rest.find("{{") {
            let (before, inside) = rest.split_at(begin + 2);
            let (expression, end) = self.hole(inside)?;
            written.push_str(before);
            written.push_str(&expression);
            rest = &inside[end..];
        }
        Ok(Some(written + rest))
    }

    /// An expression up to its end or the text's, names replaced, and where it ends. What stands in quotes is no
    /// name, nor is a key of that name.
    fn hole(&mut self, text: &str) -> Result<(String, usize), Problem> {
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
                        written.push_str(&self.named(name)?);
                        (at, before) = (at + "let.".len() + name.len(), ')');
                        if text[at..].starts_with('(') {
                            let why = format!(
                                "`let.{name}` takes nothing: it is written in its place as it stands"
                            );
                            return Err(Problem::new(why));
                        }
                        continue;
                    }
                }
            }
            written.push_str(&text[at..at + length]);
            (at, before) = (at + length, sign);
        }
        Ok((written, at))
    }

    fn named(&mut self, name: &str) -> Result<String, Problem> {
        let Some(index) = self.all.iter().position(|named| named.name == name) else {
            let problem = Problem::new(format!("there is no `let.{name}`"));
            return Err(problem.allowing(name, self.all.iter().map(|named| named.name.as_str())));
        };
        self.all[index].used = true;
        let expression = self.written_out(index)?;
        self.written += expression.len();
        if self.written > MOST {
            return Err(Problem::new(format!(
                "the names of `let` are written as more than {MOST} characters"
            )));
        }
        Ok(expression)
    }
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
