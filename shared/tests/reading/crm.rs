//! A CRM of rules, and a clock that moves when somebody waits.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::Clock;
use bridge::contract::auth::AuthFields;
use bridge::contract::interactions::{ContactIdentity, InteractionsResponse};
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::crm::{Engine, Session, Transport};
use bridge::error::Failure;
use bridge::manifest::{File, Manifest};
use bridge::phone::PhoneNumbers;
use bridge::telemetry::Figures;
use bridge::time::Moment;
use serde_json::{Value, json};

/// What a request must have, in its method, path, query or body, and its answer; `times` of them.
pub struct Rule {
    pub has: &'static str,
    pub times: usize,
    pub status: u16,
    pub body: Value,
}

/// A rule that always holds.
pub fn rule(has: &'static str, status: u16, body: Value) -> Rule {
    Rule { has, times: usize::MAX, status, body }
}

struct Crm {
    rules: Mutex<Vec<Rule>>,
    asked: Mutex<Vec<String>>,
    open: AtomicUsize,
    most: AtomicUsize,
    now: Mutex<Moment>,
}

impl Transport for Crm {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let body = request.body.map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default();
        let query: Vec<String> = request.url.query_pairs().map(|(n, v)| format!("{n}={v}")).collect();
        let line = format!("{} {}?{} {body}", request.method, request.url.path(), query.join("&"));
        Box::pin(async move {
            self.most.fetch_max(self.open.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Others get their turn: what runs at the same time is seen to.
            tokio::task::yield_now().await;
            self.open.fetch_sub(1, Ordering::SeqCst);
            let mut rules = self.rules.lock().unwrap();
            let found = rules.iter_mut().find(|rule| rule.times > 0 && line.contains(rule.has));
            let (status, body) = match found {
                Some(rule) => {
                    rule.times -= 1;
                    (rule.status, rule.body.clone())
                }
                None => (404, json!({"error": "no rule"})),
            };
            self.asked.lock().unwrap().push(line);
            Ok(Incoming { status, headers: Vec::new(), body: body.to_string().into_bytes() })
        })
    }
}

impl Clock for Crm {
    fn now(&self) -> Moment {
        *self.now.lock().unwrap()
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let mut now = self.now.lock().unwrap();
            *now = now.plus(span);
        })
    }
}

/// What a request came to.
pub struct Played<T> {
    pub result: Result<T, Failure>,
    pub figures: Figures,
    /// `METHOD /path?query body`, in the order of the answers.
    pub asked: Vec<String>,
    /// The most calls that were open at the same time.
    pub most: usize,
    /// How long it took by the CRM's clock.
    pub took: Duration,
}

impl<T> Played<T> {
    pub fn ok(&self) -> &T {
        self.result.as_ref().unwrap_or_else(|failure| panic!("{:?}: {}", failure.class, failure.detail))
    }

    /// How many requests had this.
    pub fn count(&self, has: &str) -> usize {
        self.asked.iter().filter(|line| line.contains(has)).count()
    }
}

/// The fixture's manifest, with something laid over it.
fn manifest(overlay: &str) -> Arc<Manifest> {
    let path = format!("{}/tests/fixtures/reading/desk.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![File { text: std::fs::read_to_string(&path).unwrap(), name: path }];
    if !overlay.is_empty() {
        files.push(File { name: "overlay".to_owned(), text: overlay.to_owned() });
    }
    Manifest::load(&files).map(Arc::new).unwrap_or_else(|p| panic!("{}", bridge::gateway::lines(&p)))
}

/// Runs an operation of the manifest in a session that may take eight seconds.
pub fn play<T>(
    overlay: &str,
    rules: Vec<Rule>,
    operation: impl AsyncFnOnce(&Engine, &Session, &Manifest) -> Result<T, Failure>,
) -> Played<T> {
    let manifest = manifest(overlay);
    let begin = Moment::parse("2026-11-22T12:00:00Z").unwrap();
    let crm = Arc::new(Crm {
        rules: Mutex::new(rules),
        asked: Mutex::default(),
        open: AtomicUsize::new(0),
        most: AtomicUsize::new(0),
        now: Mutex::new(begin),
    });
    let engine = Engine::new(manifest.clone(), crm.clone(), crm.clone(), PhoneNumbers::default(), None);
    let fields = AuthFields::from_pairs([("key", "a key")]);
    let session = Session::new(&manifest, &fields, None, begin.plus(Duration::from_secs(8)), "reading");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let result = runtime.block_on(operation(&engine, &session, &manifest));
    let figures = session.figures.lock().unwrap().clone();
    let asked = crm.asked.lock().unwrap().clone();
    let took = crm.now().micros() - begin.micros();
    Played {
        result,
        figures,
        asked,
        most: crm.most.load(Ordering::SeqCst),
        took: Duration::from_micros(took.unsigned_abs()),
    }
}

/// Who is asked for: id, e-mails, phones.
pub type Who<'a> = (Option<&'a str>, &'a [&'a str], &'a [&'a str]);

/// Asks for the interactions of somebody.
pub fn interactions(
    overlay: &str,
    types: &[&str],
    (id, emails, phones): Who<'_>,
    rules: Vec<Rule>,
) -> Played<InteractionsResponse> {
    let texts = |list: &[&str]| list.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
    let identity = ContactIdentity {
        contact_external_id: id.map(str::to_owned),
        contact_name: None,
        contact_emails: texts(emails),
        contact_phones: texts(phones),
    };
    let types = texts(types);
    play(overlay, rules, async |engine: &Engine, session: &Session, manifest: &Manifest| {
        let spec = manifest.document().interactions.as_ref().unwrap();
        engine.interactions(session, spec, Some(&types), &identity).await
    })
}
