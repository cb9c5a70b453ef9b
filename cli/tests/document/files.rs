//! The files of a package: both forms of the configuration, actions, ticket, pictures.

use std::path::Path;

use bridge::contract::integration::IntegrationConfig;
use serde_json::{Value, json};
use talkdesk_bridge::document::configuration::problems;

use crate::world::{arguments, demo, files, fixture, folder, json, root, text, wide};

#[tokio::test]
async fn the_package_is_complete_and_fits_the_schemas() {
    let out = demo("files").await;
    let names: Vec<String> =
        files(&out).into_iter().map(|(name, _)| name).filter(|n| !n.ends_with(".pdf")).collect();
    assert_eq!(
        names,
        [
            "actions/add_note.json",
            "actions/create_contact.json",
            "actions/create_ticket.json",
            "actions/log_call.json",
            "api-manifest.html",
            "api-manifest.md",
            "checklist.md",
            "integration.json",
            "integration.new.json",
            "package.json",
            "submission.eml",
            "ticket.md",
        ]
    );
    for name in names.iter().filter(|n| n.starts_with("actions/")) {
        assert_eq!(problems("action", &json(&out, name)).unwrap(), Vec::<String>::new(), "{name}");
    }
    let (old, new) = (json(&out, "integration.json"), json(&out, "integration.new.json"));
    for form in [&old, &new] {
        assert_eq!(problems("integration", form).unwrap(), Vec::<String>::new());
    }
    assert_eq!(old["authentication_configuration"][0]["account"]["source"], "input");
    assert_eq!(new["authentication_configuration"][0]["field_name"], "account");
    assert_eq!(IntegrationConfig::from_json(&old).unwrap(), IntegrationConfig::from_json(&new).unwrap());
}

#[test]
fn the_schemas_do_refuse_something() {
    let bad = json!({"provider": "x", "name": "", "display": "d", "description": "d", "endpoint": 1});
    assert!(problems("action", &bad).unwrap().len() >= 3);
}

#[tokio::test]
async fn the_same_input_is_the_same_bytes() {
    assert_eq!(files(&demo("same-1").await), files(&demo("same-2").await));
}

#[tokio::test]
async fn what_is_not_offered_appears_nowhere() {
    let out = folder("partial");
    arguments(fixture("partial.yaml"), &out).run().await.unwrap();
    let config = json(&out, "integration.json");
    assert_eq!(config["contact_synchronization_endpoint"], "https://bridge.example.org/prod/contact_sync");
    let absent = [
        "auth_validation_endpoint",
        "interaction_retrieval_endpoint",
        "agent_synchronization_endpoint",
        "interaction_types",
    ];
    for key in absent {
        assert_eq!(config[key], Value::Null, "{key}");
    }
    for name in
        ["api-manifest.md", "api-manifest.html", "ticket.md", "submission.eml", "integration.new.json"]
    {
        let content = text(&out, name);
        for absent in absent.iter().chain(&[
            "Agent Retriever",
            "Authorization Valid",
            "Interaction Retriever",
            "agent_sync",
        ]) {
            assert!(!content.contains(absent), "{name}: {absent}");
        }
    }
    let document = text(&out, "api-manifest.md");
    assert!(
        document.contains("## 2: ") && document.contains("## 5: ") && !document.contains("## 3: "),
        "{document}"
    );
    // Without fixtures the input is made up, and that is said.
    assert!(document.contains("made up from Talkdesk's documents"), "{document}");
    assert!(document.contains("no recorded exchange"), "{document}");
    assert!(document.contains("\"access_token\": \"<access_token>\""), "{document}");
    assert!(text(&out, "checklist.md").contains("OAuth client"));
}

#[tokio::test]
async fn the_lists_that_are_synchronized_besides_contacts_are_named() {
    let out = folder("lists");
    arguments(crate::world::root().join("manifests/salesforce"), &out).run().await.unwrap();
    let document = text(&out, "api-manifest.md");
    let said = "They are followed by the CRM's leads, as contacts whose ids begin with `lead:`.";
    assert!(document.contains(said), "{document}");
    assert!(text(&out, "checklist.md").contains("The same for the CRM's leads"));
    let demo = demo("no-lists").await;
    assert!(!text(&demo, "api-manifest.md").contains("They are followed by"));
    assert!(!text(&demo, "checklist.md").contains("The same for the CRM's"));
}

/// Not even in passing: no file has a word for what the manifest does not have.
#[tokio::test]
async fn credentials_and_contacts_alone_mention_nothing_else() {
    let out = folder("contacts-only");
    let details =
        text(&fixture(""), "details.yaml").replace("Calls are to be logged.", "Names are to be shown.");
    let details = details.replace("forgotten calls", "unknown callers");
    std::fs::write(out.join("details.yaml"), details).unwrap();
    let package = out.join("package");
    let mut arguments = arguments(fixture("auth-and-contacts.yaml"), &package);
    arguments.details = Some(out.join("details.yaml"));
    arguments.run().await.unwrap();
    for (name, bytes) in files(&package).into_iter().filter(|(name, _)| !name.ends_with(".pdf")) {
        let content = String::from_utf8_lossy(&bytes).to_lowercase();
        // What is encoded in the e-mail is a file of its own.
        let content = content.split("content-disposition").next().unwrap();
        for absent in ["agent", "interaction", "action"] {
            assert!(!content.contains(absent), "{name}: {absent}: {content}");
        }
    }
    let outcome = crate::world::check(fixture("auth-and-contacts.yaml"), &package).await;
    assert!(outcome.good, "{}", outcome.text);
}

