//! Jinja expressions: compiled when the manifest loads, typed, with a closed list of names.
//!
//! A string that is one `{{ … }}` keeps the type of its value; any other string is text with
//! holes. Only `{{ }}` exists: no statements, no comments, no loops. A path that the
//! data does not have is undefined, which counts as null everywhere.
//!
//! Plain paths (`{{ row.properties.email }}`) and a few shapes of one filter (`native.rs`) do not run the interpreter.

use std::fmt;
use std::sync::{LazyLock, OnceLock};

use minijinja::machinery::ast::{CallArg, Expr};
use minijinja::{Environment, UndefinedBehavior, Value};

mod filters;
mod list;
mod names;
mod native;
mod operands;
mod path;
mod quote;
mod template;
mod text;
mod when;

use native::Native;
use path::Path;

pub use filters::is_empty;
pub use filters::{FILTERS, FUNCTIONS, FilterDoc, QUOTING};
pub use names::Found;
pub use operands::WHERE;
pub use quote::STRICT;
pub use template::{Piece, PieceRef, Template, later};
pub use text::{html_to_text, is_email};
pub use when::{TimeValue, read as read_time};

/// Expressions may not work longer than this (minijinja's unit: about one instruction each).
const FUEL: u64 = 200_000;
/// Characters of an expression: every term of one that is longer would stand on the stack at once.
const LONGEST: usize = 1_200;

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Chainable);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(50);
    filters::register(&mut environment);
    environment
});

/// One expression. In a manifest that a person gives it is compiled at once, because its faults are
/// told with their line; in one that the build has checked ([`later`]) when it is first used.
pub struct Expression {
    source: String,
    code: OnceLock<Result<Box<Code>, String>>,
    found: OnceLock<Box<Found>>,
}

enum Code {
    /// `root.key.key[0]`
    Path(Path),
    /// One filter over paths.
    Native(Native),
    /// A path, and what stands for it where it has no value.
    Else(Path, minijinja::Expression<'static, 'static>),
    Jinja(minijinja::Expression<'static, 'static>),
}

impl Expression {
    /// Compiles the text between `{{` and `}}`.
    ///
    /// # Errors
    /// A sentence: bad syntax, an unknown filter, function or test.
    pub fn compile(source: &str) -> Result<Self, String> {
        let (code, found) = (code(source)?, found(source)?);
        Ok(Self { source: source.to_owned(), code: Ok(Box::new(code)).into(), found: Box::new(found).into() })
    }

    /// The text between `{{` and `}}` of a checked manifest; compiled when it is first used.
    fn later(source: &str) -> Self {
        Self { source: source.to_owned(), code: OnceLock::new(), found: OnceLock::new() }
    }

    /// What the expression reads: for checks, and for the names of a path's holes.
    pub fn found(&self) -> &Found {
        self.found.get_or_init(|| Box::new(found(&self.source).unwrap_or_default()))
    }

    /// The first variable that the expression reads.
    pub fn root(&self) -> Option<&str> {
        match self.code() {
            Ok(Code::Path(path)) => Some(&path.root),
            _ => self.found().names.first().and_then(|name| name.first()).map(String::as_str),
        }
    }

    fn code(&self) -> Result<&Code, ExpressionError> {
        let code = self.code.get_or_init(|| code(&self.source).map(Box::new));
        let failed =
            |reason: &String| ExpressionError { expression: self.source.clone(), reason: reason.clone() };
        code.as_deref().map_err(failed)
    }

    /// The value in a scope; undefined where the data has no such path.
    ///
    /// # Errors
    /// What a filter said of a value that it cannot take. The message holds names and kinds only,
    /// never a value.
    pub fn eval(&self, scope: &Value) -> Result<Value, ExpressionError> {
        let value = match self.code()? {
            Code::Path(path) => return Ok(path.value(scope)),
            Code::Native(native) => native.eval(scope),
            Code::Else(path, expression) => match native::present(path, scope) {
                Some(value) => return Ok(value),
                None => expression.eval(scope.clone()),
            },
            Code::Jinja(expression) => expression.eval(scope.clone()),
        };
        value.map_err(|e| ExpressionError { expression: self.source.clone(), reason: reason(&e) })
    }

    /// The expression as it stands in the manifest.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{{ {} }}}}", self.source)
    }
}

/// A filter could not take a value. Prints the expression and the kind of trouble, never the value.
#[derive(Debug)]
pub struct ExpressionError {
    expression: String,
    reason: String,
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.expression, self.reason)
    }
}

impl std::error::Error for ExpressionError {}

/// minijinja's own details quote values; its kinds do not. Our filters' details do not either.
fn reason(error: &minijinja::Error) -> String {
    use minijinja::ErrorKind;
    match (error.kind(), error.detail()) {
        (ErrorKind::SyntaxError | ErrorKind::InvalidDelimiter, Some(detail)) => detail.to_owned(),
        (ErrorKind::InvalidOperation, Some(detail)) if detail.starts_with(filters::OURS) => {
            detail[filters::OURS.len()..].to_owned()
        }
        (kind, _) => kind.to_string(),
    }
}

