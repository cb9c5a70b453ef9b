//! What types cannot say: rules over the whole manifest, each with the reason in its message.

use super::expression::Template;
use super::model::{Action, ActionInput, Document, Method, OnError, Ordered, Page, Step, Validation};
use super::problem::Problem;
use crate::contract::integration::Source;

mod contacts;
mod fields;
mod integration;
mod interactions;
mod lists;
mod look_ups;
mod requests;
mod sign;
mod skipped;

use integration::{credentials, hosts, identifier, integration, patterns};
use requests::names_in;

/// What was found, with the path of the value that it concerns.
#[derive(Debug, Default)]
pub struct Findings {
    /// The manifest must not run.
    pub errors: Vec<(Vec<String>, Problem)>,
    /// Allowed, but probably not meant.
    pub warnings: Vec<(Vec<String>, Problem)>,
    /// What stands before the paths of the list of contacts that is being looked at.
    within: Vec<String>,
}

impl Findings {
    /// Adds a problem that keeps the manifest from running.
    pub fn error(&mut self, path: Vec<String>, problem: Problem) {
        self.errors.push((path, problem));
    }

    fn says(&mut self, path: &str, message: impl Into<String>) {
        self.errors.push((self.whole(path), Problem::new(message)));
    }

    fn warns(&mut self, path: &str, message: impl Into<String>) {
        self.warnings.push((self.whole(path), Problem::new(message)));
    }

    fn whole(&self, path: &str) -> Vec<String> {
        self.within.iter().cloned().chain(path.split('.').map(str::to_owned)).collect()
    }
}

/// Checks the manifest's sections against each other.
pub fn check(document: &Document, findings: &mut Findings) {
    if document.schema != 1 {
        findings.says("schema", format!("this program reads schema 1, not {}", document.schema));
    }
    integration(document, findings);
    credentials(document, findings);
    lists::check(document, findings);
    for (path, section) in document.contact_sections() {
        let within = path.split('.').map(str::to_owned);
        findings.within = within.take_while(|part| part != "contacts").collect();
        page("contacts.page", section.page.as_ref(), section.more.as_ref(), findings);
        contacts::check(document, section, findings);
    }
    findings.within.clear();
    rights(document, findings);
    if let Some(agents) = &document.agents {
        page("agents.page", agents.page.as_ref(), agents.more.as_ref(), findings);
    }
    if let Some(section) = &document.interactions {
        if section.types.is_empty() {
            findings.says("interactions.types", "name at least one type");
        }
        for (name, operation) in &section.types {
            interactions::check(document, name, operation, findings);
        }
    }
    if let Some(section) = &document.auth_validation {
        validation(document, section, findings);
    }
    for (name, section) in &document.actions {
        action(name, section, findings);
    }
    unrun(document, findings);
    skipped::check(document, findings);
    survivor(document, findings);
    look_ups::check(document, findings);
    cached_steps(document, findings);
    hosts(document, findings);
    sign::check(document, findings);
    patterns(document, findings);
}

/// What a component never runs must not stand there as if it did.
fn unrun(document: &Document, findings: &mut Findings) {
    let contacts = document.contact_sections().map(|(here, contacts)| (here, &contacts.when));
    let agents = document.agents.iter().map(|agents| ("agents".to_owned(), &agents.when));
    for (here, when) in contacts.chain(agents) {
        if when.is_some() {
            findings.says(
                &format!("{here}.when"),
                "only types of interactions have a condition: leave rows out with `where`",
            );
        }
    }
    page_steps(document, findings);
    let singles = document.auth_validation.iter().map(|v| ("auth_validation".to_owned(), &v.steps));
    let actions = document.actions.iter().map(|(name, action)| (format!("actions.{name}"), &action.steps));
    for (here, steps) in singles.chain(actions) {
        for name in steps.iter().filter(|(_, s)| s.for_each.is_some()).map(|(name, _)| name) {
            findings.says(
                &format!("{here}.steps.{name}.for_each"),
                "there are no rows here: the step would never run",
            );
        }
    }
}

/// A successor is asked for once, by the id that Talkdesk has.
fn survivor(document: &Document, findings: &mut Findings) {
    if document.survivor.as_ref().is_some_and(|survivor| survivor.for_each.is_some()) {
        findings.says("survivor.for_each", "only look-ups in `interactions.identify` are repeated");
    }
}

