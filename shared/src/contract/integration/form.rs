//! Writes an integration's configuration in both of Talkdesk's forms, and reads either.

use serde_json::{Map, Value, json};

use super::super::ContractError;
use super::super::read::Fields;
use super::{AuthField, AuthenticationType, FieldType, IntegrationConfig, Source};

impl IntegrationConfig {
    /// The JSON of Talkdesk's old documents: fields as one-key hashes, with `source`.
    ///
    /// Endpoints that are off, empty lists, and absent `help` and `format` are left out.
    #[must_use]
    pub fn to_old_form(&self) -> Value {
        self.write(|field| {
            let mut attributes = Map::new();
            attributes.insert("source".to_owned(), field.source.as_str().into());
            attributes.extend(field.common_attributes());
            json!({ field.field_name.as_str(): attributes })
        })
    }

    /// The same in the new documents' form: every field has a `field_name` and no `source`.
    #[must_use]
    pub fn to_new_form(&self) -> Value {
        self.write(|field| {
            let mut attributes = Map::new();
            attributes.insert("field_name".to_owned(), field.field_name.as_str().into());
            attributes.extend(field.common_attributes());
            Value::Object(attributes)
        })
    }

    fn write(&self, field: impl Fn(&AuthField) -> Value) -> Value {
        let mut document = Map::new();
        let mut put = |key: &str, value: Value| document.insert(key.to_owned(), value);
        put("name", self.name.as_str().into());
        put("display_name", self.display_name.as_str().into());
        put("description", self.description.as_str().into());
        put("logo_url", self.logo_url.as_str().into());
        put("icon_url", self.icon_url.as_str().into());
        put("authentication_type", self.authentication_type.as_str().into());
        if !self.authentication_configuration.is_empty() {
            let fields = self.authentication_configuration.iter().map(field).collect();
            put("authentication_configuration", Value::Array(fields));
        }
        for (key, url) in [
            ("auth_validation_endpoint", &self.auth_validation_endpoint),
            ("contact_synchronization_endpoint", &self.contact_synchronization_endpoint),
            ("interaction_retrieval_endpoint", &self.interaction_retrieval_endpoint),
            ("agent_synchronization_endpoint", &self.agent_synchronization_endpoint),
        ] {
            if let Some(url) = url {
                put(key, url.as_str().into());
            }
        }
        if !self.interaction_types.is_empty() {
            put("interaction_types", json!(self.interaction_types));
        }
        Value::Object(document)
    }

    /// Reads a configuration in either form, even one that mixes them.
    ///
    /// Unknown keys are ignored, `null` and `""` are absent; an error names the key.
    pub fn from_json(document: &Value) -> Result<Self, ContractError> {
        let Value::Object(members) = document else {
            return Err(ContractError::new("", "a JSON object"));
        };
        let mut document = Fields::new(String::new(), members.clone());
        let authentication_type = choice(
            &mut document,
            "authentication_type",
            AuthenticationType::parse,
            &AuthenticationType::choices(),
        )?;
        let elements = match document.take("authentication_configuration") {
            None => Vec::new(),
            Some(Value::Array(elements)) => elements,
            Some(_) => return Err(document.error("authentication_configuration", "an array")),
        };
        let fields = elements.into_iter().enumerate().map(|(i, element)| {
            AuthField::from_element(format!("authentication_configuration[{i}]"), element)
        });
        Ok(Self {
            name: required(&mut document, "name")?,
            display_name: required(&mut document, "display_name")?,
            description: required(&mut document, "description")?,
            logo_url: required(&mut document, "logo_url")?,
            icon_url: required(&mut document, "icon_url")?,
            authentication_type,
            authentication_configuration: fields.collect::<Result<_, _>>()?,
            auth_validation_endpoint: document.text("auth_validation_endpoint")?,
            contact_synchronization_endpoint: document.text("contact_synchronization_endpoint")?,
            interaction_retrieval_endpoint: document.text("interaction_retrieval_endpoint")?,
            agent_synchronization_endpoint: document.text("agent_synchronization_endpoint")?,
            interaction_types: document.list("interaction_types", usize::MAX)?.unwrap_or_default(),
        })
    }
}