fn parse(source: &str) -> Result<Expr<'_>, String> {
    if source.chars().count() > LONGEST {
        let begin: String = source.chars().take(60).collect();
        return Err(format!(
            "the expression `{begin}…` is longer than {LONGEST} characters: name its parts in `const` or in steps"
        ));
    }
    minijinja::machinery::parse_expr(source)
        .map_err(|e| format!("`{source}` is not an expression: {}", reason(&e)))
}

fn code(source: &str) -> Result<Code, String> {
    let parsed = parse(source)?;
    if let Some(path) = Path::of(&parsed) {
        return Ok(Code::Path(path));
    }
    if let Some(native) = Native::of(&parsed) {
        return Ok(Code::Native(native));
    }
    let compiled = ENVIRONMENT
        .compile_expression_owned(operands::marked(source, &parsed))
        .map_err(|e| format!("`{source}` is not an expression: {}", reason(&e)))?;
    Ok(match native::preferred(&parsed) {
        Some(path) => Code::Else(path, compiled),
        None => Code::Jinja(compiled),
    })
}

fn found(source: &str) -> Result<Found, String> {
    let parsed = parse(source)?;
    let mut found = Found::default();
    found.visit(&parsed)?;
    if let Expr::Filter(filter) = &parsed {
        found.last_filter = Some(filter.name.to_owned());
    }
    Ok(found)
}

/// A value as text. Null and undefined have none; `false` prints as such here, because whether it
/// means "nothing" depends on the place (mapping targets decide that, not text).
pub fn as_text(value: &Value) -> Option<String> {
    if value.is_undefined() || value.is_none() {
        return None;
    }
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    // Whole numbers print without a fraction, whatever the CRM's JSON library wrote.
    if let Ok(float) = f64::try_from(value.clone())
        && !value.is_integer()
        && float.fract() == 0.0
        && float.abs() < 9e15
    {
        return Some(format!("{float:.0}"));
    }
    match value.kind() {
        minijinja::value::ValueKind::Seq | minijinja::value::ValueKind::Map
            if value.downcast_object_ref::<TimeValue>().is_none() =>
        {
            serde_json::to_string(value).ok()
        }
        _ => Some(value.to_string()),
    }
}

/// The arguments of a call, whatever their kind.
pub(crate) fn argument<'a, 'b>(argument: &'b CallArg<'a>) -> &'b Expr<'a> {
    match argument {
        CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => e,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minijinja::context;

    fn eval(source: &str) -> Value {
        let row = context! {
            row => context! { name => "Ada", n => 7, list => vec!["a", "b"], odd => context!{ }, no => false },
        };
        Template::compile(source).unwrap().eval(&row).unwrap()
    }

    #[test]
    fn one_expression_keeps_its_type_and_text_is_text() {
        assert_eq!(eval("{{ row.n }}"), Value::from(7));
        assert_eq!(eval("{{ row.n }} of {{ row.name }}"), Value::from("7 of Ada"));
        assert_eq!(eval("plain"), Value::from("plain"));
    }

    #[test]
    fn a_missing_path_is_null_at_any_depth() {
        assert!(eval("{{ row.a.b.c }}").is_undefined());
        assert!(eval("{{ row.no[1] }}").is_undefined());
        assert!(eval("{{ row.no[1].x if true else 1 }}").is_undefined());
        assert_eq!(eval("<{{ row.a.b }}>"), Value::from("<>"));
    }

    #[test]
    fn braces_and_quotes_inside_an_expression_do_not_end_it() {
        assert_eq!(eval("{{ '}}' }}"), Value::from("}}"));
        assert_eq!(eval("{{ {'a': {'b': 1}}.a.b }}"), Value::from(1));
    }

    #[test]
    fn statements_and_unclosed_expressions_are_refused() {
        assert!(Template::compile("{% if x %}").unwrap_err().contains("a if condition else b"));
        assert!(Template::compile("{{ row.id ").unwrap_err().contains("not closed"));
        assert!(Template::compile("{{ row. }}").unwrap_err().contains("row."));
    }

    #[test]
    fn an_expression_that_would_not_fit_on_the_stack_is_refused() {
        let sum = |terms: usize| vec!["1"; terms].join("+");
        assert_eq!(Template::compile(&format!("{{{{ {} }}}}", sum(600))).map(|_| ()), Ok(()));
        let refused = Template::compile(&format!("{{{{ {} }}}}", sum(5_000))).unwrap_err();
        assert!(refused.contains("longer than 1200 characters") && refused.len() < 300, "{refused}");
    }

    #[test]
    fn an_endless_computation_runs_out_of_fuel() {
        let template = Template::compile("{{ ('x' * 100000000) | size }}").unwrap();
        assert!(template.eval(&context! {}).is_err());
    }

    #[test]
    fn plain_paths_do_not_run_the_interpreter() {
        for source in ["row", "row.a.b", "row['a@b.c']", "row.list[0].x"] {
            let expression = Expression::compile(source).unwrap();
            assert!(matches!(expression.code(), Ok(Code::Path(_))), "{source}");
        }
    }

    #[test]
    fn an_error_names_the_expression_but_not_the_value() {
        let scope = context! { row => context! { when => "canary@example.com" } };
        let error = Template::compile("{{ row.when | ts }}").unwrap().eval(&scope);
        let text = error.unwrap_err().to_string();
        assert!(text.contains("row.when | ts") && !text.contains("canary"), "{text}");
    }
}
