//! The command `check --live` against a demo CRM with each of its faults: what is wrong, where, what to do.

use std::path::{Path, PathBuf};
use std::process::Command;

use demo_crm::{DemoCrm, Fault, FaultKind, Micros, Options};

const KEY: &str = "canary-caller-key-0123";
const API_KEY: &str = "canary-crm-key";

/// What is printed to both streams of a CRM at this address.
async fn said(name: &str, address: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let file: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("live-{name}.json"));
    std::fs::write(&file, format!(r#"{{"caller_keys": ["{KEY}"], "api_key": "{API_KEY}"}}"#)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"));
    command.args(["check", "manifests/demo", "--live", "--auth", "account=acme", "--crm-url", address]);
    command.arg("--secret-file").arg(file).current_dir(root).env_remove("RUST_LOG");
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.is_empty(), "lines of the log are no sentences: {error}");
    String::from_utf8(output.stdout).unwrap()
}

async fn crm() -> DemoCrm {
    DemoCrm::start(Options { api_key: API_KEY.to_owned(), ..Options::default() }).await.unwrap()
}

#[tokio::test]
async fn every_fault_of_the_demo_crm_says_what_where_and_what_to_do() {
    let status = |status: u16, retry_after: Option<u32>| {
        let fault = Fault::new("/api/v1/users", FaultKind::Status);
        Fault { status: Some(status), retry_after, times: 99, ..fault }
    };
    let of = |kind| Fault { times: 99, ..Fault::new("/api/v1/users", kind) };
    for (name, fault, sentence) in [
        (
            "401",
            status(401, None),
            "agents: 401 The CRM does not accept the credentials (GET /users: 401). Compare api_key of the secret",
        ),
        (
            "403",
            status(403, None),
            "(GET /users: 403). Mend what the sentence names, or give the API user the right",
        ),
        (
            "404",
            status(404, None),
            "its API is not there). Compare --crm-url with the CRM's own address, and the request's",
        ),
        (
            "422",
            status(422, None),
            "(GET /users: 422). Compare the request in the manifest with the vendor's",
        ),
        (
            "429",
            status(429, Some(600)),
            "(GET /users: 429 with Retry-After 600). Wait until the CRM's limit allows",
        ),
        ("500", status(500, None), "(GET /users: 500, 3 times). Try the CRM by hand"),
        ("html", of(FaultKind::Html), "cannot be read (GET /users: the answer (200) is not JSON). Compare"),
        (
            "garbage",
            of(FaultKind::Garbage),
            "cannot be read (GET /users: the answer (200) is not JSON). Compare",
        ),
        (
            "cut",
            of(FaultKind::CutOff),
            "(GET /users: status 200 came, then the connection broke, 3 times). Try",
        ),
    ] {
        let crm = crm().await;
        crm.control().add_faults(vec![fault]).unwrap();
        let text = said(name, crm.url()).await;
        assert!(text.contains(sentence) && text.contains("1 of 13 wrong."), "{name}: {sentence}\n{text}");
    }
}

#[tokio::test]
async fn an_address_where_nobody_listens_is_the_one_of_the_command_line() {
    let text = said("nobody", "http://127.0.0.1:1").await;
    let sentence = "(GET /me: no connection: refused, 3 times). See whether --crm-url leads to the CRM";
    assert!(text.contains(sentence), "{text}");
}

#[tokio::test]
async fn a_clock_says_in_which_direction_it_is_wrong() {
    let hour = 3_600_000;
    for (millis, sentence) in [(hour, "clock: the CRM's is 3"), (-hour, "clock: this machine's is 3")] {
        let crm = crm().await;
        crm.control().advance_clock(millis);
        let text = said(&format!("clock{millis}"), crm.url()).await;
        assert!(text.contains(sentence) && text.contains("1 of 13 wrong."), "{text}");
    }
}

#[tokio::test]
async fn a_stamp_in_the_future_is_no_fault_of_the_filter() {
    let few = Options { api_key: API_KEY.to_owned(), contacts: 50, ..Options::default() };
    let crm = DemoCrm::start(few).await.unwrap();
    crm.control().stamp(7, Micros::parse("2099-01-01T00:00:00Z").unwrap()).unwrap();
    let text = said("future", crm.url()).await;
    let sentence =
        "checkpoint.field: 1 of the rows are stamped in the future, the last one (id 7) at 2099-01-01";
    assert!(text.contains(sentence) && text.contains("1 of 14 wrong."), "{text}");
}
