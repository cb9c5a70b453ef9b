//! A CRM that answers what was recorded.

use std::sync::Mutex;
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::lock::lock;

use super::Answer;

/// A CRM that answers what was recorded.
#[derive(Default)]
pub struct Feed {
    answers: Mutex<Vec<Option<Answer>>>,
    asked: Mutex<Vec<(Outgoing, Incoming)>>,
}

impl Feed {
    /// The answers to what is asked from now on.
    pub fn fill(&self, answers: Vec<Answer>) {
        *lock(&self.answers) = answers.into_iter().map(Some).collect();
        lock(&self.asked).clear();
    }

    /// What was asked since, and answered.
    pub fn asked(&self) -> Vec<(Outgoing, Incoming)> {
        lock(&self.asked).clone()
    }

    /// The answer to the same method and path, else the next one; 418 when there is none.
    fn answer(&self, request: &Outgoing) -> Incoming {
        let mut answers = lock(&self.answers);
        let same = |answer: &Answer| answer.method == request.method && answer.path == request.url.path();
        let index = answers.iter().position(|a| a.as_ref().is_some_and(same));
        let index = index.or_else(|| answers.iter().position(Option::is_some));
        let answer = index.and_then(|index| answers[index].take());
        answer.map_or_else(|| Incoming { status: 418, headers: Vec::new(), body: Vec::new() }, |a| a.incoming)
    }
}

impl Transport for Feed {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let answer = self.answer(&request);
        lock(&self.asked).push((request, answer.clone()));
        Box::pin(async move { Ok(answer) })
    }
}
