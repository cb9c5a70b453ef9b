//! The JSON Schema of a manifest, for editors and for the reference. Only with the feature `schema`;
//! no function carries it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{Document, Lines, Method, OnError, OneOrMany, Optional, Span, Tree, Unused};
use crate::manifest::expression::Template;

/// The JSON Schema (draft 7, which editors for YAML know) of `manifest.yaml`.
#[must_use]
pub fn schema() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<Document>().to_value()
}

macro_rules! schema_of {
    ($type:ty, $name:literal, $generator:pat => $schema:expr) => {
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema_of!(Template, "Template", _ => json_schema!({
    "description": "A constant, one expression `{{ … }}` that keeps its type, or text with expressions in it.",
    "type": ["string", "number", "boolean", "null"],
}));

schema_of!(Tree, "Tree", _ => json_schema!({
    "description": "JSON with templates as values. `$json`: the content as JSON text. `$base64url`: the \
        content in base64 for URLs. `$each` with `$as` and `$value`: one value per member of a list.",
}));

schema_of!(Lines, "Lines", generator => {
    let one = generator.subschema_for::<Template>();
    json_schema!({
        "description": "One template that gives a text or a list, or a list of templates.",
        "anyOf": [one, {"type": "array", "items": one}],
    })
});

schema_of!(Span, "Span", _ => json_schema!({
    "description": "A span of time in ISO 8601: `PT5M`, `PT0.001S`, `P1D`; no months or years.",
    "type": "string",
    "pattern": "^P(\\d+(\\.\\d+)?D)?(T(\\d+(\\.\\d+)?H)?(\\d+(\\.\\d+)?M)?(\\d+(\\.\\d+)?S)?)?$",
}));

schema_of!(OneOrMany, "Statuses", generator => {
    let one = generator.subschema_for::<u16>();
    json_schema!({"description": "One status, or a list.", "anyOf": [one, {"type": "array", "items": one}]})
});

schema_of!(Optional, "Optional", generator => {
    let template = generator.subschema_for::<Template>();
    json_schema!({
        "description": "What follows \"without the\", or a map of `name` and `instead`.",
        "anyOf": [
            {"type": "string"},
            {
                "type": "object",
                "properties": {"name": {"type": "string"}, "instead": template},
                "required": ["name"],
                "additionalProperties": false,
            },
        ],
    })
});

schema_of!(Unused, "Unused", _ => json_schema!({"not": {}}));

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("PT{}S", self.0.as_secs_f64()))
    }
}

impl Serialize for Method {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl Serialize for OnError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            OnError::Fail => "fail",
            OnError::Warn => "warn",
        })
    }
}
