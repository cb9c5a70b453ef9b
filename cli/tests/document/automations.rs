//! The chapter "Automations": every action with its trigger and a value for every input.

use crate::world::{arguments, demo, folder, json, root, text};

/// The chapter of a package.
fn chapter(document: &str) -> &str {
    let (_, rest) = document.split_once("\n## Automations\n").unwrap();
    rest.split("\n## ").next().unwrap()
}

/// One automation of it.
fn automation<'d>(chapter: &'d str, line: &str) -> &'d str {
    let (_, rest) = chapter.split_once(line).unwrap_or_else(|| panic!("{line}\n{chapter}"));
    rest.split("\n**When**").next().unwrap()
}

#[tokio::test]
async fn a_call_is_logged_by_two_automations_with_what_their_triggers_know() {
    let document = text(&demo("automations").await, "api-manifest.md");
    let chapter = chapter(&document);
    let inbound = automation(chapter, "**When** an inbound call ends, **then** log a call (`log_call`).");
    let outbound = automation(chapter, "**When** an outbound call ends, **then** log a call (`log_call`).");
    for (key, there, back) in [
        ("direction", "`inbound`", "`outbound`"),
        ("seconds", "`{{duration}}`", "`{{duration}}`"),
        ("call_id", "`{{call_id}}`", "`{{call_id}}`"),
        ("interaction_id", "`{{interaction_id}}`", "`{{interaction_id}}`"),
        ("started_at", "`{{start_time}}`", "nothing: this trigger does not know it"),
        ("waiting", "`{{waiting_time}}`", "`{{waiting_time}}`"),
        ("hold", "`{{hold_time}}`", "`{{hold_time}}`"),
        ("their_number", "`{{contact_phone_number}}`", "`{{contact_phone_number}}`"),
        ("our_number", "`{{talkdesk_phone_number}}`", "`{{talkdesk_phone_number}}`"),
        ("agent_name", "`{{agent.name}}`", "`{{agent.name}}`"),
        ("hangup", "`{{hangup}}`", "`{{hangup}}`"),
        ("tags", "`{{tags}}`", "`{{tags}}`"),
        ("recording", "`{{recording_url}}`", "nothing: this trigger does not know it"),
    ] {
        assert!(inbound.contains(&format!(" | `{key}` | {there} |")), "{key}: {inbound}");
        assert!(outbound.contains(&format!(" | `{key}` | {back} |")), "{key}: {outbound}");
    }
}

#[tokio::test]
async fn notes_contacts_and_tickets_have_triggers_of_their_own() {
    let document = text(&demo("automations-others").await, "api-manifest.md");
    let chapter = chapter(&document);
    let note = automation(chapter, "**When** a note is created, **then** add a note (`add_note`).");
    assert!(note.contains("| Note (mandatory) | `note` | `{{content}}` |"), "{note}");
    let contact =
        automation(chapter, "**When** a user asks for it, **then** create a contact (`create_contact`).");
    assert!(
        contact.contains("| Last name (mandatory) | `last_name` | `{{contact.last_name}}` |"),
        "{contact}"
    );
    assert!(!chapter.contains("**When** a contact is created"), "the CRM's contacts would come back to it");
    let ticket =
        automation(chapter, "**When** an inbound call ends, **then** create a ticket (`create_ticket`).");
    for row in [
        "| Subject (mandatory) | `subject` | `Call from {{contact.name}}, {{contact_phone_number}}` |",
        "| Priority | `priority` | `normal`, or another one |",
    ] {
        assert!(ticket.contains(row), "{row}\n{ticket}");
    }
}

/// What the chapter says is what Talkdesk finds in the field: the configuration's own prefill.
#[tokio::test]
async fn the_configuration_has_the_placeholders_as_prefill_and_asks_for_none_of_them() {
    let inputs = json(&demo("automations-prefill").await, "actions/log_call.json")["inputs"].clone();
    let recording = inputs.as_array().unwrap().iter().find(|input| input["key"] == "recording").unwrap();
    assert_eq!(
        *recording,
        serde_json::json!({"key": "recording", "name": "Recording", "mandatory": false, "type": "text",
            "format": "{{recording_url}}"})
    );
    let mandatory = inputs.as_array().unwrap().iter().filter(|input| input["mandatory"] == true).count();
    assert_eq!(mandatory, 1, "{inputs}");
}

#[tokio::test]
async fn every_shipped_action_has_an_automation_with_all_its_inputs() {
    for name in bridge_names() {
        let manifest = root().join("manifests").join(&name);
        let out = folder(&format!("automations-{name}"));
        arguments(manifest, &out).run().await.unwrap();
        let document = text(&out, "api-manifest.md");
        let chapter = chapter(&document);
        for entry in std::fs::read_dir(out.join("actions")).unwrap() {
            let file = entry.unwrap().file_name().to_string_lossy().into_owned();
            let action = json(&out, &format!("actions/{file}"));
            let called = format!("(`{}`).", action["name"].as_str().unwrap());
            let parts: Vec<&str> = chapter.split("**When** ").filter(|part| part.contains(&called)).collect();
            assert!(!parts.is_empty(), "{name}: {called}");
            for input in action["inputs"].as_array().unwrap() {
                let cell = format!(" | `{}` | ", input["key"].as_str().unwrap());
                assert!(parts.iter().all(|part| part.contains(&cell)), "{name}: {called}: {cell}");
            }
        }
    }
}

fn bridge_names() -> Vec<String> {
    talkdesk_bridge::document::naming::names().shipped
}