impl AuthField {
    fn common_attributes(&self) -> Map<String, Value> {
        let mut attributes = Map::new();
        let mut put = |key: &str, value: Value| attributes.insert(key.to_owned(), value);
        put("display", self.display.as_str().into());
        put("mandatory", self.mandatory.into());
        put("type", self.r#type.as_str().into());
        put("store", self.store.into());
        for (key, text) in [("help", &self.help), ("format", &self.format)] {
            if let Some(text) = text {
                put(key, text.as_str().into());
            }
        }
        attributes
    }

    /// Reads `{"field_name": "account", …}` or `{"account": {…}}`.
    fn from_element(path: String, element: Value) -> Result<Self, ContractError> {
        const ELEMENT: &str = "an object with field_name, or with one key that is the field's name";
        let Value::Object(mut members) = element else {
            return Err(ContractError::new(path, ELEMENT));
        };
        let (field_name, mut attributes) = if members.len() == 1
            && let Some((name, Value::Object(attributes))) = members.iter_mut().next()
        {
            let path = format!("{path}.{name}");
            (name.clone(), Fields::new(path, std::mem::take(attributes)))
        } else {
            let mut fields = Fields::new(path.clone(), members);
            match fields.text("field_name")? {
                Some(name) => (name, fields),
                None => return Err(ContractError::new(path, ELEMENT)),
            }
        };
        let source = match attributes.text("source")? {
            None => Source::default(),
            Some(text) => {
                Source::parse(&text).ok_or_else(|| attributes.error("source", one_of(&Source::choices())))?
            }
        };
        Ok(Self {
            field_name,
            source,
            display: required(&mut attributes, "display")?,
            mandatory: flag(&mut attributes, "mandatory")?,
            r#type: choice(&mut attributes, "type", FieldType::parse, &FieldType::choices())?,
            store: flag(&mut attributes, "store")?,
            help: attributes.text("help")?,
            format: attributes.text("format")?,
        })
    }
}

fn required(fields: &mut Fields, name: &str) -> Result<String, ContractError> {
    match fields.text(name)? {
        Some(text) => Ok(text),
        None => Err(fields.error(name, "a string that is not empty")),
    }
}

fn flag(fields: &mut Fields, name: &str) -> Result<bool, ContractError> {
    match fields.take(name) {
        Some(Value::Bool(flag)) => Ok(flag),
        _ => Err(fields.error(name, "true or false")),
    }
}

fn choice<T>(
    fields: &mut Fields,
    name: &str,
    parse: impl Fn(&str) -> Option<T>,
    choices: &str,
) -> Result<T, ContractError> {
    let value = required(fields, name)?;
    parse(&value).ok_or_else(|| fields.error(name, one_of(choices)))
}

fn one_of(choices: &str) -> String {
    format!("one of {choices}")
}

/// Either form of an element; derived types cannot say "one key of any name".
#[cfg(feature = "schema")]
pub(super) fn authentication_configuration_schema(
    generator: &mut schemars::SchemaGenerator,
) -> schemars::Schema {
    let source = generator.subschema_for::<Source>();
    let kind = generator.subschema_for::<FieldType>();
    let new_form = generator.subschema_for::<AuthField>();
    let optional_text = json!({ "type": ["string", "null"] });
    schemars::json_schema!({
        "type": "array",
        "items": { "anyOf": [new_form, {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "source": source, "display": { "type": "string" },
                    "mandatory": { "type": "boolean" }, "type": kind, "store": { "type": "boolean" },
                    "help": optional_text, "format": optional_text,
                },
                "required": ["display", "mandatory", "type", "store"],
            },
        }] },
    })
}
