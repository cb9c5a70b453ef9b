//! One expression: its names, tables and patterns, and whether what comes from outside is quoted.

use std::collections::BTreeSet;

use chrono::format::{Item, StrftimeItems};

use super::super::expression::{Expression, Template};
use super::super::problem::Problem;
use super::Walk;
use super::place::{Place, unknown};

impl Walk<'_> {
    pub(super) fn expression(&mut self, path: &[String], expression: &Expression, place: &Place<'_>) {
        for name in &expression.found().names {
            if let Some(problem) = unknown(name, place) {
                self.findings.error(path.to_vec(), problem);
            }
        }
        for (filter, argument) in &expression.found().filter_arguments {
            let tables = &place.document.tables;
            if filter == "lookup" && !tables.contains_key(argument) {
                let problem =
                    Problem::new(format!("there is no table `{argument}`")).allowing(argument, tables.keys());
                self.findings.error(path.to_vec(), problem);
            }
            let strange = || StrftimeItems::new(argument).any(|item| matches!(item, Item::Error));
            if filter == "ts" && strange() {
                let problem =
                    Problem::new(format!("`{argument}` is not a pattern of times, such as `%d.%m.%Y`"));
                self.findings.error(path.to_vec(), problem);
            }
            if filter == "match" && regex::Regex::new(argument).is_err() {
                let problem = Problem::new(format!("`{argument}` is not a regular expression"));
                self.findings.error(path.to_vec(), problem);
            }
        }
    }

    /// A value from outside inside a longer string must say into which language it goes.
    pub(super) fn quoting(&mut self, path: &[String], template: &Template, expression: &Expression) {
        const OUTSIDE: [&str; 14] = [
            "input", "contact", "agent", "auth", "row", "rows", "steps", "last_id", "cursor", "page", "body",
            "email", "number", "phone",
        ];
        let outside: BTreeSet<_> =
            expression.found().unquoted.iter().filter(|root| OUTSIDE.contains(&root.as_str())).collect();
        if let Some(root) = outside.first() {
            let problem = Problem::new(format!(
                "`{{{{ {} }}}}` puts `{root}`, a value from outside, into a longer text without saying how it is quoted",
                expression.source()
            ))
            .hint("give the value the filter of the language that the text is in (soql, coql, odata, filter_text, search_text, json, …; `quote` for others), or `plain` when it is text for people");
            self.findings.error(path.to_vec(), problem);
        } else if expression.found().plain && is_query_language(template.source()) {
            let problem = Problem::new("`plain` is for text for people, but this is a query")
                .hint("use the filter of the query's language: soql, coql, odata, filter_text, search_text, or `quote`");
            self.findings.error(path.to_vec(), problem);
        }
    }
}

/// Whether a text looks like one of the query languages that CRMs embed in strings.
fn is_query_language(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    (lower.contains("select ") && lower.contains(" from "))
        || lower.contains("find {")
        || [
            " eq ", " ne ", " ge ", " gt ", " le ", " lt ", "[eq]", "[gte]", "[gt]", "[lt]", "[in]",
            "[ilike]",
        ]
        .iter()
        .any(|operator| lower.contains(operator))
        || ["email:", "phone:", "type:", "name:"].iter().any(|prefix| lower.starts_with(prefix))
}
