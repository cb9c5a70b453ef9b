//! Rules of contact synchronization: what would certainly lose rows is refused.

use std::time::Duration;

use super::super::model::{Checkpoint, ContactMap, Document, Fetch, Mode, Page, Read};
use super::Findings;
use super::fields::requested;
use super::requests::text;
use crate::time::Moment;

/// Checks the section `contacts` with its checkpoint.
pub(super) fn check(document: &Document, contacts: &Read<ContactMap, Checkpoint>, findings: &mut Findings) {
    let Some(checkpoint) = &contacts.checkpoint else {
        findings.says(
            "contacts",
            "the mandatory key `checkpoint` is missing: without it every run is a full one",
        );
        return;
    };
    for (name, step) in contacts.steps.iter().filter(|(_, step)| step.for_each.is_some()) {
        if step.fetch.is_some() && step.when.is_none() {
            let message = "asks the CRM once for every contact: 1,000 calls per 1,000 contacts. Right only where \
                           no list has what is needed; a `when` may leave rows out that need nothing more";
            findings.warns(&format!("contacts.steps.{name}"), message);
        }
    }
    if checkpoint.settle.0.is_zero() {
        findings.says("contacts.checkpoint.settle", "0 loses rows: every CRM shows some rows later than it stamps them. Give the time after which none appears (PT1M at least)");
    }
    if checkpoint.accept_loss.as_ref().is_some_and(|reason| reason.trim().is_empty()) {
        findings.says("contacts.checkpoint.accept_loss", "needs the reason: the documents print it");
    }
    let seldom = |every: Duration| every >= Duration::from_secs(3_600);
    if checkpoint.full_every.is_some_and(|every| !seldom(every.0)) && !always_whole(checkpoint) {
        findings.says("contacts.checkpoint.full_every", "at least PT1H: Talkdesk asks every half hour");
    }
    if let Some(start) = &checkpoint.start
        && Moment::parse(start).is_none()
    {
        findings.says(
            "contacts.checkpoint.start",
            format!("`{start}` is not a time such as 1970-01-01T00:00:01Z"),
        );
    }
    match checkpoint.mode {
        Mode::Range => range(document, contacts, checkpoint, findings),
        Mode::Cursor => cursor(contacts, checkpoint, findings),
        Mode::Snapshot => snapshot(document, contacts, checkpoint, findings),
        Mode::Newest => newest(document, contacts, checkpoint, findings),
    }
    if checkpoint.order.is_some() && checkpoint.id.is_none() {
        findings
            .says("contacts.checkpoint.id", "`order` needs it: rows of one value are told apart by their id");
    }
    if checkpoint.order.is_some() && checkpoint.mode != Mode::Snapshot {
        findings.says("contacts.checkpoint.order", "belongs to mode snapshot");
    }
    requested(document, contacts, checkpoint, findings);
}

fn cursor(contacts: &Read<ContactMap, Checkpoint>, checkpoint: &Checkpoint, findings: &mut Findings) {
    for (key, present) in [("next", checkpoint.next.is_some()), ("done", checkpoint.done.is_some())] {
        if !present {
            findings.says("contacts.checkpoint", format!("mode cursor needs `{key}`"));
        }
    }
    if !contacts.fetch.uses("cursor") {
        findings.says(
            "contacts.fetch",
            "mode cursor: the request must use `cursor`, else every page is the first",
        );
    }
}

/// What counted pages that overlap need: sizes that differ, and room to do so.
fn overlapping(
    here: &str,
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    request: &Fetch,
    findings: &mut Findings,
) {
    if !request.uses("page_size") {
        findings.says(here, "counted pages overlap, so that none is skipped when a contact leaves the list: the request must use `page_size`");
    }
    let least = contacts.page.as_ref().map_or(1, Page::least);
    if document.limits.page_size < least {
        findings.says("limits.page_size", format!("counted pages overlap: at least {least}"));
    }
    if contacts.more.is_none() {
        findings.says("contacts", "counted pages need `more`: a short page is not the end");
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric())
}

fn newest(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) {
    if checkpoint.field.is_none() {
        findings.says("contacts.checkpoint", "mode newest needs `field`, the row's time stamp");
    }
    if checkpoint.id.is_none() {
        findings.says(
            "contacts.checkpoint",
            "mode newest needs `id`: a page must show the last row of the one before it",
        );
    }
    if checkpoint.drain.is_some() {
        findings.says("contacts.checkpoint.drain", "belongs to mode range");
    }
    match &contacts.page {
        Some(page) if page.counted() && contacts.fetch.uses("page") => {}
        _ => findings.says("contacts", "mode newest reads counted pages: `page.number` or `page.offset`, and the request must use `page`"),
    }
    let lower = text(&contacts.fetch, document).to_ascii_lowercase();
    if words(&lower).any(|word| word == "asc" || word == "ascending") {
        findings.says(
            "contacts.fetch",
            "mode newest needs the newest first, but the request asks for an ascending order",
        );
    }
    overlapping("contacts.fetch", document, contacts, &contacts.fetch, findings);
}

