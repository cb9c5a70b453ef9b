//! What to do about a refusal: `check --live` is read by somebody who can change the secret, the API user or the
//! manifest.

use bridge::manifest::Manifest;
use serde_json::Value;

use super::probe::Probe;

/// How the bridge itself begins to say that it cannot read an answer; a rule of `errors` says something else.
const UNREADABLE: &str = "The CRM's answer cannot be read";

/// A refused answer as a sentence: what Talkdesk would be told, the calls that failed, what to do next.
pub fn refusal(probe: &Probe, status: u16, answer: &Value, lines: &str) -> String {
    let message = answer["error"]["message"].as_str().unwrap_or_default().trim_end_matches('.');
    let code = answer["error"]["code"].as_str().unwrap_or_default();
    // An answer of another API, or one of this API that is not as the manifest says.
    let foreign = !message.starts_with(UNREADABLE) || lines.contains("not JSON") || lines.contains(": 404");
    let next = if code == "crm_unreadable" && !foreign { as_sent() } else { of(probe, code) };
    format!("{status} {message}{lines}. {next}.")
}

/// What is to be compared when an answer came that is not as the manifest says.
fn as_sent() -> String {
    "Compare what the manifest expects of this answer with what the CRM sends: serve --trace shows the exchange".to_owned()
}

/// What a code means for whoever tries a manifest.
fn of(probe: &Probe, code: &str) -> String {
    let trace = "serve --trace shows the exchange";
    match code {
        "caller_refused" => "Compare --auth with `caller_keys` and the account of the secret file".to_owned(),
        "credentials_refused" => {
            format!("Compare {} with what the CRM's administrator gave you", credentials(probe.manifest()))
        }
        "forbidden" => {
            "Mend what the sentence names, or give the API user the right; the manifest's README names those that \
             are needed"
                .to_owned()
        }
        "crm_unreadable" | "not_found" => format!(
            "Compare {} with the CRM's own address, and the request's path in the manifest with the CRM's version: \
             {trace}",
            address(probe, true)
        ),
        "invalid" => format!("Compare the request in the manifest with the vendor's documentation: {trace}"),
        "no_progress" => {
            format!("Compare `checkpoint`, `more` and `page` of the manifest with what the CRM does: {trace}")
        }
        "crm_unreachable" => format!(
            "See whether {} leads to the CRM, and whether this machine may go there",
            address(probe, false)
        ),
        "crm_timeout" | "crm_unavailable" => "Try the CRM by hand, then run this again".to_owned(),
        "rate_limited" | "quota_exhausted" => {
            "Wait until the CRM's limit allows more, then run this again".to_owned()
        }
        "secret_unusable" => {
            "Hold the file against the manifest: `talkdesk-bridge secret --check`".to_owned()
        }
        "bad_request" => "Give --auth the form that the manifest asks for".to_owned(),
        _ => format!("{}{}", trace[..1].to_uppercase(), &trace[1..]),
    }
}

/// The secret's fields.
fn credentials(manifest: &Manifest) -> String {
    let credentials = manifest.document().credentials.as_ref();
    let names: Vec<&str> = credentials
        .into_iter()
        .flat_map(|credentials| credentials.fields.keys().map(String::as_str))
        .collect();
    if names.is_empty() {
        "the account's credentials".to_owned()
    } else {
        format!("{} of the secret", listed(&names))
    }
}

/// Where the CRM's address comes from: the command line, fields of the secret, what Talkdesk sends, the manifest.
/// With `all`, a secret that holds the address is named with all of its fields: a database stands beside the host.
fn address(probe: &Probe, all: bool) -> String {
    let base = &probe.manifest().document().connection.base_url;
    let expressions = base.expressions();
    let names = expressions.iter().flat_map(|expression| &expression.found().names);
    let (mut secret, mut auth) = (Vec::new(), Vec::new());
    for name in names {
        match name.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["secret", field, ..] => secret.push(*field),
            ["auth", field, ..] => auth.push(*field),
            _ => {}
        }
    }
    if probe.is_redirected() {
        return match all && !secret.is_empty() {
            true => format!("--crm-url (and {})", credentials(probe.manifest())),
            false => "--crm-url".to_owned(),
        };
    }
    match (secret.as_slice(), auth.as_slice()) {
        ([], []) => "connection.base_url".to_owned(),
        ([], fields) => format!("--auth {}", listed(fields)),
        _ if all => credentials(probe.manifest()),
        (fields, _) => format!("{} of the secret", listed(fields)),
    }
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => names.concat(),
    }
}
