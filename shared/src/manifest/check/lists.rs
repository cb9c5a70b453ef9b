//! Rules of further lists of contacts: whose an id is must be certain.

use super::super::expression::{Template, as_text};
use super::super::model::{Document, MAIN_LIST};
use super::super::problem::Problem;
use super::Findings;

/// Checks `contact_lists`, and who names one.
pub(super) fn check(document: &Document, findings: &mut Findings) {
    if !document.contact_lists.is_empty() && document.contacts.is_none() {
        findings.says("contact_lists", "further lists need the section `contacts`, the first list");
    }
    let mut before: Vec<(&str, &str)> = Vec::new();
    for (name, list) in &document.contact_lists {
        let here = format!("contact_lists.{name}");
        if name == MAIN_LIST {
            findings.says(&here, "`contacts` is the name of the section `contacts`: take another one");
        }
        if list.contacts.is_none() {
            findings.says(
                &format!("{here}.contacts"),
                "the mandatory key `contacts` is missing: how the list is read",
            );
        }
        let prefix = list.id_prefix.as_str();
        let fits = |c: char| c.is_ascii_alphanumeric() || "_-:".contains(c);
        if prefix.is_empty() || prefix.len() > 16 || !prefix.chars().all(fits) {
            findings.says(
                &format!("{here}.id_prefix"),
                "1 to 16 letters, digits, `_`, `-` or `:`, such as `lead:`",
            );
        }
        for (other, known) in before.iter().filter(|(_, p)| prefix.starts_with(p) || p.starts_with(prefix)) {
            let message =
                format!("an id must belong to one list only, but `{other}` has the prefix `{known}`");
            findings.says(&format!("{here}.id_prefix"), message);
        }
        before.push((name, prefix));
    }
    let fixed = |list: &Option<Template>| list.as_ref()?.constant().and_then(as_text);
    let identify = document.interactions.iter().flat_map(|section| section.identify.iter().enumerate());
    let look_ups = identify.map(|(at, one)| (format!("interactions.identify.{at}"), fixed(&one.list)));
    let survivor = document.survivor.iter().map(|survivor| ("survivor".to_owned(), fixed(&survivor.list)));
    let steps = document.auth_validation.iter().flat_map(|section| &section.steps);
    let steps = steps.map(|(name, step)| (format!("auth_validation.steps.{name}"), step.list.clone()));
    for (here, list) in look_ups.chain(survivor).chain(steps) {
        let Some(list) = list.filter(|list| !document.is_list(list)) else { continue };
        let problem = Problem::new(format!("there is no list `{list}` in `contact_lists`"));
        let problem = problem.allowing(&list, document.contact_lists.keys());
        findings.error(format!("{here}.list").split('.').map(str::to_owned).collect(), problem);
    }
}
