//! An expression written anew with its operands marked. Every part stands in parentheses, so nothing of its meaning
//! depends on where it stood.

use minijinja::Value;
use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr, UnaryOpKind};
use minijinja::value::ValueKind;

use super::operands::{LEFT, MEMBER, MEMBERS, RIGHT, TEXT};
use super::path::Path;

/// The expression with a filter behind every operand of `in`, `==` and `~`; none where there is no such operand.
pub(super) fn marked(expression: &Expr<'_>) -> Option<String> {
    let mut writer = Writer { marks: false };
    let text = writer.write(expression);
    writer.marks.then_some(text)
}

struct Writer {
    /// Whether anything was marked.
    marks: bool,
}

impl Writer {
    fn write(&mut self, expression: &Expr<'_>) -> String {
        match expression {
            Expr::Var(e) => e.id.to_owned(),
            Expr::Const(e) => literal(&e.value),
            Expr::Slice(e) => {
                let mut part =
                    |part: &Option<Expr<'_>>| part.as_ref().map_or(String::new(), |part| self.write(part));
                let (start, stop, step) = (part(&e.start), part(&e.stop), part(&e.step));
                let step = if step.is_empty() { step } else { format!(":{step}") };
                format!("({}[{start}:{stop}{step}])", self.write(&e.expr))
            }
            Expr::UnaryOp(e) => {
                let sign = match e.op {
                    UnaryOpKind::Not => "not ",
                    UnaryOpKind::Neg => "-",
                };
                format!("({sign}{})", self.write(&e.expr))
            }
            Expr::BinOp(e) => match e.op {
                BinOpKind::In => {
                    format!("({} in {})", self.sought(&e.left, &e.right), self.at_path(&e.right, MEMBERS))
                }
                BinOpKind::Eq => {
                    let (left, right) = self.compared(&e.left, &e.right);
                    format!("({left} == {right})")
                }
                op => {
                    let parts = chain(expression, op).into_iter();
                    let parts: Vec<String> = match op {
                        BinOpKind::Concat => parts.map(|part| self.behind(part, TEXT)).collect(),
                        _ => parts.map(|part| self.write(part)).collect(),
                    };
                    format!("({})", parts.join(&format!(" {} ", sign(op))))
                }
            },
            Expr::Compare(e) => {
                let first = e.ops.first();
                let mut text = match first.map(|op| (op.op, &op.expr)) {
                    Some((CompareOpKind::In | CompareOpKind::NotIn, right)) => self.sought(&e.expr, right),
                    Some((CompareOpKind::Eq, right)) => self.compared(&e.expr, right).0,
                    _ => self.write(&e.expr),
                };
                let mut left = &e.expr;
                for op in &e.ops {
                    let right = match op.op {
                        CompareOpKind::In | CompareOpKind::NotIn => self.at_path(&op.expr, MEMBERS),
                        CompareOpKind::Eq => self.compared(left, &op.expr).1,
                        _ => self.write(&op.expr),
                    };
                    text = format!("{text} {} {right}", relation(op.op));
                    left = &op.expr;
                }
                format!("({text})")
            }
            Expr::IfExpr(e) => {
                let (value, test) = (self.write(&e.true_expr), self.write(&e.test_expr));
                let otherwise = e.false_expr.as_ref().map(|e| format!(" else {}", self.write(e)));
                format!("({value} if {test}{})", otherwise.unwrap_or_default())
            }
            Expr::Filter(e) => {
                let value = e.expr.as_ref().map(|e| self.write(e)).unwrap_or_default();
                format!("({value}|{}{})", e.name, self.arguments(&e.args))
            }
            Expr::Test(e) => format!("({} is {}{})", self.write(&e.expr), e.name, self.arguments(&e.args)),
            Expr::GetAttr(e) => format!("{}.{}", self.write(&e.expr), e.name),
            Expr::GetItem(e) => format!("{}[{}]", self.write(&e.expr), self.write(&e.subscript_expr)),
            Expr::Call(e) => {
                let arguments = self.list(e.args.iter().map(Argument));
                format!("{}({arguments})", self.write(&e.expr))
            }
            Expr::List(e) => format!("[{}]", self.list(e.items.iter().map(Plain))),
            Expr::Tuple(e) => format!("({},)", self.list(e.items.iter().map(Plain))),
            Expr::Map(e) => {
                let members = e.keys.iter().zip(&e.values);
                let members: Vec<_> =
                    members.map(|(k, v)| format!("{}: {}", self.write(k), self.write(v))).collect();
                format!("{{{}}}", members.join(", "))
            }
        }
    }

