//! Rules of a look-up: it asks for the one who is meant, and judges the record that it takes.

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
    let of_whom = ["contact", "number", "phone", "email"];
    let condition = look_up.r#where.as_ref();
    if !of_whom.iter().any(|name| look_up.fetch.uses(name) || condition.is_some_and(|it| it.uses(name))) {
        findings.says(
            &format!("{here}.fetch"),
            "neither the request nor `where` uses anything of the contact: it would find the same one for everybody",
        );
    }
    if look_up.records.is_some() && !look_up.value.uses("row") {
        findings.says(
            &format!("{here}.value"),
            "with `records` the id is one of `row`: of anything else it may be a stranger's",
        );
    }
    if look_up.records.is_some() && condition.is_some_and(|it| !it.uses("row") && !it.uses("body")) {
        findings.says(
            &format!("{here}.where"),
            "the condition looks neither at `row` nor at `body`: it tells no record from another",
        );
    }
}
