//! The parser: a word at a time, every column and type checked.

use bridge::time::Moment;

use super::super::Refusal;
use super::super::rows::is_guid;
use super::super::schema::{Entity, Kind};
use super::{Expr, Literal};

/// Parses a `$filter` over a table's columns.
///
/// # Errors
/// What the vendor answers.
pub fn parse(text: &str, entity: &'static Entity) -> Result<Expr, Refusal> {
    let mut parser = Parser { text, at: 0, entity };
    let expr = parser.any()?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong("Syntax error"));
    }
    Ok(expr)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    entity: &'static Entity,
}

impl<'a> Parser<'a> {
    fn wrong(&self, what: &str) -> Refusal {
        Refusal::bad(&format!("{what} at position {} in '{}'.", self.at, self.text))
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(' ').len();
    }

    fn word(&mut self) -> &'a str {
        self.space();
        let rest = self.rest();
        let end = rest.find([' ', '(', ')', ',', '\'']).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn take(&mut self, sign: char) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = self.word() == word;
        if !found {
            self.at = before;
        }
        found
    }

    fn any(&mut self) -> Result<Expr, Refusal> {
        let mut expr = self.all()?;
        while self.keyword("or") {
            expr = Expr::Or(Box::new(expr), Box::new(self.all()?));
        }
        Ok(expr)
    }

    fn all(&mut self) -> Result<Expr, Refusal> {
        let mut expr = self.one()?;
        while self.keyword("and") {
            expr = Expr::And(Box::new(expr), Box::new(self.one()?));
        }
        Ok(expr)
    }

    fn one(&mut self) -> Result<Expr, Refusal> {
        if self.keyword("not") {
            return Ok(Expr::Not(Box::new(self.one()?)));
        }
        if self.take('(') {
            let expr = self.any()?;
            return if self.take(')') { Ok(expr) } else { Err(self.wrong("')' expected")) };
        }
        let name = self.word();
        if self.take('(') {
            return self.function(name);
        }
        let kind = self.column(name)?;
        let operator = self.word();
        if !["eq", "ne", "gt", "ge", "lt", "le"].contains(&operator) {
            return Err(self.wrong("Syntax error"));
        }
        let literal = self.literal()?;
        let fits = match (kind, &literal) {
            (_, Literal::Null) => ["eq", "ne"].contains(&operator),
            (Kind::Text(_), Literal::Text(_))
            | (Kind::Bool, Literal::Bool(_))
            | (Kind::Int | Kind::Choice(_), Literal::Int(_))
            | (Kind::Time, Literal::Time(_)) => true,
            (Kind::Guid | Kind::Lookup, Literal::Guid(_)) => ["eq", "ne"].contains(&operator),
            _ => false,
        };
        if !fits {
            let detail = "A binary operator with incompatible types was detected. Found operand types";
            return Err(Refusal::bad(&format!("{detail} '{kind:?}' and '{literal:?}' for '{operator}'.")));
        }
        Ok(Expr::Compare(name.to_owned(), operator.to_owned(), literal))
    }

    fn function(&mut self, name: &str) -> Result<Expr, Refusal> {
        if !["contains", "startswith", "endswith"].contains(&name) {
            return Err(Refusal::bad(&format!("An unknown function with name '{name}' was found.")));
        }
        let column = self.word();
        let kind = self.column(column)?;
        if !matches!(kind, Kind::Text(_)) || !self.take(',') {
            return Err(Refusal::bad(&format!("No function signature for the function with name '{name}'.")));
        }
        let Literal::Text(text) = self.literal()? else { return Err(self.wrong("A text expected")) };
        if !self.take(')') {
            return Err(self.wrong("')' expected"));
        }
        Ok(Expr::Text(name.to_owned(), column.to_owned(), text))
    }

    fn column(&self, name: &str) -> Result<Kind, Refusal> {
        self.entity.column(name).ok_or_else(|| Refusal::no_property(name, self.entity))
    }

    fn literal(&mut self) -> Result<Literal, Refusal> {
        self.space();
        if self.take('\'') {
            let mut text = String::new();
            while let Some(end) = self.rest().find('\'') {
                text.push_str(&self.rest()[..end]);
                self.at += end + 1;
                // A quote inside is doubled.
                if !self.rest().starts_with('\'') {
                    return Ok(Literal::Text(text));
                }
                text.push('\'');
                self.at += 1;
            }
            return Err(self.wrong("There is an unterminated string literal"));
        }
        let word = self.word();
        Ok(match word {
            "null" => Literal::Null,
            "true" => Literal::Bool(true),
            "false" => Literal::Bool(false),
            _ if is_guid(word) => Literal::Guid(word.to_lowercase()),
            _ => match (word.parse(), word.contains('T').then(|| Moment::parse(word)).flatten()) {
                (Ok(number), _) => Literal::Int(number),
                (_, Some(time)) => Literal::Time(time),
                _ => return Err(Refusal::no_property(word, self.entity)),
            },
        })
    }
}
