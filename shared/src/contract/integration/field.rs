//! One element of `authentication_configuration`.

use super::super::closed::closed_enum;

closed_enum! {
    /// Where a field's value comes from (contract §8).
    #[derive(Default)]
    Source {
        /// The user types it.
        #[default]
        Input => "input",
        /// It has a fixed value.
        Default => "default",
        /// The validator's answer brings it.
        AuthValidation => "auth_validation",
    }
}

closed_enum! {
    /// By which way Talkdesk gets a field's value (contract §8).
    FieldType {
        /// A text box.
        Input => "input",
        /// The OAuth exchange.
        Oauth => "oauth",
    }
}

/// A credential field: what Talkdesk asks the user for and sends in `auth` (contract §8).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuthField {
    /// Key in `auth`, unique within the integration.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub field_name: String,
    /// Where the value comes from; written in the old form only, `input` when it is not said.
    #[cfg_attr(feature = "schema", schemars(default))]
    pub source: Source,
    /// Label.
    pub display: String,
    /// Talkdesk validates mandatory fields only.
    pub mandatory: bool,
    /// How the value is got.
    pub r#type: FieldType,
    /// Whether Talkdesk keeps the value; a passing OAuth `code` is not kept.
    pub store: bool,
    /// Hint beside the field.
    pub help: Option<String>,
    /// How the value is shown, with `{{field}}` for the value.
    pub format: Option<String>,
}