/// A page whose step failed must not be delivered without what the step was to bring.
fn page_steps(document: &Document, findings: &mut Findings) {
    let sections = document.contact_sections();
    let steps = sections.flat_map(|(here, list)| list.steps.iter().map(move |step| (here.clone(), step)));
    for (here, (name, _)) in steps.filter(|(_, (_, step))| step.after && step.on_error == OnError::Warn) {
        findings.says(
            &format!("{here}.steps.{name}.on_error"),
            "a sync would deliver every contact of the page without it, and never again: leave `on_error` out",
        );
    }
    let contacts = document.contact_sections().map(|(here, contacts)| (here, &contacts.steps));
    let readings = contacts.chain(document.agents.iter().map(|a| ("agents".to_owned(), &a.steps)));
    let types = document.interactions.iter().flat_map(|i| &i.types);
    let types = types.map(|(name, operation)| (format!("interactions.types.{name}"), &operation.steps));
    for (here, steps) in readings.chain(types) {
        for name in steps.iter().filter(|(_, s)| s.after && s.for_each.is_some()).map(|(name, _)| name) {
            findings.says(
                &format!("{here}.steps.{name}"),
                "`after` is once for a page, `for_each: row` once for each of its rows: take one of them",
            );
        }
    }
}

fn validation(document: &Document, validation: &Validation, findings: &mut Findings) {
    for name in validation.steps.iter().filter(|(_, s)| s.after).map(|(name, _)| name) {
        findings
            .says(&format!("auth_validation.steps.{name}.after"), "a validation has no steps after its call");
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

fn action(name: &str, action: &Action, findings: &mut Findings) {
    const TYPES: [&str; 9] =
        ["text", "textarea", "email", "tel", "number", "datetime", "time", "select", "key/value"];
    let here = format!("actions.{name}");
    identifier(&here, name, findings);
    for (key, input) in &action.input {
        if let Some(given) = &input.r#type
            && !TYPES.contains(&given.as_str())
        {
            let path = format!("{here}.input.{key}.type");
            let problem = Problem::new(format!("`{given}` is not an input type")).allowing(given, TYPES);
            findings.error(path.split('.').map(str::to_owned).collect(), problem);
        }
        input_values(&format!("{here}.input.{key}"), input, findings);
    }
    if action.fetch.method == Method::Get {
        findings.says(&format!("{here}.fetch.method"), "an action writes: POST, PUT or PATCH");
    }
}

/// What an input takes must be stated, and its own default must be part of it.
fn input_values(here: &str, input: &ActionInput, findings: &mut Findings) {
    let choices: Vec<&str> = input.choices().collect();
    let default = input.default.as_deref();
    match input.r#type.as_deref() {
        Some("select") if choices.is_empty() => findings.says(
            here,
            "a select needs its choices in `format`, separated by commas (format: \"low,normal,high\")",
        ),
        Some("select") => {
            let also = input.also.iter().map(|(word, choice)| (format!("also.{word}"), choice.as_str()));
            let named = default.map(|given| ("default".to_owned(), given)).into_iter().chain(also);
            for (key, given) in named.filter(|(_, given)| !choices.contains(given)) {
                let problem = Problem::new(format!("`{given}` is not one of the choices"));
                let path = format!("{here}.{key}").split('.').map(str::to_owned).collect();
                findings.error(path, problem.allowing(given, choices.iter().copied()));
            }
        }
        Some("number") => {
            let fits = |n: f64| input.min.is_none_or(|min| n >= min) && input.max.is_none_or(|max| n <= max);
            if default.is_some_and(|given| !given.parse().is_ok_and(fits)) {
                findings
                    .says(&format!("{here}.default"), "the default is not a number between `min` and `max`");
            }
        }
        _ => {}
    }
    if input.r#type.as_deref() != Some("number") && (input.min.is_some() || input.max.is_some()) {
        findings.says(here, "`min` and `max` are for inputs of the type number");
    }
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
    for (here, contacts) in document.contact_sections() {
        of(here, &contacts.steps, findings);
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

/// `needs` says what a validation asks for; other places have no use for it, nor for a type's `rows`.
fn rights(document: &Document, findings: &mut Findings) {
    let contacts = document.contact_sections().map(|(here, c)| (here, &c.steps, &c.rows));
    let agents = document.agents.iter().map(|a| ("agents".to_owned(), &a.steps, &a.rows));
    for (place, steps, rows) in contacts.chain(agents) {
        if rows.is_some() {
            findings.says(&format!("{place}.rows"), "only types of interactions have `rows`");
        }
        no_needs(&place, steps, findings);
    }
    for (name, operation) in document.interactions.iter().flat_map(|i| &i.types) {
        no_needs(&format!("interactions.types.{name}"), &operation.steps, findings);
    }
    for (name, action) in &document.actions {
        no_needs(&format!("actions.{name}"), &action.steps, findings);
    }
}

fn no_needs(place: &str, steps: &Ordered<Step>, findings: &mut Findings) {
    for (name, _) in steps.iter().filter(|(_, step)| step.needs.is_some()) {
        findings.says(&format!("{place}.steps.{name}.needs"), "only steps of auth_validation have `needs`");
    }
    for (name, _) in steps.iter().filter(|(_, step)| step.list.is_some()) {
        findings.says(&format!("{place}.steps.{name}.list"), "only steps of auth_validation have a `list`");
    }
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
