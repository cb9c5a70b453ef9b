//! Every file in `events/` against the function that it is for: the status of the README's table.

use std::collections::BTreeMap;
use std::fs;

use bridge::contract::Component;
use demo_crm::Options;
use end_to_end::{DemoStack, Response, workspace};
use serde_json::{Value, json};

#[tokio::test]
async fn every_sample_event_is_answered_as_its_readme_says() {
    let table = table();
    assert_eq!(table.keys().cloned().collect::<Vec<_>>(), files(), "the README has every file, and no other");

    let stack = DemoStack::start(Options::default(), "demo-bridge-key-0123456789", &[]).await;
    let mut answers = BTreeMap::new();
    for ((function, situation), status) in &table {
        let answer = play(&stack, function, situation, None).await;
        if situation == "next-page" {
            assert_eq!(answer.status, 400, "as the file is, it has no offset of ours");
            let first = play(&stack, function, "initial", None).await;
            let offset = first.body["next_offset"].as_str().expect("there are more contacts than a page");
            let second = play(&stack, function, situation, Some(offset)).await;
            assert_eq!(second.status, *status);
            assert_ne!(second.body["contacts"], first.body["contacts"]);
            continue;
        }
        assert_eq!(answer.status, *status, "{function}/{situation}: {}", answer.text);
        answers.insert(format!("{function}/{situation}"), answer);
    }

    let body = |name: &str| &answers[name].body;
    let status = |name: &str| answers[name].status;
    for (name, answer) in &answers {
        if answer.status >= 400 {
            assert!(answer.body["error"]["code"].is_string(), "{name}: {}", answer.text);
            let message = answer.body["message"].is_string();
            assert_eq!(message, name.starts_with("action-executor"), "{name}: {}", answer.text);
        }
        if status(name) == 405 {
            assert_eq!(answer.headers["allow"], "POST", "{name}");
        }
    }
    assert_eq!(*body("auth-validator/valid"), json!({}));
    let first = &body("contact-retriever/initial")["contacts"];
    assert!(first.as_array().is_some_and(|it| !it.is_empty()));
    for same in ["no-meta", "nulls", "stage-prefix", "rest-v1"] {
        assert_eq!(body(&format!("contact-retriever/{same}"))["contacts"], *first, "{same}");
    }
    let agents = body("agent-retriever/initial");
    assert!(agents["agents"].as_array().is_some_and(|it| !it.is_empty()));
    assert_eq!(body("agent-retriever/no-meta"), agents);
    assert_eq!(body("agent-retriever/rest-v1-stage"), agents);
    let shown = body("interaction-retriever/by-external-id");
    for kind in ["ticket", "note"] {
        assert!(shown.as_array().is_some_and(|it| it.iter().any(|i| i["type"] == kind)), "{kind}: {shown}");
    }
    assert_eq!(body("interaction-retriever/by-email"), shown);
    assert_eq!(body("interaction-retriever/by-phone"), shown);
    for none in ["no-types", "unknown-contact"] {
        assert_eq!(*body(&format!("interaction-retriever/{none}")), json!([]), "{none}");
    }
    assert!(body("action-executor/create-ticket")["external_id"].is_string());
    let contact = body("action-executor/create-contact");
    assert!(contact["contact_external_id"].is_string() && contact["contact_external_url"].is_string());
}

/// Plays one file; `offset` takes the place of `__NEXT_OFFSET__`.
async fn play(stack: &DemoStack, function: &str, situation: &str, offset: Option<&str>) -> Response {
    let path = workspace().join("events").join(function).join(format!("{situation}.json"));
    let mut text = fs::read_to_string(&path).unwrap();
    if let Some(offset) = offset {
        assert!(text.contains("__NEXT_OFFSET__"), "{situation} has a place for an offset");
        text = text.replace("__NEXT_OFFSET__", offset);
    }
    let event: Value = serde_json::from_str(&text).unwrap();
    let component = Component::ALL.into_iter().find(|it| it.function_name() == function).unwrap();
    let answer = stack.functions.of(component).invoke(&event).await;
    assert_eq!(answer.headers["content-type"], "application/json", "{function}/{situation}");
    assert!(!answer.body.is_null(), "{function}/{situation}: {}", answer.text);
    answer
}

/// The README's table: function and situation with the status.
fn table() -> BTreeMap<(String, String), u16> {
    let readme = fs::read_to_string(workspace().join("events/README.md")).unwrap();
    let (mut table, mut function) = (BTreeMap::new(), String::new());
    for line in readme.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        // The heading and the line below it have no number here.
        let Some(status) = cells.get(3).and_then(|cell| cell.parse().ok()) else { continue };
        if !cells[1].is_empty() {
            function = cells[1].to_owned();
        }
        table.insert((function.clone(), cells[2].to_owned()), status);
    }
    table
}

/// The files of `events/` as function and situation, in the order of the table.
fn files() -> Vec<(String, String)> {
    let mut files = Vec::new();
    for component in Component::ALL {
        let function = component.function_name();
        for entry in fs::read_dir(workspace().join("events").join(function)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            files.push((function.to_owned(), name.strip_suffix(".json").unwrap().to_owned()));
        }
    }
    files.sort();
    files
}
