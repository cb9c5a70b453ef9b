//! `check --live` names what is wrong with a CRM's list: a fault and its sentence for each.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bridge::clock::BoxFuture;
use bridge::config::{ManifestChoice, Settings};
use bridge::crm::Transport;
use bridge::crm::transport::{Incoming, Outgoing, TransportError};
use bridge::manifest::{File, Manifest};
use bridge::time::Moment;
use serde_json::{Map, Value, json};
use talkdesk_bridge::live::{Finding, Probe, examine};

/// What is wrong with a CRM.
#[derive(Clone, Copy, Default)]
struct Fault {
    /// Its filter reads times in a zone so many hours east of the one that it prints.
    zone: i64,
    /// Its filter means "after".
    exclusive: bool,
    /// It has no such filter.
    ignores: bool,
    /// Asked for what changed, it shows the six oldest rows of all.
    oldest: bool,
    /// Its rows come in another order.
    unsorted: bool,
    /// Stamps are printed in whole minutes.
    minutes: bool,
    /// Users are hidden.
    no_users: bool,
    /// Its agents are among the contacts.
    colleagues: bool,
    /// Its clock is an hour ahead.
    clock: bool,
    /// Contacts are forbidden.
    forbidden: bool,
    /// One type of interactions is forbidden, the others are not.
    no_calls: bool,
    /// The credentials are refused.
    wrong_key: bool,
    /// A look-up gives the first contact, whatever was asked for.
    anybody: bool,
    /// Look-ups find nobody.
    nobody: bool,
    /// All rows are one step, so many hours ago, with more rows than a page; asked for by id, none comes.
    bucket: Option<i64>,
}

const HOUR: i64 = 3_600_000_000;

impl Transport for Fault {
    fn send(&self, request: Outgoing, _: Duration) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let (status, body) = self.answer(&request);
        let now = Moment::now().micros() + if self.clock { HOUR } else { 0 };
        let date = Moment::from_micros(now).calendar().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
        let headers = vec![("date".to_owned(), date), ("x-ratelimit-remaining".to_owned(), "99".to_owned())];
        Box::pin(async move { Ok(Incoming { status, headers, body: body.to_string().into_bytes() }) })
    }
}

impl Fault {
    fn answer(&self, request: &Outgoing) -> (u16, Value) {
        match request.url.path().rsplit("/v1").next().unwrap() {
            "/me" if self.wrong_key => (401, json!({"error": "no"})),
            path if self.no_calls && path.ends_with("/calls") => (403, json!({"error": "no"})),
            "/me" => (200, json!({"id": 1, "name": "A"})),
            "/contacts" if self.forbidden => (403, json!({"error": "no"})),
            "/contacts" => {
                let drained =
                    self.bucket.is_some() && request.url.query_pairs().any(|(name, _)| name == "id_after");
                let rows = if drained { Vec::new() } else { self.contacts(request) };
                let more = self.bucket.is_some() && !rows.is_empty();
                (200, json!({"contacts": rows, "has_more": more}))
            }
            "/contacts/lookup" if self.anybody => (200, json!({"contacts": [{"id": 1}]})),
            "/contacts/1/notes" => {
                (200, json!({"notes": [{"id": 1, "html": "x", "created_at": "2026-01-01T00:00:00Z"}]}))
            }
            "/contacts/lookup" => {
                let asked = request.url.query_pairs().find(|(name, _)| name == "email");
                let number = asked
                    .and_then(|(_, email)| email.strip_prefix('c')?.split('@').next()?.parse::<i64>().ok());
                let found = number.filter(|_| !self.nobody).map(|n| json!({"id": n}));
                (200, json!({"contacts": found.into_iter().collect::<Vec<_>>()}))
            }
            "/users" if self.no_users => (200, json!({"users": []})),
            "/users" if self.colleagues => {
                (200, json!({"users": [{"id": 3, "name": "C", "email": "C3@example.com", "active": true}]}))
            }
            "/users" => {
                (200, json!({"users": [{"id": 1, "name": "A", "email": "a@example.com", "active": true}]}))
            }
            path => (200, json!({path.rsplit('/').next().unwrap(): []})),
        }
    }

