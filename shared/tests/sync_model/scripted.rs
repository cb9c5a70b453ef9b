//! The engine against answers that a test writes down itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::Clock;
use bridge::contract::contacts::ContactsResponse;
use bridge::crm::contacts::checkpoint::{Kept, mark_of};
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::crm::{Engine, Session, Transport};
use bridge::error::Failure;
use bridge::manifest::{File, Manifest};
use bridge::phone::PhoneNumbers;
use bridge::telemetry::Figures;
use bridge::time::Moment;
use serde_json::{Value, json};

pub const NOW: &str = "2026-11-22T12:00:00Z";

/// Answers in their order, and what was asked.
#[derive(Default)]
struct Script {
    answers: Mutex<VecDeque<(u16, Value)>>,
    asked: Mutex<Vec<HashMap<String, String>>>,
}

impl Transport for Script {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        self.asked.lock().unwrap().push(request.url.query_pairs().into_owned().collect());
        let (status, body) = self.answers.lock().unwrap().pop_front().unwrap_or((418, json!({})));
        let headers = vec![("date".to_owned(), "Sun, 22 Nov 2026 12:00:00 GMT".to_owned())];
        Box::pin(async move { Ok(Incoming { status, headers, body: body.to_string().into_bytes() }) })
    }
}

impl Clock for Script {
    fn now(&self) -> Moment {
        Moment::parse(NOW).unwrap()
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async {})
    }
}

/// What one request came to.
pub struct Played {
    pub result: Result<ContactsResponse, Failure>,
    pub figures: Figures,
    pub asked: Vec<HashMap<String, String>>,
}

impl Played {
    pub fn ids(&self) -> Vec<String> {
        self.page().contacts.iter().map(|contact| contact.id.clone()).collect()
    }

    pub fn mark(&self) -> &str {
        mark_of(&self.page().synchronization_checkpoint)
    }

    pub fn page(&self) -> &ContactsResponse {
        self.result.as_ref().unwrap_or_else(|failure| panic!("{}", failure.detail))
    }
}

/// One request of Talkdesk against a fixture, with something laid over it.
pub fn ask(
    fixture: &str,
    overlay: &str,
    meta: (Option<&str>, Option<&str>),
    answers: &[(u16, Value)],
) -> Played {
    let path = format!("{}/tests/fixtures/sync/{fixture}.yaml", env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![File { text: std::fs::read_to_string(&path).unwrap(), name: path }];
    if !overlay.is_empty() {
        files.push(File { name: "overlay".to_owned(), text: overlay.to_owned() });
    }
    let manifest = match Manifest::load(&files) {
        Ok(manifest) => Arc::new(manifest),
        Err(problems) => panic!("{}", bridge::gateway::lines(&problems)),
    };
    let script =
        Arc::new(Script { answers: Mutex::new(answers.iter().cloned().collect()), ..Script::default() });
    let engine = Engine::new(manifest.clone(), script.clone(), script.clone(), PhoneNumbers::default(), None);
    let deadline = script.now().plus(Duration::from_secs(25));
    let session = Session::new(&manifest, &Default::default(), None, deadline, "rules");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // A bare mark stands for a checkpoint of ours.
    let kept = meta.0.map(|text| match Kept::parse(text, manifest.name()) {
        Ok(Kept { mark, history: None }) => Kept::settled(mark, 1, script.now()).text(manifest.name()),
        _ => text.to_owned(),
    });
    let result = runtime.block_on(engine.contacts(&session, kept.as_deref(), meta.1));
    let figures = session.figures.lock().unwrap().clone();
    let asked = script.asked.lock().unwrap().clone();
    Played { result, figures, asked }
}

/// Rows of persons: id and time of day.
pub fn rows(rows: &[(u32, &str)]) -> Vec<Value> {
    rows.iter()
        .map(|(id, time)| json!({"id": id, "updated": format!("2026-11-20T{time}Z"), "kind": "person", "version": 1}))
        .collect()
}
