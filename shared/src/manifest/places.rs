//! Which names a template may use, place by place (design §4).
//!
//! `secret.*`, the token and secret `auth` fields exist only where the request's credentials are
//! built. A name that a place does not have is an error when the manifest loads.

use std::collections::BTreeSet;

use super::check::Findings;
use super::expression::{Expression, Template};
use super::model::{Action, ActionResult, ConnectionAuth, Document, Fetch, Lines, Ordered, Read, Step, Tree};
use super::problem::Problem;

/// The variables of one place.
#[derive(Clone)]
struct Place<'a> {
    document: &'a Document,
    roots: Vec<String>,
    secrets: bool,
    inputs: Option<&'a Action>,
    steps: Vec<String>,
    /// Whether text around a value may be another language, so that values need quoting.
    quoting: bool,
}

const ANSWER: [&str; 3] = ["status", "headers", "body"];
const CONTACT: [&str; 5] = ["id", "name", "emails", "phones", "phone_forms"];

impl<'a> Place<'a> {
    fn new(document: &'a Document) -> Self {
        Self {
            document,
            roots: vec!["auth".to_owned(), "const".to_owned()],
            secrets: false,
            inputs: None,
            steps: Vec::new(),
            quoting: false,
        }
    }

    fn with<'n>(&self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut place = self.clone();
        place.roots.extend(names.into_iter().map(str::to_owned));
        place
    }

    fn secret(&self) -> Self {
        let mut place = self.with(["secret"]);
        place.secrets = true;
        place
    }

    fn quoted(&self) -> Self {
        Self { quoting: true, ..self.clone() }
    }

    fn steps(&self, steps: impl IntoIterator<Item = &'a String>) -> Self {
        let mut place = self.with(["steps"]);
        place.steps.extend(steps.into_iter().cloned());
        place
    }
}

type Path = Vec<String>;

fn at(path: &[String], key: &str) -> Path {
    let mut path = path.to_vec();
    path.push(key.to_owned());
    path
}

fn path(keys: &[&str]) -> Path {
    keys.iter().map(|k| (*k).to_owned()).collect()
}

/// Checks every template of the manifest.
pub fn check(document: &Document, findings: &mut Findings) {
    let mut walk = Walk { findings };
    let base = Place::new(document);
    connection(&mut walk, document, &base);
    if let Some(credentials) = &document.credentials {
        walk.template(&path(&["credentials", "secret"]), &credentials.secret, &base);
    }
    for (index, rule) in document.errors.iter().enumerate() {
        let here = vec!["errors".to_owned(), index.to_string()];
        let place = base.with(ANSWER);
        walk.optional(&at(&here, "when"), rule.when.as_ref(), &place);
        walk.optional(&at(&here, "message"), rule.message.as_ref(), &place);
        walk.optional(&at(&here, "retry_after"), rule.retry_after.as_ref(), &place);
        walk.optional(&at(&here, "id"), rule.id.as_ref(), &place);
    }
    if let Some(validation) = &document.auth_validation {
        let here = path(&["auth_validation"]);
        let place = walk.steps(&here, &validation.steps, &base, &[]);
        walk.fetch(&at(&here, "fetch"), &validation.fetch, &place);
        let answer = place.with(ANSWER);
        walk.optional(&at(&here, "ok"), validation.ok.as_ref(), &answer);
        for (key, template) in &validation.result {
            walk.template(&at(&at(&here, "result"), key), template, &answer);
        }
    }
    contacts(&mut walk, document, &base);
    if let Some(agents) = &document.agents {
        let here = path(&["agents"]);
        let row = read(&mut walk, &here, agents, &base.with(["page", "page_size"]));
        let map = at(&here, "map");
        for (key, template) in
            [("id", &agents.map.id), ("name", &agents.map.name), ("email", &agents.map.email)]
        {
            walk.template(&at(&map, key), template, &row);
        }
    }
    interactions(&mut walk, document, &base);
    for (name, action) in &document.actions {
        walk.action(&path(&["actions", name]), action, &base);
    }
}

fn connection(walk: &mut Walk<'_>, document: &Document, base: &Place<'_>) {
    let connection = &document.connection;
    let here = path(&["connection"]);
    let secret = base.secret();
    walk.template(&at(&here, "base_url"), &connection.base_url, &secret);
    for (name, template) in &connection.headers {
        walk.template(&at(&at(&here, "headers"), name), template, &secret);
    }
    let ConnectionAuth { headers, query, token } = &connection.auth;
    let here_auth = at(&here, "auth");
    let credential = secret.with(["token", "request"]);
    for (key, map) in [("headers", headers), ("query", query)] {
        for (name, template) in map {
            walk.template(&at(&at(&here_auth, key), name), template, &credential);
        }
    }
    if let Some(token) = token {
        let here = at(&here_auth, "token");
        walk.fetch(&at(&here, "fetch"), &token.fetch, &secret);
        let answer = base.with(ANSWER);
        walk.optional(&at(&here, "ok"), token.ok.as_ref(), &answer);
        walk.template(&at(&here, "value"), &token.value, &answer);
        walk.optional(&at(&here, "ttl"), token.ttl.as_ref(), &answer);
    }
    if let Some(envelope) = &connection.envelope {
        walk.tree(&at(&here, "envelope"), envelope, &credential.with(["body"]).quoted());
    }
}

