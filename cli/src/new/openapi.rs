//! What an OpenAPI document says of the things that a manifest needs. It is a first guess, and says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use url::Url;

use super::people;
use super::spec::{Spec, is_plain};
use super::swagger;

/// What was found, by the skeleton's holes, and what was not.
#[derive(Default)]
pub struct Found {
    /// Values for the holes.
    pub values: BTreeMap<&'static str, String>,
    notes: Vec<String>,
    missing: Vec<String>,
}

impl Found {
    /// Lines for people: what was taken, what is left open.
    pub fn report(&self) -> String {
        let mut text = String::new();
        for note in &self.notes {
            let _ = writeln!(text, "found: {note}");
        }
        for missing in &self.missing {
            let _ = writeln!(text, "not found: {missing}");
        }
        text.push('\n');
        text
    }

    fn note(&mut self, hole: &'static str, value: impl Into<String>, what: String) {
        self.values.insert(hole, value.into());
        self.notes.push(what);
    }
}

/// Reads a document.
///
/// # Errors
/// What is neither OpenAPI 3 nor Swagger 2.0, in JSON or YAML.
pub fn read(text: &str) -> Result<Found, String> {
    // The reader of YAML takes no document of many megabytes, such as large vendors publish as JSON.
    let document: Value = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text)
            .map_err(|e| format!("is no whole JSON: line {}, column {}", e.line(), e.column()))?,
        false => serde_saphyr::from_str(text)
            .map_err(|e| format!("{e}\nWhere it is too large as YAML, save it as JSON"))?,
    };
    let document = swagger::upgraded(document);
    if !document["openapi"].as_str().is_some_and(|version| version.starts_with('3')) {
        return Err(
            "neither OpenAPI 3 nor Swagger 2.0: look for the vendor's document of one of them".to_owned()
        );
    }
    if document["paths"].as_object().is_none_or(serde_json::Map::is_empty) {
        return Err(
            "describes no paths: is it a part of a document of several files? Name the whole one".to_owned()
        );
    }
    let mut found = Found::default();
    let spec = Spec(&document);
    address(&spec, &mut found);
    credentials(&spec, &mut found);
    let chosen = people::choice(&spec, &["contacts", "people", "persons", "customers", "clients"]);
    found.missing.extend(chosen.refused);
    match chosen.taken {
        Some((path, operation)) => contacts(&spec, path, operation, &mut found),
        None => found.missing.push(format!(
            "a list of contacts: no GET …/contacts, people, persons, customers, clients{}",
            people::lists(&spec)
        )),
    }
    let chosen =
        people::choice(&spec, &["users", "agents", "members", "staff", "employees", "admins", "owners"]);
    found.missing.extend(chosen.refused);
    match chosen.taken {
        Some((path, operation)) => {
            if let Some((records, _)) = spec.rows(operation) {
                found.values.insert("user_records", records);
            }
            found.note("users", path, format!("users: GET {path}"));
        }
        None => found.missing.push(
            "a list of users: no GET …/users, agents, members, staff, employees, admins, owners".to_owned(),
        ),
    }
    // One user, where it is no list.
    let one = |operation: &Value| spec.answer(operation).is_some() && spec.rows(operation).is_none();
    let myself = spec.called(&["me", "whoami", "self", "myself", "current", "account"]).into_iter().next();
    match myself.or_else(|| spec.called(&["user"]).into_iter().find(|(_, operation)| one(operation))) {
        Some((path, _)) => found.note("me", path, format!("credentials are tried by GET {path}")),
        None => {
            let what = "a call that says who one is: no GET …/me, whoami, self, current, account, user";
            found.missing.push(what.to_owned());
        }
    }
    Ok(found)
}

fn address(spec: &Spec<'_>, found: &mut Found) {
    let server = spec.0["servers"][0]["url"].as_str().map(|url| url.trim_end_matches('/').to_owned());
    match server.and_then(|server| Some((Url::parse(&server).ok()?.host_str()?.to_owned(), server))) {
        Some((host, server)) if !host.contains(['{', '%']) => {
            found.values.insert("hosts", host.replace('.', "\\\\."));
            found.note("base_url", server.replace("http://", "https://"), format!("address: {server}"));
        }
        _ => {
            let what = "the address: the document names none, or one with variables; fill in connection";
            found.missing.push(what.to_owned());
        }
    }
    let linked = |url: &&str| {
        Url::parse(url).is_ok() && !url.contains(char::is_whitespace) && !url.contains(['#', '"'])
    };
    if let Some(url) = spec.0["externalDocs"]["url"].as_str().filter(linked) {
        found.values.insert("documentation", url.to_owned());
    }
}

