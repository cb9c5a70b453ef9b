//! `--check`: does a package still say what the manifest and the stack are?

use std::fmt::Write as _;
use std::path::Path;

use bridge::digest::sha256;
use serde_json::Value;

use super::configuration::Configuration;
use super::package::{self, EMAIL, PDF, RECORD, Record};
use super::pdf::{self, Rendered};
use super::{Submission, form};
use crate::replay::compare;

/// Most differences shown of one file.
const MOST: usize = 12;

/// What was found, for people; empty when all is well.
///
/// # Errors
/// A package that cannot be read or built.
pub fn verify(folder: &Path, record: &Record, submission: &Submission<'_>) -> Result<String, String> {
    let mut report = String::new();
    let on_disk = |name: &str| std::fs::read(folder.join(name)).ok();
    // The PDF is not set again: what it shows has a fingerprint. So the check needs no typesetting.
    let pdf = match (&record.pdf, on_disk(PDF)) {
        (Some(fingerprint), Some(bytes)) => {
            if record.files.get(PDF) != Some(&sha256(&bytes)) {
                let _ = writeln!(report, "{PDF}: is not the file that was written");
            } else if *fingerprint != pdf::fingerprint(&form::paper(submission)) {
                let _ = writeln!(
                    report,
                    "{PDF}: shows something else than the manifest says now, see api-manifest.md"
                );
            }
            Some(Rendered { bytes, pages: 0, warnings: Vec::new(), borrowed_fonts: Vec::new() })
        }
        (Some(_), None) => {
            let _ = writeln!(report, "{PDF}: is missing");
            None
        }
        (None, _) => None,
    };
    let expected = package::build(submission, pdf)?;
    for (name, bytes) in expected.files.iter().filter(|(name, _)| ![PDF, RECORD].contains(&name.as_str())) {
        one(folder, name, bytes, &mut report);
    }
    let gone = record.files.keys().filter(|name| !expected.files.contains_key(*name) && *name != PDF);
    for name in gone {
        let _ = writeln!(report, "{name}: does not belong to the package any more");
    }
    Ok(report)
}

/// What was found about the configuration JSON alone, for people: what can be said of a manifest whose
/// examples are not true any more.
///
/// # Errors
/// A configuration that does not fit its schema.
pub fn configuration(
    folder: &Path,
    record: &Record,
    configuration: &Configuration,
) -> Result<String, String> {
    let mut report = String::new();
    let expected = configuration.files()?;
    for (name, json) in &expected {
        one(folder, name, json.as_bytes(), &mut report);
    }
    for name in record.files.keys().filter(|name| name.starts_with("actions/")) {
        if !expected.iter().any(|(known, _)| known == name) {
            let _ = writeln!(report, "{name}: does not belong to the package any more");
        }
    }
    Ok(report)
}

/// One file of the package.
fn one(folder: &Path, name: &str, expected: &[u8], report: &mut String) {
    match std::fs::read(folder.join(name)).ok() {
        None => {
            let _ = writeln!(report, "{name}: is missing");
        }
        Some(found) if found == expected => {}
        Some(found) => differences(name, expected, &found, report),
    }
}

fn differences(name: &str, expected: &[u8], found: &[u8], report: &mut String) {
    if name == EMAIL {
        let _ = writeln!(report, "{name}: its text or one of its attachments differs");
        return;
    }
    if let (Ok(expected), Ok(found)) =
        (serde_json::from_slice::<Value>(expected), serde_json::from_slice::<Value>(found))
    {
        let mut lines = Vec::new();
        compare("", &expected, &found, &mut lines);
        for line in lines.iter().take(MOST) {
            let _ = writeln!(report, "{name}: {}", line.trim_start_matches('.'));
        }
        if lines.is_empty() {
            let _ = writeln!(report, "{name}: is written in another way");
        }
        return;
    }
    let (expected, found) = (String::from_utf8_lossy(expected), String::from_utf8_lossy(found));
    let (mut new, mut old) = (expected.lines(), found.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (old.next(), new.next()) {
            (None, None) => {
                let _ = writeln!(report, "{name}: line ends differ");
                return;
            }
            (old, new) if old != new => {
                let _ = writeln!(report, "{name}:{number}: differs");
                let both = old.unwrap_or_default().chars().zip(new.unwrap_or_default().chars());
                let alike = both.take_while(|(a, b)| a == b).count();
                let _ = writeln!(report, "  package:  {}", shortened(old, alike));
                let _ = writeln!(report, "  manifest: {}", shortened(new, alike));
                return;
            }
            _ => {}
        }
    }
}

/// A line, of a long one the part around its first difference: `alike` characters are the same.
fn shortened(line: Option<&str>, alike: usize) -> String {
    const WIDTH: usize = 160;
    const BEFORE: usize = 60;
    let Some(line) = line else { return "(the end)".to_owned() };
    let count = line.chars().count();
    if count <= WIDTH {
        return line.trim().to_owned();
    }
    let from = if alike < WIDTH - BEFORE { 0 } else { alike - BEFORE };
    let shown: String = line.chars().skip(from).take(WIDTH).collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if from + WIDTH < count { "…" } else { "" });
    format!("{before}{}{after}", shown.trim())
}