#[tokio::test]
async fn both_tools_outputs_of_a_stack_are_read() {
    let shipped = root().join("docs/example-submission/input/stack-outputs.json");
    let list: Value = serde_json::from_str(&std::fs::read_to_string(&shipped).unwrap()).unwrap();
    let folder = folder("outputs");
    let described = folder.join("described.json");
    std::fs::write(&described, json!({"Stacks": [{"StackName": "x", "Outputs": list}]}).to_string()).unwrap();
    for outputs in [shipped, described] {
        let mut arguments = arguments(root().join("manifests/demo"), &folder.join("out"));
        arguments.base_url = None;
        arguments.stack_outputs = Some(outputs);
        arguments.run().await.unwrap();
        let host = "https://a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com";
        let config = json(&folder.join("out"), "integration.json");
        assert_eq!(config["auth_validation_endpoint"], format!("{host}/auth_validation"));
        let action = json(&folder.join("out"), "actions/add_note.json");
        assert_eq!(action["endpoint"], format!("{host}/actions/add_note"));
    }
}

/// The demo's actions are gone when the folder is used for another manifest; a file that somebody
/// changed or put there stays.
#[tokio::test]
async fn leftovers_of_an_earlier_package_go_and_others_stay() {
    let out = demo("leftovers").await;
    std::fs::write(out.join("actions/add_note.json"), "mine now").unwrap();
    std::fs::write(out.join("notes.txt"), "mine").unwrap();
    arguments(fixture("partial.yaml"), &out).run().await.unwrap();
    let names: Vec<String> = files(&out).into_iter().map(|(name, _)| name).collect();
    assert!(!names.iter().any(|n| n == "actions/log_call.json"), "{names:?}");
    for stays in ["actions/add_note.json", "actions/add_task.json", "notes.txt"] {
        assert!(names.iter().any(|n| n == stays), "{stays}: {names:?}");
    }
}

#[tokio::test]
async fn the_ticket_has_the_newer_shape() {
    let out = demo("ticket").await;
    let ticket = text(&out, "ticket.md");
    for part in [
        "| Option | Technical and Product Support |",
        "| Product area | Integrations |",
        "| Subject | Activate Custom Integration |",
        ", integration.new.json, actions/create_ticket.json, actions/add_note.json, ",
        "| `logo_url` | <https://demo-crm.example.com/logo.png> |",
        "| Erika Muster | erika@example.com, Owner |",
        "## Integration Details",
        "| Field | Example |",
        "**field_name:** `account`<br>– Display: Account<br>– Mandatory: true<br>– Type: `input`<br>– Store: true",
        "## Action Details: create_contact",
        "**key:** `last_name`<br>– Name: Last name<br>– Mandatory: true",
    ] {
        assert!(ticket.contains(part), "{part}\n{ticket}");
    }
    assert!(!ticket.contains("Source"), "the newer form knows no source");
}

#[tokio::test]
async fn pictures_that_are_too_large_are_found() {
    let out = folder("pictures");
    let mut arguments = arguments(root().join("manifests/demo"), &out);
    arguments.logo = Some(png(&out, "good.png", 192, 96));
    arguments.icon = Some(png(&out, "big.png", 97, 96));
    let outcome = arguments.clone().run().await.unwrap();
    let found = "The icon (big.png) has 97×96 pixels; 96×96 are the most.";
    assert!(outcome.text.contains(found) && !outcome.text.contains("The logo"), "{}", outcome.text);
    assert!(text(&out, "checklist.md").contains(found));
    arguments.icon = Some(fixture("details.yaml"));
    assert!(arguments.run().await.unwrap().text.contains("cannot be read"));
}

#[tokio::test]
async fn forty_fields_are_all_there_in_order_and_in_both_forms() {
    let out = folder("forty-out");
    arguments(wide("forty", "見本株式会社", 40), &out).run().await.unwrap();
    let (old, new) = (json(&out, "integration.json"), json(&out, "integration.new.json"));
    let document = text(&out, "api-manifest.md");
    for number in 0..40 {
        let name = new["authentication_configuration"][number]["field_name"].as_str().unwrap();
        assert!(name.starts_with(&format!("field_number_{number}_")), "{name}");
        assert!(old["authentication_configuration"][number][name]["help"].is_string(), "{name}");
        assert!(
            document.contains(&format!("\n| `{name}` | **Field {number} 見本株式会社**<br>help: ")),
            "{name}"
        );
    }
}

/// Every shipped manifest: a package, of bearable length, with nothing left to complain about.
#[tokio::test]
async fn every_shipped_manifest_makes_a_package_that_matches() {
    for entry in std::fs::read_dir(root().join("manifests")).unwrap() {
        let manifest = entry.unwrap().path();
        if !manifest.join("manifest.yaml").is_file() {
            continue;
        }
        let name = manifest.file_name().unwrap().to_string_lossy().into_owned();
        let out = folder(&format!("shipped-{name}"));
        let outcome = arguments(&manifest, &out).run().await.unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(!outcome.text.contains("over the edge"), "{name}: {}", outcome.text);
        let document = text(&out, "api-manifest.md");
        assert!(document.lines().count() < 1_800, "{name}: {} lines", document.lines().count());
        assert!(!document.contains("made up"), "{name}: a component without a fixture");
        let outcome = crate::world::check(&manifest, &out).await;
        assert!(outcome.good, "{name}: {}", outcome.text);
    }
}

/// The first bytes of a PNG: all that tells its size.
fn png(folder: &Path, name: &str, width: u32, height: u32) -> std::path::PathBuf {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bytes.extend(width.to_be_bytes());
    bytes.extend(height.to_be_bytes());
    bytes.extend([8, 6, 0, 0, 0]);
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
