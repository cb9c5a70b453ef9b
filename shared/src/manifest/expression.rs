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
use minijinja::syntax::SyntaxConfig;
use minijinja::value::ValueKind;
use minijinja::{Environment, UndefinedBehavior, Value};

use super::named::LONGEST;

mod arguments;
mod filters;
mod list;
mod marked;
mod names;
mod native;
mod number;
mod operands;
mod path;
mod quote;
mod template;
mod text;
mod values;
mod when;

use native::Native;
use path::Path;

pub use filters::{FILTERS, FUNCTIONS, FilterDoc, QUOTING};
pub use names::Found;
pub use number::PhoneValue;
pub use operands::{LOOK_UP, WHERE};
pub use quote::STRICT;
pub use template::{Piece, PieceRef, Template, later};
pub use text::{html_to_text, is_email};
pub use values::is_empty;
pub use when::{TimeValue, read as read_time};

/// Expressions may not work longer than this (minijinja's unit: about one instruction each).
const FUEL: u64 = 200_000;

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
        whole(source)?;
        let (code, found) = (code(source)?, found(source, Found::judging())?);
        Ok(Self { source: source.to_owned(), code: Ok(Box::new(code)).into(), found: Box::new(found).into() })
    }

    /// The text between `{{` and `}}` of a checked manifest; compiled when it is first used.
    fn later(source: &str) -> Self {
        Self { source: source.to_owned(), code: OnceLock::new(), found: OnceLock::new() }
    }

    /// What the expression reads: for checks, and for the names of a path's holes.
    pub fn found(&self) -> &Found {
        self.found.get_or_init(|| Box::new(found(&self.source, Found::default()).unwrap_or_default()))
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
        (ErrorKind::InvalidOperation, Some(detail)) if detail.starts_with(values::OURS) => {
            detail[values::OURS.len()..].to_owned()
        }
        (ErrorKind::InvalidOperation, _) => {
            "invalid operation: a value is missing, or not of a kind that the operator or filter takes"
                .to_owned()
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
    minijinja::machinery::parse_expr(source).map_err(|error| not_one(source, &error))
}

/// Refuses signs that no expression has. minijinja's parser (3.1.0) takes the first of them for the end where a
/// text in quotes stands before it: `'a' && row.b` would be `'a'`.
fn whole(source: &str) -> Result<(), String> {
    match minijinja::machinery::tokenize(source, true, SyntaxConfig::default()).find_map(Result::err) {
        Some(error) => Err(not_one(source, &error)),
        None => Ok(()),
    }
}

fn not_one(source: &str, error: &minijinja::Error) -> String {
    format!("`{source}` is not an expression: {}", reason(error))
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
        .compile_expression_owned(marked::marked(&parsed).unwrap_or_else(|| source.to_owned()))
        .map_err(|error| not_one(source, &error))?;
    Ok(match native::preferred(&parsed) {
        Some(path) => Code::Else(path, compiled),
        None => Code::Jinja(compiled),
    })
}

fn found(source: &str, mut found: Found) -> Result<Found, String> {
    let parsed = parse(source)?;
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
        ValueKind::Seq | ValueKind::Map if value.downcast_object_ref::<TimeValue>().is_none() => {
            serde_json::to_string(value).ok()
        }
        // minijinja prints `True`, as Python does; no CRM's API has that word.
        ValueKind::Bool => Some(value.is_true().to_string()),
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
#[path = "expression/tests.rs"]
mod tests;
