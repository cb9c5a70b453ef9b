//! A demo CRM, a bridge in front of it, and somebody who calls it.

use std::sync::Arc;
use std::time::Duration;

use bridge::clock::SystemClock;
use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::contract::Component;
use bridge::credentials::FixedSecret;
use bridge::crm::client::HttpClient;
use bridge::gateway::{Bridge, Parts};
use bridge::manifest::{File, Manifest};
use demo_crm::{Control, DemoCrm, Fault, FaultKind, Options};
use player::{Player, Reply};
use serde_json::{Map, Value, json};
use talkdesk_bridge::serve::Server;
use talkdesk_bridge::watch::{Observer, Watched};

pub const KEY: &str = "demo-bridge-key-0123456789";

pub struct World {
    pub crm: DemoCrm,
    pub server: Server,
    pub player: Player,
}

impl World {
    /// The demo manifest, with short budgets so that a hanging CRM costs no time.
    pub async fn start() -> Self {
        Self::with_overlay("limits: {wait: PT1S}\n").await
    }

    pub async fn with_overlay(overlay: &str) -> Self {
        Self::build(overlay, |_, _| Vec::new()).await
    }

    /// A world in which somebody looks at every conversation.
    pub async fn observed(
        overlay: &str,
        observer: impl FnOnce(&DemoCrm, &Arc<Manifest>) -> Arc<dyn Observer>,
    ) -> Self {
        Self::build(overlay, |crm, manifest| vec![observer(crm, manifest)]).await
    }

    async fn build(
        overlay: &str,
        observers: impl FnOnce(&DemoCrm, &Arc<Manifest>) -> Vec<Arc<dyn Observer>>,
    ) -> Self {
        let options = Options { api_key: "canary-crm-key-987654".to_owned(), ..Options::default() };
        let crm = DemoCrm::start(options).await.unwrap();
        let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../manifests/demo/manifest.yaml"));
        let manifest =
            Manifest::load(&[file("manifest.yaml", &text.unwrap()), file("overlay.yaml", overlay)])
                .unwrap_or_else(|problems| panic!("{}", bridge::gateway::lines(&problems)));
        let mut settings = Settings::new(ManifestChoice::Embedded("demo".to_owned()));
        settings.crm_base_url = Some(loopback(crm.url()).unwrap());
        settings.sync_budget = Duration::from_secs(3);
        settings.interactive_budget = Duration::from_secs(2);
        let secret = json!({"caller_keys": [KEY], "api_key": crm.api_key()});
        let manifest = Arc::new(manifest);
        let observers = observers(&crm, &manifest);
        let parts = Parts {
            transport: Arc::new(Watched(Arc::new(HttpClient::new(settings.crm_base_url.clone()).unwrap()))),
            clock: Arc::new(SystemClock),
            store: Arc::new(FixedSecret::new(secret.to_string())),
        };
        let server = Server::observed(Bridge::new(manifest, settings, parts), 0, observers).await.unwrap();
        let mut auth = Map::new();
        auth.insert("account".to_owned(), "acme".into());
        auth.insert("bridge_key".to_owned(), KEY.into());
        let player = Player::new(&server.url(), auth).unwrap();
        Self { crm, server, player }
    }

    pub fn control(&self) -> &Control {
        self.crm.control()
    }

    pub fn fault(&self, path: &str, kind: FaultKind, change: impl FnOnce(Fault) -> Fault) {
        self.control().add_faults(vec![change(Fault::new(path, kind))]).unwrap();
    }

    pub async fn call(&self, component: Component, meta: Value, data: Value) -> Reply {
        self.player.call(component, "create_ticket", meta, data).await.unwrap()
    }

    pub async fn act(&self, action: &str, meta: Value, data: Value) -> Reply {
        self.player.call(Component::Actions, action, meta, data).await.unwrap()
    }

    /// Every component that reads, contacts with a further page and a checkpoint. Answers somebody who was found by
    /// an address.
    pub async fn every_reading(&self) -> Value {
        let first = self.call(Component::Contacts, json!({}), Value::Null).await.body;
        self.call(Component::Contacts, json!({"offset": first["next_offset"]}), Value::Null).await;
        let mark = json!({"synchronization_checkpoint": first["synchronization_checkpoint"]});
        self.call(Component::Contacts, mark, Value::Null).await;
        self.call(Component::AuthValidation, json!({}), Value::Null).await;
        self.call(Component::Agents, json!({}), Value::Null).await;
        self.call(Component::Interactions, json!({}), json!({"contact_external_id": "5"})).await;
        let known =
            first["contacts"].as_array().unwrap().iter().find(|c| c["emails"][0].is_string()).unwrap();
        self.call(Component::Interactions, json!({}), json!({"contact_emails": known["emails"]})).await;
        known.clone()
    }
}

/// A reasonable request for every component.
pub fn request(component: Component) -> (Value, Value) {
    match component {
        Component::Interactions => (json!({}), json!({"contact_external_id": "5"})),
        Component::Actions => (json!({"contact_external_id": "5"}), json!({"subject": "Hello"})),
        _ => (json!({}), Value::Null),
    }
}
