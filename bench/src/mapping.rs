//! The mapping of a page alone, by row: JSON of the CRM in, JSON for Talkdesk out, in turns.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bench::page;
use bridge::clock::{BoxFuture, SystemClock};
use bridge::config::{ManifestChoice, Settings};
use bridge::contract::Component;
use bridge::credentials::NoSecrets;
use bridge::crm::transport::{Incoming, Outgoing, Transport, TransportError};
use bridge::gateway::{Bridge, HttpRequest, Parts};
use bridge::manifest::Manifest;

use crate::data;
use crate::measure::median;
use crate::rivals;
use crate::stub::{Answer, Stub};

/// Rows of the page.
const ROWS: usize = 200;
/// Pages of one turn.
const PAGES: usize = 20;

/// Microseconds a row, by who maps.
pub type Times = Vec<(&'static str, f64)>;

/// A CRM that answers the same page at once.
struct Same(Vec<u8>);

impl Transport for Same {
    fn send(&self, _: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        Box::pin(async move {
            let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
            Ok(Incoming { status: 200, headers, body: self.0.clone() })
        })
    }
}

fn bridge(page: &[u8]) -> Bridge {
    let manifest = Manifest::embedded_for("hubspot", Component::Contacts).expect("there is a HubSpot");
    let parts = Parts {
        transport: Arc::new(Same(page.to_vec())),
        clock: Arc::new(SystemClock),
        store: Arc::new(NoSecrets),
    };
    Bridge::new(manifest, Settings::new(ManifestChoice::Embedded("hubspot".to_owned())), parts)
}

fn request() -> HttpRequest {
    HttpRequest {
        method: "POST".to_owned(),
        path: "/contact_sync".to_owned(),
        body: br#"{"auth": {"access_token": "bench-token"}, "meta": {}}"#.to_vec(),
        source: None,
        request_id: "bench".to_owned(),
        deadline: None,
    }
}

/// Takes turns: by hand, by hand with phones, the bridge's whole request, and the rivals that are there.
pub async fn rows(stub: &Stub, rounds: usize) -> Times {
    let page = data::page(ROWS).to_string().into_bytes();
    stub.set(&serde_json::Value::Null, "", &[Answer { path: "/".to_owned(), body: page.clone().into() }]);
    let ours = bridge(&page);
    let mut times: Vec<(&'static str, Vec<f64>)> = Vec::new();
    let mut note = |name, micros| match times.iter_mut().find(|(known, _)| *known == name) {
        Some((_, list)) => list.push(micros),
        None => times.push((name, vec![micros])),
    };
    for _ in 0..rounds {
        note("by hand, typed, phones by the library", of_pages(|| drop(page::answer(&page, page::e164))));
        note("by hand, typed, phones as they are", of_pages(|| drop(page::answer(&page, str::to_owned))));
        let begun = Instant::now();
        for _ in 0..PAGES {
            let answer = ours.handle(Component::Contacts, request()).await;
            assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        }
        note("bridge, the whole request in one process", per_row(begun));
        if let Some(micros) = script("mapping.py", &page, stub).await {
            note("Python by hand (`mapping.py`), phones as they are", micros);
        }
    }
    // Each starts for seconds, and reads many pages then.
    for _ in 0..rounds.div_ceil(10) {
        if let Some(micros) = script("airbyte_contacts.py", &page, stub).await {
            note("Airbyte's low-code CDK (`airbyte.yaml`), phones as they are, one call a page", micros);
        }
    }
    times.into_iter().map(|(name, times)| (name, median(&times))).collect()
}

fn of_pages(mut once: impl FnMut()) -> f64 {
    let begun = Instant::now();
    for _ in 0..PAGES {
        once();
    }
    per_row(begun)
}

fn per_row(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64() * 1e6 / (PAGES * ROWS) as f64
}

/// What a Python script prints about itself; it finds the page on its standard input, or at the stub.
async fn script(name: &str, page: &[u8], stub: &Stub) -> Option<f64> {
    let python = rivals::python()?;
    let mut command = Command::new(python);
    command.arg(rivals::folder().join(name)).env("CRM_BASE_URL", format!("http://{}", stub.address));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let page = page.to_vec();
    // The stub answers on this thread meanwhile.
    let output = tokio::task::spawn_blocking(move || {
        use std::io::Write as _;
        let mut child = command.spawn().unwrap();
        let _ = child.stdin.take().unwrap().write_all(&page);
        child.wait_with_output().unwrap()
    });
    let output = output.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    Some(said.trim().parse().unwrap_or_else(|_| panic!("{name} gave no time: {said}")))
}
