//! `next_offset`: everything that the next page must know, because nothing is kept here.
//!
//! Compact, versioned, bound to the manifest, independent of the checkpoint that comes along, and
//! without secrets. States grow strictly in this order: the lower bound; then a query before its
//! drain; then the page counter. A state that does not grow would loop for ever, and is refused
//! where it would arise ([`Class::NoProgress`]).

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::checkpoint::{History, Kept, Mark};
use super::clock::Clocks;
use super::packed::{pack, unpack};
use super::place::Place;
use super::run::Run;
use crate::digest::hex;
use crate::error::{Class, Failure};
use crate::manifest::model::MAIN_LIST;

const VERSION: &str = "3";
/// Offsets of older engines: their runs begin again from the checkpoint, which loses nothing.
const OLDER: [&str; 2] = ["1", "2"];

#[derive(Serialize, Deserialize)]
struct Wire(
    Option<Clocks>,
    String,
    String,
    u64,
    u8,
    Place,
    Option<i64>,
    Option<String>,
    Option<u64>,
    History,
    #[serde(default, skip_serializing_if = "Option::is_none")] Option<(u32, u8)>,
);

/// Bits of what is known of a run.
const ROWS_SEEN: u8 = 1;
const LATER: u8 = 2;

/// What is kept of the lists that are not being read, and which one is.
#[derive(Deserialize)]
struct Besides(String, BTreeMap<String, Kept>);

/// What an offset holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The run of the list that is being read.
    pub run: Run,
    /// That list.
    pub list: String,
    /// What is kept of the others.
    pub kept: BTreeMap<String, Kept>,
}

/// The offset for Talkdesk: version, manifest, checksum, content; behind `~` what does not concern `contacts`
/// alone.
pub fn seal(run: &Run, list: &str, kept: &BTreeMap<&str, &Kept>, hash: &str) -> String {
    let wire = Wire(
        run.clocks,
        run.base.text(),
        run.mark.text(),
        run.pages,
        u8::from(run.rows_seen) * ROWS_SEEN + u8::from(!run.initial) * LATER,
        run.place.clone(),
        run.newest,
        run.newest_id.clone(),
        run.behind,
        run.history.clone(),
        run.page,
    );
    let mut content = pack(&wire);
    if list != MAIN_LIST || !kept.is_empty() {
        content = format!("{content}~{}", pack(&(list, kept)));
    }
    format!("{VERSION}.{hash}.{}.{content}", checksum(VERSION, hash, &content))
}

/// Reads an offset. `None` when it belongs to another version of the manifest or of this engine: the run
/// then begins again from the checkpoint, which loses nothing.
///
/// # Errors
/// `BadOffset` for what we cannot have handed out. Whether the manifest has the list and the place is for
/// the caller to judge (`modes::have`).
pub fn open(text: &str, hash: &str) -> Result<Option<Sealed>, Failure> {
    let parts: Vec<&str> = text.split('.').collect();
    let [version, other, sum, content] = parts.as_slice() else {
        return Err(refused("the offset does not have four parts"));
    };
    if *version != VERSION && !OLDER.contains(version) {
        return Err(refused("the offset is of another version"));
    }
    if checksum(version, other, content) != *sum {
        return Err(refused("the offset is damaged"));
    }
    if *other != hash || *version != VERSION {
        return Ok(None);
    }
    let (run, besides) =
        content.split_once('~').map_or((*content, None), |(run, besides)| (run, Some(besides)));
    let Wire(clocks, base, mark, pages, known, place, newest, newest_id, behind, history, page) =
        self::content(run)?;
    let besides = besides.map(self::content).transpose()?;
    let Besides(list, kept) = besides.unwrap_or_else(|| Besides(MAIN_LIST.to_owned(), BTreeMap::new()));
    let read = |text: &str| Mark::parse(text).map_err(|_| refused("the offset's checkpoint is not ours"));
    let (base, mark) = (read(&base)?, read(&mark)?);
    let (rows_seen, initial) = (known & ROWS_SEEN != 0, known & LATER == 0);
    let run = Run {
        initial,
        clocks,
        base,
        mark,
        pages,
        rows_seen,
        newest,
        newest_id,
        behind,
        history,
        place,
        page,
    };
    Ok(Some(Sealed { run, list, kept }))
}

