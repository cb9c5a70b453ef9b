//! Offsets made by hand, as somebody would who has read the source: the manifest's hash is no secret.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bridge::contract::Component;
use bridge::manifest::Manifest;
use end_to_end::lab::{Lab, Reply};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::crm::contact;

/// The hash of every embedded manifest.
static HASHES: LazyLock<BTreeMap<&str, String>> = LazyLock::new(|| {
    let hash = |name| Manifest::embedded(name).expect("an embedded manifest").hash().to_owned();
    Manifest::embedded_names().into_iter().map(|name| (name, hash(name))).collect()
});

/// The form of the offsets that the functions hand out now, taken from a real one.
pub struct Forge {
    version: String,
    content: Value,
}

impl Forge {
    /// Gets an offset from the demo's contact function.
    pub async fn new() -> Self {
        let rows: Vec<Value> =
            (1..=20).map(|n| contact(n, &format!("2026-05-01T07:25:{:02}.000Z", n + 10))).collect();
        let page = json!({"contacts": rows, "has_more": true});
        let lab = Lab::of("demo", Component::Contacts).start(move |_| Reply::json(200, &page)).await;
        let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
        let offset = answer.body["next_offset"].as_str().expect("there is more").to_owned();
        let parts: Vec<&str> = offset.split('.').collect();
        let content = BASE64_URL_SAFE_NO_PAD.decode(parts[3]).expect("base64");
        let content = serde_json::from_slice(&content).expect("an offset holds JSON");
        let forge = Self { version: parts[0].to_owned(), content };
        let again = forge.sign("demo", forge.content.to_string().as_bytes());
        assert_eq!(again, offset, "a forgery is made as a real one");
        forge
    }

    /// An offset of an embedded manifest with any place.
    pub fn offset(&self, integration: &str, place: &Value) -> String {
        let mut content = self.content.clone();
        let members = content.as_array_mut().expect("a list");
        let is_place = |it: &Value| ["q", "d", "s", "c", "n"].iter().any(|kind| it.get(kind).is_some());
        let old = members.iter_mut().find(|it| is_place(it)).expect("a place");
        *old = place.clone();
        self.sign(integration, content.to_string().as_bytes())
    }

    fn sign(&self, integration: &str, content: &[u8]) -> String {
        let (version, hash) = (&self.version, &HASHES[integration]);
        let content = BASE64_URL_SAFE_NO_PAD.encode(content);
        let digest = Sha256::digest(format!("{version}.{hash}.{content}"));
        let sum: String = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        format!("{version}.{hash}.{sum}.{content}")
    }
}
