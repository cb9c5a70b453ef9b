//! What holds for the transformed template, whatever is changed in it.

use std::collections::BTreeSet;

use bridge::contract::Component;
use bridge::telemetry::metrics::{OF_COMPONENT, OF_STACK};
use end_to_end::resource;
use serde_json::{Value, json};

/// Seconds of the shortest deployment that moves requests step by step (`Deployment`).
const SHORTEST_CANARY: u64 = 300;

/// Variables of `config.rs` that every function has.
pub const VARIABLES: [&str; 13] = [
    "INTEGRATION",
    "OVERLAY_PATH",
    "PHONE_REGION",
    "TIME_ZONE",
    "SECRET_PREFIX",
    "SECRET_TTL_SECONDS",
    "SYNC_BUDGET_SECONDS",
    "INTERACTIVE_BUDGET_SECONDS",
    "CALLER_ADDRESSES",
    "STACK",
    "VERSION",
    "CRM_BASE_URL",
    "SECRETS_BASE_URL",
];

/// Everything that is wrong with a stack.
pub fn complaints(stack: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for component in Component::ALL {
        function(stack, component, &mut found);
    }
    policies(stack, &mut found);
    metrics(stack, &mut found);
    safety(stack, &mut found);
    found
}

fn function(stack: &Value, component: Component, found: &mut Vec<String>) {
    let (name, path) = (resource(component), component.path());
    let properties = &stack["Resources"][&name]["Properties"];
    let mut say = |holds: bool, what: &str| {
        if !holds {
            found.push(format!("{name}: {what}"));
        }
    };
    let code = format!("functions/{}", component.function_name());
    say(properties["Code"]["S3Key"] == json!(code), "CodeUri is another function's");
    let long = matches!(component, Component::Contacts | Component::Agents);
    say(
        properties["Timeout"] == json!(if long { 30 } else { 15 }),
        "Timeout is not 30 s for pages, 15 s else",
    );
    let variables = properties["Environment"]["Variables"].as_object();
    let names: BTreeSet<&str> = variables.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    say(names == BTreeSet::from(VARIABLES), "the variables are not those that config.rs reads");
    say(
        properties["Architectures"] == json!([{"Ref": "Architecture"}]),
        "Architecture is not the parameter's",
    );
    let route = stack["Resources"]["HttpApi"]["Properties"]["Body"]["paths"][path].to_string();
    let target = format!("functions/${{{name}Aliaslive}}/invocations");
    say(route.contains(&target), "its path does not lead to the function's alias");
    let output =
        outputs(stack).iter().filter(|value| value.contains(path.trim_end_matches("{name}"))).count();
    say(output == 1, "not one output is its endpoint");
    let logs = json!({"Fn::GetAtt": [format!("{name}Logs"), "Arn"]});
    let own = json!([{"PolicyName": "own-log", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": logs}]}}]);
    let role = &stack["Resources"][format!("{name}Role")]["Properties"];
    say(role["Policies"] == own, "its role may not write its own log, or may do more");
    let readers = stack["Resources"]["ReadSecrets"]["Properties"]["Roles"].to_string();
    say(readers.contains(&format!("\"{name}Role\"")), "its role may not read the secrets");
}

/// The text of each output's value.
fn outputs(stack: &Value) -> Vec<String> {
    let all = stack["Outputs"].as_object();
    all.into_iter().flatten().map(|(_, output)| output["Value"]["Fn::Sub"][0].to_string()).collect()
}

/// The secrets' policy is exact, and no policy of ours allows "everything".
fn policies(stack: &Value, found: &mut Vec<String>) {
    let statements = &stack["Resources"]["ReadSecrets"]["Properties"]["PolicyDocument"]["Statement"];
    let arn = "arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Prefix}*";
    if statements[0]["Action"] != json!("secretsmanager:GetSecretValue") {
        found.push("ReadSecrets: may do more than read".to_owned());
    }
    if statements[0]["Resource"]["Fn::Sub"][0] != json!(arn) {
        found.push("ReadSecrets: reads more than what is below the prefix".to_owned());
    }
    for (name, resource) in stack["Resources"].as_object().into_iter().flatten() {
        let text = resource.to_string();
        if text.contains("\"Action\":\"*\"") || text.contains("\"Resource\":\"*\"") {
            found.push(format!("{name}: allows everything"));
        }
    }
}

/// Alarms and dashboard use what the code emits, and nothing else.
fn metrics(stack: &Value, found: &mut Vec<String>) {
    let emitted: BTreeSet<&str> = OF_STACK.iter().chain(&OF_COMPONENT).map(|(name, _)| *name).collect();
    let mut watched = BTreeSet::new();
    for (name, resource) in stack["Resources"].as_object().into_iter().flatten() {
        if resource["Type"] != json!("AWS::CloudWatch::Alarm") {
            continue;
        }
        let properties = &resource["Properties"];
        let queries = properties["Metrics"].as_array();
        let all = queries.into_iter().flatten().map(|query| &query["MetricStat"]["Metric"]);
        for metric in all.chain([properties]).filter(|it| it["Namespace"] == json!("TalkdeskBridge")) {
            let metric_name = metric["MetricName"].as_str().unwrap_or_default();
            watched.insert(metric_name.to_owned());
            if !emitted.contains(metric_name) {
                found.push(format!("{name}: nobody emits {metric_name}"));
            }
            if metric["Dimensions"] != json!([{"Name": "Stack", "Value": {"Ref": "AWS::StackName"}}]) {
                found.push(format!("{name}: its dimension is not the stack"));
            }
        }
    }
    let needed = [
        "ServerFaults",
        "CredentialsRefused",
        "QuotaExhausted",
        "CheckpointAge",
        "RunFinished",
        "RowsSkipped",
        "ClockSkew",
    ];
    for metric in needed.iter().filter(|metric| !watched.contains(**metric)) {
        found.push(format!("no alarm watches {metric}"));
    }
    let body = stack["Resources"]["Overview"]["Properties"]["DashboardBody"]["Fn::Sub"].as_str();
    let Ok(Value::Object(dashboard)) = serde_json::from_str(body.unwrap_or_default()) else {
        found.push("Overview: its body is not JSON".to_owned());
        return;
    };
    for widget in dashboard["widgets"].as_array().into_iter().flatten() {
        for row in widget["properties"]["metrics"].as_array().into_iter().flatten() {
            let name = row[1].as_str().unwrap_or_default();
            // "..." repeats the row above, but for its last dimension.
            let known = emitted.contains(name) || row[0] == json!("...");
            if !known {
                found.push(format!("Overview: nobody emits {name}"));
            }
        }
    }
}

/// What keeps a bad deployment and a flood small.
fn safety(stack: &Value, found: &mut Vec<String>) {
    let default = |parameter: &str| stack["Parameters"][parameter]["Default"].as_str().unwrap_or_default();
    if default("Architecture") != "arm64" {
        found.push("Architecture: the default is not what samconfig.toml's environments have".to_owned());
    }
    if default("ReservedConcurrency") != "20" {
        found.push("ReservedConcurrency: a flood costs as much as the account allows".to_owned());
    }
    for component in Component::ALL {
        let name = format!("{}DeploymentGroup", resource(component));
        let group = stack["Resources"][&name]["Properties"].to_string();
        if !group.contains("ServerFaultsAlarm") || !group.contains("FunctionErrorsAlarm") {
            found.push(format!("{name}: no alarm moves a bad version back"));
        }
    }
    let errors = &stack["Resources"]["FunctionErrorsAlarm"]["Properties"];
    let queries = errors["Metrics"].as_array().into_iter().flatten();
    let period = queries.filter_map(|it| it["MetricStat"]["Period"].as_u64()).max();
    let after = period.unwrap_or(u64::MAX).saturating_mul(errors["DatapointsToAlarm"].as_u64().unwrap_or(1));
    if after > SHORTEST_CANARY / 2 {
        found.push("FunctionErrorsAlarm: it goes off when the shortest canary is over".to_owned());
    }
    // What costs money while nobody calls must be asked for.
    for (name, resource) in stack["Resources"].as_object().into_iter().flatten() {
        let costs = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard", "AWS::SNS::Topic"];
        let is = |kind: &str| resource["Type"] == json!(kind);
        if costs.iter().any(|kind| is(kind)) && !resource["Condition"].is_string() {
            found.push(format!("{name}: it is there although nobody asked for it"));
        }
    }
}
