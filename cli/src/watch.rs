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

pub mod inspect;
pub mod log;
pub mod mask;
pub mod record;
pub mod trace;
pub mod view;

tokio::task_local! {
    static HEARD: Arc<Mutex<Heard>>;
}

/// What a request led to.
#[derive(Default)]
pub struct Heard {
    /// Calls to the CRM, in the order of their answers.
    pub calls: Vec<Call>,
    /// Lines of the log, where [`log::start`] collects them.
    pub lines: Vec<log::Line>,
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
    /// What the bridge logged.
    pub lines: Vec<log::Line>,
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

/// Does `work` and collects the calls to the CRM that it makes and the lines that it logs.
pub async fn collected<T>(work: impl Future<Output = T>) -> (T, Heard) {
    let heard = Arc::new(Mutex::new(Heard::default()));
    let result = HEARD.scope(heard.clone(), work).await;
    let heard = std::mem::take(&mut *lock(&heard));
    (result, heard)
}

/// Keeps something of the request in whose task this is called; what belongs to none, such as a secret that is
/// read again, is dropped.
fn keep(note: impl FnOnce(&mut Heard)) {
    let _ = HEARD.try_with(|heard| note(&mut lock(heard)));
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
            keep(|heard| heard.calls.push(call));
            answer
        })
    }
}