fn contacts(walk: &mut Walk<'_>, document: &Document, base: &Place<'_>) {
    let Some(contacts) = &document.contacts else { return };
    let here = path(&["contacts"]);
    let names = ["from", "page", "page_size", "cursor"];
    let row = read(walk, &here, contacts, &base.with(names));
    if let Some(checkpoint) = &contacts.checkpoint {
        let here = at(&here, "checkpoint");
        let stamp = base.with(["row"]);
        walk.optional(&at(&here, "field"), checkpoint.field.as_ref(), &stamp);
        walk.optional(&at(&here, "id"), checkpoint.id.as_ref(), &stamp);
        let answer = base.with(ANSWER).with(["cursor"]);
        walk.optional(&at(&here, "next"), checkpoint.next.as_ref(), &answer);
        walk.optional(&at(&here, "done"), checkpoint.done.as_ref(), &answer);
        if let Some(drain) = &checkpoint.drain {
            let mut place = base.with(names).with(["to", "last_id"]);
            if !contacts.steps.is_empty() {
                place = place.steps(contacts.steps.keys());
            }
            walk.fetch(&at(&here, "drain"), drain, &place);
        }
    }
    let map = at(&here, "map");
    let m = &contacts.map;
    for (key, template) in [("id", &m.id), ("name", &m.name)] {
        walk.template(&at(&map, key), template, &row);
    }
    for (key, template) in [
        ("company", &m.company),
        ("title", &m.title),
        ("photo_url", &m.photo_url),
        ("address", &m.address),
        ("twitter", &m.twitter),
        ("url", &m.url),
    ] {
        walk.optional(&at(&map, key), template.as_ref(), &row);
    }
    for (key, Lines(lines)) in [("emails", &m.emails), ("phones", &m.phones), ("websites", &m.websites)] {
        for template in lines {
            walk.template(&at(&map, key), template, &row);
        }
    }
}

fn interactions(walk: &mut Walk<'_>, document: &Document, base: &Place<'_>) {
    let Some(interactions) = &document.interactions else { return };
    let here = path(&["interactions"]);
    let contact = base.with(["contact"]);
    for (index, identify) in interactions.identify.iter().enumerate() {
        let here = at(&at(&here, "identify"), &index.to_string());
        walk.optional(&at(&here, "when"), identify.when.as_ref(), &contact);
        walk.fetch(&at(&here, "fetch"), &identify.fetch, &contact);
        let answer = contact.with(ANSWER);
        walk.optional(&at(&here, "ok"), identify.ok.as_ref(), &answer);
        walk.template(&at(&here, "value"), &identify.value, &answer);
    }
    for (kind, operation) in &interactions.types {
        let here = at(&at(&here, "types"), kind);
        let row = read(walk, &here, operation, &contact.with(["page", "page_size", "limit"]));
        let (map, m) = (at(&here, "map"), &operation.map);
        for (key, template) in [("id", &m.id), ("subject", &m.subject), ("date", &m.date)] {
            walk.template(&at(&map, key), template, &row);
        }
        for (key, template) in [
            ("description", &m.description),
            ("url", &m.url),
            ("priority", &m.priority),
            ("status", &m.status),
        ] {
            walk.optional(&at(&map, key), template.as_ref(), &row);
        }
    }
}

/// Checks what all readings share; gives back the place of `where` and `map`.
fn read<'a, M, C>(
    walk: &mut Walk<'_>,
    here: &[String],
    operation: &'a Read<M, C>,
    place: &Place<'a>,
) -> Place<'a> {
    let place = walk.steps(here, &operation.steps, place, &["row"]);
    walk.optional(&at(here, "when"), operation.when.as_ref(), &place);
    walk.fetch(&at(here, "fetch"), &operation.fetch, &place);
    let answer = place.with(ANSWER);
    walk.optional(&at(here, "ok"), operation.ok.as_ref(), &answer);
    walk.template(&at(here, "records"), &operation.records, &answer);
    walk.optional(&at(here, "more"), operation.more.as_ref(), &answer);
    if let Some(page) = &operation.page {
        let here = at(here, "page");
        walk.optional(&at(&here, "token"), page.token.as_ref(), &answer);
        walk.optional(&at(&here, "next_url"), page.next_url.as_ref(), &answer);
    }
    let row = answer.with(["row"]);
    walk.optional(&at(here, "where"), operation.r#where.as_ref(), &row);
    row
}

