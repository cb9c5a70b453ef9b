//! The package: every file in memory, and the record that `--check` reads.

use std::collections::BTreeMap;
use std::path::Path;

use bridge::digest::sha256;
use serde::{Deserialize, Serialize};

use super::details::Details;
use super::email::{Attachment, message};
use super::endpoints::Endpoints;
use super::pdf::{self, Rendered};
use super::{Submission, checklist, form, html, markdown, ticket};

/// The document's file.
pub const PDF: &str = "api-manifest.pdf";
/// The same document for browsers.
const HTML: &str = "api-manifest.html";
/// The e-mail's file.
pub const EMAIL: &str = "submission.eml";
/// The record's file.
pub const RECORD: &str = "package.json";

/// What a package was made from, and what it consists of.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version of this form; 1.
    pub format: u32,
    /// The document's date.
    pub date: String,
    /// The URLs.
    pub endpoints: Endpoints,
    /// What the client said.
    pub details: Details,
    /// What was found about the pictures.
    pub pictures: Vec<String>,
    /// Fingerprint of what the PDF shows; `None` when there is no PDF.
    pub pdf: Option<String>,
    /// Fingerprints of all other files, by name.
    pub files: BTreeMap<String, String>,
}

/// Files by name, and what somebody should look at.
pub struct Package {
    /// Names with `/`, and bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// What is not as it should be.
    pub warnings: Vec<String>,
    /// Pages of the PDF.
    pub pages: Option<usize>,
}

/// Builds every file. `pdf` is the finished document, when there is one.
///
/// # Errors
/// JSON that does not fit its schema, or an e-mail that cannot be written.
pub fn build(submission: &Submission<'_>, pdf: Option<Rendered>) -> Result<Package, String> {
    let paper = form::paper(submission);
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut attachments = Vec::new();
    let mut warnings = Vec::new();
    let page = html::page(&paper).into_bytes();
    let mut pages = None;
    match pdf {
        Some(rendered) => {
            let name = format!("{}.pdf", file_name(&paper.title));
            attachments.push(Attachment { name, kind: "application/pdf", bytes: rendered.bytes.clone() });
            if !rendered.borrowed_fonts.is_empty() {
                warnings.push(format!(
                    "the PDF uses fonts of this machine for characters that the built-in ones lack: {}",
                    rendered.borrowed_fonts.join(", ")
                ));
            }
            warnings.extend(rendered.warnings);
            pages = Some(rendered.pages);
            files.insert(PDF.to_owned(), rendered.bytes);
        }
        None => {
            let name = format!("{}.html", file_name(&paper.title));
            attachments.push(Attachment { name, kind: "text/html; charset=utf-8", bytes: page.clone() });
            warnings.push(
                "this build sets no PDF, the e-mail has the HTML attached; Talkdesk prefers PDF: build with \
                 `--features pdf`"
                    .to_owned(),
            );
        }
    }
    for (name, json) in submission.configuration.files()? {
        // The newer form belongs to the ticket.
        if name != "integration.new.json" {
            let bytes = json.clone().into_bytes();
            attachments.push(Attachment { name: name.replace('/', "-"), kind: "application/json", bytes });
        }
        if files.insert(name.clone(), json.into_bytes()).is_some() {
            return Err(format!("two actions would be written to {name}"));
        }
    }
    let document = if files.contains_key(PDF) { PDF } else { HTML };
    files.insert(HTML.to_owned(), page);
    files.insert("api-manifest.md".to_owned(), markdown::paper(&paper).into_bytes());
    files.insert("ticket.md".to_owned(), ticket::text(submission, document).into_bytes());
    files.insert("checklist.md".to_owned(), checklist::text(submission, document).into_bytes());
    files.insert(EMAIL.to_owned(), message(submission, &attachments)?);
    let record = Record {
        format: 1,
        date: submission.date.short(),
        endpoints: submission.endpoints.clone(),
        details: submission.details.clone(),
        pictures: submission.pictures.clone(),
        pdf: files.contains_key(PDF).then(|| pdf::fingerprint(&paper)),
        files: files.iter().map(|(name, bytes)| (name.clone(), sha256(bytes))).collect(),
    };
    let record = serde_json::to_string_pretty(&record).map_err(|e| e.to_string())?;
    files.insert(RECORD.to_owned(), format!("{record}\n").into_bytes());
    warnings.extend(submission.pictures.iter().cloned());
    Ok(Package { files, warnings, pages })
}

impl Package {
    /// Writes the files. What an earlier package had more, and nobody changed, is removed.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        for (name, hash) in Record::read(folder).map(|record| record.files).unwrap_or_default() {
            let path = folder.join(&name);
            let ours = std::fs::read(&path).is_ok_and(|bytes| sha256(&bytes) == hash);
            if ours && !self.files.contains_key(&name) && is_inside(&name) {
                std::fs::remove_file(&path).map_err(|e| format!("{}: {e}", path.display()))?;
            }
        }
        for (name, bytes) in &self.files {
            let path = folder.join(name);
            let parent = path.parent().unwrap_or(folder);
            std::fs::create_dir_all(parent).map_err(|e| format!("{}: {e}", parent.display()))?;
            std::fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))?;
        }
        Ok(())
    }
}

impl Record {
    /// Reads a package's record.
    ///
    /// # Errors
    /// A folder without one, or one of another version.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(RECORD);
        let name = path.display();
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{name}: {e}; is it a package?"))?;
        let record: Self = serde_json::from_str(&text).map_err(|e| format!("{name}: {e}"))?;
        if record.format != 1 {
            return Err(format!("{name}: written by another version; write the package again"));
        }
        Ok(record)
    }
}

/// A record is a file that somebody may have edited: only names below the folder count.
fn is_inside(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

/// A title as a name that every file system takes.
fn file_name(title: &str) -> String {
    title.chars().map(|c| if c.is_control() || r#"/\:*?"<>|"#.contains(c) { '-' } else { c }).collect()
}
