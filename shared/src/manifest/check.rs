//! What types cannot say: rules over the whole manifest, each with the reason in its message.

use regex::Regex;
use serde_json::Value;

use super::expression::{PieceRef, Template};
use super::model::{
    Checkpoint, ContactMap, Document, Fetch, InteractionMap, Mode, Ordered, Page, Read, Step, Tree, Unused,
};
use super::problem::Problem;
use crate::contract::Component;
use crate::contract::integration::{AuthenticationType, Source};
use crate::contract::interactions::{Priority, Status};
use crate::time::Moment;

/// What was found, with the path of the value that it concerns.
#[derive(Debug, Default)]
pub struct Findings {
    /// The manifest must not run.
    pub errors: Vec<(Vec<String>, Problem)>,
    /// Allowed, but probably not meant.
    pub warnings: Vec<(Vec<String>, Problem)>,
}

impl Findings {
    /// Adds a problem that keeps the manifest from running.
    pub fn error(&mut self, path: Vec<String>, problem: Problem) {
        self.errors.push((path, problem));
    }

    fn says(&mut self, path: &str, message: impl Into<String>) {
        let path = path.split('.').map(str::to_owned).collect();
        self.errors.push((path, Problem::new(message)));
    }

    fn warns(&mut self, path: &str, message: impl Into<String>) {
        let path = path.split('.').map(str::to_owned).collect();
        self.warnings.push((path, Problem::new(message)));
    }
}

/// Checks the manifest's sections against each other; gives back the compiled patterns of hosts
/// and of `auth` fields.
pub fn check(document: &Document, findings: &mut Findings) -> (Vec<Regex>, Vec<(String, Regex)>) {
    if document.schema != 1 {
        findings.says("schema", format!("this program reads schema 1, not {}", document.schema));
    }
    integration(document, findings);
    credentials(document, findings);
    if let Some(contacts) = &document.contacts {
        match &contacts.checkpoint {
            Some(checkpoint) => self::contacts(document, contacts, checkpoint, findings),
            None => findings.says(
                "contacts",
                "the mandatory key `checkpoint` is missing: without it every run is a full one",
            ),
        }
        page("contacts.page", contacts.page.as_ref(), contacts.more.as_ref(), findings);
    }
    if let Some(agents) = &document.agents {
        page("agents.page", agents.page.as_ref(), agents.more.as_ref(), findings);
    }
    if let Some(interactions) = &document.interactions {
        if interactions.types.is_empty() {
            findings.says("interactions.types", "name at least one type");
        }
        for (name, operation) in &interactions.types {
            interaction(document, name, operation, findings);
        }
    }
    if let Some(validation) = &document.auth_validation {
        for name in validation.steps.iter().filter(|(_, s)| s.after).map(|(name, _)| name) {
            findings.says(
                &format!("auth_validation.steps.{name}.after"),
                "a validation has no steps after its call",
            );
        }
        for key in validation.result.keys() {
            let field = document.integration.authentication.get(key);
            if field.is_none_or(|f| f.source != Source::AuthValidation) {
                findings.says(
                    &format!("auth_validation.result.{key}"),
                    format!("Talkdesk stores every value that is returned: declare `{key}` under integration.authentication with `source: auth_validation`"),
                );
            }
        }
    }
    cached_steps(document, findings);
    for (name, action) in &document.actions {
        let here = format!("actions.{name}");
        identifier(&here, name, findings);
        for (key, input) in &action.input {
            const TYPES: [&str; 9] =
                ["text", "textarea", "email", "tel", "number", "datetime", "time", "select", "key/value"];
            if let Some(given) = &input.r#type
                && !TYPES.contains(&given.as_str())
            {
                let path = format!("{here}.input.{key}.type");
                let problem = Problem::new(format!("`{given}` is not an input type")).allowing(given, TYPES);
                findings.error(path.split('.').map(str::to_owned).collect(), problem);
            }
        }
        if action.fetch.method == super::model::Method::Get {
            findings.says(&format!("{here}.fetch.method"), "an action writes: POST, PUT or PATCH");
        }
    }
    (hosts(document, findings), patterns(document, findings))
}

