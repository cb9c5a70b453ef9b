//! JSON Schemas of every message and configuration, for the CLI's conformance checks, the
//! documents and the tests. Only with the feature `schema`; no function carries it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::Value;

use super::integration::{ActionConfig, IntegrationConfig};
use super::{
    ActionRequest, ActionResponse, AgentsRequest, AgentsResponse, AuthFields, AuthRequest, AuthResponse,
    ContactsRequest, ContactsResponse, ErrorBody, InteractionsRequest, InteractionsResponse,
};

/// Name and JSON Schema (draft 2020-12) of every type of the contract.
///
/// A request's schema says what Talkdesk sends; what is read is more (contract §11.4, §11.5). An
/// answer's schema says what Talkdesk may be sent: enums are closed, and optional members are
/// left out, never `null`. Unknown members are allowed everywhere (contract §11.34).
#[must_use]
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("auth_request", schema::<AuthRequest>()),
        ("auth_response", schema::<AuthResponse>()),
        ("contacts_request", schema::<ContactsRequest>()),
        ("contacts_response", schema::<ContactsResponse>()),
        ("agents_request", schema::<AgentsRequest>()),
        ("agents_response", schema::<AgentsResponse>()),
        ("interactions_request", schema::<InteractionsRequest>()),
        ("interactions_response", schema::<InteractionsResponse>()),
        ("action_request", schema::<ActionRequest>()),
        ("action_response", schema::<ActionResponse>()),
        ("error", schema::<ErrorBody>()),
        ("integration", schema::<IntegrationConfig>()),
        ("action", schema::<ActionConfig>()),
    ]
}

fn schema<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

impl JsonSchema for AuthFields {
    fn schema_name() -> Cow<'static, str> {
        "AuthFields".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Credentials, by the field names of authentication_configuration.",
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean", "null"] },
        })
    }
}

impl JsonSchema for AuthResponse {
    fn schema_name() -> Cow<'static, str> {
        "AuthResponse".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Declared fields only; Talkdesk stores every one of them.",
            "type": "object",
            "additionalProperties": { "type": ["string", "number", "boolean"] },
        })
    }
}
