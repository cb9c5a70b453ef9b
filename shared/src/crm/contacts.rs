//! The Contact Retriever's operation: contacts without losing any (contract §3).
//!
//! Talkdesk asks for page after page; nothing is kept here between two pages. What a page must
//! know travels in `next_offset` ([`offset`]); what is safely delivered stands in
//! `synchronization_checkpoint` ([`checkpoint`]). The three modes decide, without any I/O, what of
//! a page may be delivered and where to go on; this file does their reading.

use std::time::Duration;

use minijinja::Value;

use crate::contract::contacts::{Contact, ContactsResponse};
use crate::error::{Class, Failure};
use crate::manifest::expression::{Template, TimeValue, as_text, read_time};
use crate::manifest::model::{Checkpoint, ContactMap, Fetch, Mode, Read};
use crate::time::Moment;

use super::call::Around;
use super::page::{Position, unreadable};
use super::{Engine, Scope, Session};

pub mod checkpoint;
pub mod cursor;
pub mod offset;
pub mod place;
pub mod range;
pub mod run;
pub mod snapshot;

use checkpoint::Mark;
use place::{Link, Place};
use run::Run;

/// Lambda answers at most 6 MB; base64 and escapes of the event around it need room.
const MAX_ANSWER: usize = 4_500_000;

/// The manifest's section, with its checkpoint.
pub type Spec = Read<ContactMap, Checkpoint>;

/// A row as the modes see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The stamp, floored to `step`; `None` when the row has none that can be read.
    pub stamp: Option<Moment>,
    /// The id that `drain` compares.
    pub id: Option<String>,
}

/// What a mode decides about one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which rows are delivered, by their index.
    pub deliver: Vec<usize>,
    /// Where the next page begins; `None` when the run is complete.
    pub next: Option<Place>,
    /// The checkpoint that covers exactly what has been delivered.
    pub mark: Mark,
}

/// One page as it was read.
struct Reading {
    rows: Vec<Value>,
    keys: Vec<Key>,
    more: bool,
    next: Option<Position>,
    scope: Scope,
}

/// Whether a row counts. A condition that cannot be evaluated lets the row through: delivering too
/// much is repaired by the next sync, delivering too little by nothing.
pub(super) fn wanted(condition: Option<&Template>, names: &Value) -> bool {
    condition.is_none_or(|c| c.eval(names).map_or(true, |v| v.is_true()))
}

