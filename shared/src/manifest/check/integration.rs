//! Rules of what Talkdesk is told: names, fields, credentials, hosts.

use super::super::model::Document;
use super::super::pattern::Pattern;
use super::super::problem::Problem;
use super::Findings;
use crate::contract::Component;
use crate::contract::integration::AuthenticationType;

pub(super) fn integration(document: &Document, findings: &mut Findings) {
    let integration = &document.integration;
    identifier("integration.name", &integration.name, findings);
    for (key, url) in [("logo_url", &integration.logo_url), ("icon_url", &integration.icon_url)] {
        if !url.starts_with("https://") {
            findings.says(
                &format!("integration.{key}"),
                "must be an https URL: Talkdesk shows the picture in its own pages",
            );
        }
    }
    let custom = integration.authentication_type == AuthenticationType::Custom;
    if custom && integration.authentication.is_empty() {
        findings.says("integration.authentication", "type `custom` needs at least one field");
    }
    let offered = Component::ALL.iter().any(|component| match component {
        Component::AuthValidation => document.auth_validation.is_some(),
        Component::Contacts => document.contacts.is_some(),
        Component::Agents => document.agents.is_some(),
        Component::Interactions => document.interactions.is_some(),
        Component::Actions => !document.actions.is_empty(),
    });
    if !offered {
        findings.says("integration", "the manifest offers no component: add auth_validation, contacts, agents, interactions or actions");
    }
}

pub(super) fn identifier(path: &str, name: &str, findings: &mut Findings) {
    let fits = !name.is_empty()
        && name.len() <= 60
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if !fits {
        findings.says(path, format!("`{name}` must be lower case letters, digits, `_` and `-`, at most 60: it is part of URLs and names"));
    }
}

pub(super) fn credentials(document: &Document, findings: &mut Findings) {
    let Some(credentials) = &document.credentials else { return };
    let fields = &document.integration.authentication;
    match fields.get(&credentials.caller_key) {
        None => {
            let problem = Problem::new(format!(
                "`{}` is not a field of integration.authentication",
                credentials.caller_key
            ))
            .allowing(&credentials.caller_key, fields.keys());
            findings.error(vec!["credentials".into(), "caller_key".into()], problem);
        }
        Some(field) if !field.secret => findings.says(
            "credentials.caller_key",
            format!("declare `{}` with `secret: true`: it opens the CRM", credentials.caller_key),
        ),
        Some(_) => {}
    }
    for (key, names) in [("public", &credentials.public), ("optional", &credentials.optional)] {
        for name in names.iter().filter(|name| !credentials.fields.contains_key(*name)) {
            let problem = Problem::new(format!("`{name}` is not one of credentials.fields"))
                .allowing(name, credentials.fields.keys());
            findings.error(vec!["credentials".into(), key.into()], problem);
        }
    }
    for name in credentials.secret.expressions().iter().flat_map(|e| &e.found().names) {
        if let [root, field, ..] = name.as_slice()
            && root == "auth"
            && fields.get(field).is_some_and(|f| f.pattern.is_none())
        {
            findings.says(
                &format!("integration.authentication.{field}"),
                format!("`{field}` is part of the secret's name: give it a `pattern`, so that nobody can name another secret"),
            );
        }
    }
}

pub(super) fn hosts(document: &Document, findings: &mut Findings) {
    let hosts = &document.connection.hosts;
    if hosts.is_empty() {
        findings.says("connection.hosts", "name the hosts that may be called: regular expressions");
    }
    for (index, pattern) in hosts.iter().enumerate() {
        compiles(&format!("connection.hosts.{index}"), pattern, findings);
    }
}

pub(super) fn patterns(document: &Document, findings: &mut Findings) {
    for (name, field) in &document.integration.authentication {
        if let Some(pattern) = &field.pattern {
            compiles(&format!("integration.authentication.{name}.pattern"), pattern, findings);
        }
    }
}

fn compiles(path: &str, pattern: &str, findings: &mut Findings) {
    if Pattern::compile(pattern).is_none() {
        findings.says(path, format!("`{pattern}` is not a regular expression"));
    }
}
