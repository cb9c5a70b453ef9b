//! What is said of files that are not there, not files, empty or something else: what, where, and what comes next.

use std::path::{Path, PathBuf};
use std::process::Command;

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("dir")).unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo/manifest.yaml");
    for (name, fixture) in [("flat", None), ("list", Some("[]")), ("cut", Some("{")), ("bare", Some("{}"))] {
        let own = folder.join(name);
        std::fs::create_dir_all(&own).unwrap();
        std::fs::copy(&demo, own.join("manifest.yaml")).unwrap();
        match fixture {
            None => std::fs::write(own.join("fixtures"), "").unwrap(),
            Some(text) => {
                std::fs::create_dir_all(own.join("fixtures")).unwrap();
                std::fs::write(own.join("fixtures/a.json"), text).unwrap();
            }
        }
    }
    std::fs::create_dir_all(folder.join("manifests/acme")).unwrap();
    std::fs::copy(&demo, folder.join("manifests/acme/manifest.yaml")).unwrap();
    for (name, bytes) in [
        ("empty", b"".as_slice()),
        ("bin", b"\xff\xfe"),
        ("items", b"- x"),
        ("many", b"limits:\n  per_second: [a]\n"),
        ("below", b"limits:\n  per_second: -1\n"),
        ("cut.json", b"{\"a\":"),
        ("text.json", b"\"text\""),
        ("nopaths.json", b"{\"openapi\": \"3.0.0\"}"),
        ("blank.json", b"{\"caller_keys\": [\"bridge-key-0123456789\"], \"api_key\": \" \"}"),
        ("secret.json", b"{\"caller_keys\": [\"bridge-key-0123456789\"]}"),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    folder
}

#[test]
fn every_mistake_says_what_where_and_what_to_do() {
    let folder = folder();
    for (arguments, sentence) in [
        ("new Acme", "`Acme` is no name for an integration: lower-case letters"),
        ("new a --openapi none.yaml", "none.yaml: is not there, seen from /"),
        ("new a --openapi nopath.json", "nopath.json: is not there; did you mean `nopaths.json`?"),
        ("check flat --overlay flat/manifst.yaml", "did you mean `flat/manifest.yaml`?"),
        ("new a --openapi dir", "dir: is a folder, and a file is expected"),
        ("new a --openapi empty", "empty: is empty"),
        ("new a --openapi bin", "bin: is no text in UTF-8"),
        ("new a --openapi cut.json", "cut.json: is no whole JSON: line 1, column 5"),
        ("new a --openapi nopaths.json", "nopaths.json: describes no paths: is it a part of a document"),
        ("new a --openapi https://x.example.com/a.json", "is an address: save what is there as a file"),
        ("new a --like none", "none: is not there"),
        ("new a --into empty", "empty/a: a file stands where a folder is expected"),
        ("eval row --with none.json", "none.json: is not there"),
        (
            "eval row --with flat/manifest.yaml",
            "flat/manifest.yaml:1:1: is no JSON; docs/fixture.md has the form",
        ),
        ("eval row --with text.json", "text.json: a fixture is a JSON object; docs/fixture.md"),
        ("check empty", "empty:1:1: holds nothing: `talkdesk-bridge new` begins a manifest"),
        ("check text.json", "text.json:1:1: \"text\" stands here, expected a map with its keys"),
        ("check items", "items:1:1: a list stands here, expected a map with its keys"),
        (
            "check many",
            "many:2:3: limits.per_second: a list stands here, expected a whole number from 0 to 4294967295",
        ),
        ("check below", "below:2:3: limits.per_second: `-1` stands here, expected a whole number from 0 to"),
        ("check bare2", "hint: did you mean `bare`?"),
        ("check acm", "hint: did you mean `manifests/acme`?"),
        ("eval row --with x", "x: is not there, seen from /"),
        ("check bin", "bin: is no text in UTF-8"),
        ("check dir --missing", "dir/manifest.yaml: is not there"),
        ("check flat --missing", "flat/fixtures: a file stands where a folder is expected"),
        ("check list", "list/fixtures/a.json: a fixture is a JSON object; docs/fixture.md"),
        ("check cut", "cut/fixtures/a.json:1:1: is no JSON; docs/fixture.md has the form"),
        ("check bare", "bare/fixtures/a.json:1:2: missing field `title`; docs/fixture.md has the form"),
        ("check flat --overlay dir", "dir: is a folder, and a file is expected"),
        ("serve --manifest list --secret-file dir", "dir: is a folder, and a file is expected"),
        ("serve --manifest list --secret-file text.json", "text.json: "),
        (
            "serve --manifest list --secret-file secret.json",
            "secret.json: the secret cannot be used: the field `api_key` is missing or blank. `talkdesk-bridge secret \
             --manifest list` writes one",
        ),
        ("serve --manifest list --secret-file blank.json", "the field `api_key` is missing or blank"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"));
        let output = command.args(arguments.split(' ')).current_dir(&folder).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(text.contains(sentence), "{arguments}: {sentence}\n{text}");
        assert!(!output.status.success() && !text.contains("os error"), "{arguments}: {text}");
    }
}

#[test]
fn an_expression_without_a_manifest_or_a_row_says_so() {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo/fixtures/agents-all.json");
    let loose = Path::new(env!("CARGO_TARGET_TMPDIR")).join("loose.json");
    std::fs::copy(&demo, &loose).unwrap();
    for (file, row, sentence) in [
        (&loose, "1", "no manifest stands in the folder above it: name it with --manifest"),
        (&demo, "99", "--row 99: the answer has no such row; they count from 1"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"));
        command.args(["eval", "row.name", "--row", row, "--with"]).arg(file);
        let text = String::from_utf8(command.output().unwrap().stderr).unwrap();
        assert!(text.contains(sentence), "{text}");
    }
}
