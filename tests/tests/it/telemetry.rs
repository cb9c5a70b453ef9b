//! What the functions print for CloudWatch, as CloudWatch gets it.

use bridge::contract::Component;
use bridge::telemetry::metrics::{LEVEL, MOST, OF_COMPONENT, OF_STACK};
use demo_crm::Options;
use end_to_end::DemoStack;
use serde_json::{Value, json};

const KEY: &str = "telemetry-caller-key-5a1f";

/// A stack with a log level, asked once by each component that only reads.
async fn asked(level: &str) -> (DemoStack, Vec<Value>) {
    let env = [("AWS_LAMBDA_LOG_LEVEL", level), ("STACK", "talkdesk-bridge-demo-test")];
    let stack = DemoStack::start(Options::default(), KEY, &env).await;
    for (component, data) in [
        (Component::AuthValidation, Value::Null),
        (Component::Contacts, Value::Null),
        (Component::Agents, Value::Null),
        (Component::Interactions, json!({"contact_external_id": "1"})),
    ] {
        let answer = stack.functions.call(component, "", Value::Null, data).await;
        assert_eq!(answer.status, 200, "{component:?}: {}", answer.text);
    }
    let log = stack.functions.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let own = lines.filter(|line| line["message"].is_string()).collect();
    (stack, own)
}

fn named<'a>(lines: &'a [Value], message: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["message"] == message).collect()
}

#[tokio::test]
async fn at_log_level_error_the_metric_lines_are_still_printed_with_their_level() {
    let (_stack, lines) = asked("ERROR").await;
    let metrics = named(&lines, "metrics");
    assert_eq!(metrics.len(), 4, "{lines:#?}");
    for line in &metrics {
        assert_eq!(line["level"], LEVEL, "{line}");
        assert!(line["timestamp"].is_string() && line["_aws"]["Timestamp"].is_number(), "{line}");
    }
    assert!(named(&lines, "request").is_empty(), "nothing was wrong, so nothing else is said");
    let custom = OF_STACK.len() + OF_COMPONENT.len() * Component::ALL.len();
    println!("{custom} custom metrics per integration, at most {MOST}");
}

#[tokio::test]
async fn a_skipped_row_is_named_by_its_id_and_not_by_its_content() {
    let (_stack, lines) = asked("INFO").await;
    let skipped = named(&lines, "row skipped");
    let agents: Vec<&&Value> = skipped.iter().filter(|line| line["kind"] == "agent").collect();
    assert!(!agents.is_empty(), "the demo CRM has a user without a mailbox: {skipped:#?}");
    for line in agents {
        assert!(line["id"].as_str().is_some_and(|id| !id.is_empty()), "{line}");
        assert_eq!(line["reason"], "email: empty");
        assert!(!line.to_string().contains("No Mailbox"), "{line}");
    }
}
