//! What `in` looks for and looks in. Nothing is in nothing, whether it is null or missing; only in a
//! reading's `where` a missing operand means that the condition cannot be evaluated, and the row passes.

use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr};
use minijinja::{Environment, Error, State, Value};

use super::path::Path;
use super::values::refused;
use super::{argument, parse};

/// The name in a scope that says: this is a `where`.
pub const WHERE: &str = "in where";
const MEMBER: &str = "__member";
const MEMBERS: &str = "__members";

pub(super) fn register(e: &mut Environment<'static>) {
    let in_where = |state: &State<'_, '_>| state.lookup(WHERE).is_some_and(|v| v.is_true());
    e.add_filter(MEMBER, move |state: &State<'_, '_>, v: &Value| match v.is_undefined() && in_where(state) {
        true => Err(refused("in: what is looked for is missing")),
        false => Ok(v.clone()),
    });
    e.add_filter(MEMBERS, move |state: &State<'_, '_>, v: &Value| {
        let nothing = v.is_undefined() || v.is_none();
        match nothing && in_where(state) {
            true => Err(refused("in: there is nothing to look in")),
            false if nothing => Ok(Value::from(Vec::<Value>::new())),
            false => Ok::<_, Error>(v.clone()),
        }
    });
}

/// The expression with its operands of `in` marked.
pub(super) fn marked(source: &str, expression: &Expr<'_>) -> String {
    let mut found = Vec::new();
    visit(expression, &mut found);
    let mut places: Vec<(usize, usize, &str)> = Vec::new();
    for (operand, filter) in found {
        let (start, end) = (operand.span().start_offset as usize, operand.span().end_offset as usize);
        // Only what reads back as the same path is marked: positions are the parser's own affair.
        let same = source.get(start..end).and_then(|text| parse(text).ok().map(|read| Path::of(&read)));
        if same.is_some_and(|path| path.is_some() && path == Path::of(operand)) {
            places.push((start, end, filter));
        }
    }
    places.sort_unstable();
    let mut text = source.to_owned();
    for (start, end, filter) in places.into_iter().rev() {
        text.replace_range(start..end, &format!("({}|{filter})", &source[start..end]));
    }
    text
}

fn visit<'a, 's>(expression: &'a Expr<'s>, found: &mut Vec<(&'a Expr<'s>, &'static str)>) {
    let mut inside: Vec<&'a Expr<'s>> = Vec::new();
    match expression {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(e) => inside.extend([&e.expr].into_iter().chain(&e.start).chain(&e.stop).chain(&e.step)),
        Expr::UnaryOp(e) => inside.push(&e.expr),
        Expr::BinOp(e) => {
            if matches!(e.op, BinOpKind::In) {
                found.extend(Path::of(&e.left).map(|_| (&e.left, MEMBER)));
                found.extend(container(&e.right).map(|path| (path, MEMBERS)));
            }
            inside.extend([&e.left, &e.right]);
        }
        Expr::Compare(e) => {
            inside.push(&e.expr);
            for op in &e.ops {
                if matches!(op.op, CompareOpKind::In | CompareOpKind::NotIn) {
                    found.extend(container(&op.expr).map(|path| (path, MEMBERS)));
                }
                inside.push(&op.expr);
            }
        }
        Expr::IfExpr(e) => inside.extend([&e.test_expr, &e.true_expr].into_iter().chain(&e.false_expr)),
        Expr::Filter(e) => inside.extend(e.expr.iter().chain(e.args.iter().map(argument))),
        Expr::Test(e) => inside.extend([&e.expr].into_iter().chain(e.args.iter().map(argument))),
        Expr::GetAttr(e) => inside.push(&e.expr),
        Expr::GetItem(e) => inside.extend([&e.expr, &e.subscript_expr]),
        Expr::Call(e) => inside.extend(e.args.iter().map(argument)),
        Expr::List(e) => inside.extend(&e.items),
        Expr::Tuple(e) => inside.extend(&e.items),
        Expr::Map(e) => inside.extend(e.keys.iter().chain(&e.values)),
    }
    for part in inside {
        visit(part, found);
    }
}

/// The path that a list comes from, also through filters, unless `default` says what stands for nothing.
fn container<'a, 's>(mut expression: &'a Expr<'s>) -> Option<&'a Expr<'s>> {
    while let Expr::Filter(filter) = expression {
        if filter.name == "default" {
            return None;
        }
        expression = filter.expr.as_ref()?;
    }
    Path::of(expression).map(|_| expression)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::expression::Expression;

    fn eval(source: &str, within: bool) -> Result<bool, String> {
        let row = minijinja::context! {
            id => 1, none => (), list => vec![1, 2], rows => vec![minijinja::context! { id => 1 }],
        };
        let scope = if within {
            Value::from_pairs([("row", row), (WHERE, Value::from(true))])
        } else {
            minijinja::context! { row }
        };
        Expression::compile(source).unwrap().eval(&scope).map(|v| v.is_true()).map_err(|e| e.to_string())
    }

    #[test]
    fn nothing_is_in_nothing_whether_it_is_null_or_missing() {
        for nothing in
            ["row.none", "row.missing", "row.missing.deeper", "(row.none)", "row.none | pluck('id')"]
        {
            assert_eq!(eval(&format!("row.id in {nothing}"), false), Ok(false), "{nothing}");
            assert_eq!(eval(&format!("'x' not in {nothing}"), false), Ok(true), "{nothing}");
        }
        assert_eq!(eval("row.missing in row.list", false), Ok(false));
    }

    #[test]
    fn in_a_where_a_missing_operand_cannot_be_evaluated() {
        for condition in [
            "row.id in row.missing",
            "row.id not in row.missing",
            "row.id in row.none",
            "row.missing in row.list",
            "row.missing not in [1, 2]",
            "true and row.id in (row.missing | pluck('id'))",
            "row.id in row.missing if true else false",
        ] {
            assert!(eval(condition, true).is_err(), "{condition}");
        }
        for (condition, value) in [
            ("row.id in row.list", true),
            ("row.none in row.list", false),
            ("row.id not in row.rows | pluck('id')", false),
            ("false and row.id in row.missing", false),
            ("row.id in row.missing | default([1])", true),
            ("row.id in [1] and 3 not in row.list", true),
        ] {
            assert_eq!(eval(condition, true), Ok(value), "{condition}");
        }
    }
}
