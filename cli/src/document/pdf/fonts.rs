//! Built-in fonts first, so that the same paper is the same PDF on every machine. The machine's own
//! are looked through only for characters that the built-in ones lack.

use std::collections::BTreeSet;
use std::path::Path;

use typst::foundations::Bytes;
use typst::text::{Font, FontInfo};
use typst_kit::fonts::{self, FontStore};

/// Fonts for one text.
pub struct Fonts {
    /// All fonts that may be used.
    pub store: FontStore,
    /// Families that are not built in.
    pub borrowed: Vec<String>,
}

/// Noto Sans for text (Latin, Greek, Cyrillic), `DejaVu Sans Mono` for code, and what `text` needs more.
pub fn for_text(text: &str, folder: Option<&Path>) -> Fonts {
    let mut store = FontStore::new();
    let mut missing: BTreeSet<char> = text.chars().filter(|c| !c.is_control()).collect();
    let noto = [notosans::REGULAR_TTF, notosans::BOLD_TTF, notosans::ITALIC_TTF, notosans::BOLD_ITALIC_TTF];
    let mut built_in = BTreeSet::new();
    let noto = noto.into_iter().filter_map(|data| Font::new(Bytes::new(data), 0));
    for font in noto.chain(fonts::embedded().map(|(font, _)| font)) {
        let info = font.info().clone();
        missing.retain(|c| !covers(&info, *c) || is_leftward(*c));
        built_in.insert(info.family.clone());
        store.push((font, info));
    }
    let mut borrowed = BTreeSet::new();
    if !missing.is_empty() {
        let own = folder.into_iter().flat_map(fonts::scan);
        for (font, info) in own.chain(fonts::system()) {
            if !built_in.contains(&info.family) && missing.iter().any(|c| covers(&info, *c)) {
                borrowed.insert(info.family.clone());
                store.push((font, info));
            }
        }
    }
    Fonts { store, borrowed: borrowed.into_iter().map(|family| family.to_string()).collect() }
}

/// Hebrew and Arabic: the built-in fonts have their letters, but as wide as those of code, or with serifs. They
/// are for machines that have nothing better.
fn is_leftward(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

fn covers(info: &FontInfo, c: char) -> bool {
    info.coverage.contains(u32::from(c))
}
