//! Rules of further lists of contacts: whose an id is must be certain.

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
    let look_ups =
        document.interactions.iter().flat_map(|interactions| interactions.identify.iter().enumerate());
    let look_ups = look_ups.map(|(index, look_up)| (format!("interactions.identify.{index}.list"), look_up));
    let survivor = document.survivor.iter().map(|survivor| ("survivor.list".to_owned(), survivor));
    for (here, look_up) in look_ups.chain(survivor) {
        let Some(list) = look_up.list.as_ref().filter(|list| !document.contact_lists.contains_key(*list))
        else {
            continue;
        };
        let problem = Problem::new(format!("there is no list `{list}` in `contact_lists`"));
        let problem = problem.allowing(list, document.contact_lists.keys());
        findings.error(here.split('.').map(str::to_owned).collect(), problem);
    }
}
