//! What stands on both sides of `in`, `==` and `~`. Nothing is in nothing, whether it is null or missing; in a
//! reading's `where` a missing operand means that the condition cannot be evaluated, and the row passes; in a
//! look-up's `where` nothing is neither in anything nor the same as anything. `~` prints nothing for nothing.

use minijinja::value::ValueKind;
use minijinja::{Environment, Error, State, Value};

use super::as_text;
use super::values::{is_empty, refused};

/// The name in a scope that says: this is a `where`.
pub const WHERE: &str = "in where";
/// The name in a scope that says: this is the `where` of a look-up.
pub const LOOK_UP: &str = "in look-up";

/// The filters that [`marked`](super::marked::marked) puts behind operands: what is looked for, where; both sides of
/// `==` (what is looked for is a left one too); both of `~`.
pub(super) const MEMBER: &str = "__member";
pub(super) const MEMBERS: &str = "__members";
pub(super) const LEFT: &str = "__left";
pub(super) const RIGHT: &str = "__right";
pub(super) const TEXT: &str = "__text";

pub(super) fn register(e: &mut Environment<'static>) {
    let within = |state: &State<'_, '_>, name: &str| state.lookup(name).is_some_and(|v| v.is_true());
    e.add_filter(MEMBER, move |state: &State<'_, '_>, v: &Value| {
        match v.is_undefined() && within(state, WHERE) {
            true => Err(refused("in: what is looked for is missing")),
            false => Ok(v.clone()),
        }
    });
    e.add_filter(MEMBERS, move |state: &State<'_, '_>, v: &Value| {
        let nothing = v.is_undefined() || v.is_none();
        match nothing && within(state, WHERE) {
            true => Err(refused("in: there is nothing to look in")),
            false if nothing => Ok(Value::from(Vec::<Value>::new())),
            false => Ok::<_, Error>(v.clone()),
        }
    });
    // Two texts that no record has, and that differ: whatever is compared with nothing is another.
    for (name, nobody) in [(LEFT, "\u{10FFFE}"), (RIGHT, "\u{10FFFF}")] {
        e.add_filter(name, move |state: &State<'_, '_>, v: &Value| {
            let nothing = is_empty(v) || v.kind() == ValueKind::Seq && v.len() == Some(0);
            if nothing && within(state, LOOK_UP) { Value::from(nobody) } else { v.clone() }
        });
    }
    e.add_filter(TEXT, |v: &Value| as_text(v).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::expression::Expression;

    fn value(source: &str, within: &str) -> Result<Value, String> {
        let row = minijinja::context! {
            id => 1, none => (), empty => "", list => vec![1, 2], nobody => Vec::<i32>::new(), rows => vec![minijinja::context! { id => 1 }],
        };
        let scope = Value::from_pairs([("row", row), (within, Value::from(true))]);
        Expression::compile(source).unwrap().eval(&scope).map_err(|e| e.to_string())
    }

    fn eval(source: &str, within: bool) -> Result<bool, String> {
        value(source, if within { WHERE } else { "elsewhere" }).map(|v| v.is_true())
    }

    fn in_look_up(condition: &str) -> Result<bool, String> {
        value(condition, LOOK_UP).map(|v| v.is_true())
    }

    #[test]
    fn in_a_look_up_nothing_is_neither_in_anything_nor_the_same_as_anything() {
        for condition in [
            "row.missing in row.list",
            "row.none in row.list",
            "row.empty in 'abc'",
            "row.empty | digits in 'abc'",
            "row.id in row.none",
            "row.none in [row.none, row.id]",
            "row.none == row.missing",
            "row.none == row.none",
            "row.none | lower == row.empty | lower",
            "row.none | int == row.missing | int",
            "row.deep.missing.x == row.rows[7].id",
            "row.nobody == row.nobody",
            "coalesce(row.none) == coalesce(row.empty)",
            "(row.none if row.none else none) == row.missing",
            "row.id == 1 and row.empty == row.empty",
            "row.missing == row.id and row.id == 1",
        ] {
            assert_eq!(in_look_up(condition), Ok(false), "{condition}");
        }
    }

    #[test]
    fn in_a_look_up_what_lacks_one_value_may_be_told_by_another() {
        for condition in [
            "row.id == row.list | first",
            "row.none == none",
            "row.missing == row.id or row.id == 1",
            "row.id == 1 and 'deleted' not in row.none",
            "row.id == 1 and not ('deleted' in row.empty)",
            "row.id == 1 and row.none in [none, false]",
            "row.id == 1 and row.empty in ['', 'person']",
            "row.id == 1 and row.none not in ['deleted']",
            "not (row.none == row.id)",
        ] {
            assert_eq!(in_look_up(condition), Ok(true), "{condition}");
        }
        assert_eq!(eval("row.none == row.none", true), Ok(true), "elsewhere null is null");
    }

    #[test]
    fn nothing_beside_a_tilde_prints_nothing_and_true_is_no_word_of_pythons() {
        for (expression, text) in [
            ("'a' ~ row.none ~ 'b'", "ab"),
            ("row.missing ~ (row.none | upper) ~ (row.id ~ row.empty)", "1"),
            ("(row.rows | pluck('id' ~ row.none) | first) ~ '.'", "1."),
            ("(row.none ~ row.none | upper) | lower ~ 'x'", "x"),
            ("((row.rows | first).other | upper) ~ 'x'", "x"),
            ("row.deep.missing.x ~ row.rows[0].other ~ '.'", "."),
            ("(row.id if row.none) ~ (row.none and 'b') ~ coalesce(row.none) ~ none ~ '.'", "."),
            ("(row.id == 1) ~ ('true' | bool) ~ true ~ (not row.id)", "truetruetruefalse"),
            ("[1, none] ~ {'a': row.none}", r#"[1,null]{"a":null}"#),
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
            "row.id in row.deep.missing.ids",
            "row.deep.kind in ['person']",
            "row.missing | lower in ['person']",
            "'x' in row.deep.tags | lower",
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
