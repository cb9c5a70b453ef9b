//! A GraphQL operation's text, read as far as a request needs it: without comments and line breaks, its
//! variables, and whether it only reads.

/// What an operation's text says.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The text on one line, without comments. What stands in quotes is as it was.
    pub text: String,
    /// Whether it is a query; a mutation writes.
    pub reads: bool,
    /// The variables that it declares, in order.
    pub variables: Vec<Variable>,
    /// The names of the variables that it uses, each once.
    pub used: Vec<String>,
}

/// A variable that an operation declares.
#[derive(Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name, without `$`.
    pub name: String,
    /// Whether its type ends with `!` and no default stands behind it.
    pub mandatory: bool,
}

impl Operation {
    /// Reads an operation.
    ///
    /// # Errors
    /// Why it is none that a request can send.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.contains("{{") || text.contains("{%") {
            return Err("an operation has no expressions: give the value to a variable".to_owned());
        }
        let (line, tokens) = tokens(text)?;
        let reads = match tokens.first().map(String::as_str) {
            Some("query" | "{") => true,
            Some("mutation") => false,
            other => {
                let found = other.unwrap_or("nothing");
                return Err(format!("an operation begins with `query` or `mutation`, not with `{found}`"));
            }
        };
        let (mut variables, mut used) = (Vec::new(), Vec::new());
        for (index, token) in tokens.iter().enumerate() {
            let Some(name) = token.strip_prefix('$') else { continue };
            let after = &tokens[index + 1..];
            if after.first().is_some_and(|next| next == ":") {
                let end =
                    |token: &String| matches!(token.as_str(), ")" | "=" | "@") || token.starts_with('$');
                let kind: Vec<&String> = after[1..].iter().take_while(|token| !end(token)).collect();
                let default = after.get(kind.len() + 1).is_some_and(|token| token == "=");
                let mandatory = !default && kind.last().is_some_and(|last| *last == "!");
                variables.push(Variable { name: name.to_owned(), mandatory });
            } else if !used.iter().any(|known| known == name) {
                used.push(name.to_owned());
            }
        }
        Ok(Self { text: line, reads, variables, used })
    }
}

/// The text on one line, and its names, variables, numbers, quoted texts and single signs. Commas mean nothing.
fn tokens(text: &str) -> Result<(String, Vec<String>), String> {
    let (mut line, mut tokens) = (String::new(), Vec::new());
    let mut rest = text.trim_start_matches('\u{feff}').trim();
    let mut parted = false;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '"' => quoted(rest).ok_or("a text in quotes does not end")?,
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '$' => 1 + word(&rest[1..]),
            _ => word(rest).max(first.len_utf8()),
        };
        let (token, after) = rest.split_at(length);
        rest = after;
        if first.is_whitespace() || first == '#' {
            parted = true;
            continue;
        }
        if std::mem::take(&mut parted) && !line.is_empty() {
            line.push(' ');
        }
        line.push_str(token);
        if first != ',' {
            tokens.push(token.to_owned());
        }
    }
    let count = |sign: &str| tokens.iter().filter(|token| *token == sign).count();
    match ["{}", "()", "[]"].into_iter().find(|pair| count(&pair[..1]) != count(&pair[1..])) {
        Some(pair) => Err(format!("`{}` and `{}` do not go together", &pair[..1], &pair[1..])),
        None => Ok((line, tokens)),
    }
}

/// How long the word at the beginning is: a name, a number.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

/// How long the text in quotes at the beginning is, its quotes included.
fn quoted(text: &str) -> Option<usize> {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        return block.find("\"\"\"").map(|end| end + 6);
    }
    let mut escaped = false;
    let mut signs = text.char_indices().skip(1);
    let end = signs.find(|(_, sign)| {
        let ends = *sign == '"' && !escaped;
        escaped = *sign == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_goes_out_on_one_line_without_comments_and_with_its_quotes() {
        let text = "# People\nquery People($first: Int!, $after: String = null) {\n  # a page\n  people(first: $first, after: $after, \
                    order: [{by: \"a  # b\"}]) {\n    nodes { id ...Name }\n  }\n}\n";
        let read = Operation::read(text).unwrap();
        assert_eq!(
            read.text,
            "query People($first: Int!, $after: String = null) { people(first: $first, after: $after, order: [{by: \
             \"a  # b\"}]) { nodes { id ...Name } } }"
        );
        assert!(read.reads);
        let variable = |name: &str, mandatory| Variable { name: name.to_owned(), mandatory };
        assert_eq!(read.variables, [variable("first", true), variable("after", false)]);
        assert_eq!(read.used, ["first", "after"]);
    }

    #[test]
    fn a_mutation_writes_and_anything_else_is_no_operation() {
        assert!(!Operation::read("mutation { a(b: 1) { id } }").unwrap().reads);
        assert!(Operation::read("{ me { id } }").unwrap().reads);
        for (text, why) in [
            ("subscription { a }", "begins with `query` or `mutation`"),
            ("", "not with `nothing`"),
            ("query { a(b: {{ c }}) }", "give the value to a variable"),
            ("query { a { b }", "do not go together"),
            ("query { a(b: \"c) }", "does not end"),
        ] {
            let said = Operation::read(text).unwrap_err();
            assert!(said.contains(why), "{text}: {said}");
        }
    }

    #[test]
    fn lists_may_insist_on_their_members_alone() {
        let read = Operation::read("query ($a: [ID!], $b: [ID!]!, $c: Int! = 5) { x(a: $a, b: $b, c: $c) }")
            .unwrap();
        let mandatory: Vec<bool> = read.variables.iter().map(|variable| variable.mandatory).collect();
        assert_eq!(mandatory, [false, true, false]);
    }

    #[test]
    fn escaped_quotes_end_no_text() {
        let text = r#"{ a(b: "say \"$x\" \\", c: """ $y "z" """) }"#;
        let read = Operation::read(text).unwrap();
        assert!(read.used.is_empty(), "{read:?}");
        assert!(read.text.contains(r#""say \"$x\" \\""#), "{}", read.text);
    }
}