    /// A part with a filter behind it.
    fn behind(&mut self, expression: &Expr<'_>, filter: &str) -> String {
        let text = self.write(expression);
        self.with(&text, filter)
    }

    fn with(&mut self, text: &str, filter: &str) -> String {
        self.marks = true;
        format!("({text}|{filter})")
    }

    /// What is looked for: its path, and as a whole; but for a choice of constants, which may name nothing.
    fn sought(&mut self, left: &Expr<'_>, right: &Expr<'_>) -> String {
        let text = self.at_path(left, MEMBER);
        let constants = match right {
            Expr::List(e) => e.items.iter().all(|item| matches!(item, Expr::Const(_))),
            Expr::Tuple(e) => e.items.iter().all(|item| matches!(item, Expr::Const(_))),
            right => matches!(right, Expr::Const(e) if e.value.kind() != ValueKind::String),
        };
        if constants { text } else { self.with(&text, LEFT) }
    }

    /// Both sides of `==`; with a constant, which may be `none`, as they are.
    fn compared(&mut self, left: &Expr<'_>, right: &Expr<'_>) -> (String, String) {
        match [left, right].into_iter().any(|side| matches!(side, Expr::Const(_))) {
            true => (self.write(left), self.write(right)),
            false => (self.behind(left, LEFT), self.behind(right, RIGHT)),
        }
    }

    /// A part with a filter behind the path that it comes from, also through filters, unless `default` says what
    /// stands for nothing.
    fn at_path(&mut self, expression: &Expr<'_>, filter: &str) -> String {
        match expression {
            path if Path::of(path).is_some() => self.behind(path, filter),
            Expr::Filter(e) if e.name != "default" && reaches_path(e.expr.as_ref()) => {
                let value = e.expr.as_ref().map(|e| self.at_path(e, filter)).unwrap_or_default();
                format!("({value}|{}{})", e.name, self.arguments(&e.args))
            }
            other => self.write(other),
        }
    }

    fn arguments(&mut self, arguments: &[CallArg<'_>]) -> String {
        if arguments.is_empty() {
            String::new()
        } else {
            format!("({})", self.list(arguments.iter().map(Argument)))
        }
    }

    fn list<'a, 's: 'a>(&mut self, parts: impl Iterator<Item = Part<'a, 's>>) -> String {
        let parts: Vec<String> = parts
            .map(|part| match part {
                Plain(e) | Argument(CallArg::Pos(e)) => self.write(e),
                Argument(CallArg::Kwarg(name, e)) => format!("{name}={}", self.write(e)),
                Argument(CallArg::PosSplat(e)) => format!("*{}", self.write(e)),
                Argument(CallArg::KwargSplat(e)) => format!("**{}", self.write(e)),
            })
            .collect();
        parts.join(", ")
    }
}

/// The parts of `a ~ b ~ c`, from left to right; two of what is read from the right.
fn chain<'a, 's>(expression: &'a Expr<'s>, op: BinOpKind) -> Vec<&'a Expr<'s>> {
    let (mut first, mut parts) = (expression, Vec::new());
    while let Expr::BinOp(e) = first {
        let goes_on = parts.is_empty() || !matches!(op, BinOpKind::Pow);
        if std::mem::discriminant(&e.op) != std::mem::discriminant(&op) || !goes_on {
            break;
        }
        parts.push(&e.right);
        first = &e.left;
    }
    parts.push(first);
    parts.reverse();
    parts
}

/// A member of a list, or an argument.
enum Part<'a, 's> {
    Plain(&'a Expr<'s>),
    Argument(&'a CallArg<'s>),
}
use Part::{Argument, Plain};