fn credentials(spec: &Spec<'_>, found: &mut Found) {
    let schemes = spec.0["components"]["securitySchemes"].as_object().into_iter().flatten();
    for (name, scheme) in schemes.map(|(name, scheme)| (name, spec.resolved(scheme))) {
        let kind = (scheme["type"].as_str(), scheme["scheme"].as_str(), scheme["in"].as_str());
        let header = match kind {
            (Some("http"), Some("bearer"), _) | (Some("oauth2"), ..) => {
                "{Authorization: \"Bearer {{ secret.token }}\"}".to_owned()
            }
            (Some("http"), Some("basic"), _) => {
                "{Authorization: \"Basic {{ secret.token | b64 }}\"}".to_owned()
            }
            (Some("apiKey"), _, Some("header")) => {
                let header = scheme["name"].as_str().filter(|name| is_plain(name)).unwrap_or("Authorization");
                format!("{{{header}: \"{{{{ secret.token }}}}\"}}")
            }
            _ => continue,
        };
        found.note("auth", header, format!("credentials: `{name}`"));
        return;
    }
    found.missing.push("credentials: no scheme that goes into a header".to_owned());
}

fn contacts(spec: &Spec<'_>, path: &str, operation: &Value, found: &mut Found) {
    found.note("contacts", path, format!("contacts: GET {path}"));
    let names = spec.parameters(operation);
    let parameter =
        |words: &[&str]| names.iter().find(|name| words.iter().any(|w| name.to_lowercase().contains(w)));
    if parameter(&["updated", "modified", "since", "changed"]).is_none()
        && spec.0["paths"][format!("{path}/search")]["post"].is_object()
    {
        found.notes.push(format!(
            "a search: POST {path}/search, which may filter by change: see the table in CONTRIBUTING.md"
        ));
    }
    let mut take = |hole, words: &[&str], what: &'static str| match parameter(words) {
        Some(name) => found.note(hole, name.clone(), format!("{what}: parameter `{name}`")),
        None => found.missing.push(what.to_owned()),
    };
    take("since", &["updated", "modified", "since", "changed"], "contacts filtered by change");
    take("sort", &["sort", "order"], "contacts sorted");
    take("size", &["limit", "per_page", "page_size", "pagesize", "page[size]", "count", "top"], "page size");
    let Some((records, row)) = spec.rows(operation) else {
        found.missing.push("the rows of a contact page: its schema has no list".to_owned());
        return;
    };
    found.note("records", records.clone(), format!("rows: {records}"));
    let fields = spec.fields(row);
    let field = |words: &[&str]| {
        let find =
            |word: &&str| fields.iter().find(|field| field.to_lowercase().replace('_', "").contains(*word));
        words.iter().find_map(find).cloned()
    };
    match field(&["updatedat", "modifiedat", "updated", "modified", "lastchange", "changed"]) {
        Some(name) => {
            found.values.insert("sort_by", name.clone());
            found.note("changed", name.clone(), format!("time of change: `{name}`"));
        }
        None => found.missing.push("the time of change: no field with updated, modified, changed".to_owned()),
    }
    for (hole, words) in [("email", ["email", "mail"]), ("phone", ["phone", "mobile"])] {
        if let Some(name) = field(&words) {
            found.note(hole, name.clone(), format!("{hole}: `{name}`"));
        }
    }
    let names = (field(&["firstname", "givenname"]), field(&["lastname", "surname", "familyname"]));
    if let (Some(first), Some(last)) = names {
        found.values.insert("row_name", format!("[row.{first}, row.{last}] | join(' ')"));
    } else if let Some(name) = field(&["fullname", "displayname", "name"]) {
        found.values.insert("row_name", format!("row.{name}"));
    }
}
