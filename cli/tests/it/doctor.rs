//! `doctor` against bridges with one thing wrong each: the right sentence, and nothing written.

use axum::Router;
use axum::http::StatusCode;
use bridge::contract::Component;
use bridge::manifest::Manifest;
use bridge::time::Moment;
use demo_crm::FaultKind;
use player::Player;
use serde_json::{Map, Value};
use talkdesk_bridge::doctor::{Examination, Finding};
use url::Url;

use crate::world::{KEY, World};

pub fn auth(key: &str) -> Map<String, Value> {
    let pairs = [("account", "acme"), ("bridge_key", key)];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect()
}

async fn examine(url: &str, key: &str, clock: fn() -> Moment) -> Vec<Finding> {
    examined(url, Player::new(url, auth(key)).unwrap(), clock).await
}

pub async fn examined(url: &str, player: Player, clock: fn() -> Moment) -> Vec<Finding> {
    let manifest = Manifest::embedded("demo").unwrap();
    let url = Url::parse(url).unwrap();
    let mut findings = Vec::new();
    Examination::new(&manifest, url, player, clock).run(&mut |finding| findings.push(finding.clone())).await;
    findings
}

/// The only thing that is wrong.
pub fn fault(findings: &[Finding]) -> &Finding {
    let faults: Vec<&Finding> = findings.iter().filter(|finding| !finding.good).collect();
    assert_eq!(faults.len(), 1, "{findings:#?}");
    faults[0]
}

#[tokio::test]
async fn a_sound_bridge_is_examined_to_the_end_and_nothing_is_written() {
    let world = World::start().await;
    let findings = examine(&world.server.url(), KEY, Moment::now).await;
    assert!(findings.iter().all(|finding| finding.good), "{findings:#?}");
    let looked: Vec<&str> = findings.iter().map(|finding| finding.what.as_str()).collect();
    for what in ["name", "connection", "clock", "wrong key", "unknown account", "good credentials", "latency"]
    {
        assert!(looked.contains(&what), "{what}: {looked:?}");
    }
    for what in ["a page of contacts", "integration", "a page of agents", "a contact's interactions"] {
        assert!(looked.contains(&what), "{what}: {looked:?}");
    }
    assert_eq!(looked.iter().filter(|what| what.starts_with("endpoint")).count(), Component::ALL.len());
    assert!(world.control().requests().iter().all(|request| request.method == "GET"), "nothing is written");
}

#[tokio::test]
async fn a_bridge_that_runs_another_manifest_is_told_by_its_checkpoints() {
    let world = World::with_overlay("integration: {name: another}\n").await;
    let findings = examine(&world.server.url(), KEY, Moment::now).await;
    let fault = fault(&findings);
    assert_eq!(fault.what, "integration");
    assert!(fault.fix.contains("parameters Integration and Overlay"), "{fault:?}");
}

#[tokio::test]
async fn the_url_of_one_endpoint_is_not_the_bridges() {
    let world = World::start().await;
    let url = format!("{}/prod/contact_sync", world.server.url());
    let findings = examine(&url, KEY, Moment::now).await;
    assert_eq!((findings.len(), fault(&findings).what.as_str()), (1, "address"));
    assert!(fault(&findings).fix.contains("BaseUrl"), "{findings:?}");
}

#[tokio::test]
async fn a_wrong_key_leads_to_the_secret() {
    let world = World::start().await;
    let findings = examine(&world.server.url(), "another-key-0123456789", Moment::now).await;
    let fault = fault(&findings);
    assert_eq!(fault.what, "good credentials");
    assert!(fault.seen.starts_with("401 caller_refused"), "{fault:?}");
    assert!(fault.fix.contains("Secrets Manager") && !fault.text().contains("another-key"), "{fault:?}");
}

