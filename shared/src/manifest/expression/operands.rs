//! What stands on both sides of `in`, `==` and `~`. Nothing is in nothing, whether it is null or missing; in a
//! reading's `where` a missing operand means that the condition cannot be evaluated, and the row passes; in a
//! look-up's `where` nothing is neither in anything nor the same as anything. `~` prints nothing for nothing.

use std::sync::LazyLock;

use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr};
use minijinja::{Environment, Error, State, Value};
use regex::Regex;

use super::path::Path;
use super::values::{is_empty, refused};
use super::{argument, as_text, parse};

/// The name in a scope that says: this is a `where`.
pub const WHERE: &str = "in where";
/// The name in a scope that says: this is the `where` of a look-up.
pub const LOOK_UP: &str = "in look-up";
const MEMBER: &str = "__member";
const MEMBERS: &str = "__members";
const SAME: &str = "__same";
const TEXT: &str = "__text";

/// What is said of an operand that a look-up's record does not have: it is not the one who is meant.
pub(super) const LACKING: &str = "there is nothing to compare";

pub(super) fn register(e: &mut Environment<'static>) {
    let within = |state: &State<'_, '_>, name: &str| state.lookup(name).is_some_and(|v| v.is_true());
    let lacks = move |state: &State<'_, '_>, v: &Value| is_empty(v) && within(state, LOOK_UP);
    e.add_filter(MEMBER, move |state: &State<'_, '_>, v: &Value| match v {
        v if lacks(state, v) => Err(refused(LACKING)),
        v if v.is_undefined() && within(state, WHERE) => Err(refused("in: what is looked for is missing")),
        v => Ok(v.clone()),
    });
    e.add_filter(MEMBERS, move |state: &State<'_, '_>, v: &Value| {
        let nothing = v.is_undefined() || v.is_none();
        match v {
            v if lacks(state, v) => Err(refused(LACKING)),
            _ if nothing && within(state, WHERE) => Err(refused("in: there is nothing to look in")),
            _ if nothing => Ok(Value::from(Vec::<Value>::new())),
            v => Ok::<_, Error>(v.clone()),
        }
    });
    e.add_filter(SAME, move |state: &State<'_, '_>, v: &Value| match lacks(state, v) {
        true => Err(refused(LACKING)),
        false => Ok(v.clone()),
    });
    e.add_filter(TEXT, |v: &Value| as_text(v).unwrap_or_default());
}

/// The expression with its operands marked.
pub(super) fn marked(source: &str, expression: &Expr<'_>) -> String {
    let mut found = Vec::new();
    visit(expression, &mut found);
    let mut signs: Vec<(usize, usize, &str, &str)> = Vec::new();
    for (operand, filter) in found {
        if let Some((start, end)) = place(source, operand) {
            // At one place what ends comes before what begins, and what began last ends first.
            signs.push((end, usize::MAX - start, "|", filter));
            signs.push((start, usize::MAX, "(", ""));
        }
    }
    signs.sort_unstable();
    let (mut text, mut at) = (String::new(), 0);
    for (place, _, sign, filter) in signs {
        text.push_str(&source[at..place]);
        text.push_str(sign);
        text.push_str(filter);
        text.push_str(if filter.is_empty() { "" } else { ")" });
        at = place;
    }
    text + &source[at..]
}

/// Where an operand stands in the source. The parser's own positions of a filter begin with its name, and those of
/// what stands in parentheses without them: only what reads back as the same is the place.
fn place(source: &str, operand: &Expr<'_>) -> Option<(usize, usize)> {
    let end = operand.span().end_offset as usize;
    let mut first = operand;
    while let Expr::Filter(filter) = first {
        first = filter.expr.as_ref()?;
    }
    let before = source.get(..first.span().start_offset as usize)?;
    let opened = before.char_indices().rev().take_while(|(_, sign)| matches!(sign, '(' | ' '));
    let starts = std::iter::once(before.len()).chain(opened.map(|(at, _)| at));
    let reads = |start: &usize| {
        let text = source.get(*start..end);
        text.is_some_and(|text| parse(text).is_ok_and(|read| alike(&read, operand)))
    };
    starts.filter(|start| *start < end).find(reads).map(|start| (start, end))
}

/// Whether two expressions say the same, wherever they stand.
fn alike(a: &Expr<'_>, b: &Expr<'_>) -> bool {
    static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r" @ \d+:\d+-\d+:\d+").ok());
    match (Path::of(a), Path::of(b)) {
        (Some(a), Some(b)) => a == b,
        _ => PLACE.as_ref().is_some_and(|place| {
            place.replace_all(&format!("{a:?}"), "") == place.replace_all(&format!("{b:?}"), "")
        }),
    }
}

