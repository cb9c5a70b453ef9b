//! The reference of the manifest language and the schemas for editors, made from the types.
//!
//! Names, types, defaults and choices come from the JSON Schema of `bridge::manifest::model`, texts
//! from the comments there, the names that templates know from `bridge::manifest::PLACES`. Only the
//! examples are written by hand, in `reference/examples.yaml`.

use std::collections::BTreeMap;

use bridge::manifest::model::Ordered;
use serde::Deserialize;
use serde_json::Value;

mod page;
mod schema;
mod types;

pub use page::{STANDARD_EXAMPLE, fixtures, page};
pub use schema::{fixture_schema, manifest_schema, overlay_schema, plain_fixture_schema, plain_schema};
pub use types::{Key, TypeDoc, types};

const EXAMPLES: &str = include_str!("reference/examples.yaml");

/// What an action or an input is that a manifest only names.
#[derive(Debug, Default, Deserialize)]
pub struct Standard {
    /// The actions by name.
    pub actions: Ordered<StandardAction>,
    /// Groups of inputs that a list may name at once.
    pub groups: Ordered<Vec<String>>,
    /// The inputs by name, each as a manifest would write it.
    pub inputs: Ordered<Value>,
}

/// What a standard action brings.
#[derive(Debug, Deserialize)]
pub struct StandardAction {
    /// Its title.
    pub display: String,
    /// Its sentence, with `{crm}` for the CRM's name.
    pub description: String,
    /// The names of its inputs.
    pub input: Vec<String>,
}

/// The standard actions and inputs; a test holds that they can be read.
#[must_use]
pub fn standard() -> Standard {
    serde_saphyr::from_str(bridge::manifest::STANDARD).unwrap_or_default()
}

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
