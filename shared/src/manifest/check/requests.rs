//! What a request of the manifest says: its names and its constant text.

use super::super::expression::{PieceRef, Template};
use super::super::model::{Document, Fetch, Tree};

/// The variables that a request reads.
pub(super) fn names_in(fetch: &Fetch) -> Vec<String> {
    let mut names = Vec::new();
    fetch.each_template(&mut |template| {
        for expression in template.expressions() {
            names.extend(expression.found().names.iter().filter_map(|n| n.first().cloned()));
        }
    });
    names
}

/// The constant text of a request, with `const` values filled in: field lists, orders.
pub(super) fn text(fetch: &Fetch, document: &Document) -> String {
    let mut text = fetch.query.keys().cloned().collect::<Vec<_>>().join(" ");
    fetch.each_template(&mut |template| {
        text.push(' ');
        text.push_str(&expanded(template, document));
    });
    text
}

/// A template's source with the constants that it names in their places.
pub(super) fn expanded(template: &Template, document: &Document) -> String {
    let pieces = template.pieces().into_iter().map(|piece| match piece {
        PieceRef::Literal(text) => text.to_owned(),
        PieceRef::Hole(expression) => match expression.found().names.first().map(Vec::as_slice) {
            Some([root, key, ..]) if root == "const" => match document.r#const.get(key) {
                Some(tree) => words(tree),
                None => String::new(),
            },
            _ => expression.source().to_owned(),
        },
    });
    pieces.collect()
}

/// The texts of a constant, one after the other.
fn words(tree: &Tree) -> String {
    let mut words = Vec::new();
    tree.each_template(&mut |template| words.push(template.source()));
    words.join(" ")
}
