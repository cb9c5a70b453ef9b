//! `secret`, as its user runs it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("talkdesk-bridge-secret-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn secret(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests/demo");
    let mut command = Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"));
    let Output { status, stdout, stderr } = command
        .args(["secret", "--manifest", manifest.to_str().unwrap()])
        .args(arguments)
        .current_dir(&folder.0)
        .output()
        .unwrap();
    (status.code(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[test]
fn a_secret_is_written_for_its_owner_only_and_no_value_is_printed() {
    let folder = Folder::new("write");
    let from = folder.write("from.json", r#"{"api_key": "canary-api-key"}"#);
    let (code, out, problem) = secret(&folder, &["--auth", "account=acme", "--from", &from]);
    assert_eq!(code, Some(0), "{problem}");
    let file = folder.0.join("account.secret.json");
    let json: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(json["api_key"], "canary-api-key");
    let key = json["caller_keys"][0].as_str().unwrap();
    assert_eq!(key.len(), 43, "256 bits");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert!(
        out.contains(
            "--name talkdesk-bridge/demo/production/acme --secret-string file://account.secret.json"
        )
    );
    assert!(!out.contains("canary") && !out.contains(key), "{out}");

    let (code, _, problem) = secret(&folder, &["--auth", "account=acme", "--from", &from]);
    assert_eq!(code, Some(2), "a file that is there is not overwritten");
    assert!(problem.contains("--out"), "{problem}");
    let (code, out, _) = secret(&folder, &["--check", "account.secret.json"]);
    assert_eq!((code, out.as_str()), (Some(0), "The secret fits the manifest.\n"));
}

#[test]
fn two_secrets_have_different_keys() {
    let folder = Folder::new("random");
    let from = folder.write("from.json", r#"{"api_key": "k"}"#);
    let key = |out: &str| {
        let (code, _, problem) = secret(&folder, &["--auth", "account=a", "--from", &from, "--out", out]);
        assert_eq!(code, Some(0), "{problem}");
        std::fs::read_to_string(folder.0.join(out)).unwrap()
    };
    assert_ne!(key("one.json"), key("two.json"));
}

#[test]
fn check_names_what_is_missing_mistyped_or_copied_with_a_line_break() {
    let folder = Folder::new("check");
    for (text, expected) in [
        (r#"{"caller_keys": ["0123456789abcdef"]}"#, "`api_key` is missing: The demo CRM's API key"),
        (r#"{"caller_keys": ["0123456789abcdef"], "api_key": "k\n"}"#, "begins or ends with white space"),
        (r#"{"caller_keys": ["0123456789abcdef"], "api_kye": "k"}"#, "did you mean `api_key`?"),
        (r#"{"caller_keys": ["short"], "api_key": "k"}"#, "shorter than 16"),
        ("not JSON", "it is not JSON"),
    ] {
        let file = folder.write("x.json", text);
        let (code, out, _) = secret(&folder, &["--check", &file]);
        assert_eq!(code, Some(1), "{text}");
        assert!(out.contains(expected), "{text}: {out}");
    }
}

#[test]
fn an_account_that_the_manifest_would_refuse_gets_no_secret() {
    let folder = Folder::new("name");
    let from = folder.write("from.json", r#"{"api_key": "k"}"#);
    for (arguments, expected) in [
        (vec!["--from", from.as_str()], "give its fields with --auth"),
        (vec!["--auth", "account=../x", "--from", &from], "does not have the form"),
    ] {
        let (code, _, problem) = secret(&folder, &arguments);
        assert_eq!(code, Some(2), "{problem}");
        assert!(problem.contains(expected), "{problem}");
    }
    assert!(!folder.0.join("account.secret.json").exists());
}
