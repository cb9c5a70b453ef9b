//! The functions with a real CRM behind them, whichever it is.

use bridge::contract::Component;
use serde_json::{Value, json};

use crate::functions::Functions;
use crate::lambda::Response;
use crate::paths::workspace;
use crate::secrets::SecretsManager;
use crate::served::Served;
use player::Kept;

/// A real CRM's server on this machine, and what its manifest needs to know of it.
#[allow(async_fn_in_trait, reason = "a test waits for it where it is, on no other thread")]
pub trait RealCrm: Sized {
    /// The manifest's name.
    const INTEGRATION: &'static str;
    /// The field of the secret that the CRM itself checks: a password or key.
    const CREDENTIAL: &'static str;

    /// The overlay with pages of 20 rows.
    const SMALL_PAGES: &'static str = "tests/small-pages.yaml";

    /// Starts a server of its own for one test.
    async fn start() -> Self;

    /// The server and its folder.
    fn served(&self) -> &Served;

    /// Where the server is, without a path.
    fn base_url(&self) -> &str {
        self.served().base_url()
    }

    /// Everything that the server printed: most print one line per request, with its query.
    fn log(&self) -> String {
        self.served().log()
    }

    /// The account's secret, without `caller_keys`.
    fn secret(&self) -> Value;

    /// What Talkdesk sends as `auth` besides the account and its key.
    fn auth() -> Value {
        json!({})
    }

    /// The contacts as Talkdesk must know them after a synchronization.
    async fn expected(&self) -> Vec<Expected>;
}

/// A contact as Talkdesk must know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The id.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mails, in any order.
    pub emails: Vec<String>,
    /// The phones as E.164, in any order.
    pub phones: Vec<String>,
}

/// A real CRM, the five functions and their secrets. The account `acme` can log in to the CRM; the
/// credential of the account `expired` is wrong.
#[derive(Debug)]
pub struct Stack<C> {
    /// The CRM.
    pub crm: C,
    /// The secrets' store.
    pub secrets: SecretsManager,
    /// The functions, with the manifest of the CRM.
    pub functions: Functions,
}

impl<C: RealCrm> Stack<C> {
    /// Starts everything, with a new CRM.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start() -> Self {
        Self::with(C::start().await, &[]).await
    }

    /// The same with pages of 20 rows ([`RealCrm::SMALL_PAGES`]).
    ///
    /// # Panics
    /// As [`Stack::start`].
    pub async fn with_small_pages() -> Self {
        Self::small_pages_of(C::start().await).await
    }

    /// As [`Stack::with_small_pages`], with a CRM that was started in another way.
    ///
    /// # Panics
    /// As [`Stack::start`].
    pub async fn small_pages_of(crm: C) -> Self {
        let overlay = workspace().join(C::SMALL_PAGES);
        Self::with(crm, &[("OVERLAY_PATH", overlay.to_str().expect("a path in UTF-8"))]).await
    }

    /// `extra` is environment besides what every deployment has.
    async fn with(crm: C, extra: &[(&str, &str)]) -> Self {
        let secrets = SecretsManager::start().await;
        let bridge_key = format!("{}-bridge-key-0123456789", C::INTEGRATION);
        let mut secret = crm.secret();
        secret["caller_keys"] = json!([bridge_key]);
        secrets.put(&format!("talkdesk-bridge/{}/acme", C::INTEGRATION), &secret).await;
        secret[C::CREDENTIAL] = json!("no-longer-a-credential");
        secrets.put(&format!("talkdesk-bridge/{}/expired", C::INTEGRATION), &secret).await;

        let mut env = vec![("INTEGRATION", C::INTEGRATION), ("CRM_BASE_URL", crm.base_url())];
        env.extend(secrets.env());
        env.extend(extra);
        let mut auth = C::auth();
        auth["account"] = json!("acme");
        auth["bridge_key"] = json!(bridge_key);
        let functions = Functions::start(&env, auth).await;
        Self { crm, secrets, functions }
    }

    /// Runs an action; `meta` names the contact and the agent.
    ///
    /// # Panics
    /// As [`Functions::call`].
    pub async fn act(&self, action: &str, meta: Value, data: Value) -> Response {
        self.functions.call(Component::Actions, action, meta, data).await
    }

    /// The interactions of one type with a contact.
    ///
    /// # Panics
    /// As [`Functions::call`], and when the answer is another than 200 with a list.
    pub async fn interactions(&self, kind: &str, contact: &Value) -> Vec<Value> {
        let meta = json!({"interaction_types": [kind]});
        let answer = self.functions.call(Component::Interactions, "", meta, contact.clone()).await;
        assert_eq!(answer.status, 200, "{kind} {contact}: {}", answer.text);
        answer.body.as_array().expect("a list of interactions").clone()
    }

    /// How what Talkdesk keeps differs from what the CRM has.
    pub async fn differences(&self, kept: &Kept) -> Differences {
        let mut found = Differences::default();
        for contact in self.crm.expected().await {
            let Some(known) = kept.contacts.get(&contact.id) else {
                found.lost.push(contact.id);
                continue;
            };
            let same = known["name"] == contact.name
                && sorted(&known["emails"]) == sorted(&json!(contact.emails))
                && sorted(&known["phones"]) == sorted(&json!(contact.phones));
            if !same {
                found.stale.push(format!("{known} instead of {contact:?}"));
            }
        }
        found
    }
}

/// What a synchronization did wrong.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Ids of contacts that Talkdesk does not have.
    pub lost: Vec<String>,
    /// Contacts that it has in an old version.
    pub stale: Vec<String>,
}

fn sorted(list: &Value) -> Vec<&str> {
    let mut texts: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    texts.sort_unstable();
    texts
}
