//! `eval`: an expression of a manifest with the values of a fixture, for whoever writes a template.

use std::path::PathBuf;

use bridge::contract::interactions::ContactIdentity;
use bridge::crm::Scope;
use bridge::crm::interactions::person;
use bridge::gateway::lines;
use bridge::manifest::Manifest;
use bridge::manifest::expression::{Expression, Template};
use bridge::manifest::model::Document;
use bridge::phone::PhoneNumbers;
use minijinja::Value;
use minijinja::value::Serde;
use serde_json::Value as Json;

use crate::fixture::{self, Exchange, Fixture, Turn};
use crate::names;

/// Arguments of `eval`.
#[derive(clap::Args, Debug)]
pub struct EvalArguments {
    /// The expression, such as `row.name | upper`; braces around it may be left out.
    expression: String,
    /// The fixture whose values it sees: `status`, `headers` and `body` of an answer, `row`, `input`, `contact`,
    /// `agent`, `number`, `phone` and `email` (the contact's first), `auth`, `secret`, `const`, `tables`, `let`.
    #[arg(long, value_name = "FILE")]
    with: PathBuf,
    /// The manifest. Default: the folder above the fixture's.
    #[arg(long)]
    manifest: Option<PathBuf>,
    /// Which turn of the fixture, from 1.
    #[arg(long, default_value_t = 1)]
    turn: usize,
    /// Which answer of the turn, from 1. Default: the last.
    #[arg(long)]
    answer: Option<usize>,
    /// Which row of the answer is `row`, from 1.
    #[arg(long, default_value_t = 1)]
    row: usize,
}

impl EvalArguments {
    /// Prints the value as JSON; `undefined` where there is none.
    ///
    /// # Errors
    /// A file that cannot be read, an expression that is none, a value that cannot be made.
    pub fn run(self, print: fn(&str)) -> Result<bool, String> {
        let fixture = fixture::read(&self.with)?;
        let above = self.with.parent().and_then(|folder| folder.parent()).map(PathBuf::from);
        let above = above.filter(|folder| folder.join("manifest.yaml").is_file());
        let path = self.manifest.clone().or(above).ok_or_else(|| {
            format!(
                "{}: no manifest stands in the folder above it: name it with --manifest",
                self.with.display()
            )
        })?;
        let files = Manifest::files(&path).map_err(|problems| lines(&problems))?;
        let manifest = Manifest::load(&files).map_err(|problems| lines(&problems))?;
        let turns = fixture.turns.len();
        let turn = fixture.turns.get(self.turn.wrapping_sub(1));
        let turn = turn.ok_or_else(|| format!("--turn {}: the fixture has {turns}", self.turn))?;
        let mut scope = scope(&manifest, &fixture, turn);
        let answers = turn.exchanges.len();
        let answer = turn.exchanges.get(self.answer.unwrap_or(answers).wrapping_sub(1));
        match (answer, self.answer) {
            (Some(answer), _) => {
                enter(&mut scope, &fixture, manifest.document(), answer, self.row);
                if self.row != 1 && scope.get("row").is_none() {
                    return Err(format!("--row {}: the answer has no such row; they count from 1", self.row));
                }
            }
            (None, Some(number)) => return Err(format!("--answer {number}: the turn has {answers}")),
            (None, None) => {}
        }
        let source = self.expression.trim();
        let source = source.strip_prefix("{{").and_then(|s| s.strip_suffix("}}")).unwrap_or(source);
        let written = Manifest::written_out(&files, source.trim()).map_err(|problem| problem.to_string())?;
        let expression = Expression::compile(&written)?;
        for name in &expression.found().names {
            known(name, &scope)?;
        }
        let value = expression.eval(&scope.value()).map_err(|e| e.to_string())?;
        print(&match value.is_undefined() {
            true => "undefined\n".to_owned(),
            false => format!("{}\n", serde_json::to_string_pretty(&value).map_err(|e| e.to_string())?),
        });
        Ok(true)
    }
}

/// Refuses a name that nothing has: it would be undefined without a word.
fn known(name: &[String], scope: &Scope) -> Result<(), String> {
    let Some((root, rest)) = name.split_first() else { return Ok(()) };
    let Some(value) = scope.get(root) else {
        let names: Vec<&str> = scope.names().collect();
        return Err(format!(
            "`{root}` has no value here: there is {}. `serve --trace` shows what a run brings (`from`, `page`, `steps`, …)",
            names.join(", ")
        ));
    };
    let own = ["const", "auth"].contains(&root.as_str());
    match rest.first().filter(|_| own) {
        Some(key) if value.get_attr(key).is_ok_and(|value| value.is_undefined()) => {
            let names = value.try_iter().into_iter().flatten().map(|key| format!("{root}.{key}"));
            Err(format!("there is no `{root}.{key}`: there is {}", names.collect::<Vec<_>>().join(", ")))
        }
        _ => Ok(()),
    }
}

/// What does not depend on an answer.
fn scope(manifest: &Manifest, fixture: &Fixture, turn: &Turn) -> Scope {
    let text = |value: &Json| value.as_str().map(str::to_owned);
    let list = |name: &str| -> Vec<String> {
        turn.data.get(name).and_then(Json::as_array).into_iter().flatten().filter_map(text).collect()
    };
    let identity = ContactIdentity {
        contact_external_id: None,
        contact_name: turn.data.get("contact_name").and_then(text),
        contact_emails: list("contact_emails"),
        contact_phones: list("contact_phones"),
    };
    let id = turn.meta.get("contact_external_id").or_else(|| turn.data.get("contact_external_id"));
    let contact = person(&identity, PhoneNumbers::default()).with("id", Value::from(Serde(id)));
    let first = |list: &str| contact.get(list).and_then(|list| list.get_item_by_index(0).ok());
    let (number, phone, email) = (first("phones"), first("phone_forms"), first("emails"));
    let agent = serde_json::json!({"id": turn.meta.get("agent_external_id")});
    names::of_account(manifest, &fixture.auth, &fixture.secret)
        .with("contact", contact.value())
        .with("number", number)
        .with("phone", phone)
        .with("email", email)
        .with("agent", Value::from(Serde(agent)))
        .with("input", Value::from(Serde(&turn.data)))
}

/// Adds an answer, and the row of it.
fn enter(scope: &mut Scope, fixture: &Fixture, document: &Document, exchange: &Exchange, row: usize) {
    scope.set("status", exchange.response.status);
    scope.set("headers", Value::from(Serde(&exchange.response.headers)));
    let body = exchange.response.body.as_ref().filter(|body| **body != Json::Null);
    scope.set("body", body.map_or(Value::UNDEFINED, |body| Value::from(Serde(body))));
    let names = scope.value();
    let rows = |records: &Template| records.eval(&names).ok()?.try_iter().ok()?.nth(row.wrapping_sub(1));
    let found = match fixture.component.as_str() {
        "contacts" => document.contacts.as_ref().and_then(|spec| rows(&spec.records)),
        "agents" => document.agents.as_ref().and_then(|spec| rows(&spec.records)),
        "interactions" => {
            let types = document.interactions.iter().flat_map(|spec| spec.types.values());
            types.map(|spec| &spec.records).find_map(rows)
        }
        _ => None,
    };
    if let Some(found) = found {
        scope.set("row", found);
    }
}
