//! Writes that the CRM refuses for what the manifest adds by itself (an owner, an assignee, a status):
//! made once more without it, because what the person asked for is what matters.

use minijinja::Value;

use super::answer::Answer;
use super::around::Around;
use super::progress::PART_DONE;
use super::render::json;
use super::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::model::{Action, Fetch};

/// What was left out of a write, and why.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// What the members are called for people, in the manifest's order.
    pub names: Vec<String>,
    /// The CRM's own sentence, if it said one.
    pub reason: Option<String>,
}

impl Dropped {
    /// A message that says what was left out; the message itself when nothing was.
    pub fn told(&self, message: String) -> String {
        if self.names.is_empty() {
            return message;
        }
        let names: Vec<String> = self.names.iter().map(|name| format!("the {name}")).collect();
        let without = format!("{}, without {}", message.trim_end_matches('.'), names.join(" and "));
        match &self.reason {
            Some(reason) => format!("{without}: {reason}"),
            None => format!("{without}, which the CRM refused"),
        }
    }
}

impl Engine {
    /// Makes a write; after a refusal once more without the first of its optional members that has a
    /// value, then without the next one too, until none is left.
    ///
    /// A member that this request's data cannot make (an agent of another CRM) is left out at once.
    ///
    /// # Errors
    /// The last refusal, or whatever else keeps the write from being made.
    pub(super) async fn write(
        &self,
        session: &Session,
        action: &Action,
        scope: &Scope,
        around: Around<'_>,
    ) -> Result<(Answer, Dropped), Failure> {
        let fetch = &action.fetch;
        let mut left = optional(fetch, scope);
        let mut dropped = Dropped::default();
        let mut without: Vec<&str> = Vec::new();
        for (path, name, _) in left.extract_if(.., |(_, _, fits)| !*fits) {
            without.push(path);
            dropped.names.push(name.to_owned());
        }
        let mut left = left.into_iter();
        loop {
            let key = around.idempotency_key.map(|key| match without.len() {
                0 => key.to_owned(),
                // Another request must not be taken for a repetition of the refused one.
                n => format!("{key}-{n}"),
            });
            let around = Around { idempotency_key: key.as_deref(), ..around };
            let failure = match self.call(session, &fetch.without(&without), scope, around).await {
                Ok(answer) => return Ok((answer, dropped)),
                Err(failure) => failure,
            };
            // A record that stands in the way has a meaning of its own.
            let meant = failure.class == Class::Conflict && action.on_conflict.is_some();
            let Some((path, name, _)) = (failure.refused && !meant).then(|| left.next()).flatten() else {
                return Err(failure);
            };
            tracing::warn!(
                request_id = %session.request_id, class = failure.class.row().code, member = path,
                "the write was refused, it is made once more without this member"
            );
            without.push(path);
            dropped.names.push(name.to_owned());
            let said = failure.message.strip_suffix(PART_DONE).unwrap_or(&failure.message);
            dropped.reason = failure.quotes_crm.then(|| said.to_owned());
        }
    }
}

/// The optional members that have a value: path, name, and whether the value can be made at all.
fn optional<'a>(fetch: &'a Fetch, scope: &Scope) -> Vec<(&'a str, &'a str, bool)> {
    let names = scope.value();
    let member = |path: &str| fetch.body.as_ref().and_then(|body| body.member(path));
    fetch
        .optional
        .iter()
        .filter_map(|(path, spec)| {
            let fits = match json(member(path)?, &names) {
                Ok(value) => {
                    let value = value.filter(|v| !v.is_null())?;
                    let instead = spec.instead.as_ref().and_then(|template| template.eval(&names).ok());
                    // What stands in for it may be there already: another try would be the same request.
                    if instead.is_some_and(|other| other == Value::from(minijinja::value::Serde(&value))) {
                        return None;
                    }
                    true
                }
                Err(_) => false,
            };
            Some((path.as_str(), spec.name.as_str(), fits))
        })
        .collect()
}

/// Whether a failure is the CRM's refusal of what was sent: nothing happened, and other content may pass.
pub fn is_refusal(class: Class) -> bool {
    matches!(class, Class::Invalid | Class::Forbidden | Class::NotFound | Class::Conflict)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_was_left_out_and_why() {
        let owner = |reason: Option<&str>| Dropped {
            names: vec!["status".to_owned(), "owner".to_owned()],
            reason: reason.map(str::to_owned),
        };
        assert_eq!(
            owner(Some("inactive user")).told("Case created.".to_owned()),
            "Case created, without the status and the owner: inactive user"
        );
        assert_eq!(
            owner(None).told("Case created".to_owned()),
            "Case created, without the status and the owner, which the CRM refused"
        );
        assert_eq!(Dropped::default().told("Case created".to_owned()), "Case created");
    }
}
