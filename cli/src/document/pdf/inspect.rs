//! Looks at the finished pages: is every character there, and is nothing over the edge?

use std::collections::{BTreeMap, BTreeSet};

use typst::layout::{Abs, Frame, FrameItem, Point, Transform};
use typst_layout::PagedDocument;

/// Text may come this near to the paper's edge (the template's margins are wider).
const EDGE: f64 = 36.0;

/// What is wrong, one line each, and the families of the fonts that were used.
pub fn findings(document: &PagedDocument) -> (Vec<String>, BTreeSet<String>) {
    let mut found = Findings::default();
    for (index, page) in document.pages().iter().enumerate() {
        let size = page.frame.size();
        let view = View { page: index + 1, width: size.x, height: size.y };
        found.frame(&page.frame, Transform::identity(), &view);
    }
    let mut lines = Vec::new();
    if !found.missing.is_empty() {
        let shown: Vec<String> =
            found.missing.iter().take(20).map(|c| format!("{c} (U+{:04X})", u32::from(*c))).collect();
        lines.push(format!(
            "no font has {} of the characters, they cannot be read in the PDF: {}; install a font that has them, \
             or name a folder with --fonts",
            found.missing.len(),
            shown.join(" ")
        ));
    }
    for (page, text) in found.over {
        lines.push(format!("page {page} of the PDF: text over the edge: {text}"));
    }
    (lines, found.families)
}

struct View {
    page: usize,
    width: Abs,
    height: Abs,
}

#[derive(Default)]
struct Findings {
    missing: BTreeSet<char>,
    over: BTreeMap<usize, String>,
    families: BTreeSet<String>,
}

impl Findings {
    fn frame(&mut self, frame: &Frame, transform: Transform, view: &View) {
        for (at, item) in frame.items() {
            match item {
                FrameItem::Group(group) => {
                    let inner =
                        transform.pre_concat(Transform::translate(at.x, at.y)).pre_concat(group.transform);
                    self.frame(&group.frame, inner, view);
                }
                FrameItem::Text(text) => {
                    let start = at.transform(transform);
                    let end = Point::new(at.x + text.width(), at.y).transform(transform);
                    let edge = Abs::pt(EDGE);
                    let inside = start.x >= edge
                        && end.x <= view.width - edge
                        && start.y >= edge
                        && end.y <= view.height - edge;
                    if !inside && !text.text.trim().is_empty() {
                        self.over.entry(view.page).or_insert_with(|| text.text.to_string());
                    }
                    self.families.insert(text.font.info().family.to_string());
                    for glyph in text.glyphs.iter().filter(|glyph| glyph.id == 0) {
                        let part = text.text.get(glyph.range()).unwrap_or_default();
                        self.missing.extend(part.chars().filter(|c| !c.is_control() && !c.is_whitespace()));
                    }
                }
                _ => {}
            }
        }
    }
}
