//! `template.yaml`: what it says is held together with the code, each known breakage is caught, and stacks
//! are made, changed and deleted beside each other.

mod rules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use bridge::contract::Component;
use end_to_end::{resource, stack, workspace};
use rules::{VARIABLES, complaints};
use serde_json::{Value, json};

/// Changes of the template that no linter minds, each with what the rules say about it.
const BREAKAGES: [(&str, &str, &str, &str); 13] = [
    (
        "a policy allows every action",
        "Action: secretsmanager:GetSecretValue",
        "Action: \"*\"",
        "may do more than read",
    ),
    (
        "a policy allows every resource",
        "            Resource: !Sub\n              - arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:${Prefix}*\n",
        "            Resource: !Sub\n              - \"*\"\n",
        "more than what is below the prefix",
    ),
    ("a time limit above API Gateway's", "      Timeout: 30\n", "      Timeout: 60\n", "Timeout is not 30 s"),
    (
        "a role that may not read the secrets",
        "        - !If [HasAgentRetriever, !Ref AgentRetrieverRole, !Ref AWS::NoValue]\n",
        "",
        "AgentRetriever: its role may not read the secrets",
    ),
    (
        "a role that may not write its log",
        "Action: [logs:CreateLogStream, logs:PutLogEvents]",
        "Action: [logs:CreateLogStream]",
        "may not write its own log",
    ),
    (
        "the code of another function",
        "CodeUri: functions/agent-retriever/",
        "CodeUri: functions/contact-retriever/",
        "CodeUri is another function's",
    ),
    ("another route", "Path: /agent_sync", "Path: /agents_sync", "its path does not lead"),
    ("an output that leads nowhere", "- ${Base}/contact_sync", "- ${Base}/contacts_sync", "not one output"),
    ("another processor by default", "Default: arm64", "Default: x86_64", "Architecture: the default"),
    (
        "a variable that nobody reads",
        "        INTEGRATION: !Ref",
        "        INTEGRATIONS: !Ref",
        "not those that config.rs reads",
    ),
    (
        "an alarm on a metric that nobody emits",
        "MetricName: RowsSkipped",
        "MetricName: RecordsSkipped",
        "nobody emits",
    ),
    (
        "an alarm that is too slow for a canary",
        "      EvaluationPeriods: 5\n      DatapointsToAlarm: 2\n",
        "      EvaluationPeriods: 5\n      DatapointsToAlarm: 5\n",
        "when the shortest canary is over",
    ),
    ("a dashboard with an old name", "\"CallerRefused\"", "\"CallersRefused\"", "Overview: nobody emits"),
];

#[test]
fn the_template_keeps_its_rules_and_every_known_breakage_is_caught() {
    let template = stack::template();
    let broken =
        |(_, from, to, _): &(&str, &str, &str, &str)| json!({"template": template.replacen(from, to, 1)});
    let mut asked = vec![json!({"template": template})];
    asked.extend(BREAKAGES.iter().map(broken));
    let mut answers = stack::transform(&json!(asked)).into_iter();
    let sound = answers.next().unwrap();
    assert_eq!(complaints(&sound["stack"]), Vec::<String>::new(), "{}", sound["error"]);
    let resources = sound["stack"]["Resources"].as_object().unwrap();
    let alarms = resources.values().filter(|it| it["Type"] == json!("AWS::CloudWatch::Alarm"));
    assert_eq!(alarms.count(), 10, "docs/operations.md and the README say how many there are");
    for ((what, from, _, caught), answer) in BREAKAGES.iter().zip(answers) {
        assert!(template.contains(from), "{what}: the template has no `{from}`");
        let found = complaints(&answer["stack"]).join("; ");
        println!("{what}: {found}");
        assert!(found.contains(caught), "{what} goes unnoticed: {found} {}", answer["error"]);
    }
}

#[test]
fn components_functions_events_makefile_and_settings_are_the_same_everywhere() {
    let makefile = fs::read_to_string(workspace().join("Makefile")).unwrap();
    let config = fs::read_to_string(workspace().join("shared/src/config.rs")).unwrap();
    let listed = makefile.lines().find_map(|line| line.strip_prefix("FUNCTIONS := ")).unwrap();
    let functions: Vec<&str> = Component::ALL.into_iter().map(Component::function_name).collect();
    assert_eq!(listed.split(' ').collect::<Vec<_>>(), functions);
    for function in functions {
        assert!(workspace().join("functions").join(function).join("Cargo.toml").is_file(), "{function}");
        assert!(workspace().join("events").join(function).is_dir(), "{function}");
    }
    for variable in VARIABLES {
        assert!(config.contains(&format!("| `{variable}` |")), "config.rs does not document {variable}");
    }
    let local: Value =
        serde_json::from_str(&fs::read_to_string(workspace().join("events/local.json")).unwrap()).unwrap();
    for name in local["Parameters"].as_object().unwrap().keys() {
        assert!(VARIABLES.contains(&name.as_str()), "`sam local` sets declared variables only, not {name}");
    }
}

