//! What an account is called: the name of its secret, and its label in log lines.

use sha2::{Digest as _, Sha256};

use crate::contract::auth::AuthFields;
use crate::digest::hex;
use crate::manifest::Manifest;

/// Longest label in a log line.
const LONGEST: usize = 100;

/// What the names of an environment's secrets begin with, as `template.yaml` has it where `SecretPrefix` is not given.
pub fn secret_prefix(integration: &str, environment: &str) -> String {
    format!("talkdesk-bridge/{integration}/{environment}/")
}

/// The whole name of an account's secret: the deployment's prefix and what the manifest calls it.
///
/// A manifest may give the whole name, `talkdesk-bridge/INTEGRATION/…`: then the deployment's prefix takes
/// the place of its first two parts, also where an overlay has renamed the integration since. Without a
/// prefix a whole name stays as it is, and another one gets `talkdesk-bridge/INTEGRATION/` in front.
pub fn secret_name(prefix: Option<&str>, integration: &str, named: &str) -> String {
    let whole = named.strip_prefix("talkdesk-bridge/").and_then(|rest| rest.split_once('/'));
    match (prefix, whole) {
        (Some(prefix), Some((_, rest))) => format!("{prefix}{rest}"),
        (Some(prefix), None) => format!("{prefix}{named}"),
        (None, Some(_)) => named.to_owned(),
        (None, None) => format!("talkdesk-bridge/{integration}/{named}"),
    }
}

/// Tells accounts apart in log lines, and holds no credential: the declared fields that are no secret
/// and have the form that the manifest asks for, or eight hexadecimal digits of what was sent.
pub fn label(manifest: &Manifest, auth: &AuthFields) -> String {
    let declared = &manifest.document().integration.authentication;
    let open: Vec<&str> = declared
        .iter()
        .filter(|(_, field)| !field.secret && field.pattern.is_some())
        .filter_map(|(name, _)| auth.get(name).filter(|value| manifest.auth_value_fits(name, value)))
        .filter(|value| !value.is_empty())
        .collect();
    if !open.is_empty() {
        return open.join("/").chars().take(LONGEST).collect();
    }
    let mut digest = Sha256::new();
    let mut given = false;
    for value in declared.keys().filter_map(|name| auth.get(name)) {
        digest.update(value.len().to_be_bytes());
        digest.update(value);
        given = true;
    }
    if !given {
        return String::new();
    }
    format!("#{}", hex(&digest.finalize()[..4]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::TalkdeskRequest as _;
    use crate::contract::auth::AuthRequest;

    fn labelled(integration: &str, auth: &str) -> String {
        let manifest = Manifest::embedded(integration).unwrap();
        let body = format!("{{\"auth\": {auth}}}");
        label(&manifest, &AuthRequest::parse(body.as_bytes()).unwrap().auth)
    }

    #[test]
    fn the_prefix_of_a_deployment_takes_the_place_of_the_usual_one() {
        let whole = "talkdesk-bridge/demo/acme";
        for named in ["acme", whole] {
            assert_eq!(secret_name(None, "demo", named), whole);
            let prefix = Some("talkdesk-bridge/demo/staging/");
            assert_eq!(secret_name(prefix, "demo", named), "talkdesk-bridge/demo/staging/acme");
        }
    }

    #[test]
    fn a_renamed_integration_keeps_the_names_of_its_secrets() {
        let whole = "talkdesk-bridge/demo/acme";
        assert_eq!(secret_name(None, "demo-acme", whole), whole);
        let prefix = Some("talkdesk-bridge/demo-acme/production/");
        assert_eq!(secret_name(prefix, "demo-acme", whole), "talkdesk-bridge/demo-acme/production/acme");
    }

    #[test]
    fn an_accounts_label_is_what_may_be_seen() {
        assert_eq!(labelled("demo", r#"{"account": "acme", "bridge_key": "0123456789abcdef"}"#), "acme");
        assert_eq!(labelled("demo", "{}"), "");
    }

    #[test]
    fn no_label_of_any_integration_holds_a_credential() {
        for name in Manifest::embedded_names() {
            let manifest = Manifest::embedded(name).unwrap();
            let fields = manifest.document().integration.authentication.iter();
            let auth: serde_json::Map<_, _> = fields
                .filter(|(_, field)| field.secret)
                .map(|(name, _)| (name.clone(), format!("canary-{name}-0123456789").into()))
                .collect();
            let label = labelled(name, &serde_json::Value::Object(auth).to_string());
            assert!(label.starts_with('#') && label.len() == 9, "{name}: {label}");
        }
    }

    #[test]
    fn what_does_not_have_the_declared_form_is_not_printed() {
        let strange = labelled("demo", r#"{"account": "Jane Doe <jane@example.com>"}"#);
        assert!(strange.starts_with('#') && !strange.contains("jane"), "{strange}");
    }
}
