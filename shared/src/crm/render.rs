//! Templates and trees of the manifest as text and JSON, with the names of a request.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE;
use minijinja::Value;
use minijinja::value::ValueKind;
use percent_encoding::utf8_percent_encode;
use serde_json::Value as Json;

use super::Scope;
use crate::error::{Class, Failure};
use crate::manifest::expression::{ExpressionError, PieceRef, STRICT, Template, as_text, is_empty};
use crate::manifest::model::Tree;

/// What a place asks for that its data cannot give.
pub fn unbuildable(error: &ExpressionError) -> Failure {
    unfit(format!("the request cannot be built: {error}"))
}

/// Nothing was sent, so the CRM refused nothing.
pub fn unfit(detail: String) -> Failure {
    Failure::new(Class::BadRequest, detail).with_message("A value does not fit what the CRM's request needs.")
}

pub(super) fn text_of(template: &Template, names: &Value) -> Result<String, Failure> {
    let value = template.eval(names).map_err(|e| unbuildable(&e))?;
    Ok(as_text(&value).unwrap_or_default())
}

/// Whether a text around holes has nothing in any of them: `Bearer ` without a token is not a header,
/// and the call that gets the token has none yet.
pub(super) fn hollow(template: &Template, names: &Value) -> bool {
    template.is_mixed()
        && template.expressions().into_iter().all(|hole| hole.eval(names).is_ok_and(|v| is_empty(&v)))
}

/// Every hole of a path is one encoded piece; it can neither add a segment nor climb.
pub(super) fn render_path(template: &Template, names: &Value) -> Result<String, Failure> {
    let mut path = String::new();
    for piece in template.pieces() {
        match piece {
            PieceRef::Literal(text) => path.push_str(text),
            PieceRef::Hole(expression) => {
                let value = expression.eval(names).map_err(|e| unbuildable(&e))?;
                let text = as_text(&value).unwrap_or_default();
                if text.is_empty() || text == "." || text == ".." {
                    let detail = format!("`{}` is empty or not fit for a path", expression.source());
                    return Err(Failure::new(Class::NotFound, detail));
                }
                path.push_str(&utf8_percent_encode(&text, STRICT).to_string());
            }
        }
    }
    Ok(path)
}

/// The values of one query parameter: none for null, several for a list, JSON for a map.
pub(super) fn parameters(tree: &Tree, names: &Value) -> Result<Vec<String>, ExpressionError> {
    let Some(value) = json(tree, names)? else { return Ok(Vec::new()) };
    Ok(match value {
        Json::Null => Vec::new(),
        Json::Array(items) => items.iter().filter(|i| !i.is_null()).map(plain_text).collect(),
        other => vec![plain_text(&other)],
    })
}

pub(super) fn plain_text(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The body of which nothing is left.
pub(super) fn nothing(tree: &Tree) -> Json {
    match tree {
        Tree::Map(_) => Json::Object(serde_json::Map::new()),
        _ => Json::Null,
    }
}

/// Renders a tree. `None` means that an expression was null, or every value of a map: the key that holds
/// it falls away.
pub fn json(tree: &Tree, names: &Value) -> Result<Option<Json>, ExpressionError> {
    match tree {
        Tree::Leaf(template) => {
            let value = template.eval(names)?;
            let absent = value.is_undefined() || value.is_none();
            if absent {
                // A literal null of the manifest is meant; an expression's is an absence.
                return Ok(template.constant().map(|_| Json::Null));
            }
            Ok(Some(to_json(&value)))
        }
        Tree::List(items) => {
            let mut list = Vec::new();
            for item in items {
                list.extend(json(item, names)?);
            }
            Ok(Some(Json::Array(list)))
        }
        Tree::Map(entries) => {
            let mut map = serde_json::Map::new();
            for (key, value) in entries {
                // A member without a name falls away as one without a value does.
                let key = as_text(&key.eval(names)?);
                if let (Some(key), Some(value)) = (key, json(value, names)?) {
                    map.insert(key, value);
                }
            }
            // What a map has to say may be missing altogether: then so is the map.
            Ok((entries.is_empty() || !map.is_empty()).then_some(Json::Object(map)))
        }
        Tree::Json(inner) => Ok(json(inner, names)?.map(|value| Json::String(value.to_string()))),
        Tree::Base64Url(inner) => {
            Ok(json(inner, names)?.map(|value| Json::String(URL_SAFE.encode(plain_text(&value)))))
        }
        Tree::Each { list, name, value } => {
            let members = list.eval(names)?;
            let mut items = Vec::new();
            if members.kind() == ValueKind::Seq
                && let Ok(members) = members.try_iter()
            {
                for member in members {
                    let inner = inherit(names).with(name.clone(), member).value();
                    items.extend(json(value, &inner)?);
                }
            }
            Ok(Some(Json::Array(items)))
        }
    }
}

/// A scope value as a scope again, to add names to it.
pub(super) fn inherit(names: &Value) -> Scope {
    names.downcast_object_ref::<Scope>().cloned().unwrap_or_default()
}

fn to_json(value: &Value) -> Json {
    if value.kind() == ValueKind::Plain {
        return Json::String(value.to_string());
    }
    serde_json::to_value(value).unwrap_or(Json::Null)
}
