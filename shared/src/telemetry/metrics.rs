//! A request's figures in CloudWatch's embedded metric format: one line, read by nobody but CloudWatch.
//!
//! Each metric and combination of dimensions costs money by the month, so there are few: what an alarm or
//! the dashboard needs, and what tells the components apart only where that tells something.

use chrono::SecondsFormat;
use serde_json::{Map, Value, json};

use super::{Finished, millis};
use crate::contract::Component;
use crate::error::Class;

/// Metrics of a whole stack (dimension `Stack`), with their units.
pub const OF_STACK: [(&str, &str); 13] = [
    // Requests that got an answer of ours.
    ("Requests", "Count"),
    // Faults of ours or of the CRM; not what a stranger, Talkdesk or the CRM's limits cause.
    ("ServerFaults", "Count"),
    // The CRM refused the credentials: somebody must renew them.
    ("CredentialsRefused", "Count"),
    // Callers without a good key, strangers among them.
    ("CallerRefused", "Count"),
    // The CRM asks to slow down, or its quota is used up.
    ("RateLimited", "Count"),
    ("QuotaExhausted", "Count"),
    // Answers without some of their types of interactions, which the CRM refused.
    ("Partial", "Count"),
    // Contact pages that ended a run.
    ("RunFinished", "Count"),
    // At the end of a run: from the checkpoint to now.
    ("CheckpointAge", "Seconds"),
    // Rows of the CRM that could not be mapped.
    ("RowsSkipped", "Count"),
    // Contacts, agents and interactions handed out.
    ("RecordsOut", "Count"),
    // Calls to the CRM, which its plan may count.
    ("CrmCalls", "Count"),
    // Between the CRM's clock and ours, by a contact page.
    ("ClockSkew", "Seconds"),
];

/// Metrics of each component (dimensions `Stack` and `Component`), with their units.
pub const OF_COMPONENT: [(&str, &str); 2] = [("ServerFaults", "Count"), ("CrmTime", "Milliseconds")];

/// How many custom metrics one deployed integration may make, by CloudWatch's way of counting them.
pub const MOST: usize = 25;

/// The level of a metric line. Lambda drops lines below the function's log level; this one always passes,
/// as long as the line has a timestamp in RFC 3339 too: without one Lambda takes every line for `INFO`.
pub const LEVEL: &str = "FATAL";

/// Whether a failure is a fault of ours or of the CRM's, as opposed to what a caller causes.
pub const fn is_server_fault(class: Class) -> bool {
    matches!(
        class,
        Class::CrmUnavailable
            | Class::CrmTimeout
            | Class::CrmUnreachable
            | Class::CrmUnreadable
            | Class::CrmTooLarge
            | Class::CursorGone
            | Class::NoProgress
            | Class::SecretUnusable
            | Class::SecretUnavailable
            | Class::Internal
    )
}

/// The line.
pub(super) fn line(finished: &Finished<'_>) -> String {
    let class = finished.failure.map(|f| f.class);
    let count = |holds: bool| json!(u8::from(holds));
    let figures = &finished.figures;
    let now = crate::time::Moment::now();
    let mut values = Map::new();
    for (name, _) in OF_STACK.iter().chain(&OF_COMPONENT) {
        let value = match *name {
            "Requests" => json!(1),
            "ServerFaults" => count(class.is_some_and(is_server_fault)),
            "CredentialsRefused" => count(class == Some(Class::CredentialsRefused)),
            "CallerRefused" => count(class == Some(Class::CallerRefused)),
            "RateLimited" => count(class == Some(Class::RateLimited)),
            "QuotaExhausted" => count(class == Some(Class::QuotaExhausted)),
            "Partial" => count(class.is_none() && !figures.types_failed.is_empty()),
            "RunFinished" => {
                figures.run_finished.filter(|_| of_contacts(finished)).map_or(Value::Null, count)
            }
            "CheckpointAge" => figures
                .checkpoint
                .filter(|_| of_contacts(finished))
                .map_or(Value::Null, |c| json!(now.since(c).as_secs())),
            "RowsSkipped" => json!(figures.skipped),
            "RecordsOut" => json!(figures.records_out),
            "CrmCalls" => json!(figures.calls),
            "CrmTime" => json!(millis(figures.crm_time)),
            "ClockSkew" if of_contacts(finished) => json!(figures.clock_skew),
            _ => Value::Null,
        };
        // What a request says nothing about is left out: a zero would be a figure.
        if !value.is_null() {
            values.insert((*name).to_owned(), value);
        }
    }
    let declared = |metrics: &[(&str, &str)]| -> Vec<Value> {
        let told = metrics.iter().filter(|(name, _)| values.contains_key(*name));
        told.map(|(name, unit)| json!({"Name": name, "Unit": unit})).collect()
    };
    let directive = |dimensions: &[&str], metrics: &[(&str, &str)]| json!({"Namespace": "TalkdeskBridge", "Dimensions": [dimensions], "Metrics": declared(metrics)});
    let directives = [directive(&["Stack"], &OF_STACK), directive(&["Stack", "Component"], &OF_COMPONENT)];
    let mut line = Map::new();
    line.insert("timestamp".to_owned(), json!(now.calendar().to_rfc3339_opts(SecondsFormat::Micros, true)));
    line.insert("level".to_owned(), json!(LEVEL));
    line.insert("message".to_owned(), json!("metrics"));
    line.insert(
        "_aws".to_owned(),
        json!({"Timestamp": now.micros() / 1000, "CloudWatchMetrics": directives}),
    );
    line.insert("Stack".to_owned(), json!(finished.stack));
    line.insert("Component".to_owned(), json!(finished.component.name()));
    line.insert("request_id".to_owned(), json!(finished.request_id));
    line.extend(values);
    Value::Object(line).to_string()
}

