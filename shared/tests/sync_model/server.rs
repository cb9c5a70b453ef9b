//! The CRM's HTTP side: routes, pages, its clock in the `Date` header, and its faults. The same
//! object is the bridge's clock, since both live in the same virtual time.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::clock::Clock;
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::time::Moment;
use serde_json::{Value, json};

use super::crm::{Crm, Query, Seen};
use super::setup::{Kind, SECOND};

/// Bytes of one web site.
const SITE: usize = 2_000;

/// What stands behind the wire.
pub struct State {
    pub crm: Crm,
    /// When the first query of the current run was answered.
    pub first_query: Option<i64>,
    /// The lists whose last answer said that something follows.
    pub unread: BTreeSet<&'static str>,
    pub calls: usize,
    scrolls: Vec<Vec<Seen>>,
    /// Whether the last list was empty by accident.
    empty: bool,
}

/// The CRM on the network.
#[derive(Clone)]
pub struct Server(Arc<Mutex<State>>);

impl Server {
    pub fn new(crm: Crm) -> Self {
        let state = State {
            crm,
            first_query: None,
            unread: BTreeSet::new(),
            calls: 0,
            scrolls: Vec::new(),
            empty: false,
        };
        Self(Arc::new(Mutex::new(state)))
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }
}

impl Clock for Server {
    fn now(&self) -> Moment {
        let state = self.state();
        Moment::from_micros(state.crm.now + state.crm.setup.clock_offset)
    }

    fn sleep(&self, span: Duration) -> BoxFuture<'_, ()> {
        // Waits have jitter; whole steps keep a trial repeatable.
        let steps = span.as_millis() as i64 / 200 + 1;
        self.state().crm.now += steps * SECOND / 5;
        Box::pin(async {})
    }
}

impl Transport for Server {
    fn send(&self, request: Outgoing, timeout: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let answer = self.state().exchange(&request, timeout);
        Box::pin(async { answer })
    }
}

impl State {
    fn exchange(&mut self, request: &Outgoing, timeout: Duration) -> Result<Incoming, TransportError> {
        self.calls += 1;
        let setup = self.crm.setup.clone();
        self.crm.pass(setup.pause.min(SECOND / 4));
        let query: HashMap<String, String> = request.url.query_pairs().into_owned().collect();
        let limit: usize = query["limit"].parse().unwrap();
        let hang = |crm: &mut Crm| {
            crm.now += timeout.as_micros() as i64;
            Err(TransportError::TimedOut)
        };
        if setup.slow_above > 0 && limit > setup.slow_above {
            return hang(&mut self.crm);
        }
        if self.crm.busy && self.crm.random.percent(setup.faults) {
            return match self.crm.random.below(5) {
                0 => Ok(self.incoming(429, &json!({}))),
                1 => Ok(self.incoming(500, &json!({}))),
                2 => hang(&mut self.crm),
                3 => Err(TransportError::CutOff { status: 200 }),
                _ => Err(TransportError::Broken),
            };
        }
        let continues = ["token", "scroll", "cursor"].iter().any(|name| query.contains_key(*name))
            || query.contains_key("position");
        if continues && self.crm.busy && self.crm.random.percent(setup.gone) {
            return Ok(self.incoming(410, &json!({"error": "gone"})));
        }
        let asked = self.crm.now;
        let limit = if setup.cap > 0 { limit.min(setup.cap) } else { limit };
        let body = match request.url.path() {
            "/changes" => self.changes(&query, limit),
            "/scroll" => self.scroll(&query, limit),
            "/versions" => self.versions(&query["ids"]),
            _ => self.list(request, &query, limit),
        };
        self.first_query.get_or_insert(asked);
        let slowness = 1 + self.crm.random.below(setup.slowness);
        self.crm.now += slowness;
        Ok(self.incoming(200, &body))
    }

