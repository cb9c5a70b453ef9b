//! Whether look-ups find who is asked for, and nobody else.

use bridge::contract::Component;
use serde_json::{Value, json};

use super::probe::Probe;
use super::{Finding, refusal};

/// How many contacts are looked at. Some share an address with others, and some have nothing that could be shown.
const TRIED: usize = 10;

/// An address and a number that nobody has must find nobody: else an agent sees a stranger's history.
pub async fn stranger(probe: &Probe) -> Finding {
    let data =
        json!({"contact_emails": ["nobody-7f3a9c@nowhere.example.com"], "contact_phones": ["+12025550199"]});
    let (status, answer, lines) = probe.ask(Component::Interactions, Value::Null, data).await;
    match (status, answer.as_array().map(Vec::len)) {
        (200, Some(0)) => Finding::good("look-ups: an address and a number that nobody has find nobody"),
        (200, _) => Finding::bad(
            "look-ups: an address and a number that nobody has find somebody: the CRM ignores a condition. Let `where` \
             take only the row that carries what was asked for",
        ),
        _ => Finding::bad(format!("look-ups: {}", refusal(probe, status, &answer, &lines))),
    }
}

/// Whoever has an address and a number must be found by each of them, where the manifest asks by it: then the CRM is
/// asked for the same as with the contact's id.
pub async fn known(probe: &Probe, contacts: &Value) -> Vec<Finding> {
    let contacts = contacts.as_array().map(Vec::as_slice).unwrap_or_default();
    let mut findings = Vec::new();
    for (what, field, asked) in
        [("an address", "emails", "contact_emails"), ("a number", "phones", "contact_phones")]
    {
        let with = |contact: &Value| {
            Some((contact["id"].as_str()?.to_owned(), contact[field][0].as_str()?.to_owned()))
        };
        let (mut tried, mut found) = (Vec::new(), false);
        for (id, value) in contacts.iter().filter_map(with).take(TRIED) {
            match is_found(probe, &id, json!({asked: [value]})).await {
                Some(true) => {
                    found = true;
                    break;
                }
                Some(false) => tried.push(id),
                None => {}
            }
        }
        match (found, tried.join(", ")) {
            (true, _) => findings.push(Finding::good(format!("look-ups: a contact is found by {what} of its own"))),
            (false, ids) if !ids.is_empty() => findings.push(Finding::bad(format!(
                "look-ups: by {what} of its own none of these contacts is found, or another one that has it too: {ids}. \
                 Compare the fields that `map`, the request and `where` name"
            ))),
            _ => {}
        }
    }
    findings
}

/// Whether every request for the contact's interactions is made too when only `data` is known of it. None where the
/// manifest has no look-up for that, where one fails, and where requests cannot be compared. Nor of a contact that
/// is not found and has no interactions: some CRMs can be searched by nothing else.
async fn is_found(probe: &Probe, id: &str, data: Value) -> Option<bool> {
    let (shown, by_id) = probe.requests(Component::Interactions, json!({"contact_external_id": id})).await?;
    let (_, by_data) = probe.requests(Component::Interactions, data).await?;
    let found = by_id.iter().all(|request| by_data.contains(request));
    let any = shown.as_array().is_some_and(|shown| !shown.is_empty());
    (!by_data.is_empty() && !by_id.is_empty() && (found || any)).then_some(found)
}
