//! The network and the clock of a fixture.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::Clock;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::lock::lock;
use bridge::time::Moment;
use serde_json::Value;

use super::compare::unlike;
use crate::fixture::{Exchange, Turn};

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
pub struct Script {
    turn: Mutex<State>,
    slow: bool,
}

impl Script {
    /// A network without anything to answer yet.
    pub fn new(slow: bool) -> Self {
        Self { turn: Mutex::default(), slow }
    }

    /// Runs what calls this network to its end.
    pub async fn played<T>(&self, work: impl Future<Output = T>) -> (T, Calls) {
        // Tokio's budget of a task would let somebody wait who can go on.
        let mut work = pin!(tokio::task::unconstrained(work));
        let done = poll_fn(|context| {
            let woken = Arc::new(Woken { again: AtomicBool::new(false), outer: context.waker().clone() });
            let waker = Waker::from(woken.clone());
            loop {
                if let Poll::Ready(done) = work.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return Poll::Ready(done);
                }
                // Somebody can go on without an answer: a round begins when nobody can.
                if woken.again.swap(false, Ordering::Relaxed) {
                    continue;
                }
                let waiting = self.state().next_round();
                if waiting.is_empty() {
                    return Poll::Pending;
                }
                waiting.into_iter().for_each(Waker::wake);
            }
        })
        .await;
        (done, self.state().calls)
    }

    /// Answers a turn's calls from now on.
    pub fn begin(&self, turn: &Turn) {
        let exchanges = turn.exchanges.iter().cloned().map(Some).collect();
        *self.state() = State { exchanges, ..State::default() };
    }

    /// Calls that the turn does not have, and those of the turn that were not made.
    pub fn surprises(&self) -> Vec<String> {
        let state = self.state();
        let unasked = state.exchanges.iter().flatten().map(|exchange| &exchange.request);
        let unasked = unasked.map(|request| format!("never asked: {} {}", request.method, request.url));
        state.surprises.iter().cloned().chain(unasked).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.turn)
    }
}

#[derive(Default)]
struct State {
    exchanges: Vec<Option<Exchange>>,
    surprises: Vec<String>,
    waiting: Vec<Waker>,
    calls: Calls,
}

/// Remembers that something can go on.
struct Woken {
    again: AtomicBool,
    outer: Waker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.again.store(true, Ordering::Relaxed);
        self.outer.wake_by_ref();
    }
}

impl Transport for Script {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let mut answer = Some(self.state().answer(&request));
        let mut round = None;
        Box::pin(poll_fn(move |context| {
            let mut state = self.state();
            match round {
                Some(begun) if begun < state.calls.rounds => {}
                _ if !self.slow => {}
                _ => {
                    round = Some(state.calls.rounds);
                    state.waiting.push(context.waker().clone());
                    return Poll::Pending;
                }
            }
            Poll::Ready(answer.take().ok_or(TransportError::Broken))
        }))
    }
}

impl State {
    /// Those who wait for an answer; they get it now.
    fn next_round(&mut self) -> Vec<Waker> {
        let waiting = std::mem::take(&mut self.waiting);
        self.calls.rounds += usize::from(!waiting.is_empty());
        waiting
    }

    fn answer(&mut self, request: &Outgoing) -> Incoming {
        self.calls.all += 1;
        let mut nearest: Option<Vec<String>> = None;
        for slot in &mut self.exchanges {
            let Some(exchange) = slot else { continue };
            let differences = unlike(&exchange.request, request);
            if differences.is_empty() {
                let response = exchange.response.clone();
                *slot = None;
                return incoming(response);
            }
            if nearest.as_ref().is_none_or(|n| differences.len() < n.len()) {
                nearest = Some(differences);
            }
        }
        let why = nearest.map_or_else(|| "nothing more was to be asked".to_owned(), |d| d.join("; "));
        self.surprises.push(format!("unexpected call {} {}: {why}", request.method, request.url.path()));
        // 418 has no meaning in any CRM: it is not repeated and shows up as it is.
        Incoming { status: 418, headers: Vec::new(), body: Vec::new() }
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

/// A clock that moves only when somebody sleeps.
pub struct StoppedClock(Mutex<Moment>);

impl StoppedClock {
    /// A clock that shows this time.
    pub fn at(now: Moment) -> Self {
        Self(Mutex::new(now))
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> Moment {
        self.0.lock().map_or(Moment::EPOCH, |now| *now)
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        if let Ok(mut now) = self.0.lock() {
            *now = now.plus(span);
        }
        Box::pin(async {})
    }
}
