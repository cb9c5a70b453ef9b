//! Offsets and checkpoints in plain words.

use std::borrow::Cow;
use std::collections::BTreeMap;

use bridge::crm::contacts::checkpoint::{History, Kept, Mark};
use bridge::crm::contacts::offset::Sealed;
use bridge::crm::contacts::place::{Link, Place};
use bridge::crm::contacts::shown::Shown;
use bridge::crm::contacts::{Spec, offset};
use bridge::error::Failure;
use bridge::manifest::Manifest;
use bridge::manifest::model::MAIN_LIST;
use bridge::time::Moment;
use serde_json::{Value, json};

use crate::watch::view::View;

/// What an offset says: a sentence and facts; null when there is none.
pub fn offset(text: &Value, manifest: &Manifest, view: &mut View<'_>) -> Value {
    let Some(text) = text.as_str().filter(|text| !text.is_empty()) else { return Value::Null };
    match offset::open(text, manifest.hash()) {
        Ok(Some(sealed)) => run_told(&sealed, manifest, view),
        Ok(None) => {
            told("Of another version of this manifest: the run begins again from its checkpoint.", &[])
        }
        Err(failure) => not_ours(&failure),
    }
}

/// The list of contacts that an offset stands in; none when there is no offset that is one of this manifest.
pub fn list_at(text: &Value, manifest: &Manifest) -> Option<String> {
    Some(offset::open(text.as_str()?, manifest.hash()).ok()??.list)
}

/// What a checkpoint says; null when there is none.
pub fn checkpoint(text: &Value, manifest: &Manifest, view: &mut View<'_>) -> Value {
    let Some(text) = text.as_str().filter(|text| !text.is_empty()) else { return Value::Null };
    match Kept::parse_all(text, manifest.name()) {
        Ok(mut all) => {
            let mut facts = Vec::new();
            let main = all.remove(MAIN_LIST);
            match main.as_ref().and_then(|kept| kept.history.as_ref()) {
                Some(history) => history_told(history, &mut facts),
                None => facts.push(("history".into(), "none: of another bridge or an older one".into())),
            }
            lists_told(&all, &mut facts, view);
            told(&main.map_or_else(String::new, |kept| mark_told(&kept.mark, view)), &facts)
        }
        Err(failure) => not_ours(&failure),
    }
}

fn not_ours(failure: &Failure) -> Value {
    told(&format!("Not one that this bridge handed out: {}.", failure.detail), &[])
}

/// What is kept of further lists.
fn lists_told(lists: &BTreeMap<String, Kept>, facts: &mut Vec<Fact>, view: &mut View<'_>) {
    facts.extend(
        lists.iter().map(|(name, kept)| (format!("list {name}").into(), mark_told(&kept.mark, view).into())),
    );
}

type Fact = (Cow<'static, str>, Value);

fn told(says: &str, facts: &[Fact]) -> Value {
    let facts: Vec<_> = facts.iter().map(|(name, value)| json!([name, value])).collect();
    json!({ "says": says, "facts": facts })
}

fn run_told(sealed: &Sealed, manifest: &Manifest, view: &mut View<'_>) -> Value {
    let Sealed { run, list, kept } = sealed;
    let mut facts: Vec<Fact> = vec![("pages so far".into(), run.pages.into())];
    if let Some(clocks) = run.clocks {
        facts.push(("run began".into(), clocks.started.iso_ms().into()));
    }
    facts.push(("began at the checkpoint".into(), mark_told(&run.base, view).into()));
    if let Some(newest) = run.newest {
        facts.push(("newest stamp seen".into(), at(newest).into()));
    }
    if let Some(id) = &run.newest_id {
        facts.push(("its row".into(), view.under("id", &Value::from(id.as_str()))));
    }
    if let Some(rules) = section(list, manifest).and_then(|spec| spec.checkpoint.as_ref()) {
        facts.push(("settle".into(), format!("{} s", rules.settle.0.as_secs()).into()));
    }
    if let Place::Query { shown: Some(shown), .. } | Place::Drain { shown: Some(shown), .. } = &run.place {
        facts.push(("must come again".into(), shown_told(shown, view)));
    }
    history_told(&run.history, &mut facts);
    lists_told(kept, &mut facts, view);
    let list = if list == MAIN_LIST { String::new() } else { format!("List {list}. ") };
    told(&(list + &place_told(&run.place, view)), &facts)
}

/// The section of a list.
fn section<'m>(list: &str, manifest: &'m Manifest) -> Option<&'m Spec> {
    manifest.document().lists().find(|known| known.name == list).map(|known| known.spec)
}