/// Only a contact page that was answered says something about a run.
fn of_contacts(finished: &Finished<'_>) -> bool {
    finished.component == Component::Contacts && finished.failure.is_none()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::Failure;
    use crate::telemetry::Figures;
    use crate::time::Moment;

    fn metrics(component: Component, failure: Option<&Failure>, figures: Figures) -> Value {
        let finished = Finished {
            component,
            integration: "demo",
            account: "acme",
            stack: "talkdesk-bridge-demo-test",
            version: "1",
            manifest: "0a1b2c3d",
            request_id: "1",
            status: 200,
            failure,
            duration: Duration::from_millis(5),
            figures,
            cold_start: false,
        };
        serde_json::from_str(&line(&finished)).unwrap()
    }

    /// The names that a line's directives declare, each of which must stand in the line as a number.
    fn declared(line: &Value) -> Vec<String> {
        let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
        let all = directives.iter().flat_map(|d| d["Metrics"].as_array().unwrap().clone());
        let names: Vec<String> = all.map(|m| m["Name"].as_str().unwrap().to_owned()).collect();
        assert!(names.iter().all(|name| line[name].is_number()), "{line}");
        for dimension in directives.iter().flat_map(|d| d["Dimensions"][0].as_array().unwrap()) {
            assert!(line[dimension.as_str().unwrap()].as_str().is_some_and(|v| !v.is_empty()), "{line}");
        }
        names
    }

    #[test]
    fn an_integration_makes_at_most_25_custom_metrics() {
        let count = OF_STACK.len() + OF_COMPONENT.len() * Component::ALL.len();
        println!("{count} custom metrics per integration");
        assert!(count <= MOST, "{count}");
    }

    #[test]
    fn a_contact_page_that_ends_a_run_says_how_old_the_checkpoint_is() {
        let an_hour_ago = Moment::now().minus(Duration::from_secs(3600));
        let figures =
            Figures { run_finished: Some(true), checkpoint: Some(an_hour_ago), ..Figures::default() };
        let line = metrics(Component::Contacts, None, figures);
        assert_eq!(line["RunFinished"], 1);
        assert!((3600..3610).contains(&line["CheckpointAge"].as_i64().unwrap()), "{line}");
        assert!(declared(&line).contains(&"CheckpointAge".to_owned()));
        let line = metrics(Component::Agents, None, Figures::default());
        assert!(line.get("RunFinished").is_none() && line.get("CheckpointAge").is_none(), "{line}");
        assert!(!declared(&line).contains(&"CheckpointAge".to_owned()));
    }

    #[test]
    fn what_a_stranger_causes_is_no_server_fault() {
        for (class, fault) in [
            (Class::MethodNotAllowed, 0),
            (Class::BadRequest, 0),
            (Class::CallerRefused, 0),
            (Class::CredentialsRefused, 0),
            (Class::RateLimited, 0),
            (Class::CrmTimeout, 1),
            (Class::SecretUnusable, 1),
            (Class::Internal, 1),
        ] {
            let line = metrics(Component::Contacts, Some(&Failure::new(class, "why")), Figures::default());
            assert_eq!(line["ServerFaults"], fault, "{class:?}");
        }
    }

    #[test]
    fn an_answer_without_a_type_is_partial_and_a_failure_is_not() {
        let figures = || Figures { types_failed: vec!["ticket".to_owned()], ..Figures::default() };
        let of = |failure, figures| metrics(Component::Interactions, failure, figures)["Partial"].clone();
        assert_eq!(of(None, figures()), 1);
        assert_eq!(of(None, Figures::default()), 0);
        assert_eq!(of(Some(&Failure::new(Class::CrmTimeout, "why")), figures()), 0);
    }

    #[test]
    fn a_metric_line_has_the_level_that_no_setting_drops() {
        let line = metrics(Component::Actions, None, Figures::default());
        assert_eq!(line["level"], "FATAL");
        let stamp = line["timestamp"].as_str().unwrap();
        assert!(chrono::DateTime::parse_from_rfc3339(stamp).is_ok(), "{stamp}: Lambda ignores the level");
    }
}
