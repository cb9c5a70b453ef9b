//! Where a request lists the fields that it wants, what the manifest reads must be among them.

use super::super::expression::Template;
use super::super::model::{Checkpoint, ContactMap, Document, Fetch, Read, Tree};
use super::Findings;
use super::requests::expanded;

/// When the request lists fields, what the manifest reads must be among them.
pub(super) fn requested(
    document: &Document,
    contacts: &Read<ContactMap, Checkpoint>,
    checkpoint: &Checkpoint,
    findings: &mut Findings,
) {
    let m = &contacts.map;
    let read = [Some(&m.name), m.company.as_ref(), m.title.as_ref(), checkpoint.field.as_ref()]
        .into_iter()
        .flatten()
        .chain(&m.emails.0)
        .chain(&m.phones.0);
    let read: Vec<&Template> = read.collect();
    let used = |words: &[String]| -> Vec<String> { read.iter().flat_map(|t| row_fields(t, words)).collect() };
    // The list of fields is the one text (or list) of the request that names most of them.
    let units = field_lists(&contacts.fetch, document);
    let count = |words: &Vec<String>| used(words).iter().filter(|field| words.contains(field)).count();
    let Some(list) = units.iter().max_by_key(|words| count(words)) else { return };
    let used = used(list);
    if count(list) < 3 || count(list) * 2 < used.len() {
        return;
    }
    let stamp = checkpoint.field.iter().flat_map(|field| row_fields(field, list));
    if let Some(field) = stamp.into_iter().find(|field| !list.contains(field)) {
        findings.says(
            "contacts.checkpoint.field",
            format!("`{field}` is read but not requested: the request lists its fields without it"),
        );
    }
    for field in used.iter().filter(|field| !list.contains(field)) {
        findings.warns("contacts.map", format!("`{field}` is read but does not seem to be requested"));
    }
}

/// The names that a template reads from a row: of each path the part that is in `words`, else the last.
fn row_fields(template: &Template, words: &[String]) -> Vec<String> {
    let names = template.expressions().into_iter().flat_map(|e| &e.found().names);
    let parts = names.filter(|name| name.len() > 1 && name[0] == "row").map(|name| {
        // Annotations (`field@label`) belong to their field.
        let parts: Vec<&str> = name[1..].iter().map(|p| p.split('@').next().unwrap_or(p)).collect();
        let dotted = parts.iter().flat_map(|p| p.split('.')).find(|p| words.iter().any(|w| w == p));
        dotted.or(parts.last().copied()).unwrap_or_default().to_owned()
    });
    parts.collect()
}

/// The words of every text and of every list of texts in a request; of a query only what it selects.
fn field_lists(fetch: &Fetch, document: &Document) -> Vec<Vec<String>> {
    let mut units = Vec::new();
    for tree in fetch.query.values().chain(&fetch.body) {
        unit(tree, document, &mut units);
    }
    units
        .iter()
        .map(|text: &String| {
            let lower = text.to_ascii_lowercase();
            let selected = lower.find(" from ").map_or(text.as_str(), |end| &text[..end]);
            selected.split(|c: char| !(c.is_alphanumeric() || c == '_')).map(str::to_owned).collect()
        })
        .collect()
}

fn unit(tree: &Tree, document: &Document, units: &mut Vec<String>) {
    match tree {
        Tree::Leaf(template) => units.push(expanded(template, document)),
        Tree::List(items) => {
            let leaves = items.iter().filter_map(|item| match item {
                Tree::Leaf(template) => Some(expanded(template, document)),
                _ => None,
            });
            units.push(leaves.collect::<Vec<_>>().join(" "));
            items
                .iter()
                .filter(|item| !matches!(item, Tree::Leaf(_)))
                .for_each(|item| unit(item, document, units));
        }
        Tree::Map(entries) => entries.iter().for_each(|(_, value)| unit(value, document, units)),
        Tree::Json(inner) | Tree::Base64Url(inner) => unit(inner, document, units),
        Tree::Each { .. } => {}
    }
}