fn refused(why: &str) -> Failure {
    Failure::new(Class::BadOffset, why)
}

fn content<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    unpack(text).ok_or_else(|| refused("the offset's content is not ours"))
}

/// Finds damage. It is no signature: whoever knows the manifest can make one, so the content is
/// judged as if anybody had written it (`modes::have`, [`SameOrigin`](crate::crm::page::SameOrigin)).
fn checksum(version: &str, hash: &str, content: &str) -> String {
    let digest = Sha256::digest(format!("{version}.{hash}.{content}"));
    hex(&digest[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::contacts::Spec;
    use crate::time::Moment;

    fn spec() -> Spec {
        let drain = serde_json::json!({"path": "/contacts", "query": {"after": "{{ last_id }}"}});
        serde_json::from_value(serde_json::json!({
            "fetch": {"path": "/contacts"},
            "records": "{{ body }}",
            "map": {"id": "{{ row.id }}", "name": "{{ row.name }}"},
            "checkpoint": {"mode": "range", "settle": "PT1M", "drain": drain},
        }))
        .unwrap()
    }

    fn run() -> Run {
        let at = Moment::from_micros(1_700_000_000_000_000);
        let place = Place::Drain { from: 5, to: 6, last_id: Some("x.y".to_owned()), page: None, shown: None };
        let clocks = Clocks { started: at, until: at, skew: 0 };
        let begun = Run::begin(&spec(), None, at).unwrap();
        Run { clocks: Some(clocks), pages: 3, rows_seen: true, newest: Some(7), place, ..begun }
    }

    fn sealed(hash: &str) -> String {
        seal(&run(), MAIN_LIST, &BTreeMap::new(), hash)
    }

    #[test]
    fn an_offset_comes_back_as_it_was() {
        let text = sealed("abcd1234");
        let expected = Sealed { run: run(), list: MAIN_LIST.to_owned(), kept: BTreeMap::new() };
        assert_eq!(open(&text, "abcd1234").unwrap(), Some(expected));
        assert!(text.len() < 400, "{}", text.len());
    }

    #[test]
    fn an_offset_keeps_what_is_kept_of_other_lists() {
        let (name, list) = ("contacts".to_owned(), "leads".to_owned());
        let kept = Kept::settled(Mark::Cursor("7".to_owned()), 2, Moment::EPOCH);
        let text = seal(&run(), &list, &BTreeMap::from([(name.as_str(), &kept)]), "abcd1234");
        let expected = Sealed { run: run(), list, kept: BTreeMap::from([(name, kept)]) };
        assert_eq!(open(&text, "abcd1234").unwrap(), Some(expected));
    }

    #[test]
    fn an_offset_of_another_manifest_starts_again() {
        assert_eq!(open(&sealed("abcd1234"), "ffff0000").unwrap(), None);
    }

    #[test]
    fn an_offset_of_an_older_engine_starts_again() {
        let sum = checksum("2", "abcd1234", "e30");
        assert_eq!(open(&format!("2.abcd1234.{sum}.e30"), "abcd1234").unwrap(), None);
    }

    #[test]
    fn a_damaged_or_invented_offset_is_refused() {
        let good = sealed("abcd1234");
        let content = "e30~e30";
        let invented = format!("3.abcd1234.{}.{content}", checksum("3", "abcd1234", content));
        let mut damaged = good.clone();
        damaged.pop();
        for text in [
            "",
            "3",
            "null",
            "3.abcd1234.00000000.e30",
            &damaged,
            &invented,
            &good.replacen("3.", "4.", 1),
            "....",
            "1.2.3",
        ] {
            assert_eq!(open(text, "abcd1234").unwrap_err().class, Class::BadOffset, "{text}");
        }
    }
}
