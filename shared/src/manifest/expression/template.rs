//! A string of the manifest with its expressions.

use std::cell::Cell;
use std::sync::Arc;

use minijinja::Value;
use serde::de::{self, Deserialize, Deserializer};

use super::{Expression, ExpressionError, as_text};

thread_local! {
    /// Whether templates are being read from a manifest that the build has checked.
    static LATER: Cell<bool> = const { Cell::new(false) };
}

/// Reads templates whose expressions compile when they are first used: a function uses a few of its
/// manifest's expressions in a request, and a faulty one was refused when the build was tested.
pub fn later<T>(read: impl FnOnce() -> T) -> T {
    LATER.set(true);
    let value = read();
    LATER.set(false);
    value
}

/// A string of the manifest: a constant, one expression, or text with holes.
/// A copy shares what was compiled.
#[derive(Clone, Debug)]
pub struct Template {
    source: Arc<str>,
    pieces: Arc<Pieces>,
}

#[derive(Debug)]
enum Pieces {
    Constant(Value),
    Single(Expression),
    Text(Vec<Piece>),
}

/// A part of a text with holes.
#[derive(Debug)]
pub enum Piece {
    /// Text that stands as it is.
    Literal(String),
    /// A hole.
    Hole(Expression),
}

impl Template {
    /// Compiles a string.
    ///
    /// # Errors
    /// A sentence: an expression that is not closed or does not compile, or a Jinja statement.
    pub fn compile(source: &str) -> Result<Self, String> {
        for statement in ["{%", "{#"] {
            if source.contains(statement) {
                return Err(format!(
                    "`{statement}` is not supported: only expressions `{{{{ … }}}}` are; \
                     a choice is written {{{{ a if condition else b }}}}"
                ));
            }
        }
        let mut pieces = Vec::new();
        let mut rest = source;
        while let Some(start) = rest.find("{{") {
            if start > 0 {
                pieces.push(Piece::Literal(rest[..start].to_owned()));
            }
            let inside = &rest[start + 2..];
            let end = closing(inside)
                .ok_or_else(|| "an expression is opened with `{{` but not closed".to_owned())?;
            let hole = inside[..end].trim();
            let checked = LATER.get();
            pieces.push(Piece::Hole(if checked {
                Expression::later(hole)
            } else {
                Expression::compile(hole)?
            }));
            rest = &inside[end + 2..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Literal(rest.to_owned()));
        }
        let pieces = match pieces.len() {
            0 => Pieces::Constant(Value::from("")),
            1 => match pieces.remove(0) {
                Piece::Literal(text) => Pieces::Constant(Value::from(text)),
                Piece::Hole(expression) => Pieces::Single(expression),
            },
            _ => Pieces::Text(pieces),
        };
        Ok(Self { source: source.into(), pieces: Arc::new(pieces) })
    }

    /// The value: typed for one expression, else text in which null is empty.
    ///
    /// # Errors
    /// As [`Expression::eval`].
    pub fn eval(&self, scope: &Value) -> Result<Value, ExpressionError> {
        match &*self.pieces {
            Pieces::Constant(value) => Ok(value.clone()),
            Pieces::Single(expression) => expression.eval(scope),
            Pieces::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Literal(literal) => text.push_str(literal),
                        Piece::Hole(expression) => {
                            if let Some(value) = as_text(&expression.eval(scope)?) {
                                text.push_str(&value);
                            }
                        }
                    }
                }
                Ok(Value::from(text))
            }
        }
    }

    /// Whether an expression reads the variable `name`.
    pub fn uses(&self, name: &str) -> bool {
        let mut names = self.expressions().into_iter().flat_map(|expression| &expression.found().names);
        names.any(|path| path.first().is_some_and(|root| root == name))
    }

    /// The parts, for places that treat holes in their own way (a URL's path).
    pub fn pieces(&self) -> Vec<PieceRef<'_>> {
        match &*self.pieces {
            Pieces::Constant(value) => vec![PieceRef::Literal(value.as_str().unwrap_or(""))],
            Pieces::Single(expression) => vec![PieceRef::Hole(expression)],
            Pieces::Text(pieces) => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => PieceRef::Literal(text),
                    Piece::Hole(expression) => PieceRef::Hole(expression),
                })
                .collect(),
        }
    }

    /// All expressions of the template.
    pub fn expressions(&self) -> Vec<&Expression> {
        self.pieces()
            .into_iter()
            .filter_map(|piece| match piece {
                PieceRef::Hole(expression) => Some(expression),
                PieceRef::Literal(_) => None,
            })
            .collect()
    }

    /// Whether the template is text around at least one hole.
    pub fn is_mixed(&self) -> bool {
        matches!(*self.pieces, Pieces::Text(_))
    }

    /// The value, when the template has no expression.
    pub fn constant(&self) -> Option<&Value> {
        match &*self.pieces {
            Pieces::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The template as it stands in the manifest.
    pub fn source(&self) -> &str {
        &self.source
    }
}

/// A borrowed part of a template.
#[derive(Debug)]
pub enum PieceRef<'a> {
    /// Text that stands as it is.
    Literal(&'a str),
    /// A hole.
    Hole(&'a Expression),
}

/// The end of an expression: the first `}}` outside of quotes and of a map's own braces.
fn closing(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quote, mut depth, mut index) = (None, 0_usize, 0);
    while index < bytes.len() {
        let byte = bytes[index];
        match quote {
            Some(open) => {
                if byte == b'\\' {
                    index += 1;
                } else if byte == open {
                    quote = None;
                }
            }
            None => match byte {
                b'\'' | b'"' => quote = Some(byte),
                b'{' => depth += 1,
                b'}' if depth > 0 => depth -= 1,
                b'}' if bytes.get(index + 1) == Some(&b'}') => return Some(index),
                _ => {}
            },
        }
        index += 1;
    }
    None
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Template::compile(&text).map_err(de::Error::custom),
            scalar
            @ (serde_json::Value::Bool(_) | serde_json::Value::Number(_) | serde_json::Value::Null) => {
                Ok(Template {
                    source: scalar.to_string().into(),
                    pieces: Arc::new(Pieces::Constant(Value::from(minijinja::value::Serde(scalar)))),
                })
            }
            serde_json::Value::Array(_) => Err(de::Error::custom("text is expected here, not a list")),
            serde_json::Value::Object(_) => Err(de::Error::custom(
                "text is expected here, not a map; an expression is put in quotes: \"{{ … }}\"",
            )),
        }
    }
}
