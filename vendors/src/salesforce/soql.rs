//! SOQL, as far as it is needed here: parsed as the reference says, so that what a literal does not
//! hold becomes part of the statement
//! (<https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql.htm>).

use std::fmt::Write as _;

use bridge::time::Moment;

mod parser;
mod tokens;

pub use parser::parse;

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