/// Whether every run is meant to read everything, because the CRM can be asked for nothing less.
fn always_whole(checkpoint: &Checkpoint) -> bool {
    checkpoint.mode == Mode::Snapshot && checkpoint.full_every.is_some_and(|every| every.0.is_zero())
}

fn snapshot(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) {
    // A CRM without any filter sends everything in every run; then `where` may leave out what is older.
    let left_out = contacts.r#where.as_ref().is_some_and(|rows| rows.uses("from"));
    if !contacts.fetch.uses("from") && !left_out && !always_whole(checkpoint) {
        findings.says(
            "contacts.fetch",
            "mode snapshot asks for rows changed since `from`: the request must use it. Where the CRM has no such condition, use `from` in `where`; where its rows do not say either when they changed, say in `full_every: PT0S` that every run delivers everything",
        );
    }
    match &contacts.page {
        None => {
            findings.says("contacts", "mode snapshot needs `page`: there is no other way to the second page");
        }
        Some(page) if page.next_url.is_none() && !contacts.fetch.uses("page") => {
            findings.says("contacts.fetch", "the request must use `page`, else every page is the first");
        }
        Some(page) if page.counted() && checkpoint.order.is_some() => {
            overlapping("contacts.fetch", document, contacts, &contacts.fetch, findings);
        }
        Some(page) if page.counted() && !page.stable && checkpoint.accept_loss.is_none() => findings.says(
            "contacts.page",
            "counted pages of a snapshot: a contact that leaves the list while it is read moves the next ones up by one, unread. Page by token or id; or say in `order` what the CRM sorts by that never changes; or say `stable: true` when the order never changes and nothing leaves the list; or say in `accept_loss` why it is good enough, with `full_every` to repair it",
        ),
        Some(_) => {}
    }
}

fn range(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) {
    if !contacts.fetch.uses("from") {
        findings
            .says("contacts.fetch", "mode range asks for rows with stamp >= `from`: the request must use it");
    }
    if checkpoint.field.is_none() {
        findings.says("contacts.checkpoint", "mode range needs `field`, the row's time stamp");
    }
    if contacts.more.is_none() {
        findings.says(
            "contacts",
            "mode range needs `more`: a short page is not the end, a full one no proof of more",
        );
    }
    let lower = text(&contacts.fetch, document).to_ascii_lowercase();
    if !["sort", "order", "asc"].iter().any(|word| lower.contains(word)) {
        findings.says("contacts.fetch", "mode range needs rows in ascending order of the checkpoint's field, but the request asks for no order");
    }
    if words(&lower).any(|word| word == "desc" || word == "descending") {
        findings.says(
            "contacts.fetch",
            "mode range needs ascending order, but the request asks for a descending one",
        );
    }
    match &checkpoint.drain {
        Some(request) => drain(document, contacts, checkpoint, request, findings),
        None if contacts.page.as_ref().is_some_and(|p| p.stable) => {}
        None => findings.says(
            "contacts.checkpoint",
            "mode range needs `drain`: how the rows of one time step are read by id when they are more than a page (or `page.stable`)",
        ),
    }
}

fn drain(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    request: &Fetch,
    findings: &mut Findings,
) {
    const HERE: &str = "contacts.checkpoint.drain";
    for name in ["from", "to"] {
        if !request.uses(name) {
            findings.says(HERE, format!("reads one bucket: it must use `{name}`"));
        }
    }
    if checkpoint.id.is_none() {
        findings.says("contacts.checkpoint", "`drain` needs `id`, the id that it compares");
    }
    match &contacts.page {
        // Where there are pages, the bucket's are followed, and `last_id` does not move.
        Some(page) if page.next_url.is_none() && !request.uses("page") => {
            findings
                .says(HERE, "`contacts.page` is followed here too: use `page`, else every page is the first");
        }
        Some(page) if page.counted() && checkpoint.accept_loss.is_none() => {
            overlapping(HERE, document, contacts, request, findings);
        }
        None if !request.uses("last_id") => {
            findings.says(HERE, "must use `last_id`, else every page is the first");
        }
        _ => {}
    }
}