    /// Twelve contacts of the last days, as the filter lets them through.
    fn contacts(&self, request: &Outgoing) -> Vec<Value> {
        let asked =
            request.url.query_pairs().find(|(name, _)| name == "updated_from").unwrap().1.into_owned();
        let asked = Moment::parse(&asked).unwrap().micros() - self.zone * HOUR;
        let base = Moment::parse("2026-01-05T10:00:00Z").unwrap().micros();
        let unit = if self.minutes { 60_000_000 } else { 1_000_000 };
        let mut rows: Vec<_> = (0..12_i64)
            .map(|n| match self.bucket {
                Some(hours) => (n, (Moment::now().micros() / HOUR - hours) * HOUR),
                None => {
                    (n, base + n * 7_000_000_000 / unit * unit + if self.minutes { 0 } else { n * 1_001_000 })
                }
            })
            .filter(|(_, stamp)| {
                self.ignores || self.oldest || if self.exclusive { *stamp > asked } else { *stamp >= asked }
            })
            .collect();
        if self.oldest && asked > base {
            rows.truncate(6);
        }
        if self.unsorted && rows.len() > 4 {
            rows.swap(1, 4);
        }
        let row = |(n, stamp): &(i64, i64)| {
            let stamp = Moment::from_micros(*stamp).iso_ms();
            json!({"id": n + 1, "first_name": "C", "last_name": n, "kind": "person", "archived": false,
                   "updated_at": stamp, "created_at": stamp, "phones": [], "other_emails": [],
                   "email": format!("c{}@example.com", n + 1)})
        };
        rows.iter().map(row).collect()
    }
}

async fn findings(fault: Fault) -> Vec<Finding> {
    findings_with(fault, "{}").await
}

/// The same with a file laid over the manifest.
async fn findings_with(fault: Fault, overlay: &str) -> Vec<Finding> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo/manifest.yaml");
    let file = File { name: "manifest.yaml".to_owned(), text: std::fs::read_to_string(path).unwrap() };
    let overlay = File { name: "overlay.yaml".to_owned(), text: overlay.to_owned() };
    let manifest = Manifest::load(&[file, overlay]).unwrap();
    let secret = json!({"caller_keys": ["canary-caller-key-0123"], "api_key": "k"}).to_string();
    let mut auth = Map::new();
    auth.insert("account".to_owned(), "acme".into());
    auth.insert("bridge_key".to_owned(), "canary-caller-key-0123".into());
    let settings = Settings::new(ManifestChoice::Embedded(String::new()));
    examine(&Probe::over(manifest, settings, secret, auth, Arc::new(fault))).await
}

#[tokio::test]
async fn a_crm_that_does_as_the_manifest_says_has_nothing_wrong() {
    let found = findings(Fault::default()).await;
    assert!(found.iter().all(|finding| finding.good), "{found:#?}");
    for part in [
        "a first page of 12",
        "ascending",
        "that row and nothing older",
        "PT0.001S",
        "agents: answered",
        "found by an address",
    ] {
        assert!(found.iter().any(|finding| finding.text.contains(part)), "{part}: {found:#?}");
    }
    assert!(found.iter().any(|finding| finding.text.contains("x-ratelimit-remaining: 99")), "{found:#?}");
}

