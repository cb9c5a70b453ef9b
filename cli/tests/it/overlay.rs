//! `check --overlay`: what an operator lays over a manifest may change what its fixtures show, and must be sound.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use talkdesk_bridge::check::{Report, check};

/// A check of a shipped manifest, or of a folder, with a text laid over it.
async fn checked(path: &Path, overlay: &str) -> Report {
    // The tests of this program run side by side.
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let file =
        std::env::temp_dir().join(format!("talkdesk-bridge-overlay-{}-{number}.yaml", std::process::id()));
    std::fs::write(&file, overlay).unwrap();
    let report = check(&[path.to_owned()], Some(&file), false).await;
    std::fs::remove_file(&file).unwrap();
    report
}

fn manifest(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests").join(name)
}

#[tokio::test]
async fn what_an_overlay_changes_is_told_and_refused_never() {
    let report = checked(&manifest("espocrm"), "limits: {page_size: 20}\n").await;
    assert!(report.good, "{}", report.text);
    assert!(report.text.contains("the overlay changes what"), "{}", report.text);
    assert!(report.text.contains("15-contacts-limit.json: turn 1: unexpected call"), "{}", report.text);
    let report = checked(&manifest("hubspot"), "credentials: {caller_key: bridge_key}\n").await;
    assert!(report.good && report.text.contains("47/47"), "{}", report.text);
    assert!(!report.text.contains("the overlay changes"), "{}", report.text);
}

#[tokio::test]
async fn an_overlay_with_a_fault_is_refused() {
    let report = checked(&manifest("espocrm"), "limits: {page_sise: 20}\n").await;
    assert!(!report.good && report.text.contains("did you mean `page_size`?"), "{}", report.text);
}

#[tokio::test]
async fn a_fixture_that_is_wrong_without_the_overlay_too_is_a_fault() {
    let folder = std::env::temp_dir().join(format!("talkdesk-bridge-overlay-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("fixtures")).unwrap();
    let from = manifest("espocrm");
    std::fs::copy(from.join("manifest.yaml"), folder.join("manifest.yaml")).unwrap();
    let fixture = std::fs::read_to_string(from.join("fixtures/15-contacts-limit.json")).unwrap();
    assert!(fixture.contains("/api/v1/Contact"));
    let wrong = fixture.replace("/api/v1/Contact", "/api/v1/Account");
    std::fs::write(folder.join("fixtures/15-contacts-limit.json"), wrong).unwrap();
    let report = checked(&folder, "limits: {page_size: 21, interactions: 40}\n").await;
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(!report.good, "{}", report.text);
}