fn visit<'a, 's>(expression: &'a Expr<'s>, found: &mut Vec<(&'a Expr<'s>, &'static str)>) {
    let mut inside: Vec<&'a Expr<'s>> = Vec::new();
    match expression {
        Expr::Var(_) | Expr::Const(_) => {}
        Expr::Slice(e) => inside.extend([&e.expr].into_iter().chain(&e.start).chain(&e.stop).chain(&e.step)),
        Expr::UnaryOp(e) => inside.push(&e.expr),
        Expr::BinOp(e) => {
            match e.op {
                BinOpKind::In => {
                    found.extend(Path::of(&e.left).map(|_| (&e.left, MEMBER)));
                    found.extend(container(&e.right).map(|path| (path, MEMBERS)));
                }
                BinOpKind::Eq => found.extend(compared(&e.left, &e.right)),
                BinOpKind::Concat => {
                    let printed = |e: &&Expr<'_>| Path::of(e).is_some() || matches!(e, Expr::Filter(_));
                    found.extend([&e.left, &e.right].into_iter().filter(printed).map(|e| (e, TEXT)));
                }
                _ => {}
            }
            inside.extend([&e.left, &e.right]);
        }
        Expr::Compare(e) => {
            inside.push(&e.expr);
            for op in &e.ops {
                match op.op {
                    CompareOpKind::In | CompareOpKind::NotIn => {
                        found.extend(container(&op.expr).map(|path| (path, MEMBERS)));
                    }
                    CompareOpKind::Eq => found.extend(compared(&e.expr, &op.expr)),
                    _ => {}
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

/// What both sides of `==` come from; nothing where one is a constant, which may be `none`.
fn compared<'a, 's>(left: &'a Expr<'s>, right: &'a Expr<'s>) -> Vec<(&'a Expr<'s>, &'static str)> {
    let constant = [left, right].into_iter().any(|side| matches!(side, Expr::Const(_)));
    let sides = [left, right].into_iter().filter(|_| !constant);
    sides.filter_map(container).map(|path| (path, SAME)).collect()
}

/// The path that a value comes from, also through filters, unless `default` says what stands for nothing.
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

    fn value(source: &str, within: &str) -> Result<Value, String> {
        let row = minijinja::context! {
            id => 1, none => (), empty => "", list => vec![1, 2], rows => vec![minijinja::context! { id => 1 }],
        };
        let scope = Value::from_pairs([("row", row), (within, Value::from(true))]);
        Expression::compile(source).unwrap().eval(&scope).map_err(|e| e.to_string())
    }

    fn eval(source: &str, within: bool) -> Result<bool, String> {
        value(source, if within { WHERE } else { "elsewhere" }).map(|v| v.is_true())
    }

    #[test]
    fn in_a_look_up_nothing_is_neither_in_anything_nor_the_same_as_anything() {
        for condition in [
            "row.missing in row.list",
            "row.none in row.list",
            "row.empty in 'abc'",
            "row.id in row.none",
            "row.none == row.missing",
            "row.none | lower == row.empty | lower",
            "row.id == 1 and row.empty == row.empty",
        ] {
            let told = value(condition, LOOK_UP);
            assert!(told.as_ref().is_err_and(|why| why.contains(LACKING)), "{condition}: {told:?}");
        }
        for (condition, truth) in [
            ("row.id == row.list | first", true),
            ("row.none == none", true),
            ("row.missing == row.id or row.id == 1", false),
            ("row.empty | default('x') == row.id", false),
        ] {
            let told = value(condition, LOOK_UP).map(|v| v.is_true());
            assert_eq!(told.unwrap_or(false), truth, "{condition}");
        }
        assert!(eval("row.none == row.none", true).is_ok_and(|truth| truth), "elsewhere null is null");
    }

    #[test]
    fn nothing_beside_a_tilde_prints_nothing_and_true_is_no_word_of_pythons() {
        for (expression, text) in [
            ("'a' ~ row.none ~ 'b'", "ab"),
            ("row.missing ~ (row.none | upper) ~ (row.id ~ row.empty)", "1"),
            ("(row.rows | pluck('id' ~ row.none) | first) ~ '.'", "1."),
            ("(row.none ~ row.none | upper) | lower ~ 'x'", "x"),
            ("((row.rows | first).other | upper) ~ 'x'", "x"),
            ("('true' | bool) ~ 'ish'", "trueish"),
        ] {
            assert_eq!(
                value(expression, "elsewhere").map(|v| v.to_string()),
                Ok(text.to_owned()),
                "{expression}"
            );
        }
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
