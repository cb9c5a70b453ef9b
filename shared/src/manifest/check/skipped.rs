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
    let Some(condition) = condition else { return };
    for (name, _) in steps.iter().filter(|(_, step)| step.when.is_some()) {
        if looks_in(condition.source(), name) {
            findings.says(
                &format!("{here}.where"),
                format!(
                    "where `when` skips the step, `steps.{name}` is null: `not in` is true of every row then, and `in` \
                     of none. Leave its `when` out, or say what is meant: `in (steps.{name} | default([]))`"
                ),
            );
        }
    }
}

/// Whether something is looked for in the step's value as it is.
fn looks_in(source: &str, name: &str) -> bool {
    let looked = format!("in steps.{name}");
    source.match_indices(&looked).any(|(at, _)| {
        let word = source[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let rest = &source[at + looked.len()..];
        let longer = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "_.[".contains(c));
        !word && !longer && !rest.trim_start().starts_with('|')
    })
}