/// One of the stacks' parameters.
fn parameters(integration: &str, environment: &str) -> Value {
    json!({"Integration": integration, "Environment": environment})
}

#[test]
fn stacks_are_made_changed_and_deleted_and_none_reads_anothers_secrets() {
    let template = stack::template();
    let stack = |integration: &str, environment: &str| {
        let name = format!("talkdesk-bridge-{integration}-{environment}");
        json!({"name": name, "template": template, "steps": [parameters(integration, environment)]})
    };
    let mut stacks = vec![
        stack("hubspot", "staging"),
        stack("hubspot", "production"),
        stack("espocrm", "staging"),
        stack("espocrm", "production"),
    ];
    let mut changed = parameters("espocrm", "production");
    changed["MemorySize"] = json!("512");
    stacks[3]["steps"].as_array_mut().unwrap().push(changed);
    let mut watched = stack("espocrm", "dev");
    watched["steps"][0]["AlarmEmail"] = json!("operator@example.com");
    stacks.push(watched);
    let answer = stack::deploy(&json!(stacks));
    let steps = answer["steps"].as_array().unwrap();

    let together = &steps[3];
    assert_eq!(together["functions"].as_array().unwrap().len(), 20);
    assert_eq!(together["topics"], json!([]), "nobody asked to be told");
    let (mut readers, mut prefixes) = (BTreeMap::<String, Vec<String>>::new(), BTreeMap::<_, String>::new());
    for function in together["functions"].as_array().unwrap() {
        let of = function["variables"]["STACK"].as_str().unwrap();
        prefixes.insert(of.to_owned(), function["variables"]["SECRET_PREFIX"].as_str().unwrap().to_owned());
        let statements = together["roles"][function["role"].as_str().unwrap()].as_array().unwrap();
        let statements = statements.iter().flat_map(|policy| policy["Statement"].as_array().unwrap());
        let secrets = statements.filter(|it| it["Action"] == json!("secretsmanager:GetSecretValue"));
        for resource in secrets.map(|statement| statement["Resource"].as_str().unwrap()) {
            let prefix = resource.split(":secret:").nth(1).unwrap().trim_end_matches('*');
            assert_eq!(function["variables"]["SECRET_PREFIX"], json!(prefix), "one source for both");
            readers.entry(prefix.to_owned()).or_default().push(of.to_owned());
        }
    }
    println!("{prefixes:#?}, read by {readers:#?}");
    let apart: BTreeSet<&String> = prefixes.values().collect();
    assert_eq!((prefixes.len(), apart.len()), (4, 4), "each stack has a prefix of its own");
    for one in &apart {
        assert!(apart.iter().all(|other| one == other || !other.starts_with(one.as_str())), "{one}");
    }
    for environment in ["staging", "production"] {
        let of = &readers[&format!("talkdesk-bridge/espocrm/{environment}/")];
        assert_eq!(of, &vec![format!("talkdesk-bridge-espocrm-{environment}"); 5]);
    }
    assert_eq!(readers.len(), 2, "an integration without secrets reads none");

    let changed = &steps[4];
    let functions = changed["functions"].as_array().unwrap();
    let own =
        functions.iter().filter(|it| it["variables"]["STACK"] == json!("talkdesk-bridge-espocrm-production"));
    let memory: Vec<&Value> = own.map(|it| &it["memory"]).collect();
    assert_eq!(memory, [&json!(512); 5]);
    let watched = &steps[5];
    // moto makes no alarms; that each has its condition is one of the rules.
    assert_eq!(watched["topics"].as_array().unwrap().len(), 1);
    for (kind, left) in answer["after"].as_object().unwrap() {
        assert!(left.as_array().is_none_or(Vec::is_empty), "{kind}: {left}");
        assert!(left.as_object().is_none_or(serde_json::Map::is_empty), "{kind}: {left}");
    }
}

#[test]
fn an_integration_that_is_not_there_makes_no_stack() {
    let asked = json!([{"template": stack::template(), "parameters": parameters("demo", "dev")}]);
    let answer = stack::transform(&asked).remove(0);
    let mapping = answer["stack"]["Mappings"]["Integrations"].as_object().unwrap();
    let names: Vec<&str> = mapping.keys().map(String::as_str).collect();
    let mut folders: Vec<String> = fs::read_dir(workspace().join("manifests"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("manifest.yaml").is_file())
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    folders.sort();
    assert_eq!(names, folders, "run: talkdesk-bridge generate");
    assert!(answer["stack"]["Conditions"]["ReadsSecrets"].to_string().contains("FindInMap"));
    assert_eq!(resource(Component::Contacts), "ContactRetriever");
}
