//! The integration's name, which no other company may have at Talkdesk.

use std::path::Path;

use talkdesk_bridge::document::DocumentArguments;
use talkdesk_bridge::document::naming::names;

use crate::world::{arguments, check, files, fixture, folder, json, root, text};

/// The demo's package with other details.
fn with_details(name: &str, change: impl Fn(&str) -> String) -> DocumentArguments {
    let folder = folder(name);
    let details = change(&text(&fixture(""), "details.yaml"));
    std::fs::write(folder.join("details.yaml"), details).unwrap();
    let arguments = arguments(root().join("manifests/demo"), &folder.join("out"));
    DocumentArguments { details: Some(folder.join("details.yaml")), ..arguments }
}

/// A folder beside the demo's: what a customer changes.
fn customers(name: &str, own: &str) -> std::path::PathBuf {
    let folder = folder(name);
    std::fs::create_dir_all(folder.join("demo")).unwrap();
    std::fs::create_dir_all(folder.join("own")).unwrap();
    let demo = text(&root().join("manifests/demo"), "manifest.yaml");
    std::fs::write(folder.join("demo/manifest.yaml"), demo).unwrap();
    std::fs::write(folder.join("own/manifest.yaml"), format!("extends: demo\nschema: 1\n{own}")).unwrap();
    folder.join("own")
}

/// What the configuration, its actions, the ticket, the checklist, and the document call it.
fn named(out: &Path) -> String {
    let name = json(out, "integration.json")["name"].as_str().unwrap().to_owned();
    assert_eq!(json(out, "integration.new.json")["name"], name.as_str());
    for (file, _) in files(out).into_iter().filter(|(file, _)| file.starts_with("actions/")) {
        assert_eq!(json(out, &file)["provider"], name.as_str(), "{file}");
    }
    for (file, part) in [
        ("ticket.md", format!("| `name` | `{name}` |")),
        ("checklist.md", format!("The integration's name `{name}` is one that no other company has")),
        ("api-manifest.md", format!("| `name` | `{name}` |")),
        ("submission.eml", format!("Integration name:\r\n{name}\r\n")),
    ] {
        assert!(text(out, file).contains(&part), "{file}: {part}\n{}", text(out, file));
    }
    name
}

#[tokio::test]
async fn the_name_is_the_crms_and_the_clients_everywhere() {
    let out = crate::world::demo("naming").await;
    assert_eq!(named(&out), "demo-musterfirma-gmbh");
}

#[tokio::test]
async fn the_details_own_name_goes_before_it_and_check_knows_it_again() {
    let details = |text: &str| format!("{text}integration_name: demo-muster\n");
    let arguments = with_details("naming-own", details);
    let out = arguments.out.clone().unwrap();
    arguments.run().await.unwrap();
    assert_eq!(named(&out), "demo-muster");
    let outcome = check(root().join("manifests/demo"), &out).await;
    assert!(outcome.good, "{}", outcome.text);
}

#[tokio::test]
async fn a_name_in_use_at_talkdesk_or_of_a_shipped_manifest_is_refused() {
    let known = names();
    assert_eq!((known.in_use.len(), known.shipped.len()), (50, 19));
    for (name, why) in [
        ("zendesk", "is in use at Talkdesk"),
        ("azorus-edgehilluniversity", "is in use at Talkdesk"),
        ("hubspot", "is what every user of this manifest could take"),
        ("Demo Muster", "must be lower case letters"),
    ] {
        let details = |text: &str| format!("{text}integration_name: {name}\n");
        let error = with_details("naming-taken", details).run().await.unwrap_err();
        assert!(error.contains(&format!("integration_name: `{name}` {why}")), "{error}");
        assert_eq!(error.lines().count(), 2, "{error}");
    }
}

#[tokio::test]
async fn a_client_without_a_plain_letter_has_to_say_the_name() {
    let details = |text: &str| text.replace("Musterfirma GmbH", "見本株式会社");
    let error = with_details("naming-letters", details).run().await.unwrap_err();
    assert!(error.contains("integration_name: ") && error.contains("such as demo-example"), "{error}");
}

#[tokio::test]
async fn a_customers_own_folder_keeps_its_name() {
    let own = customers("naming-folder", "integration: {name: demo-muster}\n");
    let out = own.join("out");
    arguments(&own, &out).run().await.unwrap();
    assert_eq!(named(&out), "demo-muster");
    // One that only changes something has the name of the manifest that it extends: not its own.
    let own = customers("naming-folder-same", "integration: {display_name: Demo}\n");
    arguments(&own, &own.join("out")).run().await.unwrap();
    assert_eq!(named(&own.join("out")), "demo-musterfirma-gmbh");
    let own = customers("naming-folder-taken", "integration: {name: convoy}\n");
    let error = arguments(&own, &own.join("out")).run().await.unwrap_err();
    assert!(error.contains("`convoy` is in use at Talkdesk"), "{error}");
}

#[tokio::test]
async fn an_overlay_that_renames_the_integration_names_it() {
    let folder = folder("naming-overlay");
    let overlay = folder.join("overlay.yaml");
    std::fs::write(&overlay, "integration: {name: muster-crm}\n").unwrap();
    let mut arguments = arguments(root().join("manifests/demo"), &folder.join("out"));
    arguments.overlay = Some(overlay);
    arguments.run().await.unwrap();
    assert_eq!(named(&folder.join("out")), "muster-crm");
}

/// Whoever adds a manifest adds its name.
#[test]
fn the_shipped_names_are_the_folders_of_manifests() {
    let folders = std::fs::read_dir(root().join("manifests")).unwrap().map(|entry| entry.unwrap());
    let folders = folders.filter(|entry| entry.path().join("manifest.yaml").is_file());
    let mut folders: Vec<String> =
        folders.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    folders.sort_unstable();
    assert_eq!(folders, names().shipped);
}
