//! A step that is skipped is null, and a list that is not there holds nobody.

use super::super::expression::Template;
use super::super::model::{Document, Ordered, Step};
use super::Findings;

/// Rows must not be told apart by a list that may be missing: `not in` is true of every row then, which makes
/// contacts of agents, and `in` of none, which loses all.
pub(super) fn check(document: &Document, findings: &mut Findings) {
    for (here, contacts) in document.contact_sections() {
        rows(&here, contacts.r#where.as_ref(), &contacts.steps, findings);
    }
    if let Some(agents) = &document.agents {
        rows("agents", agents.r#where.as_ref(), &agents.steps, findings);
    }
}

fn rows(here: &str, condition: Option<&Template>, steps: &Ordered<Step>, findings: &mut Findings) {
    let expressions = condition.map(Template::expressions).unwrap_or_default();
    let looked_in: Vec<&Vec<String>> = expressions.iter().flat_map(|it| &it.found().looked_in).collect();
    for (name, _) in steps.iter().filter(|(_, step)| step.when.is_some()) {
        let of_the_step = |path: &&&Vec<String>| path.iter().take(2).eq(["steps", name.as_str()]);
        if let Some(path) = looked_in.iter().find(of_the_step) {
            let list = path.join(".");
            findings.says(
                &format!("{here}.where"),
                format!(
                    "where `when` skips the step, `{list}` is nothing: `not in` is true of every row then, and `in` \
                     of none. Leave its `when` out, or say what is meant: `in ({list} | default([]))`"
                ),
            );
        }
    }
}
