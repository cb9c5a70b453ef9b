//! The program as its user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge")).args(arguments).current_dir(root()).output().unwrap()
}

/// Checks a copy of the demo manifest with one text replaced; gives back exit code and output.
fn check_broken(from: &str, to: &str) -> (Option<i32>, String, usize) {
    let text = std::fs::read_to_string(root().join("manifests/demo/manifest.yaml")).unwrap();
    assert!(text.contains(from), "the demo manifest has no `{from}`");
    let line = text[..text.find(from).unwrap()].lines().count().max(1);
    let folder = std::env::temp_dir().join(format!("talkdesk-bridge-{}-{line}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("manifest.yaml"), text.replacen(from, to, 1)).unwrap();
    let output = run(&["check", folder.to_str().unwrap()]);
    std::fs::remove_dir_all(&folder).unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), line)
}

#[test]
fn a_typo_in_a_key_is_named_with_file_line_and_the_nearest_key() {
    let (code, text, line) = check_broken("records: \"{{ body.users }}\"", "recrods: \"{{ body.users }}\"");
    assert_eq!(code, Some(1));
    assert!(text.contains(&format!("manifest.yaml:{line}:")), "{line}: {text}");
    assert!(text.contains("agents.recrods: unknown key `recrods`"), "{text}");
    assert!(text.contains("did you mean `records`?"), "{text}");
}

#[test]
fn an_unknown_name_in_a_template_is_named_with_file_and_line() {
    let (code, text, line) = check_broken("{{ row.company }}", "{{ rox.company }}");
    assert_eq!(code, Some(1));
    assert!(text.contains(&format!("manifest.yaml:{line}:")), "{line}: {text}");
    assert!(
        text.contains("`rox.company` does not exist here") && text.contains("did you mean `row`?"),
        "{text}"
    );
}

#[test]
fn a_missing_mapping_of_a_mandatory_field_is_named() {
    let (code, text, _) =
        check_broken("    name: \"{{ [row.first_name, row.last_name] | join(' ') }}\"\n", "");
    assert_eq!(code, Some(1));
    assert!(text.contains("contacts.map: the mandatory key `name` is missing"), "{text}");
}

#[test]
fn watch_checks_again_when_a_file_of_the_folder_changes() {
    use std::io::{BufRead as _, BufReader};
    let text = std::fs::read_to_string(root().join("manifests/demo/manifest.yaml")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("watched");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("manifest.yaml");
    std::fs::write(&file, &text).unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"));
    let program = program.args(["check", "--watch", folder.to_str().unwrap()]);
    let mut child = program.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut until = |end: &str| {
        let mut seen = String::new();
        for line in lines.by_ref() {
            seen.push_str(&line);
            seen.push('\n');
            if line.contains(end) {
                break;
            }
        }
        seen
    };
    let first = until("watching; Ctrl-C ends it.");
    std::fs::write(&file, text.replacen("records:", "recrods:", 1)).unwrap();
    let second = until("watching; Ctrl-C ends it.");
    std::fs::write(&file, &text).unwrap();
    let third = until("watching; Ctrl-C ends it.");
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.contains("demo ") && !first.contains("did you mean"), "{first}");
    assert!(second.contains("changed: ") && second.contains("did you mean `records`?"), "{second}");
    assert!(third.contains("demo ") && !third.contains("did you mean"), "{third}");
}

#[test]
fn the_demo_succeeds() {
    let output = run(&["demo"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("All five components answered as Talkdesk expects."), "{text}");
    assert!(!text.contains("FAIL"), "{text}");
}

#[test]
fn the_crms_address_can_be_replaced_by_a_loopback_address_only() {
    let output =
        run(&["serve", "--manifest", "manifests/demo", "--port", "0", "--crm-url", "http://169.254.169.254"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(text.contains("--crm-url: only a loopback address is allowed"), "{text}");
}

#[test]
fn the_readmes_commands_exist() {
    let readme = std::fs::read_to_string(root().join("README.md")).unwrap();
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap();
    for target in readme.split("make ").skip(1).filter_map(|rest| {
        let name: String = rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        (rest.len() > name.len() && readme.contains(&format!("`make {name}")) && !name.is_empty())
            .then_some(name)
    }) {
        assert!(makefile.contains(&format!("\n{target}:")), "the README names `make {target}`");
    }
    let help = String::from_utf8(run(&["--help"]).stdout).unwrap();
    for command in ["check", "demo", "serve", "generate"] {
        assert!(help.contains(command), "{help}");
    }
}

#[test]
fn an_integration_that_is_not_there_is_named_with_the_nearest_one() {
    let output = run(&["check", "manifests/demmo"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("there is no such manifest") && text.contains("`manifests/demo`"), "{text}");
}

#[test]
fn an_expression_is_evaluated_with_a_fixtures_values() {
    let fixture = "manifests/demo/fixtures/contacts-1-initial.json";
    let told = |expression: &str, more: &[&str]| {
        let output = run(&[&["eval", expression, "--with", fixture], more].concat());
        let text = [output.stdout, output.stderr].concat();
        (output.status.code(), String::from_utf8(text).unwrap())
    };
    assert_eq!(told("{{ row.first_name | upper }}", &[]), (Some(0), "\"MARIA\"\n".to_owned()));
    assert_eq!(told("row.nothing", &[]), (Some(0), "undefined\n".to_owned()));
    assert_eq!(told("status", &["--answer", "1"]), (Some(0), "200\n".to_owned()));
    let (code, text) = told("row.first_name | uper", &[]);
    assert!(code == Some(2) && text.contains("did you mean `upper`?"), "{text}");
    for (expression, says) in [
        ("let.nothing", "there is no `let.nothing`"),
        ("from", "`from` has no value here"),
        ("const.nothing", "there is no `const.nothing`"),
    ] {
        let (code, text) = told(expression, &[]);
        assert!(code == Some(2) && text.contains(says), "{expression}: {text}");
    }
    let (code, text) = told("status", &["--turn", "9"]);
    assert!(code == Some(2) && text.contains("--turn 9: the fixture has"), "{text}");
}

#[test]
fn what_no_fixture_shows_is_a_complaint_when_asked_for() {
    let folder = std::env::temp_dir().join(format!("talkdesk-bridge-bare-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(root().join("manifests/demo/manifest.yaml"), folder.join("manifest.yaml")).unwrap();
    let path = folder.to_str().unwrap();
    let (quiet, asked) = (run(&["check", path]), run(&["check", path, "--missing"]));
    std::fs::remove_dir_all(&folder).unwrap();
    let text = String::from_utf8(asked.stdout).unwrap();
    assert_eq!((quiet.status.code(), asked.status.code()), (Some(0), Some(1)), "{text}");
    for what in ["contacts: a first page", "interactions: ticket with rows", "actions/create_ticket: done"] {
        assert!(text.contains(&format!("no fixture shows {what}")), "{what}: {text}");
    }
}
