//! Every JSON example of Talkdesk's documents: it is read, it is produced again, and it fits the
//! JSON Schema of its type (with the feature `schema`).

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test")]

use std::path::PathBuf;

use bridge::contract::integration::{ActionConfig, IntegrationConfig};
use bridge::contract::{
    ActionRequest, ActionResponse, AgentsRequest, AgentsResponse, AuthRequest, AuthResponse, ContactsRequest,
    ContactsResponse, InteractionsRequest, InteractionsResponse, TalkdeskRequest,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/contract")
}

fn fixture(name: &str) -> Value {
    let path = folder().join(format!("{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Reads the request and writes it again.
fn request<T: TalkdeskRequest>(example: &Value) -> Value {
    T::parse(example.to_string().as_bytes()).unwrap().expose_json()
}

/// Reads the answer and writes it again.
fn answer<T: DeserializeOwned + Serialize>(example: &Value) -> Value {
    serde_json::to_value(serde_json::from_value::<T>(example.clone()).unwrap()).unwrap()
}

/// The schema's name, the fixture's name, and what becomes of the example.
type Example = (&'static str, &'static str, fn(&Value) -> Value);

const EXAMPLES: &[Example] = &[
    ("auth_request", "auth_request", request::<AuthRequest>),
    ("auth_response", "auth_response_empty", answer::<AuthResponse>),
    ("auth_response", "auth_response_value", answer::<AuthResponse>),
    ("contacts_request", "contacts_request", request::<ContactsRequest>),
    ("contacts_response", "contacts_response", answer::<ContactsResponse>),
    ("agents_request", "agents_request", request::<AgentsRequest>),
    ("agents_response", "agents_response", answer::<AgentsResponse>),
    ("interactions_request", "interactions_request", request::<InteractionsRequest>),
    ("interactions_response", "interactions_response", answer::<InteractionsResponse>),
    ("action_request", "action_request", request::<ActionRequest>),
    ("action_response", "action_response_case", answer::<ActionResponse>),
    ("action_response", "action_response_contact", answer::<ActionResponse>),
    ("integration", "integration_old_form", |example| {
        IntegrationConfig::from_json(example).unwrap().to_old_form()
    }),
    ("integration", "integration_field_new_form", |example| {
        IntegrationConfig::from_json(&in_an_integration(example))
            .unwrap()
            .to_new_form()["authentication_configuration"][0]
            .take()
    }),
    ("action", "action_config", answer::<ActionConfig>),
];

/// The new documents' example is a single field: it gets an integration around it.
fn in_an_integration(field: &Value) -> Value {
    let mut document = fixture("integration_old_form");
    document["authentication_configuration"] = json!([field]);
    document
}

/// What we write differently on purpose: no `context` (contract §11.7), and three lists that
/// are always there (contract §11.13).
fn as_we_write_it(mut example: Value) -> Value {
    for place in ["", "/meta"] {
        if let Some(members) = example.pointer_mut(place).and_then(Value::as_object_mut) {
            members.remove("context");
        }
    }
    for contact in example.get_mut("contacts").and_then(Value::as_array_mut).into_iter().flatten() {
        for list in ["emails", "phones", "websites"] {
            if contact.get(list).is_none() {
                contact[list] = json!([]);
            }
        }
    }
    example
}

#[test]
fn every_example_is_read_and_produced_again() {
    for (_, name, again) in EXAMPLES {
        let example = fixture(name);
        assert_eq!(again(&example), as_we_write_it(example), "{name}");
    }
}

#[test]
fn every_fixture_is_an_example() {
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let mut names: Vec<_> = EXAMPLES.iter().map(|(_, name, _)| format!("{name}.json")).collect();
    names.sort();
    assert_eq!(files, names);
}

#[cfg(feature = "schema")]
mod schema {
    use super::*;

    fn validator(name: &str) -> jsonschema::Validator {
        let schemas = bridge::contract::schema::schemas();
        let (_, schema) = schemas.iter().find(|(n, _)| *n == name).unwrap();
        jsonschema::options().build(schema).unwrap()
    }

    fn assert_valid(schema: &str, document: &Value) {
        let errors: Vec<_> =
            validator(schema).iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{schema}: {errors:?}\n{document:#}");
    }

    #[test]
    fn every_example_and_what_we_make_of_it_fits_its_schema() {
        for (schema, name, again) in EXAMPLES {
            let example = fixture(name);
            if *name == "integration_field_new_form" {
                let document = in_an_integration(&example);
                let read = IntegrationConfig::from_json(&document).unwrap();
                assert_valid(schema, &document);
                assert_valid(schema, &read.to_new_form());
            } else {
                assert_valid(schema, &again(&example));
                assert_valid(schema, &example);
            }
        }
    }

    #[test]
    fn schemas_are_closed_where_talkdesk_closed_a_list_and_forbid_null() {
        let wrong = |schema: &str, name: &str, pointer: &str, value: Value| {
            let mut document = fixture(name);
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            document.pointer_mut(parent).unwrap()[key] = value.clone();
            assert!(!validator(schema).is_valid(&document), "{name}{pointer} = {value}");
        };
        wrong("contacts_response", "contacts_response", "/next_offset", Value::Null);
        wrong("contacts_response", "contacts_response", "/next_offset", json!(""));
        wrong("contacts_response", "contacts_response", "/next_offset", json!(3));
        wrong("contacts_response", "contacts_response", "/synchronization_checkpoint", Value::Null);
        let contact = fixture("contacts_response")["contacts"][0].clone();
        for (key, value) in [
            ("id", json!(1)),
            ("id", Value::Null),
            ("name", json!("")),
            ("phones", json!("+15555555555")),
            ("emails", json!([null])),
            ("company", Value::Null),
        ] {
            let mut contact = contact.clone();
            contact[key] = value;
            wrong("contacts_response", "contacts_response", "/contacts", json!([contact]));
        }
        wrong("agents_response", "agents_response", "/next_offset", json!("5"));
        wrong("agents_response", "agents_response", "/next_offset", Value::Null);
        wrong("agents_response", "agents_response", "/agents", json!([{ "id": "1", "name": "J" }]));
        let interaction = fixture("interactions_response")[0].clone();
        for (key, value) in [
            ("priority", json!("highest")),
            ("status", json!("done")),
            ("status", Value::Null),
            ("date", json!("2012-11-21T17:53:51Z")),
            ("id", json!(23)),
        ] {
            let mut interaction = interaction.clone();
            interaction[key] = value;
            assert!(!validator("interactions_response").is_valid(&json!([interaction])), "{key}");
        }
        let wrapped = json!({ "interactions": [interaction] });
        assert!(!validator("interactions_response").is_valid(&wrapped));
        wrong("integration", "integration_old_form", "/authentication_type", json!("basic"));
        let two_keys = json!([{ "a": {}, "b": {} }]);
        wrong("integration", "integration_old_form", "/authentication_configuration", two_keys);
        wrong("auth_response", "auth_response_value", "/bridge_token", json!({}));
    }

    #[test]
    fn unknown_members_fit_every_schema() {
        for (schema, name, _) in EXAMPLES {
            let mut document = fixture(name);
            if *name != "integration_field_new_form" && document.is_object() {
                document["new"] = json!("member");
                assert_valid(schema, &document);
            }
        }
    }
}