impl Engine {
    /// One page of a run: initial or incremental, first or next.
    ///
    /// # Errors
    /// An offset or checkpoint that is not ours, or whatever the CRM says. Nothing is lost: the
    /// same request can be made again.
    pub async fn contacts(
        &self,
        session: &Session,
        spec: &Spec,
        checkpoint: Option<&str>,
        offset: Option<&str>,
    ) -> Result<ContactsResponse, Failure> {
        let Some(rules) = &spec.checkpoint else {
            return Err(Failure::new(Class::Internal, "contacts without a checkpoint"));
        };
        let mut run = match offset {
            Some(text) => Run::decode(text, self.manifest().hash(), spec)?,
            None => None,
        }
        // Without an offset, or with one of another manifest: from the checkpoint.
        .map_or_else(|| Run::begin(rules, checkpoint), Ok)?;
        self.stays(session, spec, &run.place)?;
        let mut size = self.manifest().document().limits.page_size.max(1);
        let budget = session.remaining(self.clock());
        let scope = self.steps_before(session, &spec.steps, session.scope.clone()).await?;
        loop {
            let reading = match self.read(session, spec, rules, &mut run, &scope, size).await {
                Err(failure) if failure.class == Class::CursorGone && run.restart(rules) => continue,
                other => other?,
            };
            let (mut turn, mut contacts) = (self.decide(spec, rules, &run, &reading)?, Vec::new());
            if !turn.deliver.is_empty() {
                contacts = self.deliver(session, spec, &reading, &turn).await?;
                if let Some(fitting) = too_large(&contacts).filter(|_| contacts.len() > 1) {
                    // Only a bound of our own leads to the rest of a page; a server's page must be
                    // asked for again, in a smaller size.
                    if !run.place.has_bound(spec.page.as_ref()) {
                        if size == 1 || !resizable(&run.place, spec, rules) {
                            let detail = "a page's contacts are more than an answer may hold: make limits.page_size smaller";
                            return Err(Failure::new(Class::CrmUnreadable, detail));
                        }
                        size = (size / 2).max(1);
                        continue;
                    }
                    let cut = turn.deliver[fitting.max(1) - 1] + 1;
                    turn = self.decide(spec, rules, &run, &reading.cut(cut))?;
                    contacts.retain(|(index, _)| turn.deliver.contains(index));
                }
            }
            run.rows_seen |= !reading.keys.is_empty();
            let contacts: Vec<Contact> = contacts.into_iter().filter_map(|(_, c)| c).collect();
            let closing = run.pages + 1 >= self.manifest().document().limits.pages;
            let next = match turn.next {
                Some(place) if closing && place.may_close() => None,
                Some(_) if closing && rules.mode == Mode::Snapshot => {
                    let detail =
                        "the run has more pages than limits.pages, and a snapshot cannot close early";
                    return Err(Failure::new(Class::NoProgress, detail));
                }
                other => other,
            };
            // An empty page may be hard to read for Talkdesk: go on while there is time.
            let time = session.remaining(self.clock()) > budget.mul_f64(0.4);
            let mark = turn.mark.text();
            match next {
                Some(place) if contacts.is_empty() && time => run.go_to(place, mark),
                Some(place) => {
                    run.go_to(place, mark.clone());
                    let next_offset = Some(run.encode(self.manifest().hash()));
                    return Ok(answered(session, contacts, mark, next_offset));
                }
                None if !run.rows_seen => return Ok(answered(session, contacts, run.base.clone(), None)),
                None => return Ok(answered(session, contacts, mark, None)),
            }
        }
    }

    /// Whether the link of an offset's place stays where the section's request goes. Where the
    /// request's path is known only after the steps, the CRM's own address must do until then.
    fn stays(&self, session: &Session, spec: &Spec, place: &Place) -> Result<(), Failure> {
        let Some(link) = place.link() else { return Ok(()) };
        let known = self.page_url(session, &spec.fetch, &session.scope, &link);
        let stays = match known {
            Err(failure) if failure.class == Class::NotFound => self.in_folder(session, &link),
            other => other.map(|_| ()),
        };
        stays.map_err(|failure| Failure::new(Class::BadOffset, failure.detail))
    }

    fn decide(&self, spec: &Spec, rules: &Checkpoint, run: &Run, page: &Reading) -> Result<Turn, Failure> {
        let started = run.started.unwrap_or_else(|| self.clock().now());
        match rules.mode {
            Mode::Range => {
                let stable = spec.page.as_ref().is_some_and(|p| p.stable);
                range::decide(rules, run, started, &page.keys, page.more, page.next.as_ref(), stable)
            }
            Mode::Cursor => {
                let mut scope = page.scope.clone();
                if let Place::Cursor { cursor, .. } = &run.place {
                    scope.set("cursor", cursor.as_deref().map_or(Value::from(()), Value::from));
                }
                let names = scope.value();
                let read = |t: &Option<Template>| t.as_ref().map(|t| t.eval(&names)).transpose();
                let next = read(&rules.next).map_err(|e| unreadable(&e))?;
                let done = read(&rules.done).map_err(|e| unreadable(&e))?;
                let next = next.and_then(|v| as_text(&v)).filter(|t| !t.is_empty());
                cursor::decide(rules, run, started, &page.keys, next, done.is_some_and(|v| v.is_true()))
            }
            Mode::Snapshot => snapshot::decide(rules, run, started, &page.keys, page.next.as_ref()),
        }
    }