fn place_told(place: &Place, view: &mut View<'_>) -> String {
    match place {
        Place::Query { from, .. } => {
            format!("Contacts stamped {} or later, in order of their stamps.", at(*from))
        }
        Place::Drain { from, to, last_id, page, .. } => {
            let after = match (last_id, page) {
                (Some(id), _) => format!(", after id {}", plain(view.under("id", &id.as_str().into()))),
                (None, Some(page)) => format!(", page {}", plain(view.under("page", &page.as_str().into()))),
                (None, None) => ", from its beginning".to_owned(),
            };
            format!(
                "Contacts stamped from {} up to before {}, in order of their ids{after}.",
                at(*from),
                at(*to)
            )
        }
        Place::Stable { from, page } => {
            format!("The CRM's next page ({}); without it, from {} on.", link(page, view), at(*from))
        }
        Place::Cursor { cursor: None, from, .. } => {
            format!("The CRM's feed of changes, from {} on.", at(*from))
        }
        Place::Cursor { cursor: Some(cursor), frozen, .. } => {
            let frozen = if *frozen { " The checkpoint stays: a row was younger than settle." } else { "" };
            let cursor = plain(view.under("cursor", &cursor.as_str().into()));
            format!("The CRM's feed of changes, after position {cursor}.{frozen}")
        }
        Place::Snapshot { from, page } => {
            let page = page.as_ref().map_or("the first page".to_owned(), |page| link(page, view));
            format!("Everything that changed since {}: {page}.", at(*from))
        }
        Place::Walk { from, to, at: read, .. } => {
            let to = to.map_or_else(String::new, |to| format!(" up to before {}", at(to)));
            format!("The list from {}{to}, after its first {read} rows.", at(*from))
        }
    }
}

fn link(link: &Link, view: &mut View<'_>) -> String {
    match link {
        Link::Page(page) => format!("page {}", plain(view.under("page", &page.as_str().into()))),
        Link::Url(url) => plain(view.under("url", &url.as_str().into())),
    }
}

fn shown_told(shown: &Shown, view: &mut View<'_>) -> Value {
    let id = shown.id.as_ref().map(|id| plain(view.under("id", &id.as_str().into())));
    let among = id.map_or_else(String::new, |id| format!(", among them id {id}"));
    let rows = if shown.count == 1 { "row" } else { "rows" };
    format!("{} {rows}{among}", shown.count).into()
}

fn mark_told(mark: &Mark, view: &mut View<'_>) -> String {
    match mark {
        Mark::Time(moment) if *moment <= Moment::EPOCH => "Nothing is delivered yet.".to_owned(),
        Mark::Time(moment) => format!("Everything stamped before {} is delivered.", moment.iso_ms()),
        Mark::Cursor(cursor) => {
            let cursor = plain(view.under("cursor", &cursor.as_str().into()));
            format!("Everything up to the CRM's position {cursor} is delivered.")
        }
    }
}

/// Times of a history are milliseconds.
fn history_told(history: &History, facts: &mut Vec<Fact>) {
    let time = |millis: i64| Value::from(at(millis.saturating_mul(1_000)));
    facts.push(("last full run began".into(), time(history.began)));
    facts.push(("it ended".into(), history.last.map_or("it is under way".into(), time)));
    if history.generation != 1 {
        facts.push(("generation".into(), history.generation.into()));
    }
    match history.behind {
        0 => {}
        86_400.. => facts.push(("clock of the stamps".into(), "how far behind is not known yet".into())),
        seconds => facts.push(("clock of the stamps".into(), format!("up to {seconds} s behind").into())),
    }
    if history.back > 0 {
        let back = history.back as f64 / 1e6;
        facts.push(("next run begins earlier".into(), format!("{back} s before the mark").into()));
    }
}

fn at(micros: i64) -> String {
    let moment = Moment::from_micros(micros);
    if micros % 1_000 == 0 { moment.iso_ms() } else { moment.iso_us() }
}

fn plain(value: Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
