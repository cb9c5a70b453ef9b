//! SOQL, as far as it is needed here: parsed as the reference says, so that what a literal does not
//! hold becomes part of the statement
//! (<https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql.htm>).

use std::fmt::Write as _;

use bridge::time::Moment;

/// A value in a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Literal {
    /// In single quotes.
    Text(String),
    /// `2026-05-01T07:25:37Z`
    Time(Moment),
    /// `2026-05-01`
    Date(String),
    /// `true`, `false`
    Bool(bool),
    /// A number.
    Number(f64),
    /// `null`
    Null,
}

/// What rows must be.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// All of these.
    And(Vec<Condition>),
    /// One of these.
    Or(Vec<Condition>),
    /// Not this.
    Not(Box<Condition>),
    /// A field beside a value.
    Compare(String, String, Literal),
    /// A field among values; negated when true.
    In(String, bool, Vec<Literal>),
    /// A field among the rows of another statement; negated when true.
    InQuery(String, bool, Box<Query>),
}

/// A statement.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// `SELECT`
    pub fields: Vec<String>,
    /// `FROM`
    pub object: String,
    /// `WHERE`
    pub condition: Option<Condition>,
    /// `ORDER BY`; true is descending.
    pub order: Vec<(String, bool)>,
    /// `LIMIT`
    pub limit: Option<usize>,
    /// `OFFSET`
    pub offset: usize,
}

impl Query {
    /// The statement without its values: two with one shape ask the same question.
    pub fn shape(&self) -> String {
        let mut out = format!("SELECT {} FROM {}", self.fields.join(","), self.object);
        if let Some(condition) = &self.condition {
            let _ = write!(out, " WHERE {}", condition.shape());
        }
        let _ = write!(out, " ORDER {:?} LIMIT {:?} OFFSET {}", self.order, self.limit, self.offset);
        out
    }
}

impl Condition {
    fn shape(&self) -> String {
        let all =
            |list: &[Condition], word: &str| list.iter().map(Condition::shape).collect::<Vec<_>>().join(word);
        match self {
            Condition::And(list) => format!("({})", all(list, " AND ")),
            Condition::Or(list) => format!("({})", all(list, " OR ")),
            Condition::Not(inner) => format!("NOT {}", inner.shape()),
            Condition::Compare(field, operator, _) => format!("{field} {operator} ?"),
            Condition::In(field, not, _) => format!("{field} {not} IN ?"),
            Condition::InQuery(field, not, query) => format!("{field} {not} IN ({})", query.shape()),
        }
    }

    /// All values, in their order.
    pub fn literals(&self) -> Vec<Literal> {
        match self {
            Condition::And(list) | Condition::Or(list) => list.iter().flat_map(Condition::literals).collect(),
            Condition::Not(inner) => inner.literals(),
            Condition::Compare(_, _, value) => vec![value.clone()],
            Condition::In(_, _, values) => values.clone(),
            Condition::InQuery(_, _, query) => query.condition.iter().flat_map(Condition::literals).collect(),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Sign(String),
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let signs: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(&c) = signs.get(at) {
        if c.is_whitespace() {
            at += 1;
        } else if c == '\'' {
            let (value, next) = quoted(&signs, at + 1)?;
            found.push(Token::Text(value));
            at = next;
        } else if c.is_alphanumeric() || "_.-+:".contains(c) {
            let word: String =
                signs[at..].iter().take_while(|c| c.is_alphanumeric() || "_.-+:".contains(**c)).collect();
            at += word.chars().count();
            found.push(Token::Word(word));
        } else if "<>!=(),".contains(c) {
            let two: String = signs[at..].iter().take(2).collect();
            let sign = if ["<=", ">=", "!=", "<>"].contains(&two.as_str()) { two } else { c.to_string() };
            at += sign.len();
            found.push(Token::Sign(sign));
        } else {
            return Err(format!("line 1:{at} no viable alternative at character '{c}'"));
        }
    }
    Ok(found)
}

/// The value of a literal that begins at `at`, and where it ends.
fn quoted(signs: &[char], mut at: usize) -> Result<(String, usize), String> {
    let mut value = String::new();
    loop {
        match signs.get(at) {
            None => return Err(format!("line 1:{at} mismatched character '<EOF>' expecting '''")),
            Some('\'') => return Ok((value, at + 1)),
            Some('\\') => {
                let escaped = match signs.get(at + 1) {
                    Some('n' | 'N') => '\n',
                    Some('r' | 'R') => '\r',
                    Some('t' | 'T') => '\t',
                    Some('b' | 'B') => '\u{8}',
                    Some('f' | 'F') => '\u{c}',
                    Some(c @ ('"' | '\'' | '\\' | '_' | '%')) => *c,
                    Some('u') => {
                        let code: String = signs[at + 2..].iter().take(4).collect();
                        at += 4;
                        u32::from_str_radix(&code, 16)
                            .ok()
                            .and_then(char::from_u32)
                            .ok_or("invalid unicode escape")?
                    }
                    _ => {
                        return Err(format!(
                            "line 1:{at} Invalid string literal. Illegal character sequence '\\'"
                        ));
                    }
                };
                value.push(escaped);
                at += 2;
            }
            Some('\n' | '\r') => return Err(format!("line 1:{at} mismatched character '\\n' expecting '''")),
            Some(c) => {
                value.push(*c);
                at += 1;
            }
        }
    }
}

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
