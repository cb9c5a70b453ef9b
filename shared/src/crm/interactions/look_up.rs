//! One question to the CRM for a contact's id.

use crate::crm::around::Around;
use crate::crm::classify::names_record;
use crate::crm::one_page::rows_of;
use crate::crm::page::unreadable;
use crate::crm::{Engine, Scope, Session};
use crate::error::{Class, Failure};
use crate::manifest::expression::{ExpressionError, LOOK_UP, as_text, is_empty};
use crate::manifest::model::Identify;

/// What a look-up came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::crm) enum Found {
    /// This contact, by the id that Talkdesk has.
    Is(String),
    /// Nobody.
    Nobody,
    /// A status that the manifest takes for "nobody" (`empty_on`).
    Refused(u16),
}

impl Engine {
    /// One look-up; when the CRM's rate is used up, again for as long as there is time.
    ///
    /// # Errors
    /// Whatever the CRM says, unless it says that there is nobody; an answer without what is asked for.
    pub(super) async fn look_up(
        &self,
        session: &Session,
        look_up: &Identify,
        scope: &Scope,
    ) -> Result<Found, Failure> {
        let around = Around { ok: look_up.ok.as_ref(), empty_on: &look_up.empty_on, ..Around::default() };
        let mut turn = 0;
        let answer = loop {
            match self.call(session, &look_up.fetch, scope, around).await {
                Ok(answer) => break answer,
                Err(failure) if failure.class == Class::NotFound => return Ok(Found::Nobody),
                Err(failure) if failure.class == Class::RateLimited => {
                    self.pause(session, failure, "identify", turn).await?;
                    turn += 1;
                }
                Err(failure) => return Err(failure),
            }
        };
        if answer.empty {
            // 404 of an address that names the record is an answer: there is no such one.
            let real =
                (200..300).contains(&answer.status) || answer.status == 404 && names_record(&look_up.fetch);
            return Ok(if real { Found::Nobody } else { Found::Refused(answer.status) });
        }
        if !answer.holds(look_up.records.as_ref().unwrap_or(&look_up.value)) {
            let detail =
                format!("the answer ({}) to a look-up has nothing of what it asks for", answer.status);
            return Err(Failure::new(Class::CrmUnreadable, detail));
        }
        let mut names = scope.clone();
        answer.enter(&mut names);
        let Some(records) = &look_up.records else {
            let meant = is_meant(look_up, &names).map_err(|e| unreadable(&e))?;
            return if meant { self.whom(look_up, &names) } else { Ok(Found::Nobody) };
        };
        let rows = rows_of(records, &names.value())?;
        let (count, mut untold, mut why) = (rows.len(), 0, None);
        for row in rows {
            names.set("row", row);
            match is_meant(look_up, &names) {
                Ok(true) => {
                    let found = self.whom(look_up, &names)?;
                    if found != Found::Nobody {
                        return Ok(found);
                    }
                }
                Ok(false) => {}
                Err(error) => {
                    untold += 1;
                    why = Some(error);
                }
            }
        }
        match why {
            // One odd record is not the one who is meant; when all are odd, the answer is another one.
            Some(why) if untold == count => Err(unreadable(&why)),
            _ => Ok(Found::Nobody),
        }
    }

    /// Whom an answer, or a row of it, names.
    fn whom(&self, look_up: &Identify, names: &Scope) -> Result<Found, Failure> {
        let value = look_up.value.eval(&names.value()).map_err(|e| unreadable(&e))?;
        let Some(id) = as_text(&value).filter(|_| !is_empty(&value)) else { return Ok(Found::Nobody) };
        let list = self.list_of_answer(look_up, names)?;
        Ok(Found::Is(self.manifest().document().listed(list.as_deref(), &id)))
    }

    /// The list that the id which a look-up has found is one of.
    ///
    /// # Errors
    /// `CrmUnreadable` when it names none.
    fn list_of_answer(&self, look_up: &Identify, names: &Scope) -> Result<Option<String>, Failure> {
        let Some(list) = &look_up.list else { return Ok(None) };
        let list = as_text(&list.eval(&names.value()).map_err(|e| unreadable(&e))?);
        match list.filter(|list| self.manifest().document().is_list(list)) {
            Some(list) => Ok(Some(list)),
            None => Err(Failure::new(Class::CrmUnreadable, "a look-up's `list` names no list of contacts")),
        }
    }
}

/// Whether an answer, or a row of it, is whom the look-up asks for. A stranger's activity must not be shown, so one
/// that lacks what is compared is not.
///
/// # Errors
/// A condition that cannot take what the answer has.
fn is_meant(look_up: &Identify, names: &Scope) -> Result<bool, ExpressionError> {
    let Some(condition) = &look_up.r#where else { return Ok(true) };
    condition.eval(&names.with(LOOK_UP, true).value()).map(|value| value.is_true())
}
