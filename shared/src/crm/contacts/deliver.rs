//! Maps the rows of a page that are delivered, in an answer that Lambda can carry.

use minijinja::Value;

use super::read::resizable;
use super::reader::Reader;
use super::reading::Reading;
use super::run::Run;
use super::{Turn, wanted};
use crate::contract::contacts::Contact;
use crate::crm::mapping::LeftOut;
use crate::crm::rows::Enriched;
use crate::error::{Class, Failure};

/// Lambda answers at most 6 MB, in which our JSON is a text: every quote and backslash is escaped
/// once more. The event around it needs room.
pub(in crate::crm) const MAX_ANSWER: usize = 5_500_000;
/// What a contact that fills an answer alone keeps of a text and of a list.
const SHORT: usize = 4_000;
const FEW: usize = 100;

impl Reader<'_> {
    /// What a page comes to: the mode's decision and its contacts. `None` when the same page must be
    /// asked for in a smaller `size`.
    ///
    /// # Errors
    /// A page that cannot be mapped, or that is too large and cannot be made smaller.
    pub(super) async fn delivered(
        &self,
        run: &Run,
        reading: &Reading,
        size: &mut u64,
    ) -> Result<Option<(Turn, Vec<Contact>)>, Failure> {
        let Self { spec, rules, .. } = *self;
        let mut turn = self.decide(run, reading)?;
        if turn.deliver.is_empty() {
            return Ok(Some((turn, Vec::new())));
        }
        let Mapped { mut contacts, stopped } = self.deliver(reading, &turn).await?;
        let short = match (too_large(&mut contacts), stopped) {
            (Some(fitting), _) => Some((fitting.max(1), true, too_much())),
            (None, Some(failure)) => Some((contacts.len(), failure.class == Class::CrmTimeout, failure)),
            (None, None) => None,
        };
        if let Some((fitting, smaller, failure)) = short {
            // Only a bound of our own leads to the rest of a page; a server's page must be asked for
            // again, in a smaller size.
            if !run.place.has_bound(spec.page.as_ref(), rules.accept_loss.is_some()) {
                if !smaller || *size == 1 || !resizable(&run.place, spec, rules) {
                    return Err(failure);
                }
                *size = (*size / 2).max(1);
                return Ok(None);
            }
            if fitting == 0 {
                return Err(failure);
            }
            let cut = turn.deliver[fitting - 1] + 1;
            turn = self.decide(run, &reading.cut(cut))?;
            contacts.retain(|(index, _)| turn.deliver.contains(index));
        }
        Ok(Some((turn, contacts.into_iter().filter_map(|(_, contact)| contact).collect())))
    }

    /// Maps the rows that are delivered. A row that cannot be mapped is skipped, counted, logged; a
    /// page of such rows is one that the manifest does not understand, and nothing of it counts as
    /// delivered. When the rows' own calls end early, so does the list.
    async fn deliver(&self, page: &Reading, turn: &Turn) -> Result<Mapped, Failure> {
        let Self { engine, session, spec, .. } = *self;
        let rows: Vec<Value> = turn.deliver.iter().map(|index| page.rows[*index].clone()).collect();
        let enriched = engine.steps_of_contacts(session, &spec.steps, &page.scope, &rows).await;
        let Enriched { scopes, incomplete, faults, stopped } = enriched;
        session.figures(|f| f.left_out += incomplete);
        // One record that the CRM hides must not stop a quiet account's sync for good.
        if incomplete > 1 || faults > 0 {
            mostly(incomplete, scopes.len(), "have a step that failed")?;
        }
        let done = scopes.len();
        let mut contacts = Vec::with_capacity(rows.len());
        let (mut skipped, mut filtered) = (0, 0);
        let mut left = LeftOut::default();
        for (index, scope) in turn.deliver.iter().zip(scopes) {
            let names = scope.value();
            if !wanted(spec.r#where.as_ref(), &names) {
                filtered += 1;
                contacts.push((*index, None));
                continue;
            }
            match engine.contact(&spec.map, &names, &mut left) {
                Ok((contact, unparsed)) => {
                    session.figures(|f| f.phones_unparsed += unparsed);
                    contacts.push((*index, Some(contact)));
                }
                Err(bad) => {
                    skipped += 1;
                    engine.skipped(session, "contact", &bad, page.keys[*index].id.as_deref());
                    contacts.push((*index, None));
                }
            }
        }
        session.figures(|f| f.filtered += filtered);
        engine.left_out(session, "contact", &left);
        mostly(skipped, done - filtered, "cannot be mapped: the CRM's answer has another form")?;
        Ok(Mapped { contacts, stopped })
    }
}

/// The rows of a page by their index; no contact where a row was left out or skipped.
struct Mapped {
    contacts: Vec<(usize, Option<Contact>)>,
    /// What ended the rows' own calls, when they did not come to the end.
    stopped: Option<Failure>,
}