    fn incoming(&mut self, status: u16, body: &Value) -> Incoming {
        let world = self.crm.setup.world;
        let right = world.date == 0 || (world.date_rarely && !self.crm.random.percent(20));
        let off = if right { 0 } else { world.date };
        let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        if self.crm.setup.date {
            let now = Moment::from_micros(self.crm.now + off).calendar();
            headers.push(("date".to_owned(), now.format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
        }
        Incoming { status, headers, body: body.to_string().into_bytes() }
    }

    /// `/contacts`: by time or by id; more by bounds, by token, by link or by number.
    fn list(&mut self, request: &Outgoing, query: &HashMap<String, String>, limit: usize) -> Value {
        let by_id = query["sort"] == "id";
        let keyset = query.contains_key("keyset");
        let after = query.get("position").map(|text| position(text));
        let after_id = query.get("after").or(query.get("token")).map(|text| id(text));
        let asked = Query {
            since: query.get("since").map_or(i64::MIN, |text| micros(text)),
            before: query.get("before").map(|text| micros(text)),
            after_id,
            after,
            by_id,
            exact_ties: keyset,
            newest: query["sort"] == "newest",
        };
        let mut rows = self.rows("contacts", &asked);
        if self.accident() || self.crm.setup.world.blind && query.contains_key("before") {
            return json!({"rows": [], "more": false});
        }
        let number: usize = query.get("number").map_or(1, |n| n.parse().unwrap());
        let skip: usize = query.get("skip").map_or(0, |n| n.parse().unwrap());
        rows.drain(..rows.len().min((number - 1) * limit + skip));
        let more = rows.len() > limit || (self.crm.setup.hasty && rows.len() == limit);
        rows.truncate(limit);
        // The newest first: whoever stops has read what is newer than the last time.
        let unread = !asked.newest && (more || by_id && query.contains_key("before"));
        self.leaves("contacts", unread);
        let last = rows.last().filter(|_| more);
        let next = last.filter(|_| by_id).map(|row| row.id.to_string());
        let next_url = last.filter(|_| keyset).map(|row| {
            let mut url = request.url.clone();
            let kept = query.iter().filter(|(name, _)| *name != "position");
            url.query_pairs_mut().clear().extend_pairs(kept);
            url.query_pairs_mut().append_pair("position", &format!("{}|{}", row.stamp, row.id));
            url.to_string()
        });
        json!({"rows": self.load(rows, false), "more": more, "next": next, "next_url": next_url})
    }

    /// The rows of one list.
    fn rows(&mut self, list: &str, query: &Query) -> Vec<Seen> {
        let kind = self.crm.setup.kind;
        let mut rows = self.crm.query(query);
        rows.retain(|row| kind != Kind::Lists || kind.list(row.id) == list);
        rows
    }

    fn leaves(&mut self, list: &'static str, unread: bool) {
        self.unread.remove(list);
        self.unread.extend(unread.then_some(list));
    }

    /// `/versions`: how rows are called now.
    fn versions(&self, ids: &str) -> Value {
        let ids: Vec<usize> = ids.split(',').map(id).collect();
        let known = self.crm.visible().into_iter().filter(|row| ids.contains(&row.id));
        let versions: serde_json::Map<_, _> =
            known.map(|row| (self.key(row.id), Value::from(row.version))).collect();
        json!({"versions": versions})
    }

    fn key(&self, id: usize) -> String {
        if self.crm.setup.text_ids { format!("k{id:05}") } else { id.to_string() }
    }

    /// Whether a list is empty by accident, which happens never twice in a row.
    fn accident(&mut self) -> bool {
        self.empty = self.crm.busy && !self.empty && self.crm.random.percent(self.crm.setup.world.empties);
        self.empty
    }

    /// `/changes`: everything after the server's own position.
    fn changes(&mut self, query: &HashMap<String, String>, limit: usize) -> Value {
        let after = query.get("cursor").map(|text| position(text));
        let since = query.get("since").map_or(i64::MIN, |text| micros(text));
        let mut rows = self.rows("feed", &Query { since, after, exact_ties: true, ..Query::default() });
        let done = rows.len() < limit || (!self.crm.setup.hasty && rows.len() == limit);
        rows.truncate(limit);
        self.leaves("feed", !done);
        let reached = rows.last().map(|row| format!("{}|{}", row.stamp, row.id));
        let cursor = reached.or_else(|| query.get("cursor").cloned());
        json!({"rows": self.load(rows, true), "cursor": cursor, "done": done})
    }

    /// `/scroll`: a list that is made once and then handed out in parts.
    fn scroll(&mut self, query: &HashMap<String, String>, limit: usize) -> Value {
        let (number, begin) = match query.get("scroll") {
            Some(text) => position(text),
            None => {
                let since = micros(&query["since"]);
                let mut rows = self.rows("leads", &Query { since, ..Query::default() });
                self.crm.random.shuffle(&mut rows);
                self.scrolls.push(rows);
                (self.scrolls.len() as i64 - 1, 0)
            }
        };
        if self.accident() {
            return json!({"rows": [], "next": null});
        }
        let rows = &self.scrolls[number as usize];
        let end = (begin + limit).min(rows.len());
        let next = (end < rows.len()).then(|| format!("{number}|{end}"));
        let rows = rows[begin..end].to_vec();
        self.leaves("leads", next.is_some());
        json!({"rows": self.load(rows, false), "next": next})
    }

    /// The chosen rows as they are printed: as the query saw them, or as they are a moment later.
    /// Rows that were deleted meanwhile are missing then, except in a feed of changes: there a
    /// position that shows nothing would hide how far it reaches, and vendors show the deletion.
    fn load(&mut self, mut rows: Vec<Seen>, with_deleted: bool) -> Vec<Value> {
        if self.crm.setup.ids_first {
            self.crm.pass(SECOND / 2);
            let now: HashMap<usize, Seen> = self.crm.visible().into_iter().map(|row| (row.id, row)).collect();
            let loaded = |row: &Seen| now.get(&row.id).copied().or(with_deleted.then_some(*row));
            rows = rows.iter().filter_map(loaded).collect();
        }
        self.print(&rows)
    }

    fn print(&self, rows: &[Seen]) -> Vec<Value> {
        let setup = &self.crm.setup;
        let shown = |row: &Seen| {
            let time = Moment::from_micros(self.crm.floor(row.stamp));
            let updated = match setup.printed {
                SECOND => time.iso_s(),
                1_000 => time.iso_ms(),
                _ => time.iso_us(),
            };
            let kind = if self.crm.is_company(row.id) { "company" } else { "person" };
            let key = self.key(row.id);
            let id = if setup.text_ids { Value::from(key.as_str()) } else { Value::from(row.id) };
            let sites: Vec<String> = (0..setup.sites / SITE)
                .map(|n| format!("https://example.com/{n:04}/{}", "t".repeat(SITE - 25)))
                .collect();
            json!({"id": id, "key": key, "updated": updated, "kind": kind, "version": row.version, "sites": sites})
        };
        rows.iter().map(shown).collect()
    }
}

fn micros(text: &str) -> i64 {
    Moment::parse(text).unwrap().micros()
}

/// Ids are numbers or texts of one length, at Talkdesk with the prefix of a list; what is less than all of
/// them is empty or 0.
pub fn id(text: &str) -> usize {
    text.trim_start_matches(['L', 'F', '-', 'k']).parse().unwrap_or(0)
}

/// `stamp|id`, or `scroll|row`.
pub fn position(text: &str) -> (i64, usize) {
    let (first, second) = text.split_once('|').unwrap();
    (first.parse().unwrap(), second.parse().unwrap())
}