/// A cached answer is shared by all requests of an account: its request must be the same for all.
fn cached_steps(document: &Document, findings: &mut Findings) {
    let of = |place: String, steps: &'_ Ordered<Step>, findings: &mut Findings| {
        for (name, step) in steps.iter().filter(|(_, step)| step.cache.is_some()) {
            let own = step.fetch.iter().flat_map(names_in).find(|n| !["auth", "const"].contains(&n.as_str()));
            if let Some(own) = own {
                let message = format!("a cached step serves every request, so it cannot use `{own}`");
                findings.says(&format!("{place}.steps.{name}.cache"), message);
            }
        }
    };
    if let Some(contacts) = &document.contacts {
        of("contacts".to_owned(), &contacts.steps, findings);
    }
    if let Some(agents) = &document.agents {
        of("agents".to_owned(), &agents.steps, findings);
    }
    for (name, operation) in document.interactions.iter().flat_map(|i| &i.types) {
        of(format!("interactions.types.{name}"), &operation.steps, findings);
    }
    for (name, action) in &document.actions {
        of(format!("actions.{name}"), &action.steps, findings);
    }
}

fn integration(document: &Document, findings: &mut Findings) {
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

fn identifier(path: &str, name: &str, findings: &mut Findings) {
    let fits = !name.is_empty()
        && name.len() <= 60
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-');
    if !fits {
        findings.says(path, format!("`{name}` must be lower case letters, digits, `_` and `-`, at most 60: it is part of URLs and names"));
    }
}

fn credentials(document: &Document, findings: &mut Findings) {
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
    for name in credentials.public.iter().filter(|name| !credentials.fields.contains_key(*name)) {
        let problem = Problem::new(format!("`{name}` is not one of credentials.fields"))
            .allowing(name, credentials.fields.keys());
        findings.error(vec!["credentials".into(), "public".into()], problem);
    }
    for name in credentials.secret.expressions().iter().flat_map(|e| &e.names) {
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

fn hosts(document: &Document, findings: &mut Findings) -> Vec<Regex> {
    let hosts = &document.connection.hosts;
    if hosts.is_empty() {
        findings.says("connection.hosts", "name the hosts that may be called: regular expressions");
    }
    compile(hosts.iter().enumerate().map(|(i, p)| (format!("connection.hosts.{i}"), p)), findings)
}

fn patterns(document: &Document, findings: &mut Findings) -> Vec<(String, Regex)> {
    let mut compiled = Vec::new();
    for (name, field) in &document.integration.authentication {
        if let Some(pattern) = &field.pattern {
            let path = format!("integration.authentication.{name}.pattern");
            let regex = compile(std::iter::once((path, pattern)), findings).pop();
            compiled.extend(regex.map(|r| (name.clone(), r)));
        }
    }
    compiled
}

/// Compiles patterns so that they match the whole value only.
fn compile<'a>(patterns: impl Iterator<Item = (String, &'a String)>, findings: &mut Findings) -> Vec<Regex> {
    let mut compiled = Vec::new();
    for (path, pattern) in patterns {
        match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) => compiled.push(regex),
            Err(_) => findings.says(&path, format!("`{pattern}` is not a regular expression")),
        }
    }
    compiled
}

fn page(path: &str, page: Option<&Page>, more: Option<&Template>, findings: &mut Findings) {
    let Some(page) = page else { return };
    let ways = [page.token.is_some(), page.next_url.is_some(), page.number.is_some(), page.offset.is_some()];
    if ways.iter().filter(|way| **way).count() != 1 {
        findings.says(path, "give exactly one of token, next_url, number, offset");
    }
    if (page.number.is_some() || page.offset.is_some()) && more.is_none() {
        findings.says(
            path,
            "numbered pages need `more`: a short page is not the end, a full one no proof of more",
        );
    }
}