/// Refuses a page of which no row, or less than half, came through: that is another answer than
/// the manifest knows, not a bad row.
fn mostly(bad: usize, rows: usize, what: &str) -> Result<(), Failure> {
    if bad == 0 || (bad < rows && bad * 2 <= rows) {
        return Ok(());
    }
    Err(Failure::new(Class::CrmUnreadable, format!("{bad} of {rows} contacts of a page {what}")))
}

/// Contacts that no answer holds, in pages that cannot be smaller.
pub(super) fn too_much() -> Failure {
    let detail = "a page's contacts are more than an answer may hold: make limits.page_size smaller";
    Failure::new(Class::CrmUnreadable, detail)
}

/// How many contacts fit into an answer, when not all do. One that fills it alone is shortened.
fn too_large(contacts: &mut [(usize, Option<Contact>)]) -> Option<usize> {
    if contacts.iter().flat_map(|(_, contact)| contact).map(at_most).sum::<usize>() <= MAX_ANSWER {
        return None;
    }
    let mut size = 0;
    for (count, (_, contact)) in contacts.iter_mut().enumerate() {
        let Some(contact) = contact else { continue };
        let mut own = carried(contact);
        if own > MAX_ANSWER {
            shorten(contact);
            own = carried(contact);
        }
        size += own + 1;
        if size > MAX_ANSWER {
            return Some(count);
        }
    }
    None
}

/// More than a contact's [`carried`] bytes, without writing its JSON: no letter takes more than seven (`\\u0001`),
/// no text needs more around it than its name and signs.
fn at_most(contact: &Contact) -> usize {
    let Contact { id, name, company, title, emails, phones, photo_url, address, websites, twitter, url } =
        contact;
    let optional = [company, title, photo_url, address, twitter, url].into_iter().flatten();
    let lists = [emails, phones, websites].into_iter().flatten();
    [id, name].into_iter().chain(optional).chain(lists).map(|text| 7 * text.len() + 40).sum::<usize>() + 200
}

/// The bytes of a value's JSON as a text inside Lambda's answer.
pub(in crate::crm) fn carried<T: serde::Serialize>(value: &T) -> usize {
    let json = serde_json::to_vec(value).unwrap_or_default();
    json.len() + json.iter().filter(|byte| matches!(byte, b'"' | b'\\')).count()
}

fn shorten(contact: &mut Contact) {
    tracing::warn!(id = %contact.id, "a contact fills an answer alone: its texts and lists are cut");
    let cut = |text: &mut String| *text = text.chars().take(SHORT).collect();
    cut(&mut contact.name);
    let optional = [
        &mut contact.company,
        &mut contact.title,
        &mut contact.photo_url,
        &mut contact.address,
        &mut contact.twitter,
        &mut contact.url,
    ];
    optional.into_iter().flatten().for_each(cut);
    for list in [&mut contact.emails, &mut contact.phones, &mut contact.websites] {
        list.truncate(FEW);
        list.iter_mut().for_each(cut);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_mostly_unmapped_is_not_delivered() {
        for (skipped, rows, fine) in
            [(0, 0, true), (0, 5, true), (1, 1, false), (1, 2, true), (2, 3, false), (5, 5, false)]
        {
            assert_eq!(mostly(skipped, rows, "").is_ok(), fine, "{skipped} of {rows}");
        }
    }

    #[test]
    fn an_answer_is_measured_as_lambda_carries_it() {
        let text = "a\"b\\c\u{1}é";
        let event = serde_json::to_string(&serde_json::to_string(&text).unwrap()).unwrap();
        assert_eq!(carried(&text) + 2, event.len());
    }

    #[test]
    fn a_contact_never_takes_more_than_what_is_reckoned() {
        let text = "\u{1}\u{1}\u{1}\"\\é".to_owned();
        for some in [None, Some(text.clone()), Some(String::new())] {
            let list = vec![text.clone(); 50];
            let lists = || if some.is_some() { list.clone() } else { Vec::new() };
            let contact = Contact {
                id: text.clone(),
                name: text.clone(),
                company: some.clone(),
                title: some.clone(),
                emails: lists(),
                phones: lists(),
                photo_url: some.clone(),
                address: some.clone(),
                websites: lists(),
                twitter: some.clone(),
                url: some.clone(),
            };
            assert!(carried(&contact) < at_most(&contact), "{contact:?}");
        }
    }

    #[test]
    fn a_contact_that_fills_an_answer_alone_is_shortened() {
        let mut contact = Contact { id: "1".to_owned(), name: "n".repeat(6_000_000), ..Contact::default() };
        contact.emails = vec!["e".repeat(10_000); 1_000];
        let mut page = [(0, Some(contact))];
        assert_eq!(too_large(&mut page), None);
        assert!(carried(&page[0].1) < 500_000);
    }
}
