//! `root.key.key[0]`: what most expressions are.

use minijinja::Value;
use minijinja::machinery::ast::Expr;

/// A variable and the way into it.
#[derive(PartialEq)]
pub(super) struct Path {
    pub root: String,
    steps: Vec<Step>,
}

#[derive(PartialEq)]
enum Step {
    Key(Box<str>),
    Index(usize),
}

impl Path {
    /// The path that an expression is, if it is one.
    pub fn of(expression: &Expr<'_>) -> Option<Self> {
        match expression {
            Expr::Var(var) => Some(Self { root: var.id.to_owned(), steps: Vec::new() }),
            Expr::GetAttr(get) => {
                let mut path = Self::of(&get.expr)?;
                path.steps.push(Step::Key(get.name.into()));
                Some(path)
            }
            Expr::GetItem(get) => {
                let Expr::Const(constant) = &get.subscript_expr else {
                    return None;
                };
                let mut path = Self::of(&get.expr)?;
                path.steps.push(match (constant.value.as_str(), constant.value.as_usize()) {
                    (Some(key), _) => Step::Key(key.into()),
                    (None, Some(index)) => Step::Index(index),
                    _ => return None,
                });
                Some(path)
            }
            _ => None,
        }
    }

    /// What is there; undefined where the data has no such path.
    pub fn value(&self, scope: &Value) -> Value {
        let mut value = scope.get_attr(&self.root).unwrap_or(Value::UNDEFINED);
        for step in &self.steps {
            if value.is_undefined() {
                break;
            }
            value = match step {
                Step::Key(key) => value.get_attr(key),
                Step::Index(index) => value.get_item_by_index(*index),
            }
            .unwrap_or(Value::UNDEFINED);
        }
        value
    }
}
