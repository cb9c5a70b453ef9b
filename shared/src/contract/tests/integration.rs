//! The configuration's two forms.

use serde_json::{Value, json};

use super::super::integration::*;

fn config() -> IntegrationConfig {
    let field = |name: &str, source| AuthField {
        field_name: name.to_owned(),
        source,
        display: name.to_uppercase(),
        mandatory: true,
        r#type: FieldType::Input,
        store: true,
        help: None,
        format: Some("https://{{account}}.example.org".to_owned()),
    };
    IntegrationConfig {
        name: "mycrm".to_owned(),
        display_name: "My CRM".to_owned(),
        description: "d".to_owned(),
        logo_url: "l".to_owned(),
        icon_url: "i".to_owned(),
        authentication_type: AuthenticationType::Custom,
        authentication_configuration: vec![
            field("account", Source::Input),
            field("bridge_token", Source::AuthValidation),
        ],
        auth_validation_endpoint: Some("https://b/auth_validation".to_owned()),
        contact_synchronization_endpoint: None,
        interaction_retrieval_endpoint: None,
        agent_synchronization_endpoint: None,
        interaction_types: vec![],
    }
}

fn error_path(document: &Value) -> String {
    IntegrationConfig::from_json(document).unwrap_err().path
}

#[test]
fn the_old_form_has_one_key_hashes_with_source_and_reads_back_the_same() {
    let written = config().to_old_form();
    let field = json!({ "account": { "source": "input", "display": "ACCOUNT", "mandatory": true,
        "type": "input", "store": true, "format": "https://{{account}}.example.org" } });
    assert_eq!(written["authentication_configuration"][0], field);
    assert_eq!(IntegrationConfig::from_json(&written).unwrap(), config());
}

#[test]
fn the_new_form_has_field_names_and_no_source() {
    let written = config().to_new_form();
    let field = json!({ "field_name": "account", "display": "ACCOUNT", "mandatory": true,
        "type": "input", "store": true, "format": "https://{{account}}.example.org" });
    assert_eq!(written["authentication_configuration"][0], field);
    let mut read = IntegrationConfig::from_json(&written).unwrap();
    assert_eq!(read.authentication_configuration[1].source, Source::Input);
    read.authentication_configuration[1].source = Source::AuthValidation;
    assert_eq!(read, config());
}

#[test]
fn what_is_off_or_empty_is_left_out() {
    let mut config = config();
    config.authentication_configuration.clear();
    let written = config.to_old_form();
    let keys: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "name",
            "display_name",
            "description",
            "logo_url",
            "icon_url",
            "authentication_type",
            "auth_validation_endpoint",
        ]
    );
    assert_eq!(IntegrationConfig::from_json(&written).unwrap(), config);
}

#[test]
fn null_empty_and_unknown_members_are_read_as_absent() {
    let mut written = config().to_old_form();
    written["authentication_configuration"][0]["account"]["help"] = Value::Null;
    written["authentication_configuration"][0]["account"]["new"] = json!([]);
    written["contact_synchronization_endpoint"] = Value::Null;
    written["interaction_retrieval_endpoint"] = json!("");
    written["interaction_types"] = Value::Null;
    written["new"] = json!({});
    assert_eq!(IntegrationConfig::from_json(&written).unwrap(), config());
}

#[test]
fn a_fault_is_named_by_its_path_and_the_choices() {
    assert_eq!(error_path(&json!([])), "");
    let mut document = config().to_old_form();
    document["authentication_type"] = json!("oauth3");
    let error = IntegrationConfig::from_json(&document).unwrap_err();
    assert_eq!(
        error.to_string(),
        "authentication_type: expected one of none, custom, oauth2, oauth2_password, oauth2_client_credentials"
    );
    document = config().to_old_form();
    document["authentication_configuration"][1]["bridge_token"]["source"] = json!("x");
    assert_eq!(error_path(&document), "authentication_configuration[1].bridge_token.source");
    document["authentication_configuration"] = json!([{ "field_name": "a", "display": "A" }]);
    assert_eq!(error_path(&document), "authentication_configuration[0].mandatory");
    for element in
        [json!("account"), json!({}), json!({ "display": "A", "store": true }), json!({ "account": 1 })]
    {
        document["authentication_configuration"] = json!([element]);
        assert_eq!(error_path(&document), "authentication_configuration[0]");
    }
    document = config().to_new_form();
    document["name"] = json!("");
    assert_eq!(error_path(&document), "name");
}

#[test]
fn only_the_oauth2_types_have_tokens_to_refresh() {
    let oauth2: Vec<_> =
        AuthenticationType::ALL.iter().filter(|t| t.is_oauth2()).map(|t| t.as_str()).collect();
    assert_eq!(oauth2, ["oauth2", "oauth2_password", "oauth2_client_credentials"]);
}
