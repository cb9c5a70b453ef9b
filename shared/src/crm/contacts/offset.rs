//! `next_offset`: everything that the next page must know, because nothing is kept here.
//!
//! Compact, versioned, bound to the manifest, independent of the checkpoint that comes along, and
//! without secrets. States grow strictly in this order: the lower bound; then a query before its
//! drain; then the page counter. A state that does not grow would loop for ever, and is refused
//! where it would arise ([`Class::NoProgress`]).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Spec;
use super::checkpoint::{History, Mark};
use super::clock::Clocks;
use super::place::Place;
use super::run::Run;
use crate::digest::hex;
use crate::error::{Class, Failure};

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

impl Run {
    /// The offset for Talkdesk: version, manifest, checksum, content.
    pub fn encode(&self, hash: &str) -> String {
        let wire = Wire(
            self.clocks,
            self.base.text(),
            self.mark.text(),
            self.pages,
            u8::from(self.rows_seen),
            self.place.clone(),
            self.newest,
            self.newest_id.clone(),
            self.behind,
            self.history.clone(),
            self.page,
        );
        let content = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&wire).unwrap_or_default());
        format!("{VERSION}.{hash}.{}.{content}", checksum(VERSION, hash, &content))
    }

    /// Reads an offset. `None` when it belongs to another version of the manifest or of this engine:
    /// the run then begins again from the checkpoint, which loses nothing.
    ///
    /// # Errors
    /// `BadOffset` for what we cannot have handed out, also for a place that the manifest's mode and
    /// section do not have.
    pub fn decode(text: &str, hash: &str, spec: &Spec) -> Result<Option<Self>, Failure> {
        let refused = |why: &str| Failure::new(Class::BadOffset, why);
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
        let bytes = URL_SAFE_NO_PAD.decode(content).map_err(|_| refused("the offset is not base64"))?;
        let Wire(clocks, base, mark, pages, rows_seen, place, newest, newest_id, behind, history, page) =
            serde_json::from_slice(&bytes).map_err(|_| refused("the offset's content is not ours"))?;
        if !place.fits(spec) {
            return Err(refused("the offset's place is not one of this manifest"));
        }
        let read = |text: &str| Mark::parse(text).map_err(|_| refused("the offset's checkpoint is not ours"));
        let (base, mark, rows_seen) = (read(&base)?, read(&mark)?, rows_seen == 1);
        Ok(Some(Self {
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
        }))
    }
}

/// Finds damage. It is no signature: whoever knows the manifest can make one, so the content is
/// judged as if anybody had written it ([`Place::fits`], [`SameOrigin`](crate::crm::page::SameOrigin)).
fn checksum(version: &str, hash: &str, content: &str) -> String {
    let digest = Sha256::digest(format!("{version}.{hash}.{content}"));
    hex(&digest[..4])
}

#[cfg(test)]
mod tests {
    use super::*;
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
        let begun = Run::begin(&spec(), "test", None, at).unwrap();
        Run { clocks: Some(clocks), pages: 3, rows_seen: true, newest: Some(7), place, ..begun }
    }

    #[test]
    fn an_offset_comes_back_as_it_was() {
        let text = run().encode("abcd1234");
        assert_eq!(Run::decode(&text, "abcd1234", &spec()).unwrap(), Some(run()));
        assert!(text.len() < 400, "{}", text.len());
    }

    #[test]
    fn an_offset_of_another_manifest_starts_again() {
        let text = run().encode("abcd1234");
        assert_eq!(Run::decode(&text, "ffff0000", &spec()).unwrap(), None);
    }

    #[test]
    fn an_offset_of_an_older_engine_starts_again() {
        let sum = checksum("2", "abcd1234", "e30");
        assert_eq!(Run::decode(&format!("2.abcd1234.{sum}.e30"), "abcd1234", &spec()).unwrap(), None);
    }

    #[test]
    fn a_damaged_or_invented_offset_is_refused() {
        let good = run().encode("abcd1234");
        let mut damaged = good.clone();
        damaged.pop();
        for text in [
            "",
            "3",
            "null",
            "3.abcd1234.00000000.e30",
            &damaged,
            &good.replacen("3.", "4.", 1),
            "....",
            "1.2.3",
        ] {
            assert_eq!(Run::decode(text, "abcd1234", &spec()).unwrap_err().class, Class::BadOffset, "{text}");
        }
    }
}
