//! The functions against the demo CRM in this process.

use bridge::contract::Component;
use demo_crm::{DemoCrm, Options};
use serde_json::{Value, json};

use crate::functions::Functions;
use crate::secrets::SecretsManager;

/// The demo CRM, its account's secret, and the functions that use both.
pub struct DemoStack {
    /// The CRM; its [`DemoCrm::control`] makes faults.
    pub crm: DemoCrm,
    /// Where the secret is.
    pub secrets: SecretsManager,
    /// The functions.
    pub functions: Functions,
}

impl DemoStack {
    /// The name of the account's secret.
    pub const SECRET: &str = "talkdesk-bridge/demo/acme";

    /// Starts everything. `env` is environment besides what every deployment has.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(options: Options, caller_key: &str, env: &[(&str, &str)]) -> Self {
        // Building may take minutes: before there is a server that waits.
        crate::function_binary(Component::Contacts);
        let crm = DemoCrm::start(options).await.expect("the demo CRM starts");
        let secrets = SecretsManager::start().await;
        secrets.put(Self::SECRET, &json!({"caller_keys": [caller_key], "api_key": crm.api_key()})).await;
        let mut all = vec![("INTEGRATION", "demo"), ("CRM_BASE_URL", crm.url())];
        all.extend(secrets.env());
        all.extend(env);
        let auth = json!({"account": "acme", "bridge_key": caller_key});
        let functions = Functions::start(&all, auth).await;
        Self { crm, secrets, functions }
    }

    /// Stores another version of the account's secret.
    pub async fn put_secret(&self, secret: &Value) {
        self.secrets.put(Self::SECRET, secret).await;
    }
}