#[tokio::test]
async fn every_fault_of_a_list_has_its_sentence() {
    let good = Fault::default();
    for (fault, sentence) in [
        (Fault { zone: -5, ..good }, "only when asked 5 h earlier: the CRM reads times in another zone"),
        (Fault { zone: 2, ..good }, "older than asked for: the CRM reads times in another zone"),
        (Fault { exclusive: true, ..good }, "it means \"after\", not \"at or after\""),
        (Fault { ignores: true, ..good }, "it ignores the condition"),
        (Fault { oldest: true, ..good }, "it ignores the condition"),
        (Fault { unsorted: true, ..good }, "order: row 2 is younger than the row after it"),
        (Fault { minutes: true, ..good }, "step: the CRM prints whole steps of PT1M"),
        (Fault { no_users: true, ..good }, "agents: "),
        (
            Fault { colleagues: true, ..good },
            "contacts: 1 of those that were looked at are agents too (id 3)",
        ),
        (Fault { clock: true, ..good }, "clock: the CRM's is 3"),
        (Fault { forbidden: true, ..good }, "contacts: 403 "),
        (Fault { forbidden: true, ..good }, "give the API user the right"),
        (Fault { no_calls: true, ..good }, "interactions (call): 403 "),
        (
            Fault { wrong_key: true, ..good },
            "Compare api_key of the secret with what the CRM's administrator gave",
        ),
        (Fault { nobody: true, ..good }, "by an address of its own none of these contacts is found"),
        (Fault { anybody: true, ..good }, "an address and a number that nobody has find somebody"),
        // A bucket that is empty while the list shows its rows is a contradiction, however young they are.
        (Fault { bucket: Some(2), ..good }, "contacts: 502 "),
        (Fault { bucket: Some(72), ..good }, "contacts: 502 "),
    ] {
        let found = findings(fault).await;
        let wrong: Vec<_> = found.iter().filter(|finding| !finding.good).map(|f| f.text.as_str()).collect();
        assert!(wrong.iter().any(|text| text.contains(sentence)), "{sentence}: {found:#?}");
        assert_eq!(wrong.len(), 1, "{sentence}: {wrong:#?}");
    }
}

#[tokio::test]
async fn the_rows_that_are_looked_at_are_the_contacts_and_not_those_of_a_step_before_them() {
    let step = "contacts: {steps: {first: {fetch: {path: /contacts/lookup}}}}";
    let found = findings_with(Fault { anybody: true, ..Fault::default() }, step).await;
    assert!(found.iter().any(|finding| finding.text.contains("a first page of 12")), "{found:#?}");
}

#[tokio::test]
async fn a_snapshot_that_prints_no_time_is_asked_for_less() {
    let snapshot = |full: &str| {
        format!(
            "contacts: {{page: {{number: {{start: 1}}}}, fetch: {{query: {{page: '{{{{ page }}}}', sort: id}}}}, \
             checkpoint: {{mode: snapshot, field: null, order: '{{{{ row.id }}}}', drain: null{full}}}}}"
        )
    };
    let ignores = Fault { ignores: true, ..Fault::default() };
    for (fault, full, good, sentence) in [
        (Fault::default(), "", true, "sends less than at first"),
        (ignores, "", false, "it ignores the condition"),
        (ignores, ", full_every: PT0S", true, "every run reads everything"),
    ] {
        let found = findings_with(fault, &snapshot(full)).await;
        let said = found.iter().find(|finding| finding.text.contains(sentence));
        assert!(said.is_some_and(|finding| finding.good == good), "{sentence}: {found:#?}");
        assert!(found.iter().all(|finding| finding.good || finding.text.contains(sentence)), "{found:#?}");
    }
}

#[tokio::test]
async fn rows_of_which_none_is_delivered_are_told() {
    let found = findings_with(Fault::default(), "contacts: {where: \"{{ row.kind == 'nobody' }}\"}").await;
    let wrong: Vec<_> = found.iter().filter(|finding| !finding.good).collect();
    assert!(wrong.len() == 1 && wrong[0].text.contains("rows came and none was delivered"), "{found:#?}");
}

#[tokio::test]
async fn an_answer_that_is_not_as_the_manifest_says_leads_to_the_manifest_and_not_to_the_address() {
    let found = findings_with(Fault::default(), "contacts: {records: '{{ body.nothing }}'}").await;
    let advice = "Compare what the manifest expects of this answer with what the CRM sends";
    assert!(found.iter().any(|finding| !finding.good && finding.text.contains(advice)), "{found:#?}");
}