fn reaches_path(mut expression: Option<&Expr<'_>>) -> bool {
    while let Some(Expr::Filter(filter)) = expression {
        if filter.name == "default" {
            return false;
        }
        expression = filter.expr.as_ref();
    }
    expression.is_some_and(|expression| Path::of(expression).is_some())
}

/// A constant as the parser reads it; its texts have the escapes of JSON.
fn literal(value: &Value) -> String {
    match value.as_str() {
        Some(text) => serde_json::Value::from(text).to_string(),
        None if value.is_none() || value.is_undefined() => "none".to_owned(),
        None if value.kind() == ValueKind::Bool => value.is_true().to_string(),
        None => value.to_string(),
    }
}

fn sign(op: BinOpKind) -> &'static str {
    match op {
        BinOpKind::Eq => "==",
        BinOpKind::Ne => "!=",
        BinOpKind::Lt => "<",
        BinOpKind::Lte => "<=",
        BinOpKind::Gt => ">",
        BinOpKind::Gte => ">=",
        BinOpKind::ScAnd => "and",
        BinOpKind::ScOr => "or",
        BinOpKind::Add => "+",
        BinOpKind::Sub => "-",
        BinOpKind::Mul => "*",
        BinOpKind::Div => "/",
        BinOpKind::FloorDiv => "//",
        BinOpKind::Rem => "%",
        BinOpKind::Pow => "**",
        BinOpKind::Concat => "~",
        BinOpKind::In => "in",
    }
}

fn relation(op: CompareOpKind) -> &'static str {
    match op {
        CompareOpKind::Eq => "==",
        CompareOpKind::Ne => "!=",
        CompareOpKind::Lt => "<",
        CompareOpKind::Lte => "<=",
        CompareOpKind::Gt => ">",
        CompareOpKind::Gte => ">=",
        CompareOpKind::In => "in",
        CompareOpKind::NotIn => "not in",
    }
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;
    use crate::manifest::expression::{ENVIRONMENT, parse};

    #[test]
    fn what_is_written_anew_says_what_was_written() {
        let scope = context! {
            a => 3, b => 4.5, t => "x'y\"z\\\n\u{1F600}", l => vec![1, 2, 3, 4], s => vec!["p", "q"],
            m => context! { k => "v", n => vec![context! { id => 7 }, context! { id => 8 }] },
        };
        for source in [
            "(a + 2 * 3 - b / 2) ~ 'x'",
            "-a ** 2 ~ ''",
            "not a == 3 or b > 4 and t ~ 'q'",
            "l[1:3] ~ l[::2] ~ l[:1] ~ t[-1]",
            "a in l and 'k' in m and 'p' not in s",
            "1 < a == 3 <= 4",
            "('y' in t) ~ (t if a == 3 else none) ~ (t if a == 4)",
            "m.n[0].id ~ m['k'] ~ (m.n | last).id",
            "(m.n | pluck('id') | join(', ')) ~ (t | replace('y', \"'\\\\\"))",
            "(a, b) ~ [a, {'k': b}.k] ~ {'x': [a]}.x",
            "coalesce(none, a) ~ (a is none) ~ (a is not none)",
            "(t | quote('\"', escape='\\\\')) ~ 'ü\\u00fc\\n'",
            "1e3 ~ 10000000000 ~ 2.50 ~ true ~ (7 // 2) ~ (7 % 4)",
            "a == 3 == (b > 4)",
            "(10 - 3 - 2) ~ (2 ** 3 ** 2) ~ (100 / 5 / 2) ~ (7 - (3 - 2))",
        ] {
            let parsed = parse(source).unwrap_or_else(|why| panic!("{source}: {why}"));
            let again = Writer { marks: false }.write(&parsed);
            let plain = again.replace("|__text", "").replace("|__left", "").replace("|__right", "");
            let plain = plain.replace("|__members", "").replace("|__member", "");
            let eval = |text: &str| {
                ENVIRONMENT.compile_expression(text).and_then(|e| e.eval(&scope)).map(|v| v.to_string())
            };
            let (first, second) =
                (eval(source).map_err(|e| e.to_string()), eval(&plain).map_err(|e| e.to_string()));
            assert!(first.is_ok(), "{source}: {first:?}");
            assert_eq!(first, second, "{source} became {again}");
        }
    }
}