    /// Reads the page at the run's place. Slow pages are asked for again in a smaller size.
    async fn read(
        &self,
        session: &Session,
        spec: &Spec,
        rules: &Checkpoint,
        run: &mut Run,
        scope: &Scope,
        mut size: u64,
    ) -> Result<Reading, Failure> {
        let (fetch, draining) = asked_with(&run.place, spec, rules);
        let shrinks = rules.mode != Mode::Snapshot && resizable(&run.place, spec, rules);
        loop {
            let last = !shrinks || size <= 5;
            match self.read_size(session, spec, rules, run, scope, fetch, draining, size, last).await {
                Err(failure) if failure.class == Class::CrmTimeout && !last => size = (size / 4).max(1),
                other => return other,
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one page's circumstances, used here only")]
    async fn read_size(
        &self,
        session: &Session,
        spec: &Spec,
        rules: &Checkpoint,
        run: &mut Run,
        scope: &Scope,
        fetch: &Fetch,
        draining: bool,
        size: u64,
        last: bool,
    ) -> Result<Reading, Failure> {
        let mut scope = scope.clone();
        scope.set("page_size", size);
        let position = run.place.enter(&mut scope, rules);
        position.enter(&mut scope, spec.page.as_ref());
        let url = self.page_url(session, fetch, &scope, &position)?;
        let around = Around {
            ok: spec.ok.as_ref(),
            empty_on: &spec.empty_on,
            page_url: url.as_ref(),
            part: (!last).then_some(0.5),
            yields: !last,
            ..Around::default()
        };
        let begun = self.clock().now();
        let answer = self.call(session, fetch, &scope, around).await?;
        if run.started.is_none() {
            // The CRM's own clock; ours only when it does not tell. Before the
            // call: what is stamped while the CRM thinks may be missing from its answer.
            run.started = Some(answer.asked.unwrap_or(begun));
        }
        let rows = self.rows(session, spec, &answer, &mut scope)?;
        let names = scope.value();
        let mut more = match (&spec.more, answer.empty) {
            (_, true) => false,
            (None, _) => false,
            (Some(more), _) => more.eval(&names).map_err(|e| unreadable(&e))?.is_true(),
        };
        let stable = spec.page.as_ref().is_some_and(|p| p.stable);
        let next = match &spec.page {
            Some(page) if !answer.empty && (draining || stable || rules.mode == Mode::Snapshot) => {
                let said = spec.more.as_ref().map(|_| more);
                self.next_page(page, &position, &names, said, rows.len())?
            }
            _ => None,
        };
        if let Some(next) = &next {
            // A link that leads away is found before it is handed out.
            self.page_url(session, fetch, &scope, next)?;
        }
        more |= next.is_some();
        let keys = self.keys(rules, &rows, &scope);
        Ok(Reading { rows, keys, more, next, scope })
    }

    fn keys(&self, rules: &Checkpoint, rows: &[Value], scope: &Scope) -> Vec<Key> {
        let step = rules.step.map_or(Duration::from_secs(1), |s| s.0);
        let mut scope = scope.clone();
        rows.iter()
            .map(|row| {
                scope.set("row", row.clone());
                let names = scope.value();
                let value = |t: &Option<Template>| t.as_ref().and_then(|t| t.eval(&names).ok());
                let stamp = value(&rules.field).and_then(|v| read_time(&v, None).ok().flatten());
                Key { stamp: stamp.map(|s| s.floor(step)), id: value(&rules.id).and_then(|v| as_text(&v)) }
            })
            .collect()
    }

    /// Maps the rows that are delivered; a row that cannot be mapped is skipped, counted, logged.
    async fn deliver(
        &self,
        session: &Session,
        spec: &Spec,
        page: &Reading,
        turn: &Turn,
    ) -> Result<Vec<(usize, Option<Contact>)>, Failure> {
        let rows: Vec<Value> = turn.deliver.iter().map(|index| page.rows[*index].clone()).collect();
        let scopes = self.steps_per_row(session, &spec.steps, &page.scope, &rows).await?;
        let mut contacts = Vec::with_capacity(rows.len());
        for (index, scope) in turn.deliver.iter().zip(scopes) {
            let names = scope.value();
            if !wanted(spec.r#where.as_ref(), &names) {
                contacts.push((*index, None));
                continue;
            }
            match self.contact(&spec.map, &names) {
                Ok((contact, unparsed)) => {
                    session.figures(|f| f.phones_unparsed += unparsed);
                    contacts.push((*index, Some(contact)));
                }
                Err(bad) => {
                    let id = page.keys[*index].id.as_deref();
                    self.skipped(session, "contact", &bad, id);
                    contacts.push((*index, None));
                }
            }
        }
        Ok(contacts)
    }
}

impl Reading {
    /// The page as if the CRM had ended it after `rows` rows.
    fn cut(&self, rows: usize) -> Reading {
        Reading {
            rows: self.rows[..rows].to_vec(),
            keys: self.keys[..rows].to_vec(),
            more: true,
            next: None,
            scope: self.scope.clone(),
        }
    }
}

/// The request of a place, and whether it reads one bucket.
fn asked_with<'a>(place: &Place, spec: &'a Spec, rules: &'a Checkpoint) -> (&'a Fetch, bool) {
    match (place, &rules.drain) {
        (Place::Drain { .. }, Some(drain)) => (drain, true),
        _ => (&spec.fetch, false),
    }
}

/// Whether a place may be read in pages of another size. Page 3 of 25 rows is not page 3 of 100,
/// and a link has its size inside.
fn resizable(place: &Place, spec: &Spec, rules: &Checkpoint) -> bool {
    let numbered = spec.page.as_ref().is_some_and(|page| page.number.is_some());
    let free = match place {
        Place::Query { .. } | Place::Cursor { .. } => true,
        Place::Stable { page: Link::Url(_), .. } | Place::Snapshot { page: Some(Link::Url(_)), .. } => false,
        Place::Drain { .. } | Place::Stable { .. } | Place::Snapshot { .. } => !numbered,
    };
    free && asked_with(place, spec, rules).0.uses("page_size")
}

/// How many contacts fit into an answer, when not all do.
fn too_large(contacts: &[(usize, Option<Contact>)]) -> Option<usize> {
    let mut size = 0;
    for (count, (_, contact)) in contacts.iter().enumerate() {
        size += contact.as_ref().map_or(0, approximate_size);
        if size > MAX_ANSWER {
            return Some(count);
        }
    }
    None
}

/// An upper bound of the JSON's length that costs no serialisation: one escape may take 6 bytes,
/// but text is rarely all quotes, so only lengths are doubled.
fn approximate_size(contact: &Contact) -> usize {
    let optional = [
        &contact.company,
        &contact.title,
        &contact.photo_url,
        &contact.address,
        &contact.twitter,
        &contact.url,
    ];
    let lists = [&contact.emails, &contact.phones, &contact.websites];
    let texts = contact.id.len()
        + contact.name.len()
        + optional.into_iter().flatten().map(String::len).sum::<usize>()
        + lists.into_iter().flatten().map(|t| t.len() + 3).sum::<usize>();
    200 + texts + texts / 4
}

fn answered(
    session: &Session,
    contacts: Vec<Contact>,
    checkpoint: String,
    next_offset: Option<String>,
) -> ContactsResponse {
    session.figures(|f| f.records_out += contacts.len());
    ContactsResponse { next_offset, synchronization_checkpoint: checkpoint, contacts }
}

/// The lower bound as the manifest's requests see it.
fn time(moment: Moment) -> Value {
    TimeValue::value(moment)
}
