//! From tokens to a statement.

use bridge::time::Moment;

use super::tokens::{Token, tokens};
use super::{Condition, Literal, Query};

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

/// Reads a statement.
pub fn parse(text: &str) -> Result<Query, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let query = parser.query()?;
    match parser.tokens.get(parser.at) {
        None => Ok(query),
        Some(token) => Err(format!("unexpected token: {token:?}")),
    }
}

impl Parser {
    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn word(&mut self, word: &str) -> bool {
        let is = matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    fn sign(&mut self, sign: &str) -> bool {
        let is = self.tokens.get(self.at) == Some(&Token::Sign(sign.to_owned()));
        self.at += usize::from(is);
        is
    }

    fn name(&mut self) -> Result<String, String> {
        match self.next() {
            Some(Token::Word(word)) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => Ok(word),
            other => Err(format!("unexpected token: {other:?}")),
        }
    }

    fn need(&mut self, found: bool, what: &str) -> Result<(), String> {
        let token = self.tokens.get(self.at);
        if found { Ok(()) } else { Err(format!("unexpected token: {token:?} (expecting {what})")) }
    }

    fn query(&mut self) -> Result<Query, String> {
        let mut query = Query::default();
        let select = self.word("SELECT");
        self.need(select, "SELECT")?;
        query.fields.push(self.name()?);
        while self.sign(",") {
            query.fields.push(self.name()?);
        }
        let from = self.word("FROM");
        self.need(from, "FROM")?;
        query.object = self.name()?;
        if self.word("WHERE") {
            query.condition = Some(self.conditions()?);
        }
        if self.word("ORDER") {
            let by = self.word("BY");
            self.need(by, "BY")?;
            loop {
                let field = self.name()?;
                let descending = !self.word("ASC") && self.word("DESC");
                if self.word("NULLS") && !self.word("FIRST") && !self.word("LAST") {
                    return Err("unexpected token after NULLS".to_owned());
                }
                query.order.push((field, descending));
                if !self.sign(",") {
                    break;
                }
            }
        }
        if self.word("LIMIT") {
            query.limit = Some(self.number()?);
        }
        if self.word("OFFSET") {
            query.offset = self.number()?;
        }
        Ok(query)
    }

    fn number(&mut self) -> Result<usize, String> {
        match self.next() {
            Some(Token::Word(word)) => word.parse().map_err(|_| format!("unexpected token: {word}")),
            other => Err(format!("unexpected token: {other:?}")),
        }
    }

    /// `AND` and `OR` may not stand beside each other without parentheses.
    fn conditions(&mut self) -> Result<Condition, String> {
        let first = self.condition()?;
        let and = self.word("AND");
        if !and && !self.word("OR") {
            return Ok(first);
        }
        let mut list = vec![first, self.condition()?];
        while self.word(if and { "AND" } else { "OR" }) {
            list.push(self.condition()?);
        }
        Ok(if and { Condition::And(list) } else { Condition::Or(list) })
    }

    fn condition(&mut self) -> Result<Condition, String> {
        if self.sign("(") {
            let inner = self.conditions()?;
            let end = self.sign(")");
            self.need(end, ")")?;
            return Ok(inner);
        }
        if self.word("NOT") {
            return Ok(Condition::Not(Box::new(self.condition()?)));
        }
        let field = self.name()?;
        let not = self.word("NOT");
        if self.word("IN") {
            return self.among(field, not);
        }
        self.need(!not, "IN")?;
        let operator = match self.next() {
            Some(Token::Sign(sign)) if !["(", ")", ","].contains(&sign.as_str()) => sign,
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("LIKE") => "LIKE".to_owned(),
            other => return Err(format!("unexpected token: {other:?}")),
        };
        Ok(Condition::Compare(field, operator, self.literal()?))
    }

    fn among(&mut self, field: String, not: bool) -> Result<Condition, String> {
        let begin = self.sign("(");
        self.need(begin, "(")?;
        let select =
            matches!(self.tokens.get(self.at), Some(Token::Word(w)) if w.eq_ignore_ascii_case("SELECT"));
        let condition = if select {
            Condition::InQuery(field, not, Box::new(self.query()?))
        } else {
            let mut values = vec![self.literal()?];
            while self.sign(",") {
                values.push(self.literal()?);
            }
            Condition::In(field, not, values)
        };
        let end = self.sign(")");
        self.need(end, ")")?;
        Ok(condition)
    }

    fn literal(&mut self) -> Result<Literal, String> {
        match self.next() {
            Some(Token::Text(text)) => Ok(Literal::Text(text)),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Ok(Literal::Bool(true)),
                "false" => Ok(Literal::Bool(false)),
                "null" => Ok(Literal::Null),
                _ if word.len() == 10 && Moment::parse(&word).is_some() => Ok(Literal::Date(word)),
                _ if word.contains('T')
                    && (word.ends_with('Z') || word.contains(['+']) || word.matches('-').count() == 3) =>
                {
                    Moment::parse(&word)
                        .map(Literal::Time)
                        .ok_or_else(|| format!("unexpected token: '{word}'"))
                }
                _ => word.parse().map(Literal::Number).map_err(|_| format!("unexpected token: '{word}'")),
            },
            other => Err(format!("unexpected token: {other:?}")),
        }
    }
}
