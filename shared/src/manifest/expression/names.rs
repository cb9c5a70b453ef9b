//! What an expression reads: variables, filters, functions. Checked when the manifest loads.

use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr};

use super::filters::{FILTERS, FUNCTIONS, QUOTING};
use super::{argument, arguments};
use crate::manifest::problem::nearest;

const TESTS: [&str; 1] = ["none"];

/// What was found while walking one expression.
#[derive(Default)]
pub struct Found {
    /// Every variable that the expression reads, as a path of names.
    pub names: Vec<Vec<String>>,
    /// Variables whose value may be (part of) the result without having passed a quoting filter.
    pub unquoted: Vec<String>,
    /// Whether `~` or `+` puts text of the manifest around a value.
    pub concatenates: bool,
    /// Whether `plain` vouches for a value.
    pub plain: bool,
    /// The filter that is applied last, if any: what decides how the value is quoted.
    pub last_filter: Option<String>,
    /// Paths whose members `in` looks for, as they are: without a filter behind them.
    pub looked_in: Vec<Vec<String>>,
    harmless: usize,
    judges: bool,
    /// First constant argument of every filter, for checks such as `lookup('table')`.
    pub filter_arguments: Vec<(String, String)>,
}

impl Found {
    /// What is found is judged as well, filters' arguments included: for a manifest that nobody has checked yet.
    pub(super) fn judging() -> Self {
        Self { judges: true, ..Self::default() }
    }

    /// Walks an expression.
    ///
    /// # Errors
    /// A sentence that names an unknown filter, function or test, and the known ones.
    pub fn visit(&mut self, expression: &Expr<'_>) -> Result<(), String> {
        match expression {
            Expr::Const(_) => Ok(()),
            Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_) => {
                let mut path = Vec::new();
                self.path(expression, &mut path)?;
                if let Some(root) = path.first() {
                    if self.harmless == 0 {
                        self.unquoted.push(root.clone());
                    }
                    self.names.push(path);
                }
                Ok(())
            }
            Expr::Slice(e) => {
                self.visit(&e.expr)?;
                self.all([&e.start, &e.stop, &e.step].into_iter().flatten())
            }
            Expr::UnaryOp(e) => self.visit(&e.expr),
            Expr::BinOp(e) => match e.op {
                BinOpKind::Concat | BinOpKind::Add => {
                    self.concatenates |= [&e.left, &e.right].into_iter().any(is_text);
                    self.all([&e.left, &e.right])
                }
                BinOpKind::Eq
                | BinOpKind::Ne
                | BinOpKind::Lt
                | BinOpKind::Lte
                | BinOpKind::Gt
                | BinOpKind::Gte => self.harmless(|found| found.all([&e.left, &e.right])),
                BinOpKind::In => self.harmless(|found| {
                    found.visit(&e.left)?;
                    found.looks_in(&e.right)
                }),
                _ => self.all([&e.left, &e.right]),
            },
            Expr::Compare(e) => self.harmless(|found| {
                found.visit(&e.expr)?;
                e.ops.iter().try_for_each(|op| match op.op {
                    CompareOpKind::In | CompareOpKind::NotIn => found.looks_in(&op.expr),
                    _ => found.visit(&op.expr),
                })
            }),
            Expr::IfExpr(e) => {
                self.harmless(|found| found.visit(&e.test_expr))?;
                self.visit(&e.true_expr)?;
                self.all(e.false_expr.iter())
            }
            Expr::Filter(e) => {
                known("filter", e.name, FILTERS.iter().map(|f| f.name))?;
                if self.judges {
                    arguments::check(e)?;
                }
                if let Some(CallArg::Pos(Expr::Const(c))) = e.args.first()
                    && let Some(text) = c.value.as_str()
                {
                    self.filter_arguments.push((e.name.to_owned(), text.to_owned()));
                }
                self.plain |= e.name == "plain";
                if QUOTING.contains(&e.name) {
                    return self.harmless(|found| {
                        found.all(e.expr.iter())?;
                        found.all(e.args.iter().map(argument))
                    });
                }
                self.all(e.expr.iter())?;
                self.all(e.args.iter().map(argument))
            }
            Expr::Test(e) => {
                known("test", e.name, TESTS)?;
                self.harmless(|found| {
                    found.visit(&e.expr)?;
                    found.all(e.args.iter().map(argument))
                })
            }
            Expr::Call(e) => {
                let Expr::Var(function) = &e.expr else {
                    return Err("values have no methods here: use a filter, {{ value | filter }}".to_owned());
                };
                known("function", function.id, FUNCTIONS.iter().map(|f| f.name))?;
                self.all(e.args.iter().map(argument))
            }
            Expr::List(e) => self.all(e.items.iter()),
            Expr::Tuple(e) => self.all(e.items.iter()),
            Expr::Map(e) => {
                self.all(e.keys.iter())?;
                self.all(e.values.iter())
            }
        }
    }

    /// Visits what stands right of `in`.
    fn looks_in(&mut self, list: &Expr<'_>) -> Result<(), String> {
        let before = self.names.len();
        self.visit(list)?;
        if matches!(list, Expr::Var(_) | Expr::GetAttr(_) | Expr::GetItem(_)) {
            self.looked_in.extend(self.names[before..].last().cloned());
        }
        Ok(())
    }

    /// Visits a part that only decides about the result, or is quoted before it gets there.
    fn harmless(&mut self, visit: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.harmless += 1;
        let result = visit(self);
        self.harmless -= 1;
        result
    }

    fn all<'a, 'b: 'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr<'b>>) -> Result<(), String> {
        expressions.into_iter().try_for_each(|e| self.visit(e))
    }

    /// Collects `a.b['c']`; stops at the first part that is not a constant name.
    fn path(&mut self, expression: &Expr<'_>, path: &mut Vec<String>) -> Result<bool, String> {
        match expression {
            Expr::Var(var) => {
                path.push(var.id.to_owned());
                Ok(true)
            }
            Expr::GetAttr(get) => {
                let whole = self.path(&get.expr, path)?;
                if whole && !path.is_empty() {
                    path.push(get.name.to_owned());
                }
                Ok(whole)
            }
            Expr::GetItem(get) => {
                let whole = self.path(&get.expr, path)?;
                match &get.subscript_expr {
                    Expr::Const(c) => match c.value.as_str() {
                        Some(key) if whole && !path.is_empty() => {
                            path.push(key.to_owned());
                            Ok(true)
                        }
                        _ => Ok(false),
                    },
                    other => {
                        self.visit(other)?;
                        Ok(false)
                    }
                }
            }
            other => {
                self.visit(other)?;
                Ok(false)
            }
        }
    }
}

fn known<'a>(kind: &str, name: &str, allowed: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
    let allowed: Vec<String> = allowed.into_iter().map(str::to_owned).collect();
    if allowed.iter().any(|a| a == name) {
        return Ok(());
    }
    let hint = nearest(name, &allowed).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
    Err(format!("unknown {kind} `{name}`{hint} (there are: {})", allowed.join(", ")))
}

/// A text that the manifest's author wrote.
fn is_text(expression: &Expr<'_>) -> bool {
    match expression {
        Expr::Const(constant) => constant.value.as_str().is_some_and(|text| !text.trim().is_empty()),
        Expr::BinOp(e) => is_text(&e.left) || is_text(&e.right),
        _ => false,
    }
}
