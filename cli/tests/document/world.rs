//! Folders, arguments and manifests for the tests.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use talkdesk_bridge::document::{DocumentArguments, Outcome};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/document/fixtures").join(name)
}

/// An empty folder of a test's own.
pub fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("document").join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Everything that is needed, for a manifest.
pub fn arguments(manifest: impl Into<PathBuf>, out: &Path) -> DocumentArguments {
    DocumentArguments {
        manifest: manifest.into(),
        base_url: Some("https://bridge.example.org/prod/".to_owned()),
        details: Some(fixture("details.yaml")),
        date: Some("2026-11-22".to_owned()),
        out: Some(out.to_owned()),
        ..DocumentArguments::default()
    }
}

/// The demo CRM's package in a folder of its own.
pub async fn demo(name: &str) -> PathBuf {
    let out = folder(name);
    arguments(root().join("manifests/demo"), &out).run().await.unwrap();
    out
}

/// What `--check` says about a folder, with everything else from the package.
pub async fn check(manifest: impl Into<PathBuf>, package: &Path) -> Outcome {
    let arguments = DocumentArguments {
        manifest: manifest.into(),
        check: Some(package.to_owned()),
        ..DocumentArguments::default()
    };
    arguments.run().await.unwrap()
}

pub fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

pub fn json(folder: &Path, name: &str) -> Value {
    serde_json::from_str(&text(folder, name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// All files of a package with their bytes, in order.
pub fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    fn walk(base: &Path, at: &Path, found: &mut Vec<(String, Vec<u8>)>) {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(base, &path, found);
            } else {
                let name = path.strip_prefix(base).unwrap().to_string_lossy().replace('\\', "/");
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(folder, folder, &mut found);
    found.sort();
    found
}

/// The demo's manifest, changed, in a folder of its own, with its fixtures.
pub fn changed_demo(name: &str, from: &str, to: &str) -> PathBuf {
    let copy = folder(name);
    let demo = root().join("manifests/demo");
    let yaml = text(&demo, "manifest.yaml");
    assert!(yaml.contains(from), "the demo's manifest has no `{from}`");
    std::fs::write(copy.join("manifest.yaml"), yaml.replace(from, to)).unwrap();
    std::fs::create_dir(copy.join("fixtures")).unwrap();
    for (name, bytes) in files(&demo.join("fixtures")) {
        std::fs::write(copy.join("fixtures").join(name), bytes).unwrap();
    }
    copy
}

/// A manifest with many fields, long words and names in many scripts.
pub fn wide(name: &str, display: &str, fields: usize) -> PathBuf {
    let folder = folder(name);
    let long = "segment-of-a-path-that-does-not-end/".repeat(6);
    let mut yaml = format!(
        "schema: 1\nintegration:\n  name: wide\n  display_name: \"{display}\"\n  description: \"{display}, {display}\"\n  \
         logo_url: https://cdn.example.com/{long}logo.png\n  icon_url: https://cdn.example.com/{long}icon.png?{}\n  \
         authentication_type: custom\n  authentication:\n",
        "a".repeat(180)
    );
    for number in 0..fields {
        let _ = writeln!(
            yaml,
            "    field_number_{number}_{}:\n      display: \"Field {number} {display}\"\n      help: \"Open \
             https://crm.example.com/{long}{number} and copy the value\"\n      format: \"https://{{{{field}}}}.{}.example.com\"",
            "with_a_very_long_name".repeat(number % 4),
            "x".repeat(number * 3)
        );
    }
    yaml.push_str(
        "connection:\n  base_url: https://crm.example.com\n  hosts: [\"crm\\\\.example\\\\.com\"]\n\
         auth_validation:\n  fetch: {path: /me}\n",
    );
    std::fs::write(folder.join("manifest.yaml"), yaml).unwrap();
    folder
}
