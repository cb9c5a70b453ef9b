//! The same action sent twice: recognised by what it says, written once.
//!
//! Talkdesk repeats a request after a refreshed token, proxies after a lost answer, people by a second
//! click. An action's key goes to CRMs that do a write once per key (`idempotency_header`). Where the
//! inputs name the call, an instance that is still warm answers a repetition itself, with the first
//! answer; by words alone it does not, because two missed calls look alike.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, Weak};
use std::time::Duration;

use minijinja::Value;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tokio::sync::OwnedMutexGuard;

use super::{Scope, Session};
use crate::contract::actions::ActionResponse;
use crate::digest::hex;
use crate::lock::lock;
use crate::manifest::expression::as_text;
use crate::time::Moment;

/// How long the same words are the same action, for CRMs that take a key: long enough for every
/// repetition by machines, short enough that two missed calls of one person are seldom one.
const WINDOW: Duration = Duration::from_secs(120);
/// How long an instance remembers a call.
const MEMORY: Duration = Duration::from_secs(3600);
/// Answers kept by an instance; the oldest falls out.
const MOST: usize = 200;
/// Inputs that name the call by themselves: what else was filled in, and when, does not matter then.
const CALL_IDS: [&str; 2] = ["call_id", "interaction_id"];

/// Names an action by account, contact, agent and what was filled in; by the call, if its id was given.
///
/// It is printed like a UUID, which all vendors take. The second value says whether the call's id was given.
pub fn key(session: &Session, name: &str, scope: &Scope, now: Moment) -> (String, bool) {
    let part = |root: &str| serde_json::to_value(scope.get(root)).unwrap_or_default();
    let input = scope.get("input");
    let call = CALL_IDS.iter().find_map(|id| as_text(&input?.get_attr(id).ok()?).map(|text| (id, text)));
    let what = match &call {
        Some(call) => json!(call),
        None => json!([part("input"), part("agent"), now.floor(WINDOW).micros()]),
    };
    let account = session.scope.get("auth").map(ordered).unwrap_or_default();
    let digest = Sha256::digest(json!([account, name, part("contact"), what]).to_string());
    let hex = hex(&digest[..16]);
    let key = format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]);
    (key, call.is_some())
}

/// The open fields of `auth` in one order: what Talkdesk's account is, whatever its tokens are now.
fn ordered(auth: &Value) -> Json {
    let fields = serde_json::to_value(auth).unwrap_or_default();
    let mut pairs: Vec<_> = fields.as_object().into_iter().flatten().collect();
    pairs.sort_by_key(|(name, _)| name.as_str());
    json!(pairs)
}

/// Answers of the last actions of this instance, bounded in number and age.
#[derive(Default)]
pub struct Recent {
    answers: Mutex<VecDeque<(String, Moment, ActionResponse)>>,
    /// Actions that are under way, so that the same one at the same moment waits for the first one's answer.
    under_way: Mutex<HashMap<String, Weak<Turn>>>,
}

/// The turn of one action; held while it is written.
type Turn = tokio::sync::Mutex<()>;

impl Recent {
    /// Waits until no other request is writing under this key.
    pub async fn turn(&self, key: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut under_way = lock(&self.under_way);
            under_way.retain(|_, turn| turn.strong_count() > 0);
            let known = under_way.get(key).and_then(Weak::upgrade);
            known.unwrap_or_else(|| {
                let turn = Arc::new(Turn::default());
                under_way.insert(key.to_owned(), Arc::downgrade(&turn));
                turn
            })
        };
        turn.lock_owned().await
    }

    /// The answer that was given under this key within the last hour.
    pub fn find(&self, key: &str, now: Moment) -> Option<ActionResponse> {
        let answers = self.answers.lock().ok()?;
        let known = answers.iter().rev().find(|(known, _, _)| known == key);
        known.filter(|(_, at, _)| now < at.plus(MEMORY)).map(|(_, _, answer)| answer.clone())
    }

    /// Keeps an answer.
    pub fn keep(&self, key: String, now: Moment, answer: ActionResponse) {
        if let Ok(mut answers) = self.answers.lock() {
            answers.retain(|(_, at, _)| now < at.plus(MEMORY));
            if answers.len() >= MOST {
                answers.pop_front();
            }
            answers.push_back((key, now, answer));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(id: &str) -> ActionResponse {
        ActionResponse { external_id: Some(id.to_owned()), ..ActionResponse::default() }
    }

    #[test]
    fn an_answer_is_remembered_for_an_hour_and_no_longer() {
        let (recent, then) = (Recent::default(), Moment::from_micros(1_000_000));
        recent.keep("k".to_owned(), then, answer("1"));
        assert_eq!(recent.find("k", then.plus(Duration::from_secs(3599))), Some(answer("1")));
        assert_eq!(recent.find("k", then.plus(MEMORY)), None);
        assert_eq!(recent.find("other", then), None);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_oldest_falls_out() {
        let (recent, now) = (Recent::default(), Moment::EPOCH);
        for n in 0..=MOST {
            recent.keep(n.to_string(), now, answer("1"));
        }
        assert_eq!(recent.answers.lock().unwrap().len(), MOST);
        assert!(recent.find("0", now).is_none() && recent.find(&MOST.to_string(), now).is_some());
    }
}
