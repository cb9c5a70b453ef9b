//! A laboratory for attacks: one release function with everything around it played by the test.
//!
//! Unlike the stacks with Lambda's emulator, moto and real CRMs, every part can fail here in any way,
//! and the function's memory, CPU time, log and every request that it made can be looked at.

mod asked;
mod function;
mod secrets;
mod stub;

use std::time::Duration;

use bridge::contract::Component;
use serde_json::{Map, Value, json};

pub use asked::Asked;
pub use function::Running;
pub use secrets::{Secrets, Trouble};
pub use stub::{Fault, Reply, Stub};

use crate::lambda::{Response, api_gateway_event};
use crate::setup::function_binary;

/// The caller key of every account of the laboratory.
pub const CALLER_KEY: &str = "lab-caller-key-0123456789";

/// One function of one integration, its Secrets Manager and its CRM.
pub struct Lab {
    /// The CRM.
    pub crm: Stub,
    /// Secrets Manager.
    pub secrets: Secrets,
    /// The function.
    pub function: Running,
    /// What Talkdesk sends as `auth`.
    pub auth: Value,
    integration: String,
    component: Component,
}

/// What a laboratory is made of.
pub struct Plan {
    integration: String,
    component: Component,
    memory_mb: u32,
    timeout: Duration,
    env: Vec<(String, String)>,
}

impl Lab {
    /// Plans a laboratory for a component of an embedded manifest: 256 MB, half a minute for a request.
    pub fn of(integration: &str, component: Component) -> Plan {
        Plan {
            integration: integration.to_owned(),
            component,
            memory_mb: 256,
            timeout: Duration::from_secs(30),
            env: Vec::new(),
        }
    }

    /// The name of an account's secret.
    pub fn secret_name(&self, account: &str) -> String {
        format!("talkdesk-bridge/{}/{account}", self.integration)
    }

    /// A request of the account `acme`; actions are `add_note`, which every manifest has.
    pub async fn ask(&self, meta: Value, data: Value) -> Option<Response> {
        self.ask_as(&self.auth, meta, data).await
    }

    /// The same with another `auth`.
    pub async fn ask_as(&self, auth: &Value, meta: Value, data: Value) -> Option<Response> {
        self.act_as(auth, "add_note", meta, data).await
    }

    /// The same for any action.
    pub async fn act_as(&self, auth: &Value, action: &str, meta: Value, data: Value) -> Option<Response> {
        let mut body = Map::new();
        body.insert("auth".to_owned(), auth.clone());
        for (key, value) in [("meta", meta), ("data", data)] {
            if !value.is_null() {
                body.insert(key.to_owned(), value);
            }
        }
        self.send(action, &Value::Object(body).to_string()).await
    }

    /// Any text as a request's body.
    pub async fn send(&self, action: &str, body: &str) -> Option<Response> {
        let path = self.component.path_of(action);
        let mut event = api_gateway_event(&path, &Value::Null);
        event["body"] = json!(body);
        self.function.invoke(&event).await
    }

    /// `auth` of another account with the same key.
    pub fn auth_of(&self, account: &str) -> Value {
        let mut auth = self.auth.clone();
        auth["account"] = json!(account);
        auth
    }

    /// What the last request's line in the log says.
    ///
    /// # Panics
    /// When there is none.
    pub fn line(&self) -> Value {
        let requests = self.function.requests();
        requests.last().unwrap_or_else(|| panic!("no request was logged:\n{}", self.function.log())).clone()
    }
}

impl Plan {
    /// With another environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With another size.
    #[must_use]
    pub fn memory(mut self, megabytes: u32) -> Self {
        self.memory_mb = megabytes;
        self
    }

    /// Starts it with a CRM that answers with `crm`.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(self, crm: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Lab {
        let binary = function_binary(self.component);
        let (crm, secrets) = (Stub::start(crm).await, Secrets::start().await);
        let mut env = vec![
            ("INTEGRATION".to_owned(), self.integration.clone()),
            ("CRM_BASE_URL".to_owned(), crm.url()),
            ("AWS_ENDPOINT_URL_SECRETS_MANAGER".to_owned(), secrets.url()),
            ("AWS_ACCESS_KEY_ID".to_owned(), "testing".to_owned()),
            ("AWS_SECRET_ACCESS_KEY".to_owned(), "testing".to_owned()),
        ];
        env.extend(self.env);
        let function = Running::start(&binary, &env, self.memory_mb, self.timeout).await;
        let auth = auth(&self.integration);
        let lab =
            Lab { crm, secrets, function, auth, integration: self.integration, component: self.component };
        lab.secrets.put(&lab.secret_name("acme"), &secret());
        lab
    }
}

/// A secret with the fields of every manifest.
pub fn secret() -> Value {
    let mut secret = json!({"caller_keys": [CALLER_KEY], "host": "crm.example.com", "domain": "acme", "api_key": "lab-crm-key",
        "client_id": "c", "client_secret": "lab-client-secret", "login": "l", "password": "lab-password",
        "database": "d", "site": ""});
    // What one integration only has.
    let accounts = accounts();
    let fields =
        accounts.as_object().into_iter().flatten().filter_map(|(_, account)| account["secret"].as_object());
    for (name, value) in fields.flatten() {
        if secret.get(name).is_none() {
            secret[name] = value.clone();
        }
    }
    secret
}

/// The accounts of all integrations, as fixtures have them.
fn accounts() -> Value {
    let accounts = include_str!("../../shared/tests/fixtures/accounts.json");
    serde_json::from_str(accounts).expect("accounts are JSON")
}

/// What Talkdesk sends as `auth` for an integration.
///
/// # Panics
/// When `shared/tests/fixtures/accounts.json` has no such integration.
pub fn auth(integration: &str) -> Value {
    let mut auth = accounts()[integration]["auth"].clone();
    assert!(auth.is_object(), "{integration} has no account");
    // OAuth integrations have a token, all others a caller key.
    match auth.get("access_token") {
        Some(_) => auth["access_token"] = json!("lab-token"),
        None => auth["bridge_key"] = json!(CALLER_KEY),
    }
    auth
}