struct Walk<'f> {
    findings: &'f mut Findings,
}

impl Walk<'_> {
    fn optional(&mut self, path: &[String], template: Option<&Template>, place: &Place<'_>) {
        if let Some(template) = template {
            self.template(path, template, place);
        }
    }

    fn template(&mut self, path: &[String], template: &Template, place: &Place<'_>) {
        for expression in template.expressions() {
            self.expression(path, expression, place);
            if place.quoting && (template.is_mixed() || expression.concatenates) {
                self.quoting(path, template, expression);
            }
        }
    }

    fn fetch(&mut self, path: &[String], fetch: &Fetch, place: &Place<'_>) {
        // A URL's path is written to logs of every proxy on the way: no secrets there.
        let open = Place {
            secrets: false,
            roots: place.roots.iter().filter(|r| *r != "secret").cloned().collect(),
            ..place.clone()
        };
        self.optional(&at(path, "path"), fetch.path.as_ref(), &open);
        self.optional(&at(path, "url"), fetch.url.as_ref(), place);
        let quoted = place.quoted();
        for (name, tree) in &fetch.query {
            self.tree(&at(&at(path, "query"), name), tree, &quoted);
        }
        for (name, template) in &fetch.headers {
            self.template(&at(&at(path, "headers"), name), template, place);
        }
        if let Some(body) = &fetch.body {
            self.tree(&at(path, "body"), body, &quoted);
        }
        for (name, template) in fetch.form.iter().flatten() {
            self.template(&at(&at(path, "form"), name), template, &quoted);
        }
    }

    fn tree(&mut self, path: &[String], tree: &Tree, place: &Place<'_>) {
        match tree {
            Tree::Leaf(template) => self.template(path, template, place),
            Tree::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.tree(&at(path, &index.to_string()), item, place);
                }
            }
            Tree::Map(entries) => {
                for (key, value) in entries {
                    self.template(&at(path, key.source()), key, place);
                    self.tree(&at(path, key.source()), value, place);
                }
            }
            Tree::Json(inner) => self.tree(&at(path, "$json"), inner, place),
            Tree::Base64Url(inner) => self.tree(&at(path, "$base64url"), inner, place),
            Tree::Each { list, name, value } => {
                self.template(&at(path, "$each"), list, place);
                self.tree(&at(path, "$value"), value, &place.with([name.as_str()]));
            }
        }
    }

    /// Checks the steps; gives back the place in which all of them are known.
    fn steps<'a>(
        &mut self,
        here: &[String],
        steps: &'a Ordered<Step>,
        place: &Place<'a>,
        row: &[&str],
    ) -> Place<'a> {
        if steps.is_empty() {
            return place.clone();
        }
        let all = place.steps(steps.keys());
        for (name, step) in steps {
            let here = at(&at(here, "steps"), name);
            let mut seen = all.clone();
            if step.for_each.is_some() {
                seen = seen.with(row.iter().copied());
            }
            if step.after {
                seen = seen.with(ANSWER);
            }
            self.optional(&at(&here, "when"), step.when.as_ref(), &seen);
            if let Some(fetch) = &step.fetch {
                self.fetch(&at(&here, "fetch"), fetch, &seen);
            }
            let answer = seen.with(ANSWER);
            self.optional(&at(&here, "ok"), step.ok.as_ref(), &answer);
            if let Some(value) = &step.value {
                self.tree(&at(&here, "value"), value, &answer);
            }
        }
        all
    }

    fn action<'a>(&mut self, here: &[String], action: &'a Action, base: &Place<'a>) {
        let mut place = base.with(["input", "contact", "agent", "idempotency_key", "now"]);
        place.inputs = Some(action);
        let place = self.steps(here, &action.steps, &place, &[]);
        self.fetch(&at(here, "fetch"), &action.fetch, &place);
        let answer = place.with(ANSWER);
        self.optional(&at(here, "ok"), action.ok.as_ref(), &answer);
        self.result(&at(here, "result"), &action.result, &answer);
        if let Some(result) = &action.on_conflict {
            self.result(&at(here, "on_conflict"), result, &place.with(["existing_id"]));
        }
    }

    fn result(&mut self, here: &[String], result: &ActionResult, place: &Place<'_>) {
        for (key, template) in [
            ("message", &result.message),
            ("external_id", &result.external_id),
            ("contact_external_id", &result.contact_external_id),
            ("contact_external_type", &result.contact_external_type),
            ("contact_external_url", &result.contact_external_url),
        ] {
            self.optional(&at(here, key), template.as_ref(), place);
        }
    }

    fn expression(&mut self, path: &[String], expression: &Expression, place: &Place<'_>) {
        for name in &expression.names {
            if let Some(problem) = unknown(name, place) {
                self.findings.error(path.to_vec(), problem);
            }
        }
        for (filter, argument) in &expression.filter_arguments {
            let tables = &place.document.tables;
            if filter == "lookup" && !tables.contains_key(argument) {
                let problem =
                    Problem::new(format!("there is no table `{argument}`")).allowing(argument, tables.keys());
                self.findings.error(path.to_vec(), problem);
            }
            if filter == "match" && regex::Regex::new(argument).is_err() {
                let problem = Problem::new(format!("`{argument}` is not a regular expression"));
                self.findings.error(path.to_vec(), problem);
            }
        }
    }

    /// A value from outside inside a longer string must say into which language it goes.
    fn quoting(&mut self, path: &[String], template: &Template, expression: &Expression) {
        const OUTSIDE: [&str; 10] =
            ["input", "contact", "agent", "auth", "row", "steps", "last_id", "cursor", "page", "body"];
        let outside: BTreeSet<_> =
            expression.unquoted.iter().filter(|root| OUTSIDE.contains(&root.as_str())).collect();
        if let Some(root) = outside.first() {
            let problem = Problem::new(format!(
                "`{{{{ {} }}}}` puts `{root}`, a value from outside, into a longer text without saying how it is quoted",
                expression.source()
            ))
            .hint("give the value the filter of the language that the text is in (soql, coql, odata, filter_text, search_text, json, …), or `plain` when it is text for people");
            self.findings.error(path.to_vec(), problem);
        } else if expression.plain && is_query_language(template.source()) {
            let problem = Problem::new("`plain` is for text for people, but this is a query")
                .hint("use the filter of the query's language: soql, coql, odata, filter_text, search_text");
            self.findings.error(path.to_vec(), problem);
        }
    }
}