fn contacts(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) {
    let text = fetch_text(&contacts.fetch, document);
    if checkpoint.settle.0.is_zero() {
        findings.says("contacts.checkpoint.settle", "0 loses rows: every CRM shows some rows later than it stamps them. Give the time after which none appears (PT1M at least)");
    }
    if let Some(start) = &checkpoint.start
        && Moment::parse(start).is_none()
    {
        findings.says(
            "contacts.checkpoint.start",
            format!("`{start}` is not a time such as 1970-01-01T00:00:01Z"),
        );
    }
    let uses = |name: &str| names_in(&contacts.fetch).iter().any(|n| n == name);
    match checkpoint.mode {
        Mode::Range => {
            range(contacts, checkpoint, &text, findings);
            if !uses("from") {
                findings.says(
                    "contacts.fetch",
                    "mode range asks for rows with stamp >= `from`: the request must use it",
                );
            }
        }
        Mode::Cursor => {
            for (key, present) in [("next", checkpoint.next.is_some()), ("done", checkpoint.done.is_some())] {
                if !present {
                    findings.says("contacts.checkpoint", format!("mode cursor needs `{key}`"));
                }
            }
            if !uses("cursor") {
                findings.says(
                    "contacts.fetch",
                    "mode cursor: the request must use `cursor`, else every page is the first",
                );
            }
        }
        Mode::Snapshot => {
            if !uses("from") {
                findings.says(
                    "contacts.fetch",
                    "mode snapshot asks for rows changed since `from`: the request must use it",
                );
            }
            if contacts.page.is_none() {
                findings
                    .says("contacts", "mode snapshot needs `page`: there is no other way to the second page");
            } else if !uses("page") && contacts.page.as_ref().is_some_and(|p| p.next_url.is_none()) {
                findings.says("contacts.fetch", "the request must use `page`, else every page is the first");
            }
        }
    }
    requested_fields(document, contacts, checkpoint, findings);
}

fn range(
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    text: &str,
    findings: &mut Findings,
) {
    if checkpoint.field.is_none() {
        findings.says("contacts.checkpoint", "mode range needs `field`, the row's time stamp");
    }
    if contacts.more.is_none() {
        findings.says(
            "contacts",
            "mode range needs `more`: a short page is not the end, a full one no proof of more",
        );
    }
    let lower = text.to_ascii_lowercase();
    if !["sort", "order", "asc"].iter().any(|word| lower.contains(word)) {
        findings.says("contacts.fetch", "mode range needs rows in ascending order of the checkpoint's field, but the request asks for no order");
    }
    if lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| w == "desc" || w == "descending") {
        findings.says(
            "contacts.fetch",
            "mode range needs ascending order, but the request asks for a descending one",
        );
    }
    let stable = contacts.page.as_ref().is_some_and(|p| p.stable);
    match &checkpoint.drain {
        None if !stable => findings.says(
            "contacts.checkpoint",
            "mode range needs `drain`: how the rows of one time step are read by id when they are more than a page (or `page.stable`)",
        ),
        Some(drain) => {
            let names = names_in(drain);
            let pages = contacts.page.is_some() && names.iter().any(|n| n == "page");
            for name in ["from", "to"] {
                if !names.iter().any(|n| n == name) {
                    findings.says("contacts.checkpoint.drain", format!("reads one bucket: it must use `{name}`"));
                }
            }
            if !pages && !names.iter().any(|n| n == "last_id") {
                findings.says("contacts.checkpoint.drain", "must use `last_id` (or `page`), else every page is the first");
            }
            if checkpoint.id.is_none() {
                findings.says("contacts.checkpoint", "`drain` needs `id`, the id that it compares");
            }
        }
        None => {}
    }
}

