//! The shapes that mappings have for every row: one filter over paths. They do not run the interpreter; each calls
//! what the filter of the same name calls, and a test holds both to one answer.

use minijinja::machinery::ast::{CallArg, Expr};
use minijinja::{Error, Value};

use super::path::Path;
use super::values::is_empty;
use super::{list, text, when};

/// An expression of such a shape.
pub(super) enum Native {
    /// `[a.b, c] | join(' ')`
    Join { members: Vec<Path>, separator: String },
    /// `a.b | split(';')`
    Split { of: Path, separator: String },
    /// `a.b | ts`
    Time(Path),
}

impl Native {
    /// The shape that an expression has, if it has one.
    pub fn of(expression: &Expr<'_>) -> Option<Self> {
        let Expr::Filter(filter) = expression else { return None };
        let argument = match filter.args.as_slice() {
            [] => None,
            [CallArg::Pos(Expr::Const(constant))] => Some(constant.value.as_str()?.to_owned()),
            _ => return None,
        };
        match (filter.name, filter.expr.as_ref()?, argument) {
            ("join", Expr::List(list), Some(separator)) if !list.items.is_empty() => {
                let members = list.items.iter().map(Path::of).collect::<Option<_>>()?;
                Some(Self::Join { members, separator })
            }
            ("split", of, Some(separator)) => Some(Self::Split { of: Path::of(of)?, separator }),
            ("ts", of, None) => Some(Self::Time(Path::of(of)?)),
            _ => None,
        }
    }

    /// The value in a scope.
    ///
    /// # Errors
    /// What the filter says.
    pub fn eval(&self, scope: &Value) -> Result<Value, Error> {
        match self {
            Self::Join { members, separator } => {
                Ok(list::joined(members.iter().map(|path| path.value(scope)), separator).into())
            }
            Self::Split { of, separator } => text::split(&of.value(scope), separator),
            Self::Time(path) => when::time(&path.value(scope), None),
        }
    }
}

/// `a.b | default(…)`: when there is a value, the rest of the expression does not matter.
pub(super) fn preferred(expression: &Expr<'_>) -> Option<Path> {
    match expression {
        Expr::Filter(filter) if filter.name == "default" && filter.args.len() == 1 => {
            Path::of(filter.expr.as_ref()?)
        }
        _ => None,
    }
}

/// The value of a preferred path, when there is one.
pub(super) fn present(path: &Path, scope: &Value) -> Option<Value> {
    Some(path.value(scope)).filter(|value| !is_empty(value))
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use crate::manifest::expression::{Code, ENVIRONMENT, Expression, reason};

    #[test]
    fn what_does_not_run_the_interpreter_gives_what_the_interpreter_gives() {
        let scope = context! {
            row => context! {
                name => "Ada", n => 7, whole => 7.0, part => 7.5, none => (), no => false, yes => true, empty => "",
                list => vec!["a", "b"], odd => context! { k => "v" }, many => "a; b;;c ", when => "2026-05-01T07:25:37+02:00",
                seconds => 1_700_000_000, bad => "not a time",
            },
        };
        let paths = [
            "name",
            "n",
            "whole",
            "part",
            "none",
            "no",
            "yes",
            "empty",
            "list",
            "odd",
            "many",
            "when",
            "seconds",
            "bad",
            "missing",
            "missing.deeper",
            "list[1]",
            "odd['k']",
        ];
        for path in paths {
            for source in [
                format!("row.{path} | ts"),
                format!("row.{path} | split(';')"),
                format!("[row.{path}] | join(', ')"),
                format!("[row.name, row.{path}, row.n] | join(' ')"),
                format!("row.{path} | default('other')"),
                format!("row.{path} | default(row.name ~ 1 if row.n else none)"),
            ] {
                let expression = Expression::compile(&source).unwrap();
                assert!(!matches!(expression.code(), Ok(Code::Jinja(_) | Code::Path(_))), "{source}");
                let interpreted = ENVIRONMENT.compile_expression(&source).unwrap().eval(scope.clone());
                match (expression.eval(&scope), interpreted) {
                    (Ok(own), Ok(value)) => assert_eq!(
                        (format!("{own:?}"), own.kind()),
                        (format!("{value:?}"), value.kind()),
                        "{source}"
                    ),
                    (Err(own), Err(error)) => assert_eq!(own.reason, reason(&error), "{source}"),
                    (own, value) => panic!("{source}: {own:?} {value:?}"),
                }
            }
        }
    }
}
