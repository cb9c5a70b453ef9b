//! Rules of one interaction type.

use super::super::model::{Document, InteractionMap, Read, Unused};
use super::super::problem::Problem;
use super::{Findings, page};
use crate::contract::interactions::{Priority, Status};

/// Checks `interactions.types.<name>`.
pub(super) fn check(
    document: &Document,
    name: &str,
    operation: &Read<InteractionMap, Unused>,
    findings: &mut Findings,
) {
    let here = format!("interactions.types.{name}");
    page(&format!("{here}.page"), operation.page.as_ref(), operation.more.as_ref(), findings);
    let priorities: Vec<&str> = Priority::ALL.iter().map(|p| p.as_str()).collect();
    let statuses: Vec<&str> = Status::ALL.iter().map(|s| s.as_str()).collect();
    for (key, template, allowed) in
        [("priority", &operation.map.priority, priorities), ("status", &operation.map.status, statuses)]
    {
        let Some(template) = template else { continue };
        let path: Vec<String> = format!("{here}.map.{key}").split('.').map(str::to_owned).collect();
        if let Some(constant) = template.constant().and_then(|v| v.as_str())
            && !allowed.contains(&constant)
        {
            let problem = Problem::new(format!("Talkdesk has no {key} `{constant}`"))
                .allowing(constant, allowed.iter().copied());
            findings.error(path.clone(), problem);
        }
        for expression in template.expressions() {
            if expression.found().last_filter.as_deref() != Some("lookup") {
                continue;
            }
            for (_, table) in expression.found().filter_arguments.iter().filter(|(f, _)| f == "lookup") {
                for (code, value) in document.tables.get(table).into_iter().flatten() {
                    let value = value.as_str().unwrap_or("");
                    if !value.is_empty() && !allowed.contains(&value) {
                        let problem = Problem::new(format!("Talkdesk has no {key} `{value}`"))
                            .allowing(value, allowed.iter().copied());
                        findings.error(vec!["tables".into(), table.clone(), code.clone()], problem);
                    }
                }
            }
        }
    }
    let mut requests = operation.steps.values().filter_map(|s| s.fetch.as_ref()).chain([&operation.fetch]);
    if !requests.any(|fetch| fetch.uses("contact")) {
        findings.says(
            &format!("{here}.fetch"),
            "the request does not use `contact`: it would show every contact's interactions",
        );
    }
}
