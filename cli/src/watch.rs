//! Watches a served bridge: what Talkdesk asked, which calls to the CRM it led to, what came back.
//!
//! Calls belong to the request in whose task they are made, so that requests at the same time stay apart.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::contract::Component;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, Room, TransportError};
use bridge::lock::lock;
use bridge::time::Moment;
use serde_json::Value;

pub mod mask;
pub mod record;
pub mod trace;

tokio::task_local! {
    static CALLS: Arc<Mutex<Vec<Call>>>;
}

/// One call to the CRM.
#[derive(Clone)]
pub struct Call {
    /// What was sent.
    pub sent: Outgoing,
    /// What came back; a transport's fault is not shown to templates either.
    pub answer: Result<Incoming, TransportError>,
    /// From the request to the whole answer.
    pub took: Duration,
}

/// One request of Talkdesk and everything that it led to.
pub struct Conversation {
    /// The component.
    pub component: Component,
    /// The path that was asked.
    pub path: String,
    /// The body that Talkdesk sent; null when it is no JSON.
    pub request: Value,
    /// When it came.
    pub begun: Moment,
    /// From the request to its answer.
    pub took: Duration,
    /// Calls to the CRM, in the order of their answers.
    pub calls: Vec<Call>,
    /// The status that Talkdesk got.
    pub status: u16,
    /// The body that Talkdesk got.
    pub answer: Value,
}

/// Somebody who looks at conversations when they are over.
pub trait Observer: Send + Sync {
    /// Takes note of one.
    fn see<'a>(&'a self, conversation: &'a Conversation) -> BoxFuture<'a, ()>;
}

/// Does `work` and collects the calls to the CRM that it makes.
pub async fn collected<T>(work: impl Future<Output = T>) -> (T, Vec<Call>) {
    let calls = Arc::new(Mutex::new(Vec::new()));
    let result = CALLS.scope(calls.clone(), work).await;
    let calls = calls.lock().map(|mut calls| std::mem::take(&mut *calls)).unwrap_or_default();
    (result, calls)
}

/// A way to the CRM that keeps what is sent for [`collected`].
pub struct Watched(pub Arc<dyn Transport>);

impl Transport for Watched {
    fn room(&self) -> Room {
        self.0.room()
    }

    fn send(&self, request: Outgoing, timeout: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        Box::pin(async move {
            let (sent, begun) = (request.clone(), Moment::now());
            let answer = self.0.send(request, timeout).await;
            let call = Call { sent, answer: answer.clone(), took: Moment::now().since(begun) };
            let keep = |calls: &Arc<Mutex<Vec<Call>>>| {
                lock(calls).push(call);
            };
            // A call outside of a request, such as a secret that is read again, belongs to nobody.
            let _ = CALLS.try_with(keep);
            answer
        })
    }
}
