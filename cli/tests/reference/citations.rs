//! A citation leads somewhere: `contract §11.12`, `docs/contract.md`, a link in a document.

use std::collections::BTreeMap;
use std::path::Path;

use regex::Regex;

use crate::tree::{files, root};

const WITH_CITATIONS: &[&str] = &["rs", "yaml", "yml", "md", "json", "toml", "sh", "py"];

/// A citation may run over the end of a comment's line.
fn unwrapped(text: &str) -> String {
    Regex::new(r"\n[ \t]*(?://[/!]?|#)?[ \t]*").unwrap().replace_all(text, " ").into_owned()
}

fn has_anchor(document: &str, id: &str) -> bool {
    let text = std::fs::read_to_string(root().join(document)).unwrap_or_default();
    text.contains(&format!("<a id=\"{id}\"></a>")) || headings(&text).contains(&id.to_owned())
}

/// The anchors that a Markdown renderer gives to headings: of equal ones the second ends in `-1`.
fn headings(text: &str) -> Vec<String> {
    let (mut anchors, mut counts) = (Vec::new(), BTreeMap::<String, usize>::new());
    for line in text.lines().filter(|line| line.starts_with('#')) {
        let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        let slug: String = words.chars().filter(|c| c.is_alphanumeric() || "-_".contains(*c)).collect();
        let count = counts.entry(slug.clone()).or_default();
        anchors.push(if *count == 0 { slug } else { format!("{slug}-{count}") });
        *count += 1;
    }
    anchors
}

#[test]
fn every_cited_section_has_an_anchor_in_its_document() {
    let cited = Regex::new(r"(RFC )?([\w./-]+) (§[\d.]*\d(?:(?:, | and | to )§[\d.]*\d)*)").unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files(WITH_CITATIONS) {
        if path.ends_with("reference/citations.rs") {
            continue;
        }
        let text = unwrapped(&text);
        let mut seen = 0;
        for citation in cited.captures_iter(&text) {
            seen += citation[3].matches('§').count();
            if citation.get(1).is_some() {
                continue;
            }
            let document = match &citation[2] {
                "contract" | "Contract" => "docs/contract.md",
                path => path,
            };
            for section in citation[3].split(|c: char| !c.is_ascii_digit() && c != '.') {
                if !section.is_empty() && !has_anchor(document, &format!("s{section}")) {
                    wrong.push(format!("{}: {}", path.display(), &citation[0]));
                }
            }
        }
        if seen != text.matches('§').count() {
            wrong.push(format!("{}: a § without the document that it belongs to", path.display()));
        }
    }
    assert!(wrong.is_empty(), "cite `contract §N`, or a document by its path:\n{}", wrong.join("\n"));
}

#[test]
fn every_document_that_is_named_exists() {
    let named = Regex::new(r"[\w./-]*[\w-]\.md\b").unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files(&["rs", "yaml", "yml", "md", "toml", "sh", "py"]) {
        let folder = path.parent().unwrap();
        // What `document` writes carries its own names.
        if path.starts_with("docs/example-submission") || path.starts_with("cli/src/document") {
            continue;
        }
        for name in named.find_iter(&text).map(|m| m.as_str()).filter(|name| !name.starts_with("//")) {
            let name = name.trim_start_matches('/');
            let exists = [Path::new(""), Path::new("docs"), folder]
                .iter()
                .any(|from| root().join(from).join(name).is_file());
            if !exists && !generated(name) {
                wrong.push(format!("{}: {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "there is no such document:\n{}", wrong.join("\n"));
}

/// Files of a submission package and of every manifest's folder, named without their folder.
fn generated(name: &str) -> bool {
    ["api-manifest.md", "checklist.md", "ticket.md", "README.md"].iter().any(|known| name.ends_with(known))
}

#[test]
fn every_link_inside_the_documents_leads_to_a_file_and_an_anchor() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut wrong = Vec::new();
    for (path, text) in files(&["md"]) {
        for target in link.captures_iter(&text).map(|c| c[1].to_owned()) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let leads = root().join(&file).exists()
                && (anchor.is_empty() || has_anchor(&file.to_string_lossy(), anchor));
            if !leads {
                wrong.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "links that lead nowhere:\n{}", wrong.join("\n"));
}
