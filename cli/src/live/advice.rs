//! What to do about a refusal: `check --live` is read by somebody who can change the secret, the API user or the
//! manifest.

use bridge::manifest::Manifest;
use serde_json::Value;

/// A refused answer as a sentence: what Talkdesk would be told, the calls that failed, what to do next.
pub fn refusal(manifest: &Manifest, status: u16, answer: &Value, lines: &str) -> String {
    let message = answer["error"]["message"].as_str().unwrap_or_default().trim_end_matches('.');
    let next = of(manifest, answer["error"]["code"].as_str().unwrap_or_default());
    format!("{status} {message}{lines}. {next}.")
}

/// What a code means for whoever tries a manifest.
fn of(manifest: &Manifest, code: &str) -> String {
    let credentials = manifest.document().credentials.as_ref();
    let fields = |public: bool| -> String {
        let fields = credentials.into_iter().flat_map(|credentials| {
            let names = credentials.fields.iter().map(|(name, _)| name.as_str());
            names.filter(move |name| !public || credentials.public.iter().any(|it| it == name))
        });
        match fields.collect::<Vec<_>>().as_slice() {
            [] => "the account's credentials".to_owned(),
            [rest @ .., last] if !rest.is_empty() => format!("{} and {last} of the secret", rest.join(", ")),
            names => format!("{} of the secret", names.join("")),
        }
    };
    let trace = "Look at the exchange with serve --trace";
    match code {
        "caller_refused" => "Compare --auth with `caller_keys` and the account of the secret file".to_owned(),
        "credentials_refused" => {
            format!("Compare {} with what the CRM's administrator gave you", fields(false))
        }
        "forbidden" => {
            "Mend what the sentence names, or give the API user the right; the manifest's README names those that \
             are needed"
                .to_owned()
        }
        "crm_unreadable" | "invalid" | "not_found" | "no_progress" => {
            format!(
                "Compare {} with the CRM's own address, or the manifest with its version. {trace}",
                fields(false)
            )
        }
        "crm_unreachable" => {
            format!("See whether {} leads to the CRM, and whether this machine may go there", fields(true))
        }
        "crm_timeout" | "crm_unavailable" => "Try the CRM by hand, then run this again".to_owned(),
        "rate_limited" | "quota_exhausted" => {
            "Wait until the CRM's limit allows more, then run this again".to_owned()
        }
        "secret_unusable" => {
            "Hold the file against the manifest: `talkdesk-bridge secret --check`".to_owned()
        }
        "bad_request" => "Give --auth the form that the manifest asks for".to_owned(),
        _ => trace.to_owned(),
    }
}
