//! Standard actions and inputs, defaults, constants: what a manifest need not write.

use super::super::{File, Manifest};

const GOOD: &str = include_str!("../../../tests/fixtures/manifest/small.yaml");

fn load(text: &str) -> Result<Manifest, String> {
    let file = File { name: "manifest.yaml".to_owned(), text: text.to_owned() };
    Manifest::load(&[file])
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

/// `GOOD` with other actions.
fn with_actions(actions: &str) -> Result<Manifest, String> {
    let head = GOOD.split("\nactions:\n").next().unwrap_or_default();
    load(&format!("{head}\n{actions}"))
}

const LOG: &str = "    fetch: {method: POST, path: /calls, body: {at: \"{{ call.started_at | iso_s }}\"}}\n    result: {}\n";

#[test]
fn a_standard_action_brings_what_it_does_not_say() {
    let manifest = with_actions(&format!("actions:\n  log_call:\n{LOG}")).unwrap();
    let action = &manifest.document().actions["log_call"];
    assert_eq!(action.display, "log a call");
    assert_eq!(action.description, "log a call with the contact in Small CRM");
    let keys: Vec<&str> = action.input.keys().map(String::as_str).collect();
    assert_eq!(keys[..4], ["direction", "seconds", "summary", "call_id"]);
    assert_eq!((keys.len(), keys.last()), (14, Some(&"recording")));
    assert!(keys[3..].iter().all(|key| !action.input[*key].mandatory));
    let own = format!(
        "actions:\n  log_call:\n    display: note a call\n    input: {{seconds: {{name: S}}}}\n{LOG}"
    );
    let manifest = with_actions(&own).unwrap();
    let action = &manifest.document().actions["log_call"];
    assert_eq!(action.display, "note a call");
    assert_eq!(action.input.keys().collect::<Vec<_>>(), ["seconds"]);
    assert_eq!(action.input["seconds"].name, "S");
}

#[test]
fn a_named_input_is_the_standard_one_and_may_be_changed() {
    let list = |input: &str| with_actions(&format!("actions:\n  log_call:\n    input: {input}\n{LOG}"));
    let manifest = list("[seconds, {summary: {mandatory: true}}, {line: {name: Line}}]").unwrap();
    let input = &manifest.document().actions["log_call"].input;
    assert_eq!(input.keys().collect::<Vec<_>>(), ["seconds", "summary", "line"]);
    assert_eq!((input["summary"].name.as_str(), input["summary"].mandatory), ("Summary", true));
    for (input, complaint) in [
        ("[secnds]", "did you mean `seconds`?"),
        ("[seconds, seconds]", "stands here twice"),
        ("[seconds, call_details, hold]", "the input `hold` stands here twice"),
        ("[seconds, call_detail]", "did you mean `call_details`?"),
        ("[seconds, 7]", "an input is a name"),
        ("[seconds, {line: {type: text}}]", "the mandatory key `name` is missing"),
        ("[direction]", "the name `call.started_at` does not exist here"),
    ] {
        let text = list(input).unwrap_err();
        assert!(text.contains(complaint) && text.starts_with("manifest.yaml:"), "{input}: {text}");
    }
}

#[test]
fn a_named_group_is_its_inputs_in_their_order() {
    let text = format!("actions:\n  log_call:\n    input: [seconds, call_details, contact_id]\n{LOG}");
    let manifest = with_actions(&text).unwrap();
    let input = &manifest.document().actions["log_call"].input;
    let keys: Vec<&str> = input.keys().map(String::as_str).collect();
    assert_eq!((keys[..3].to_vec(), keys[12]), (vec!["seconds", "call_id", "interaction_id"], "contact_id"));
    assert_eq!(input["recording"].format.as_deref(), Some("{{recording_url}}"));
}

#[test]
fn an_overlay_changes_one_input_of_a_list() {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let head = GOOD.split("\nactions:\n").next().unwrap();
    let base = format!("{head}\nactions:\n  log_call:\n{LOG}");
    let overlay = "actions: {log_call: {input: {call_id: null, summary: {mandatory: true}}}}\n";
    let manifest = Manifest::load(&[file("manifest.yaml", &base), file("overlay.yaml", overlay)]).unwrap();
    let input = &manifest.document().actions["log_call"].input;
    assert_eq!(
        input.keys().take(4).collect::<Vec<_>>(),
        ["direction", "seconds", "summary", "interaction_id"]
    );
    assert!(input["summary"].mandatory && !input.contains_key("call_id"));
}

#[test]
fn defaults_stand_under_every_entry_of_their_section() {
    let defaults = "defaults:\n  types: {empty_on: [404], map: {url: \"{{ row.link }}\"}}\n  actions: {ok: \"{{ body.fine }}\"}\n";
    let document = load(&format!("{GOOD}{defaults}")).unwrap();
    let ticket = &document.document().interactions.as_ref().unwrap().types["ticket"];
    assert_eq!((ticket.empty_on.as_slice(), ticket.map.url.is_some()), ([404].as_slice(), true));
    assert!(document.document().actions["create_ticket"].ok.is_some());
    let own = GOOD.replacen(
        "      records: \"{{ body.tickets }}\"",
        "      records: \"{{ body.tickets }}\"\n      empty_on: null",
        1,
    );
    let document = load(&format!("{own}{defaults}")).unwrap();
    assert!(document.document().interactions.as_ref().unwrap().types["ticket"].empty_on.is_empty());
    let text = load(&format!("{GOOD}defaults:\n  types: {{emty_on: [404]}}\n")).unwrap_err();
    assert!(text.contains("unknown key `emty_on`") && text.contains("did you mean `empty_on`?"), "{text}");
    let text = load(&format!("{GOOD}defaults:\n  agents: {{}}\n")).unwrap_err();
    assert!(text.contains("unknown key `agents`"), "{text}");
}

#[test]
fn a_constant_may_be_computed_but_from_outside_only_what_is_quoted() {
    let constant = |text: &str| {
        load(&GOOD.replacen("const: {version: v1}", &format!("const: {{version: \"{text}\"}}"), 1))
    };
    assert_eq!(constant("https://{{ auth.account | url }}/app").map(|m| m.constants().len()), Ok(0));
    for text in ["https://{{ auth.account }}/app", "{{ auth.account }}", "{{ 'https://' ~ auth.account }}"] {
        let complaint = constant(text).unwrap_err();
        assert!(complaint.contains("without saying how it is quoted"), "{text}: {complaint}");
    }
    assert!(constant("{{ const.version }}").unwrap_err().contains("`const.version` does not exist here"));
    assert!(constant("{{ secret.api_key }}").unwrap_err().contains("credentials of a request"));
}

#[test]
fn an_overlay_changes_defaults_takes_away_what_they_gave_and_what_it_adds_has_them() {
    let file = |name: &str, text: &str| File { name: name.to_owned(), text: text.to_owned() };
    let base =
        format!("{GOOD}defaults:\n  types: {{empty_on: [404], map: {{url: \"{{{{ row.link }}}}\"}}}}\n");
    let overlay = "interactions:\n  types:\n    ticket: {map: {url: null}}\n    visit:\n      \
        fetch: {path: \"/contacts/{{ contact.id }}/visits\"}\n      records: \"{{ body.visits }}\"\n      \
        map: {id: \"{{ row.id }}\", subject: Visit, date: \"{{ row.at | ts }}\"}\n";
    let manifest = Manifest::load(&[file("manifest.yaml", &base), file("overlay.yaml", overlay)]).unwrap();
    let types = &manifest.document().interactions.as_ref().unwrap().types;
    assert!(types["ticket"].map.url.is_none() && types["visit"].map.url.is_some());
    assert_eq!(
        (types["ticket"].empty_on.as_slice(), types["visit"].empty_on.as_slice()),
        (&[404][..], &[404][..])
    );
    let own = "defaults: {types: {empty_on: [410], map: {priority: low}}}\n";
    let manifest = Manifest::load(&[file("manifest.yaml", &base), file("overlay.yaml", own)]).unwrap();
    let ticket = &manifest.document().interactions.as_ref().unwrap().types["ticket"];
    assert!(ticket.map.priority.is_some() && ticket.empty_on == [410]);
}
