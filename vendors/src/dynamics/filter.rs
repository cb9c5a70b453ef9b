//! A parser of the part of the query option `$filter` that Dataverse documents
//! (learn.microsoft.com/power-apps/developer/data-platform/webapi/query/filter-rows).

use bridge::time::Moment;
use serde_json::Value;

use super::rows::guid_order;

mod parse;

pub use parse::parse;

/// A parsed condition: what a test asserts on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expr {
    /// Both.
    And(Box<Expr>, Box<Expr>),
    /// One of them.
    Or(Box<Expr>, Box<Expr>),
    /// The opposite.
    Not(Box<Expr>),
    /// Column, operator, value.
    Compare(String, String, Literal),
    /// Function, column, text.
    Text(String, String, String),
}

/// A literal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// `'text'`
    Text(String),
    /// A GUID without quotes.
    Guid(String),
    /// A date and time without quotes.
    Time(Moment),
}

impl Expr {
    /// All text literals, in order.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Expr::And(a, b) | Expr::Or(a, b) => a.texts().into_iter().chain(b.texts()).collect(),
            Expr::Not(a) => a.texts(),
            Expr::Compare(_, _, Literal::Text(text)) | Expr::Text(_, _, text) => vec![text.clone()],
            Expr::Compare(..) => Vec::new(),
        }
    }

    /// The expression without its literals: two queries of one meaning have one shape.
    pub fn shape(&self) -> String {
        match self {
            Expr::And(a, b) => format!("({} and {})", a.shape(), b.shape()),
            Expr::Or(a, b) => format!("({} or {})", a.shape(), b.shape()),
            Expr::Not(a) => format!("not {}", a.shape()),
            Expr::Compare(column, operator, _) => format!("{column} {operator} ?"),
            Expr::Text(function, column, _) => format!("{function}({column},?)"),
        }
    }

    /// Whether a row fits; comparisons with null are false but for `eq null` and `ne null`.
    pub fn fits(&self, row: &Value) -> bool {
        match self {
            Expr::And(a, b) => a.fits(row) && b.fits(row),
            Expr::Or(a, b) => a.fits(row) || b.fits(row),
            Expr::Not(a) => !a.fits(row),
            Expr::Text(function, column, text) => row[column].as_str().is_some_and(|value| {
                let pattern = match function.as_str() {
                    "contains" => format!("%{text}%"),
                    "startswith" => format!("{text}%"),
                    _ => format!("%{text}"),
                };
                like(&pattern.to_lowercase(), &value.to_lowercase())
            }),
            Expr::Compare(column, operator, literal) => compare(&row[column], operator, literal),
        }
    }
}

fn compare(value: &Value, operator: &str, literal: &Literal) -> bool {
    use std::cmp::Ordering;
    let order = match literal {
        Literal::Null => return (operator == "eq") == value.is_null(),
        Literal::Bool(b) => value.as_bool().map(|v| v.cmp(b)),
        Literal::Int(n) => value.as_i64().map(|v| v.cmp(n)),
        // The database's collation does not tell upper from lower case.
        Literal::Text(t) => value.as_str().map(|v| v.to_lowercase().cmp(&t.to_lowercase())),
        Literal::Guid(g) => value.as_str().map(|v| guid_order(v).cmp(&guid_order(g))),
        Literal::Time(t) => value.as_str().and_then(Moment::parse).map(|v| v.cmp(t)),
    };
    order.is_some_and(|order| match operator {
        "eq" => order == Ordering::Equal,
        "ne" => order != Ordering::Equal,
        "gt" => order == Ordering::Greater,
        "ge" => order != Ordering::Less,
        "lt" => order == Ordering::Less,
        _ => order != Ordering::Greater,
    })
}

/// SQL's LIKE: the text functions take `%` and `_` as wildcards, as documented.
pub fn like(pattern: &str, text: &str) -> bool {
    let mut rest = text.chars();
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let tail = &pattern[first.len_utf8()..];
    match first {
        '%' => (0..=text.len()).filter(|i| text.is_char_boundary(*i)).any(|i| like(tail, &text[i..])),
        '_' => rest.next().is_some() && like(tail, rest.as_str()),
        c => rest.next() == Some(c) && like(tail, rest.as_str()),
    }
}
