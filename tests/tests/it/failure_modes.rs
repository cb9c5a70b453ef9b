//! Every component under every fault of the CRM, of Secrets Manager and of a request: what Talkdesk gets, and
//! whether the CRM was asked again or written to. `docs/failure-modes.md` is this table.
//!
//! `make failure-modes` writes the file anew.

pub mod bounds;
mod faults;

use std::collections::HashMap;
use std::fmt::Write as _;

use bridge::contract::Component;
use bridge::error::Class;
use end_to_end::lab::{Asked, Lab, Reply, secret};
use end_to_end::workspace;
use serde_json::{Value, json};

use bounds::Bound;
use faults::{FAULTS, Fault, Kind};

/// The table's columns; an action is one with a key by which the CRM does it once, and one without.
const COLUMNS: [(&str, Component, &str); 6] = [
    ("validation", Component::AuthValidation, ""),
    ("contacts", Component::Contacts, ""),
    ("agents", Component::Agents, ""),
    ("interactions", Component::Interactions, ""),
    ("action with a key", Component::Actions, "create_ticket"),
    ("action without", Component::Actions, "add_note"),
];

#[tokio::test]
async fn every_failure_is_answered_as_the_document_says() {
    // The first look-up may build the functions, which takes longer than a test waits.
    end_to_end::function_binary(Component::Contacts);
    let columns = COLUMNS.map(|(_, component, action)| tokio::spawn(column(component, action)));
    let mut cells = Vec::new();
    for column in columns {
        cells.push(column.await.expect("a column's own failure is shown above"));
    }
    let text = document(&cells);
    let path = workspace().join("docs/failure-modes.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differences: Vec<String> = text
        .lines()
        .filter(|line| !written.lines().any(|other| other == *line))
        .map(|line| format!("now:  {line}"))
        .chain(
            written
                .lines()
                .filter(|line| !text.lines().any(|other| other == *line))
                .map(|line| format!("file: {line}")),
        )
        .collect();
    assert!(
        written == text,
        "docs/failure-modes.md says otherwise; see the head of this file\n{}",
        differences.join("\n")
    );
}

/// One function under every fault; each has an account of its own, so that no cell leaves anything to the next.
async fn column(component: Component, action: &'static str) -> Vec<String> {
    let plan =
        Lab::of("demo", component).env("SYNC_BUDGET_SECONDS", "3").env("INTERACTIVE_BUDGET_SECONDS", "3");
    let lab = plan.start(good).await;
    let mut cells = Vec::new();
    for (n, fault) in FAULTS.iter().enumerate() {
        let account = format!("cell-{n}");
        let mut own = secret();
        own["api_key"] = json!(format!("key-{n}"));
        lab.secrets.put(&lab.secret_name(&account), &own);
        lab.crm.answer(good);
        let mut body = json!({"auth": lab.auth_of(&account)});
        match component {
            Component::Interactions => body["data"] = json!({"contact_external_id": "1"}),
            Component::Actions => {
                body["meta"] = json!({"contact_external_id": "1"});
                body["data"] = json!({"note": "x", "subject": "x"});
            }
            _ => {}
        }
        match fault.kind {
            Kind::None => {}
            Kind::Crm(reply) => lab.crm.answer(move |_| reply()),
            Kind::Secrets(trouble) => lab.secrets.fail(Some(trouble)),
            Kind::Secret(text) => lab.secrets.put_text(&lab.secret_name(&account), text),
            Kind::Request(change) => change(&mut body),
        }
        lab.crm.take();
        let text = if let Value::String(text) = &body { text.clone() } else { body.to_string() };
        let answer = lab.send(action, &text).await;
        lab.secrets.fail(None);
        let Some(answer) = answer else {
            panic!("{component:?}, {}: no answer\n{}", fault.name, lab.function.log());
        };
        cells.push(cell(component, &answer, &lab.crm.take()));
    }
    assert_eq!(lab.function.requests().len(), FAULTS.len(), "{component:?}: every request has its line");
    cells
}

/// A cell of the table.
fn cell(component: Component, answer: &end_to_end::Response, asked: &[Asked]) -> String {
    let mut same: HashMap<(String, String), usize> = HashMap::new();
    for it in asked {
        *same.entry((it.method.clone(), it.target.clone())).or_default() += 1;
    }
    let mut cell = answer.status.to_string();
    if let Some(code) = answer.body["error"]["code"].as_str() {
        let _ = write!(cell, " {code}");
    } else if let Some(rows) =
        answer.body.as_array().or(answer.body["contacts"].as_array()).or(answer.body["agents"].as_array())
    {
        let _ = write!(cell, ", {} rows", rows.len());
    }
    if same.values().any(|times| *times > 1) {
        cell.push_str(", again");
    }
    if component == Component::Actions && answer.status >= 400 {
        let unknown = answer.body["message"].as_str().is_some_and(|text| text.contains("Check in the CRM"));
        cell.push_str(if unknown { ", outcome unknown" } else { ", not written" });
    }
    cell
}

/// A CRM with one row of everything.
fn good(asked: &Asked) -> Reply {
    use crate::security::crm::{contact, interaction};
    let user = json!({"id": 1, "name": "Eve", "email": "eve@example.com", "active": true, "role": "agent"});
    match asked.path().rsplit('/').next().unwrap_or_default() {
        "me" => Reply::json(200, &json!({"id": 1})),
        _ if asked.method == "POST" => Reply::json(201, &json!({"id": 7, "number": "T-7"})),
        "contacts" => Reply::json(
            200,
            &json!({"contacts": [contact(1, "2026-05-01T07:25:37.123Z")], "has_more": false}),
        ),
        "users" => Reply::json(200, &json!({"users": [user], "page": 1, "pages": 1})),
        kind => Reply::json(200, &json!({ kind: [interaction(1)] })),
    }
}

fn document(columns: &[Vec<String>]) -> String {
    let mut text = include_str!("failure_modes/head.md").to_owned();
    let heads: Vec<&str> = COLUMNS.iter().map(|column| column.0).collect();
    let mut group = "";
    for (n, Fault { group: own, name, .. }) in FAULTS.iter().enumerate() {
        if *own != group {
            group = own;
            let _ = write!(
                text,
                "\n### {group}\n\n| fault | {} |\n|---|{}\n",
                heads.join(" | "),
                "---|".repeat(6)
            );
        }
        let cells: Vec<&str> = columns.iter().map(|column| column[n].as_str()).collect();
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push_str("\n## What a code says\n\n| code | log level | what the caller reads |\n|---|---|---|\n");
    for class in Class::ALL {
        let row = class.row();
        let _ = writeln!(text, "| {} | {} | {} |", row.code, row.level, row.message);
    }
    text.push_str("\n## Bounds\n\nEach is asserted by a test under `tests/tests/it/security/`.\n\n| what | at most |\n|---|---|\n");
    for Bound { what, most, unit } in bounds::ALL {
        let _ = writeln!(text, "| {what} | {most} {unit} |");
    }
    text
}
