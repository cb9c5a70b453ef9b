//! What an expression reads: variables, filters, functions. Checked when the manifest loads.

use minijinja::machinery::ast::{CallArg, Expr};

use super::argument;
use super::filters::{FILTERS, FUNCTIONS};
use crate::manifest::problem::nearest;

const TESTS: [&str; 1] = ["none"];

/// What was found while walking one expression.
#[derive(Default)]
pub struct Found {
    pub names: Vec<Vec<String>>,
    /// Variables whose value may be (part of) the result, not only decide about it.
    pub results: Vec<String>,
    deciding: usize,
    pub filter_arguments: Vec<(String, String)>,
}

impl Found {
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
                    if self.deciding == 0 {
                        self.results.push(root.clone());
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
            Expr::BinOp(e) => self.all([&e.left, &e.right]),
            Expr::Compare(e) => self.deciding(|found| {
                found.visit(&e.expr)?;
                found.all(e.ops.iter().map(|op| &op.expr))
            }),
            Expr::IfExpr(e) => {
                self.deciding(|found| found.visit(&e.test_expr))?;
                self.visit(&e.true_expr)?;
                self.all(e.false_expr.iter())
            }
            Expr::Filter(e) => {
                known("filter", e.name, FILTERS.iter().map(|f| f.name))?;
                if let Some(CallArg::Pos(Expr::Const(c))) = e.args.first()
                    && let Some(text) = c.value.as_str()
                {
                    self.filter_arguments.push((e.name.to_owned(), text.to_owned()));
                }
                self.all(e.expr.iter())?;
                self.all(e.args.iter().map(argument))
            }
            Expr::Test(e) => {
                known("test", e.name, TESTS)?;
                self.deciding(|found| {
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

    /// Visits a part that decides about the result without being in it.
    fn deciding(&mut self, visit: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.deciding += 1;
        let result = visit(self);
        self.deciding -= 1;
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
