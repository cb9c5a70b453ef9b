//! The reference of the manifest language and the schemas for editors, made from the types.
//!
//! Names, types, defaults and choices come from the JSON Schema of `bridge::manifest::model`, texts
//! from the comments there, the names that templates know from `bridge::manifest::PLACES`. Only the
//! examples are written by hand, in `reference/examples.yaml`.

use std::collections::BTreeMap;

use serde_json::Value;

mod page;
mod schema;
mod types;

pub use page::{fixtures, page};
pub use schema::{fixture_schema, manifest_schema, plain_fixture_schema, plain_schema};
pub use types::{Key, TypeDoc, types};

const EXAMPLES: &str = include_str!("reference/examples.yaml");

/// The examples by `Type.key`: each is a file that can be laid over `manifests/demo`.
///
/// # Errors
/// When `examples.yaml` cannot be read.
pub fn examples() -> Result<BTreeMap<String, String>, String> {
    serde_saphyr::from_str(EXAMPLES).map_err(|e| format!("cli/src/reference/examples.yaml: {e}"))
}

/// The definition that a schema refers to, by its name.
fn referred(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref").and_then(Value::as_str);
    let inside = || schema.get("allOf")?.get(0)?.get("$ref")?.as_str();
    direct.or_else(inside)?.strip_prefix("#/definitions/")
}