/// When the request lists fields, what the manifest reads must be among them.
fn requested_fields(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) {
    let m = &contacts.map;
    let read = [Some(&m.name), m.company.as_ref(), m.title.as_ref(), checkpoint.field.as_ref()]
        .into_iter()
        .flatten()
        .chain(&m.emails.0)
        .chain(&m.phones.0);
    let read: Vec<&Template> = read.collect();
    let used = |words: &[String]| -> Vec<String> { read.iter().flat_map(|t| row_fields(t, words)).collect() };
    // The list of fields is the one text (or list) of the request that names most of them.
    let units = field_lists(&contacts.fetch, document);
    let count = |words: &Vec<String>| used(words).iter().filter(|field| words.contains(field)).count();
    let Some(list) = units.iter().max_by_key(|words| count(words)) else { return };
    let used = used(list);
    if count(list) < 3 || count(list) * 2 < used.len() {
        return;
    }
    let stamp = checkpoint.field.iter().flat_map(|field| row_fields(field, list));
    if let Some(field) = stamp.into_iter().find(|field| !list.contains(field)) {
        findings.says(
            "contacts.checkpoint.field",
            format!("`{field}` is read but not requested: the request lists its fields without it"),
        );
    }
    for field in used.iter().filter(|field| !list.contains(field)) {
        findings.warns("contacts.map", format!("`{field}` is read but does not seem to be requested"));
    }
}

/// The names that a template reads from a row: of each path the part that is in `words`, else the last.
fn row_fields(template: &Template, words: &[String]) -> Vec<String> {
    let names = template.expressions().into_iter().flat_map(|e| &e.names);
    let parts = names.filter(|name| name.len() > 1 && name[0] == "row").map(|name| {
        // Annotations (`field@label`) belong to their field.
        let parts: Vec<&str> = name[1..].iter().map(|p| p.split('@').next().unwrap_or(p)).collect();
        let dotted = parts.iter().flat_map(|p| p.split('.')).find(|p| words.iter().any(|w| w == p));
        dotted.or(parts.last().copied()).unwrap_or_default().to_owned()
    });
    parts.collect()
}

/// The words of every text and of every list of texts in a request; of a query only what it selects.
fn field_lists(fetch: &Fetch, document: &Document) -> Vec<Vec<String>> {
    let mut units = Vec::new();
    for tree in fetch.query.values().chain(&fetch.body) {
        unit(tree, document, &mut units);
    }
    units
        .iter()
        .map(|text: &String| {
            let lower = text.to_ascii_lowercase();
            let selected = lower.find(" from ").map_or(text.as_str(), |end| &text[..end]);
            selected.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect()
        })
        .collect()
}

fn unit(tree: &Tree, document: &Document, units: &mut Vec<String>) {
    match tree {
        Tree::Leaf(template) => units.push(expanded(template, document)),
        Tree::List(items) => {
            let leaves = items.iter().filter_map(|item| match item {
                Tree::Leaf(template) => Some(expanded(template, document)),
                _ => None,
            });
            units.push(leaves.collect::<Vec<_>>().join(" "));
            items
                .iter()
                .filter(|item| !matches!(item, Tree::Leaf(_)))
                .for_each(|item| unit(item, document, units));
        }
        Tree::Map(entries) => entries.iter().for_each(|(_, value)| unit(value, document, units)),
        Tree::Json(inner) | Tree::Base64Url(inner) => unit(inner, document, units),
        Tree::Each { .. } => {}
    }
}

