//! `docs/calls.md`: what every manifest asks of its CRM, measured by its fixtures, and what it may ask.
//!
//! `UPDATE_DOCS=1 cargo test -p talkdesk-bridge --test reference calls` writes the file anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge::manifest::Manifest;
use bridge::manifest::model::ForEach;
use talkdesk_bridge::fixture::{Fixture, read_all};
use talkdesk_bridge::replay::{Calls, Played, counted};

const HEAD: &str = "# Calls\n\n\
    What a manifest asks of its CRM, counted while its fixtures are played; made by \
    `UPDATE_DOCS=1 cargo test -p talkdesk-bridge --test reference calls`, and held by the same test. Calls that \
    are open at the same time are one *round trip*: a screen takes as long as its round trips.\n\n\
    - **per 1,000 contacts**: of an initial sync with full pages. A further list (leads) costs as much for its own, \
    and one call of a run in which nothing has changed.\n\
    - **screen**: the dearest request of interactions that the CRM answered at once, calls / round trips, by \
    what Talkdesk knows of the contact: an id, or an address and a number only. Fixtures show one type each; \
    all types are read at the same time, each with its calls. Contacts that were merged, deleted or converted, \
    which are found again by further questions, are left out.\n\
    - **action**: the dearest that succeeded.\n\n\
    | integration | per 1,000 contacts | screen, known | screen, looked up | action | validation |\n\
    |---|---|---|---|---|---|\n";

/// The most round trips of a screen: look-up, what belongs to the contact, that itself.
const MOST_ROUNDS: usize = 3;
/// Where the first screen of an hour takes more: it asks which columns the workspace has.
const SLOWER: [(&str, usize); 1] = [("twenty", 4)];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[derive(Default)]
struct Row {
    contacts: Option<f64>,
    known: Calls,
    looked_up: Calls,
    action: Calls,
    validation: Calls,
}

fn dearer(a: Calls, b: Calls) -> Calls {
    if (b.rounds, b.all) > (a.rounds, a.all) { b } else { a }
}

impl Row {
    fn take(&mut self, manifest: &Manifest, fixture: &Fixture, turn: &Played) {
        let rows = |name: &str| turn.answer[name].as_array().map_or(0, Vec::len);
        match fixture.component.as_str() {
            "contacts" if turn.status == 200 => {
                let each = per_row(manifest);
                let found = rows("contacts");
                if found > 0 {
                    let page = turn.calls.all.saturating_sub(each * found).max(1) as f64;
                    let pages = 1000.0 / manifest.document().limits.page_size as f64;
                    let calls = page * pages + 1000.0 * each as f64;
                    self.contacts = Some(self.contacts.map_or(calls, |before| before.min(calls)));
                }
            }
            "interactions" if turn.status == 200 && calm(fixture) => {
                let known = turn.request["meta"]["interaction"]["contact_external_id"].is_string()
                    || turn.request["data"]["contact_external_id"].is_string();
                let place = if known { &mut self.known } else { &mut self.looked_up };
                *place = dearer(*place, turn.calls);
            }
            "auth_validation" if turn.status == 200 => self.validation = dearer(self.validation, turn.calls),
            action if action.starts_with("actions/") && turn.status < 300 && calm(fixture) => {
                self.action = dearer(self.action, turn.calls);
            }
            _ => {}
        }
    }
}

/// Whether the CRM answered everything at the first time of asking.
fn calm(fixture: &Fixture) -> bool {
    let answers = fixture.turns.iter().flat_map(|turn| &turn.exchanges);
    answers.into_iter().all(|exchange| exchange.response.status < 400 || exchange.response.status == 404)
}

/// Calls that every contact costs.
fn per_row(manifest: &Manifest) -> usize {
    let steps = manifest.document().contacts.iter().flat_map(|contacts| contacts.steps.values());
    steps.filter(|step| step.for_each == Some(ForEach::Row) && step.fetch.is_some()).count()
}

async fn row(folder: &Path) -> (String, Row) {
    let manifest = Arc::new(Manifest::read(folder, None).unwrap());
    let mut row = Row::default();
    // A contact that is not there any more is found again by further questions: not every screen's case.
    let usual =
        |name: &str| !["merged", "gone", "converted", "qualified"].iter().any(|rare| name.contains(rare));
    for (name, fixture) in read_all(folder).unwrap().into_iter().filter(|(name, _)| usual(name)) {
        let played = counted(&manifest, &fixture).await.unwrap_or_else(|why| panic!("{name}: {why:?}"));
        for turn in &played {
            row.take(&manifest, &fixture, turn);
        }
    }
    (manifest.name().to_owned(), row)
}

#[tokio::test]
async fn calls_of_every_manifest_are_counted_and_a_screen_takes_few_round_trips() {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(root().join("manifests"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("manifest.yaml").is_file())
        .collect();
    folders.sort();
    let (mut page, mut slow) = (HEAD.to_owned(), Vec::new());
    for folder in folders {
        let (name, row) = row(&folder).await;
        let contacts = row.contacts.map_or_else(|| "–".to_owned(), |calls| format!("{calls:.1}"));
        let shown = |calls: Calls| match calls {
            Calls { all: 0, .. } => "–".to_owned(),
            Calls { all, rounds } => format!("{all} / {rounds}"),
        };
        let (known, looked_up) = (shown(row.known), shown(row.looked_up));
        let (action, validation) = (shown(row.action), shown(row.validation));
        writeln!(page, "| {name} | {contacts} | {known} | {looked_up} | {action} | {validation} |").unwrap();
        let most = SLOWER.iter().find(|(slower, _)| *slower == name).map_or(MOST_ROUNDS, |(_, most)| *most);
        if row.known.rounds > most || row.looked_up.rounds > most {
            slow.push(name);
        }
    }
    let file = root().join("docs/calls.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, &page).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), page, "run it with UPDATE_DOCS=1");
    assert_eq!(slow, [""; 0], "too many round trips");
}
