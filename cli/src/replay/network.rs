//! A fixture's CRM: what it must be asked, and what it answers.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Poll, Waker};
use std::time::Duration;

use bridge::crm::Transport;
use bridge::crm::transport::{BoxFuture, Incoming, Outgoing, TransportError};
use serde_json::{Map, Value};

use super::compare;
use crate::fixture::Exchange;

/// Calls to the CRM while one request of Talkdesk was answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// All of them.
    pub all: usize,
    /// One after the other; calls that are open at the same time count once.
    pub rounds: usize,
}

/// The network of a fixture. A slow one answers when everybody waits for it, so that calls at the same time are
/// seen to be.
pub(super) struct Script {
    pub(super) turn: Mutex<State>,
    slow: bool,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) exchanges: Vec<Option<Exchange>>,
    pub(super) surprises: Vec<String>,
    waiting: Vec<Waker>,
    calls: Calls,
}

impl Script {
    /// A network without anything to answer yet.
    pub(super) fn new(slow: bool) -> Self {
        Self { turn: Mutex::default(), slow }
    }

    /// Runs what calls this network to its end.
    pub(super) async fn played<T>(&self, work: impl Future<Output = T>) -> (T, Calls) {
        let mut work = pin!(work);
        let done = poll_fn(|context| {
            loop {
                if let Poll::Ready(done) = work.as_mut().poll(context) {
                    return Poll::Ready(done);
                }
                let waiting = self.state().map(|mut state| state.next_round()).unwrap_or_default();
                if waiting.is_empty() {
                    return Poll::Pending;
                }
                waiting.into_iter().for_each(Waker::wake);
            }
        })
        .await;
        (done, self.state().map(|state| state.calls).unwrap_or_default())
    }

    fn state(&self) -> Option<MutexGuard<'_, State>> {
        self.turn.lock().ok()
    }
}

impl Transport for Script {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let mut result = self.state().map(|mut state| state.answer(&request));
        let answer = |result: &mut Option<_>| result.take().unwrap_or(Err(TransportError::Broken));
        let mut round = None;
        Box::pin(poll_fn(move |context| {
            let Some(mut state) = self.state() else { return Poll::Ready(Err(TransportError::Broken)) };
            match round {
                Some(begun) if begun < state.calls.rounds => Poll::Ready(answer(&mut result)),
                _ if !self.slow => Poll::Ready(answer(&mut result)),
                _ => {
                    round = Some(state.calls.rounds);
                    state.waiting.push(context.waker().clone());
                    Poll::Pending
                }
            }
        }))
    }
}

impl State {
    /// What is to come in one turn.
    pub(super) fn new(exchanges: &[Exchange]) -> Self {
        Self { exchanges: exchanges.iter().cloned().map(Some).collect(), ..Self::default() }
    }

    /// Those who wait for an answer; they get it now.
    fn next_round(&mut self) -> Vec<Waker> {
        let waiting = std::mem::take(&mut self.waiting);
        self.calls.rounds += usize::from(!waiting.is_empty());
        waiting
    }

    fn answer(&mut self, request: &Outgoing) -> Result<Incoming, TransportError> {
        self.calls.all += 1;
        let mut nearest: Option<Vec<String>> = None;
        for slot in &mut self.exchanges {
            let Some(exchange) = slot else { continue };
            let differences = unlike(&exchange.request, request);
            if differences.is_empty() {
                let response = exchange.response.clone();
                *slot = None;
                return Ok(incoming(response));
            }
            if nearest.as_ref().is_none_or(|n| differences.len() < n.len()) {
                nearest = Some(differences);
            }
        }
        let why = nearest.map_or_else(|| "nothing more was to be asked".to_owned(), |d| d.join("; "));
        self.surprises.push(format!("unexpected call {} {}: {why}", request.method, request.url.path()));
        // 418 has no meaning in any CRM: it is not repeated and shows up as it is.
        Ok(Incoming { status: 418, headers: Vec::new(), body: Vec::new() })
    }
}

fn incoming(response: crate::fixture::Answered) -> Incoming {
    let body = match response.body {
        None => Vec::new(),
        Some(Value::String(text)) => text.into_bytes(),
        Some(json) => json.to_string().into_bytes(),
    };
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let headers = response.headers.iter().map(|(n, v)| (n.to_ascii_lowercase(), text(v)));
    Incoming { status: response.status, headers: headers.collect(), body }
}

/// How a request differs from what must be sent.
fn unlike(expected: &crate::fixture::Sent, request: &Outgoing) -> Vec<String> {
    let mut differences = Vec::new();
    let mut url = request.url.clone();
    url.set_query(None);
    compare("method", &expected.method.clone().into(), &request.method.into(), &mut differences);
    compare("url", &expected.url.clone().into(), &url.as_str().into(), &mut differences);
    let mut query = Map::new();
    for (name, value) in request.url.query_pairs() {
        gather(&mut query, &name, &value);
    }
    let expected_query: Map<String, Value> =
        expected.query.iter().map(|(k, v)| (k.clone(), as_texts(v))).collect();
    compare("query", &Value::Object(expected_query), &Value::Object(query), &mut differences);
    for (name, value) in &expected.headers {
        let found = request.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name));
        let found = found.map_or(Value::Null, |(_, v)| v.as_str().into());
        compare(&format!("header {name}"), value, &found, &mut differences);
    }
    let form = request
        .headers
        .iter()
        .any(|(n, v)| n.eq_ignore_ascii_case("content-type") && v.contains("form-urlencoded"));
    let body = request.body.as_deref().map(|bytes| {
        if form {
            let mut map = Map::new();
            for (name, value) in url::form_urlencoded::parse(bytes) {
                gather(&mut map, &name, &value);
            }
            return Value::Object(map);
        }
        serde_json::from_slice(bytes).unwrap_or(Value::Null)
    });
    match (&expected.body, body) {
        (None, None) => {}
        (expected, found) => compare(
            "body",
            expected.as_ref().unwrap_or(&Value::Null),
            &found.unwrap_or(Value::Null),
            &mut differences,
        ),
    }
    differences
}

fn gather(map: &mut Map<String, Value>, name: &str, value: &str) {
    match map.get_mut(name) {
        None => {
            map.insert(name.to_owned(), value.into());
        }
        Some(Value::Array(list)) => list.push(value.into()),
        Some(one) => *one = Value::Array(vec![one.clone(), value.into()]),
    }
}

/// Query values are text on the wire; fixtures may write numbers.
fn as_texts(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(as_texts).collect()),
        Value::String(_) => value.clone(),
        other => Value::String(other.to_string()),
    }
}