fn interaction(
    document: &Document,
    name: &str,
    operation: &Read<InteractionMap, Unused>,
    findings: &mut Findings,
) {
    let here = format!("interactions.types.{name}");
    page(&format!("{here}.page"), operation.page.as_ref(), operation.more.as_ref(), findings);
    let priorities: Vec<&str> = Priority::ALL.iter().map(|p| p.as_str()).collect();
    let statuses: Vec<&str> = Status::ALL.iter().map(|s| s.as_str()).collect();
    for (key, template, allowed) in
        [("priority", &operation.map.priority, priorities), ("status", &operation.map.status, statuses)]
    {
        let Some(template) = template else { continue };
        let path: Vec<String> = format!("{here}.map.{key}").split('.').map(str::to_owned).collect();
        if let Some(constant) = template.constant().and_then(|v| v.as_str())
            && !allowed.contains(&constant)
        {
            let problem = Problem::new(format!("Talkdesk has no {key} `{constant}`"))
                .allowing(constant, allowed.iter().copied());
            findings.error(path.clone(), problem);
        }
        for expression in template.expressions() {
            if expression.last_filter.as_deref() != Some("lookup") {
                continue;
            }
            for (_, table) in expression.filter_arguments.iter().filter(|(f, _)| f == "lookup") {
                for (code, value) in document.tables.get(table).into_iter().flatten() {
                    let value = value.as_str().unwrap_or("");
                    if !value.is_empty() && !allowed.contains(&value) {
                        let problem = Problem::new(format!("Talkdesk has no {key} `{value}`"))
                            .allowing(value, allowed.iter().copied());
                        findings.error(vec!["tables".into(), table.clone(), code.clone()], problem);
                    }
                }
            }
        }
    }
    let mut names = names_in(&operation.fetch);
    names.extend(operation.steps.values().filter_map(|s| s.fetch.as_ref()).flat_map(names_in));
    if !names.iter().any(|n| n == "contact") {
        findings.says(
            &format!("{here}.fetch"),
            "the request does not use `contact`: it would show every contact's interactions",
        );
    }
}

/// The variables that a request reads.
fn names_in(fetch: &Fetch) -> Vec<String> {
    let mut names = Vec::new();
    each_template(fetch, &mut |template| {
        for expression in template.expressions() {
            names.extend(expression.names.iter().filter_map(|n| n.first().cloned()));
        }
    });
    names
}

/// The constant text of a request, with `const` values filled in: field lists, orders.
fn fetch_text(fetch: &Fetch, document: &Document) -> String {
    let mut text = fetch.query.keys().cloned().collect::<Vec<_>>().join(" ");
    each_template(fetch, &mut |template| {
        text.push(' ');
        text.push_str(&expanded(template, document));
    });
    text
}

/// A template's source with the constants that it names in their places.
fn expanded(template: &Template, document: &Document) -> String {
    let pieces = template.pieces().into_iter().map(|piece| match piece {
        PieceRef::Literal(text) => text.to_owned(),
        PieceRef::Hole(expression) => match expression.names.first().map(Vec::as_slice) {
            Some([root, key, ..]) if root == "const" => match document.r#const.get(key) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            },
            _ => expression.source().to_owned(),
        },
    });
    pieces.collect()
}

fn each_template<'a>(fetch: &'a Fetch, visit: &mut dyn FnMut(&'a Template)) {
    fetch.path.iter().chain(&fetch.url).for_each(&mut *visit);
    fetch.headers.values().for_each(&mut *visit);
    fetch.form.iter().flat_map(|f| f.values()).for_each(&mut *visit);
    fetch.query.values().chain(&fetch.body).for_each(|tree| each_leaf(tree, visit));
}

fn each_leaf<'a>(tree: &'a Tree, visit: &mut dyn FnMut(&'a Template)) {
    match tree {
        Tree::Leaf(template) => visit(template),
        Tree::List(items) => items.iter().for_each(|item| each_leaf(item, visit)),
        Tree::Map(entries) => {
            for (key, value) in entries {
                visit(key);
                each_leaf(value, visit);
            }
        }
        Tree::Json(inner) | Tree::Base64Url(inner) => each_leaf(inner, visit),
        Tree::Each { list, value, .. } => {
            visit(list);
            each_leaf(value, visit);
        }
    }
}
