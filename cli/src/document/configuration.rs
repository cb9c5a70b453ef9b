//! The configuration JSON of the integration and of its actions (contract §8, §9).

use bridge::contract::Component;
use bridge::contract::integration::{ActionConfig, ActionInput, AuthField, IntegrationConfig};
use bridge::contract::schema::schemas;
use bridge::manifest::Manifest;
use serde_json::Value;

use super::endpoints::Endpoints;

/// Everything that Talkdesk enters on its side.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// The integration.
    pub integration: IntegrationConfig,
    /// Its actions, in the manifest's order.
    pub actions: Vec<ActionConfig>,
}

impl Configuration {
    /// From a manifest, the URLs of its deployment, and the integration's name at Talkdesk.
    pub fn new(manifest: &Manifest, endpoints: &Endpoints, name: &str) -> Self {
        let document = manifest.document();
        let section = &document.integration;
        let url = |component| endpoints.get(component).map(str::to_owned);
        let fields = section.authentication.iter().map(|(name, field)| AuthField {
            field_name: name.clone(),
            source: field.source,
            display: field.display.clone(),
            mandatory: field.mandatory,
            r#type: field.r#type,
            store: field.store,
            help: field.help.clone(),
            format: field.format.clone(),
        });
        let integration = IntegrationConfig {
            name: name.to_owned(),
            display_name: section.display_name.clone(),
            description: section.description.clone(),
            logo_url: section.logo_url.clone(),
            icon_url: section.icon_url.clone(),
            authentication_type: section.authentication_type,
            authentication_configuration: fields.collect(),
            auth_validation_endpoint: url(Component::AuthValidation),
            contact_synchronization_endpoint: url(Component::Contacts),
            interaction_retrieval_endpoint: url(Component::Interactions),
            agent_synchronization_endpoint: url(Component::Agents),
            interaction_types: document
                .interactions
                .as_ref()
                .map(|i| i.types.keys().cloned().collect())
                .unwrap_or_default(),
        };
        let actions = document.actions.iter().map(|(action_name, action)| ActionConfig {
            provider: name.to_owned(),
            name: action_name.clone(),
            display: action.display.clone(),
            description: action.description.clone(),
            endpoint: endpoints.action(action_name),
            inputs: action
                .input
                .iter()
                .map(|(key, input)| ActionInput {
                    key: key.clone(),
                    name: input.name.clone(),
                    mandatory: input.mandatory,
                    r#type: input.r#type.clone(),
                    format: input.format.clone(),
                    default: input.default.clone(),
                })
                .collect(),
        });
        Self { integration, actions: actions.collect() }
    }

    /// File names and JSON of everything, each checked against the contract's schema.
    ///
    /// # Errors
    /// What does not fit its schema; a mistake of ours or a manifest that is empty in places.
    pub fn files(&self) -> Result<Vec<(String, String)>, String> {
        let mut files = vec![
            ("integration.json".to_owned(), "integration", self.integration.to_old_form()),
            ("integration.new.json".to_owned(), "integration", self.integration.to_new_form()),
        ];
        for action in &self.actions {
            let json = serde_json::to_value(action).map_err(|e| e.to_string())?;
            files.push((action_file(&action.name), "action", json));
        }
        files
            .into_iter()
            .map(|(file, schema, json)| {
                let wrong = problems(schema, &json)?;
                if wrong.is_empty() {
                    return Ok((file, pretty(&json)));
                }
                Err(format!("{file} does not fit the contract's schema:\n  {}", wrong.join("\n  ")))
            })
            .collect()
    }
}

/// The file of an action; names are paths of URLs, too, so only plain characters stay.
pub fn action_file(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    format!("actions/{}.json", name.chars().map(plain).collect::<String>())
}

/// What of a value does not fit one of the contract's schemas.
///
/// # Errors
/// A schema that does not exist or cannot be used.
pub fn problems(schema: &str, value: &Value) -> Result<Vec<String>, String> {
    let known = schemas();
    let (_, schema) = known.iter().find(|(name, _)| *name == schema).ok_or("there is no such schema")?;
    let validator = jsonschema::validator_for(schema).map_err(|e| e.to_string())?;
    Ok(validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect())
}

/// JSON for people, with a line break at the end.
pub fn pretty(value: &Value) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    format!("{text}\n")
}