#[tokio::test]
async fn a_crm_that_does_not_answer_is_told_from_a_bridge_that_does_not() {
    let world = World::start().await;
    world.fault("/api/", FaultKind::Status, |fault| demo_crm::Fault {
        status: Some(503),
        times: 1000,
        ..fault
    });
    let findings = examine(&world.server.url(), KEY, Moment::now).await;
    let down = fault(&findings);
    assert_eq!(down.what, "good credentials");
    assert!(down.fix.contains("the CRM is down") || down.fix.contains("the CRM's limit"), "{down:?}");

    // A port that nobody listens on any more.
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
    let findings = examine(&format!("http://{free}"), KEY, Moment::now).await;
    let gone = fault(&findings);
    assert_eq!(gone.what, "connection");
    assert!(gone.fix.contains("nobody listens there"), "{gone:?}");
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named() {
    let world = World::start().await;
    let fast = || Moment::now().plus(std::time::Duration::from_secs(600));
    let findings = examine(&world.server.url(), KEY, fast).await;
    let fault = fault(&findings);
    assert_eq!(fault.what, "clock");
    assert!(fault.seen.starts_with("59") && fault.fix.contains("time"), "{fault:?}");
}

#[tokio::test]
async fn a_name_that_is_not_found_may_be_wrong_or_this_machine_offline() {
    let findings = examine("https://bridge.invalid", KEY, Moment::now).await;
    let fault = fault(&findings);
    assert_eq!(fault.what, "name");
    assert!(fault.fix.contains("BaseUrl") && fault.fix.contains("offline"), "{fault:?}");
}

/// `doctor` of the demo as its user runs it, with one more argument; what it complains about.
fn complaint(option: &str, file: &std::path::Path) -> String {
    let manifest = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"))
        .args(["doctor", "--auth", "account=acme", "--auth", &format!("bridge_key={KEY}"), "--manifest"])
        .arg(manifest)
        .arg(option)
        .arg(file)
        .args(if option == "--auth-file" { &["--url", "http://127.0.0.1:1"][..] } else { &[] })
        .output()
        .unwrap();
    assert_ne!(output.status.code(), Some(0));
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_file_that_is_not_there_is_told_with_what_writes_it_and_a_byte_order_mark_is_no_fault() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("doctor-files");
    std::fs::create_dir_all(&folder).unwrap();
    let missing = folder.join("missing.json");
    let said = complaint("--stack-outputs", &missing);
    assert!(said.contains("`make deploy` writes it") && said.contains("sam list stack-outputs"), "{said}");
    let said = complaint("--auth-file", &missing);
    assert!(said.contains("`talkdesk-bridge secret` writes"), "{said}");
    for (option, text, expected) in [
        (
            "--stack-outputs",
            r#"[{"OutputKey": "BaseUrl", "OutputValue": "http://127.0.0.1:1"}]"#,
            "nobody listens",
        ),
        ("--auth-file", r#"{"caller_keys": ["another-key-0123456789"]}"#, "nobody listens"),
    ] {
        let marked = folder.join(format!("{}.json", option.trim_start_matches('-')));
        std::fs::write(&marked, format!("\u{feff}{text}")).unwrap();
        let said = complaint(option, &marked);
        assert!(said.contains(expected), "{option}: {said}");
    }
}

#[tokio::test]
async fn plain_http_is_for_this_machine_only() {
    let findings = examine("http://bridge.example.com", KEY, Moment::now).await;
    assert!(fault(&findings).fix.contains("https only"));
}

#[tokio::test]
async fn an_answer_that_is_not_ours_names_the_setting_of_aws() {
    for (status, says) in [
        (403_u16, "the default endpoint is disabled"),
        (404, "lacks the stage"),
        (429, "ThrottlingRate"),
        (500, "wrong Architecture"),
        (503, "ReservedConcurrency"),
        (200, "no Talkdesk Bridge"),
    ] {
        let answer = move || async move { StatusCode::from_u16(status).unwrap() };
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let findings = examine(&url, KEY, Moment::now).await;
        let first = findings.iter().find(|finding| !finding.good).unwrap();
        assert!(first.what.starts_with("endpoint") && first.fix.contains(says), "{status}: {first:?}");
    }
}
