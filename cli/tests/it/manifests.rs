//! Every shipped manifest: it loads, its fixtures pass, and no line of it is untested.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge::contract::Component;
use bridge::error::Class;
use bridge::gateway::lines;
use bridge::manifest::{File, Manifest};
use serde_json::Value;
use talkdesk_bridge::check::check;
use talkdesk_bridge::fixture::read_all;
use talkdesk_bridge::replay::play;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn folders() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("manifests")).unwrap();
    let mut folders: Vec<_> =
        entries.map(|e| e.unwrap().path()).filter(|p| p.join("manifest.yaml").is_file()).collect();
    folders.sort();
    folders
}

#[tokio::test]
async fn every_manifest_passes_its_check() {
    let report = check(&folders(), None, false).await;
    assert!(report.good, "{}", report.text);
}

/// A line that a reviewer reads in one glance, and whose change a diff shows.
#[test]
fn no_line_of_a_manifest_is_wider_than_120_columns() {
    let mut wide = Vec::new();
    for folder in folders() {
        let text = std::fs::read_to_string(folder.join("manifest.yaml")).unwrap();
        let lines = text.lines().enumerate().filter(|(_, line)| line.chars().count() > 120);
        wide.extend(lines.map(|(at, line)| format!("{}:{}: {line}", folder.display(), at + 1)));
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// A new CRM is a folder: what runs knows none by name. (`vendors/` and `tests/` are the other side.)
#[test]
fn no_rust_file_of_the_bridge_names_a_crm() {
    let mut names: Vec<String> = folders()
        .iter()
        .map(|folder| folder.file_name().unwrap().to_str().unwrap().split('-').next().unwrap().to_owned())
        .filter(|name| !["demo", "twenty"].contains(&name.as_str()))
        .collect();
    // `twenty` is also a number.
    names.extend(["twenty's", "twenty crm", "twentyhq", "dataverse"].map(str::to_owned));
    let mut found = Vec::new();
    let mut folders: Vec<_> =
        ["shared", "functions", "cli/src", "demo-crm/src"].iter().map(|part| root().join(part)).collect();
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap().to_lowercase();
                // The beginning of a word: `creme` is also a part of `increment`.
                let begins = |at: usize| !text[..at].ends_with(char::is_alphanumeric);
                let named =
                    names.iter().filter(|name| text.match_indices(name.as_str()).any(|(at, _)| begins(at)));
                found.extend(named.map(|name| format!("{}: {name}", path.display())));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn generated_documents_are_up_to_date() {
    let outcome = talkdesk_bridge::generate::generate(&root(), true).unwrap();
    assert!(outcome.files.is_empty(), "run `talkdesk-bridge generate`: {:?}", outcome.files);
}

/// Success of every operation that a manifest offers, and the failures that every CRM has.
#[test]
fn every_operation_and_every_common_failure_has_a_fixture() {
    let mut missing = Vec::new();
    for folder in folders() {
        let manifest = Manifest::read(&folder, None).map_err(|p| lines(&p)).unwrap();
        let document = manifest.document();
        let types = document.interactions.iter().flat_map(|i| i.types.keys()).map(|t| format!("type {t}"));
        let actions = document.actions.keys().map(|name| format!("actions/{name} 201"));
        let common = ["auth_validation 200", "contacts 200", "agents 200"].map(str::to_owned);
        let failures = ["credentials_refused", "rate_limited"].map(str::to_owned);
        // What has a rule of its own must be seen.
        let quota = document.errors.iter().any(|rule| rule.class == Class::QuotaExhausted);
        let quota = quota.then(|| "quota_exhausted".to_owned());
        let wanted = types.chain(actions).chain(common).chain(failures).chain(quota);
        let mut seen = BTreeSet::new();
        for (_, fixture) in read_all(&folder).unwrap() {
            for expect in fixture.turns.iter().map(|turn| &turn.expect) {
                seen.insert(format!("{} {}", fixture.component, expect.status));
                seen.extend(expect.body["error"]["code"].as_str().map(str::to_owned));
                let shown = expect.body.as_array().into_iter().flatten();
                seen.extend(shown.filter_map(|i| Some(format!("type {}", i["type"].as_str()?))));
            }
        }
        let name = manifest.name();
        missing.extend(wanted.filter(|it| !seen.contains(it)).map(|it| format!("{name}: {it}")));
    }
    assert!(missing.is_empty(), "no fixture shows\n{}", missing.join("\n"));
}

/// A function reads its own component's part of the embedded manifest, without the checks that `check` makes.
#[tokio::test]
async fn every_fixture_passes_with_what_its_components_function_reads_at_start_up() {
    let mut failed = Vec::new();
    for folder in folders() {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let whole = Manifest::embedded(&name).map_err(|p| lines(&p)).unwrap();
        // A function is built with what is on.
        let fixtures = read_all(&folder).unwrap().into_iter().filter(|(_, fixture)| fixture.lists.is_empty());
        for (path, fixture) in fixtures {
            let (component, _) = talkdesk_bridge::replay::component(&fixture.component).unwrap();
            let part = Manifest::embedded_for(&name, component).map_err(|p| lines(&p)).unwrap();
            assert_eq!((part.hash(), part.name()), (whole.hash(), whole.name()));
            assert!(Component::ALL.iter().all(|c| part.offers(*c) == (*c == component)), "{name}");
            let played = play(&Arc::new(part), &fixture).await;
            failed.extend(played.err().map(|differences| format!("{path}: {differences:?}")));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

/// Takes away one line of a map, or the condition of a reading, and replays the fixtures.
#[tokio::test]
async fn a_manifest_without_one_of_its_map_or_where_lines_fails_its_fixtures() {
    let mut untested = Vec::new();
    for folder in folders() {
        let files = Manifest::files(&folder).unwrap();
        let manifest = Manifest::read(&folder, None).map_err(|p| lines(&p)).unwrap();
        let fixtures = read_all(&folder).unwrap();
        for line in removable(&manifest) {
            let overlay = File { name: "overlay.yaml".to_owned(), text: overlay(&line) };
            let changed = Manifest::load(&[files.as_slice(), &[overlay]].concat());
            let mut noticed = changed.is_err();
            if let Ok(changed) = changed.map(Arc::new) {
                let component = line[0].replace("contact_lists", "contacts");
                for (_, fixture) in fixtures.iter().filter(|(_, f)| f.component == component) {
                    noticed = noticed || play(&changed, fixture).await.is_err();
                }
            }
            if !noticed {
                untested.push(format!("{}: {}", manifest.name(), line.join(".")));
            }
        }
    }
    assert!(untested.is_empty(), "no fixture notices that these are gone:\n{}", untested.join("\n"));
}

/// The paths of optional map lines and of conditions.
fn removable(manifest: &Manifest) -> Vec<Vec<String>> {
    let document = manifest.document();
    let mut paths = Vec::new();
    let mut add = |path: &[&str]| paths.push(path.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
    for (here, contacts) in document.contact_sections() {
        let here: Vec<&str> = here.split('.').collect();
        let map = &contacts.map;
        for (key, there) in [
            ("company", map.company.is_some()),
            ("title", map.title.is_some()),
            ("photo_url", map.photo_url.is_some()),
            ("address", map.address.is_some()),
            ("twitter", map.twitter.is_some()),
            ("url", map.url.is_some()),
            ("emails", !map.emails.0.is_empty()),
            ("phones", !map.phones.0.is_empty()),
            ("websites", !map.websites.0.is_empty()),
        ] {
            if there {
                add(&[here.as_slice(), &["map", key]].concat());
            }
        }
        if contacts.r#where.is_some() {
            add(&[here.as_slice(), &["where"]].concat());
        }
    }
    if document.agents.as_ref().is_some_and(|a| a.r#where.is_some()) {
        add(&["agents", "where"]);
    }
    for (name, operation) in document.interactions.iter().flat_map(|i| &i.types) {
        let map = &operation.map;
        for (key, there) in [
            ("description", map.description.is_some()),
            ("url", map.url.is_some()),
            ("priority", map.priority.is_some()),
            ("status", map.status.is_some()),
        ] {
            if there {
                add(&["interactions", "types", name, "map", key]);
            }
        }
        if operation.r#where.is_some() {
            add(&["interactions", "types", name, "where"]);
        }
    }
    paths
}

/// YAML is a superset of JSON: an overlay that removes one path.
fn overlay(path: &[String]) -> String {
    let nothing = Value::Null;
    let tree = path.iter().rev().fold(nothing, |inner, key| serde_json::json!({ key.as_str(): inner }));
    tree.to_string()
}
