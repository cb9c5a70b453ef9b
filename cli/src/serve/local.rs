//! What it takes to serve a manifest here: `local.json` beside it, or a secret that it can use.

use std::path::Path;

use bridge::credentials::{Secret, SecretError};
use bridge::manifest::Manifest;
use secrecy::SecretString;

use crate::fixture::folder_of;

/// What stands in `local.json` beside a manifest that can be tried without any set-up.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// Start the demo CRM.
    pub demo_crm: bool,
    /// Talkdesk's `auth`, for the example call.
    pub auth: serde_json::Value,
    /// The account's secret.
    pub secret: serde_json::Value,
}

/// The `local.json` beside a manifest; nothing when there is none.
///
/// # Errors
/// When it cannot be read as what it should be.
pub fn local(manifest: &Path) -> Result<Option<Local>, String> {
    let path = folder_of(manifest).join("local.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text).map(Some).map_err(|e| format!("{}: {e}", path.display())),
        Err(_) => Ok(None),
    }
}

/// A secret with which no request can be answered is told at the start, and not to every caller.
///
/// # Errors
/// What is wrong with it, as the bridge would log it; no value.
pub fn usable(manifest: &Manifest, text: &str) -> Result<(), SecretError> {
    let Some(credentials) = &manifest.document().credentials else { return Ok(()) };
    Secret::parse(&SecretString::from(text))?.fit(credentials.declared())
}
