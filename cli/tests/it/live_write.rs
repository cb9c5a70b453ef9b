//! `check --live --write` measures how late rows show, against a demo CRM that shows them late.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bridge::config::{ManifestChoice, Settings, loopback};
use bridge::crm::client::HttpClient;
use bridge::manifest::{File, Manifest};
use bridge::time::Moment;
use demo_crm::{DemoCrm, Options};
use serde_json::json;
use talkdesk_bridge::live::{Finding, Patience, Plan, Probe, measure};

const KEY: &str = "canary-caller-key-0123";

fn manifest(overlay: &str) -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo/manifest.yaml");
    let file = File { name: "manifest.yaml".to_owned(), text: std::fs::read_to_string(path).unwrap() };
    Manifest::load(&[file, File { name: "overlay.yaml".to_owned(), text: overlay.to_owned() }]).unwrap()
}

/// What is measured of a CRM that shows writes so many milliseconds late.
async fn measured(crm: &DemoCrm, late: u32, overlay: &str, wait: u64) -> Vec<Finding> {
    crm.control().set_visibility_lag(late);
    let address = loopback(crm.url()).unwrap();
    let mut settings = Settings::new(ManifestChoice::Embedded(String::new()));
    settings.crm_base_url = Some(address.clone());
    let secret = json!({"caller_keys": [KEY], "api_key": crm.api_key()}).to_string();
    let auth = json!({"account": "acme", "bridge_key": KEY}).as_object().unwrap().clone();
    let client = Arc::new(HttpClient::new(Some(address)).unwrap());
    let probe = Probe::over(manifest(overlay), settings, secret, auth, client);
    let plan = Plan::of(probe.manifest(), &BTreeMap::new(), Moment::now()).unwrap();
    let patience = Patience { wait: Duration::from_secs(wait), pause: Duration::from_millis(50) };
    measure(&probe, &plan, patience).await
}

async fn crm() -> DemoCrm {
    DemoCrm::start(Options { api_key: "canary-crm-key".to_owned(), ..Options::default() }).await.unwrap()
}

/// The seconds in `showed 1.6 s after`.
fn seconds(finding: &Finding) -> f64 {
    let (_, rest) = finding.text.split_once("showed ").unwrap();
    rest.split_once(" s").unwrap().0.parse().unwrap()
}

#[tokio::test]
async fn a_crm_that_shows_rows_later_than_settle_is_told_with_what_to_set() {
    let found = measured(&crm().await, 2500, "contacts: {checkpoint: {settle: PT1S}}", 20).await;
    assert!(!found[0].good && found[0].text.contains("Set checkpoint.settle: PT"), "{found:#?}");
    // The precision of the CRM's clock, a second, on either side.
    assert!((1.5..6.0).contains(&seconds(&found[0])), "{found:#?}");
}

#[tokio::test]
async fn a_crm_that_shows_rows_in_time_is_measured_too() {
    let crm = crm().await;
    let found = measured(&crm, 0, "{}", 20).await;
    assert!(found.iter().all(|finding| finding.good), "{found:#?}");
    assert!(found[0].text.starts_with("settle: a new contact showed "), "{found:#?}");
    assert!(found[0].text.contains("stays 2 min behind. 3 times what was measured is PT"), "{found:#?}");
    assert_eq!(found.len(), 2, "a changed contact was measured, or it is said why not: {found:#?}");
    assert!(
        found[1].text.starts_with("settle: ") && found[1].text.contains("a changed contact"),
        "{found:#?}"
    );
}

#[tokio::test]
async fn a_contact_that_the_list_does_not_show_is_no_measure() {
    let found = measured(&crm().await, 3_600_000, "{}", 1).await;
    assert_eq!(found.len(), 1, "{found:#?}");
    assert!(!found[0].good && found[0].text.contains("the list does not show it within 1.0 s"), "{found:#?}");
}

#[tokio::test]
async fn a_refused_write_says_how_to_give_what_it_asks_for() {
    let overlay = "actions: {create_contact: {require: [{that: '{{ false }}', message: Choose a team.}]}}";
    let found = measured(&crm().await, 0, overlay, 1).await;
    assert!(!found[0].good, "{found:#?}");
    for part in ["create_contact was refused: 400 Choose a team.", "--input NAME=VALUE"] {
        assert!(found[0].text.contains(part), "{part}: {found:#?}");
    }
}

#[test]
fn what_will_be_written_is_told_before_and_is_known_for_what_it_is() {
    let now = Moment::parse("2026-05-01T07:00:00Z").unwrap();
    let text = Plan::of(&manifest("{}"), &BTreeMap::new(), now).unwrap().text();
    for part in [
        "create_contact: first_name = Talkdesk Bridge, last_name = check, email = talkdesk-bridge-check-1777618800000@",
        "\n  add_note: note = Talkdesk Bridge check, for that contact only",
        "No action deletes: remove the contact yourself afterwards.",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_nobody_asks_for_and_what_cannot_be_made_are_told() {
    let given = |name: &str| BTreeMap::from([(name.to_owned(), "x".to_owned())]);
    let unknown = Plan::of(&manifest("{}"), &given("queue"), Moment::EPOCH).unwrap_err();
    assert_eq!(unknown, "--input queue: no action that is run has such an input");
    let company = Plan::of(&manifest("{}"), &given("company"), Moment::EPOCH).unwrap();
    assert!(company.text().contains("company = x"), "{}", company.text());
    let none = Plan::of(&manifest("actions: {create_contact: null}"), &BTreeMap::new(), Moment::EPOCH);
    assert!(none.unwrap_err().contains("no action of the manifest makes a contact"));
}
