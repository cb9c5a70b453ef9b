//! The paper as PDF, set by Typst. Only in builds with the feature `pdf`; the fingerprint of what a
//! PDF shows is known in every build, so that `--check` needs no typesetting.

use bridge::digest::sha256;

use super::block::Paper;

#[cfg(feature = "pdf")]
mod fonts;
#[cfg(feature = "pdf")]
mod inspect;
#[cfg(feature = "pdf")]
mod render;

#[cfg(feature = "pdf")]
pub use render::render;

/// How the paper looks. It reads the paper as data, so no text of it can become markup.
pub const TEMPLATE: &str = include_str!("pdf/template.typ");

/// A finished PDF.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The file.
    pub bytes: Vec<u8>,
    /// Its pages.
    pub pages: usize,
    /// Characters that no font has, text over the edge; nothing, if all is well.
    pub warnings: Vec<String>,
    /// Fonts of this machine that were needed besides the built-in ones.
    pub borrowed_fonts: Vec<String>,
}

/// The same for the same template and the same paper.
pub fn fingerprint(paper: &Paper) -> String {
    sha256(format!("{TEMPLATE}\n{}", data(paper)).as_bytes())
}

/// The paper as the template reads it.
pub fn data(paper: &Paper) -> String {
    serde_json::to_string(paper).unwrap_or_default()
}

/// There is no PDF in this build.
///
/// # Errors
/// Never.
#[cfg(not(feature = "pdf"))]
pub fn render(_: &Paper, _: Option<&std::path::Path>) -> Result<Option<Rendered>, String> {
    Ok(None)
}
