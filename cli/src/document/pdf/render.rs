//! Typst's world is two files in memory: the template and the paper's data.

use std::path::Path;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, Timestamp};

use super::super::block::Paper;
use super::fonts::{Fonts, for_text};
use super::inspect::findings;
use super::{Rendered, TEMPLATE, data};

/// Sets a paper. `fonts` is a folder with further fonts.
///
/// # Errors
/// What Typst says; a mistake in the template, whatever the paper holds.
pub fn render(paper: &Paper, fonts: Option<&Path>) -> Result<Option<Rendered>, String> {
    let data = data(paper);
    let Fonts { store, borrowed } = for_text(&data, fonts);
    let template = file_id("/template.typ")?;
    let world = Desk {
        library: LazyHash::new(Library::default()),
        template: Source::new(template, TEMPLATE.to_owned()),
        data: (file_id("/paper.json")?, Bytes::from_string(data)),
        fonts: store,
    };
    let document: PagedDocument = typst::compile(&world).output.map_err(|e| said(&e))?;
    let options = PdfOptions {
        ident: Smart::Custom(paper.title.clone()),
        creator: Smart::Custom(Some("talkdesk-bridge".to_owned())),
        timestamp: date(&paper.date).map(Timestamp::new_utc),
        ..PdfOptions::default()
    };
    let bytes = typst_pdf::pdf(&document, &options).map_err(|e| said(&e))?;
    let (warnings, used) = findings(&document);
    let borrowed_fonts = borrowed.into_iter().filter(|family| used.contains(family)).collect();
    Ok(Some(Rendered { bytes, pages: document.pages().len(), warnings, borrowed_fonts }))
}

fn file_id(path: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(path).map_err(|_| format!("{path} is not a path"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

fn said(errors: &[SourceDiagnostic]) -> String {
    let lines: Vec<String> = errors.iter().map(|e| e.message.to_string()).collect();
    format!("the PDF cannot be set: {}", lines.join("; "))
}

fn date(text: &str) -> Option<Datetime> {
    let mut parts = text.split('-');
    let year = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    Datetime::from_ymd_hms(year, month, parts.next()?.parse().ok()?, 12, 0, 0)
}

struct Desk {
    library: LazyHash<Library>,
    template: Source,
    data: (FileId, Bytes),
    fonts: typst_kit::fonts::FontStore,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.template.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.template.id() { Ok(self.template.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let (known, bytes) = &self.data;
        if id == *known { Ok(bytes.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    /// The template reads the date from the paper.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}