/// Whether a text looks like one of the query languages that CRMs embed in strings.
fn is_query_language(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    (lower.contains("select ") && lower.contains(" from "))
        || lower.contains("find {")
        || [
            " eq ", " ne ", " ge ", " gt ", " le ", " lt ", "[eq]", "[gte]", "[gt]", "[lt]", "[in]",
            "[ilike]",
        ]
        .iter()
        .any(|operator| lower.contains(operator))
        || ["email:", "phone:", "type:", "name:"].iter().any(|prefix| lower.starts_with(prefix))
}

fn unknown(name: &[String], place: &Place<'_>) -> Option<Problem> {
    let (root, rest) = name.split_first()?;
    let text = name.join(".");
    let public = place.document.credentials.as_ref().map(|c| c.public.as_slice()).unwrap_or_default();
    if root == "secret" && rest.first().is_some_and(|field| public.contains(field)) {
        return None;
    }
    if !place.roots.contains(root) {
        let hidden = root == "secret" || root == "token";
        let problem = Problem::new(if hidden {
            format!("`{text}` may stand only where the credentials of a request are built (connection)")
        } else {
            format!("the name `{text}` does not exist here")
        });
        return Some(problem.allowing(root, place.roots.iter().cloned()));
    }
    let document = place.document;
    let known: Vec<String> = match root.as_str() {
        "auth" => {
            let fields = &document.integration.authentication;
            let visible = fields.iter().filter(|(_, f)| place.secrets || !f.secret);
            let visible: Vec<String> = visible.map(|(n, _)| n.clone()).collect();
            if let Some(field) = rest.first()
                && fields.get(field).is_some_and(|f| f.secret && !place.secrets)
            {
                let problem = Problem::new(format!(
                    "`{text}` is declared secret: it may stand only where the credentials of a request are built"
                ));
                return Some(problem.allowing(field, visible));
            }
            visible
        }
        "const" => document.r#const.keys().cloned().collect(),
        "secret" => match &document.credentials {
            Some(credentials) => credentials.fields.keys().cloned().collect(),
            None => Vec::new(),
        },
        "input" => place.inputs.map(|a| a.input.keys().cloned().collect()).unwrap_or_default(),
        "steps" => place.steps.clone(),
        "contact" => CONTACT.iter().map(|s| (*s).to_owned()).collect(),
        "agent" => vec!["id".to_owned()],
        "request" => vec!["method".to_owned(), "path".to_owned()],
        _ => return None,
    };
    match rest.first() {
        Some(key) if known.contains(key) => None,
        Some(key) => Some(
            Problem::new(format!("the name `{text}` does not exist here"))
                .allowing(&format!("{root}.{key}"), known.iter().map(|k| format!("{root}.{k}"))),
        ),
        None => None,
    }
}
