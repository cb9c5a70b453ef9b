//! Rules of a look-up: it asks for the one who is meant, and judges the record that it takes.

use super::super::expression::Template;
use super::super::model::{Document, Identify};
use super::Findings;

/// Checks `interactions.identify` and `survivor`.
pub(super) fn check(document: &Document, findings: &mut Findings) {
    let identify = document.interactions.iter().flat_map(|section| section.identify.iter().enumerate());
    let identify = identify.map(|(index, look_up)| (format!("interactions.identify.{index}"), look_up));
    let survivor = document.survivor.iter().map(|look_up| ("survivor".to_owned(), look_up));
    for (here, look_up) in identify.chain(survivor) {
        one(&here, look_up, findings);
    }
}

fn one(here: &str, look_up: &Identify, findings: &mut Findings) {
    if !["contact", "number", "phone", "email"].iter().any(|name| look_up.fetch.uses(name)) {
        findings.says(
            &format!("{here}.fetch"),
            "the request uses nothing of the contact: it would find the same one for everybody",
        );
    }
    if look_up.records.is_none() {
        return;
    }
    let blind = |template: Option<&Template>| template.is_some_and(|template| !template.uses("row"));
    if blind(Some(&look_up.value)) {
        findings.says(
            &format!("{here}.value"),
            "with `records` the id is one of `row`: of anything else it may be a stranger's",
        );
    }
    if blind(look_up.r#where.as_ref()) {
        findings.says(
            &format!("{here}.where"),
            "the condition does not look at `row`: it tells no record from another",
        );
    }
}
