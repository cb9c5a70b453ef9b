//! What functions print never holds a secret or a person: everything is planted, everything is grepped.

use bridge::contract::Component;
use demo_crm::{Fault, FaultKind, Options};
use end_to_end::{DemoStack, api_gateway_event, rest_event};
use serde_json::{Value, json};

const CALLER_KEY: &str = "canary-caller-key-5a1f";
const API_KEY: &str = "canary-api-key-77d0";
const PASSWORD: &str = "canary-password-e3b2";
const EMAIL: &str = "canary.mail@example.com";
const NAME: &str = "Canaria Zephyrine";
const NOTE: &str = "canary note: her knee hurts";
const PHONE: &str = "+1 512 555 0177";

/// Parts that survive percent-encoding, base64's alphabet aside, and other notations of a number.
const CANARIES: [&str; 9] = [
    "canary-caller",
    "canary-api",
    "canary-password",
    "canary.mail",
    "anaria",
    "ephyrine",
    "her knee",
    "5550177",
    "555 0177",
];

#[tokio::test]
async fn nothing_of_a_secret_or_a_person_is_printed() {
    let options = Options { api_key: API_KEY.to_owned(), ..Options::default() };
    let stack = DemoStack::start(
        options,
        CALLER_KEY,
        &[
            ("AWS_LAMBDA_LOG_LEVEL", "TRACE"),
            ("RUST_LOG", "trace"),
            ("SYNC_BUDGET_SECONDS", "2"),
            ("INTERACTIVE_BUDGET_SECONDS", "2"),
        ],
    )
    .await;
    let secret = json!({"caller_keys": [CALLER_KEY], "api_key": API_KEY, "password": PASSWORD});
    stack.put_secret(&secret).await;

    let answers = everything(&stack).await;
    for (name, status) in &answers {
        assert!([200, 201].contains(status), "{name}: {status}");
    }
    let requests = format!("{:?}", stack.crm.control().requests());
    for sent in [EMAIL, NAME, NOTE, "5550177"] {
        assert!(requests.contains(sent), "{sent} reached the CRM");
    }

    let status = |code| Fault { status: Some(code), ..Fault::new("/api/", FaultKind::Status) };
    let mut faults: Vec<Fault> = [400, 401, 403, 404, 409, 422, 429, 500, 503].map(status).into();
    faults.extend(
        [FaultKind::Html, FaultKind::Garbage, FaultKind::CutOff, FaultKind::Hang]
            .map(|kind| Fault::new("/api/", kind)),
    );
    for fault in faults {
        let what = format!("{:?} {:?}", fault.kind, fault.status);
        stack.crm.control().add_faults(vec![Fault { times: 1_000, ..fault }]).unwrap();
        let failed = everything(&stack).await.iter().filter(|(_, status)| *status >= 400).count();
        assert!(failed >= 5, "{what} is felt");
        stack.crm.control().clear_faults();
    }
    malformed(&stack).await;

    let log = stack.functions.log();
    for line in log.lines() {
        for canary in CANARIES {
            assert!(!line.contains(canary), "{canary} was printed: {line}");
        }
    }
    for expected in ["crm call", "credentials_refused", "crm_timeout", "crm_unreadable", "bad_request"] {
        assert!(log.contains(expected), "{expected} is logged, so the log is the functions' own");
    }
    println!("{} lines, no canary", log.lines().count());
}

/// Every endpoint, the five side by side, with people in the request and in the CRM's answer.
async fn everything(stack: &DemoStack) -> Vec<(String, u16)> {
    let ask = async |component, action: &str, meta, data| {
        let answer = stack.functions.call(component, action, meta, data).await;
        (format!("{component:?} {action}: {}", answer.text), answer.status)
    };
    let actions = async {
        let mut answers = Vec::new();
        let person = json!({"first_name": "Canaria", "last_name": NAME, "email": EMAIL, "phone": PHONE});
        for (action, data) in [
            ("create_contact", person),
            ("add_note", json!({"note": NOTE})),
            ("create_ticket", json!({"subject": NOTE, "description": NAME})),
            ("log_call", json!({"direction": "inbound", "summary": NOTE})),
        ] {
            let scope = json!({"contact_external_id": "1", "agent_external_id": "1"});
            answers.push(ask(Component::Actions, action, scope, data).await);
        }
        answers
    };
    let interactions = async {
        let mut answers = Vec::new();
        for identity in [
            json!({"contact_external_id": "1"}),
            json!({"contact_name": NAME, "contact_emails": [EMAIL], "contact_phones": [PHONE]}),
            json!({"contact_phones": [PHONE]}),
        ] {
            answers.push(ask(Component::Interactions, "", Value::Null, identity).await);
        }
        answers
    };
    let plain = async |component| vec![ask(component, "", Value::Null, Value::Null).await];
    let answers = tokio::join!(
        actions,
        interactions,
        plain(Component::AuthValidation),
        plain(Component::Contacts),
        plain(Component::Agents),
    );
    [answers.0, answers.1, answers.2, answers.3, answers.4].concat()
}

/// Requests that are wrong in ways which invite quoting them.
async fn malformed(stack: &DemoStack) {
    let auth = stack.functions.auth();
    let bodies = [
        format!("{{\"auth\": {auth}, \"data\": {{\"note\": \"{NOTE}\", \"email\": \"{EMAIL}"),
        format!("{NAME} {EMAIL} {CALLER_KEY}"),
        json!([CALLER_KEY, EMAIL]).to_string(),
        json!(CALLER_KEY).to_string(),
        json!({"auth": CALLER_KEY}).to_string(),
        json!({"auth": {"account": EMAIL, "bridge_key": CALLER_KEY}}).to_string(),
        json!({"auth": {"account": "acme", "bridge_key": {"key": CALLER_KEY}}}).to_string(),
        json!({"auth": {"account": "acme", "bridge_key": format!("{CALLER_KEY}-wrong")}}).to_string(),
        json!({"auth": {"account": "no-such", "bridge_key": CALLER_KEY}}).to_string(),
        json!({"auth": auth, "meta": EMAIL, "data": NAME}).to_string(),
        json!({"auth": auth, "meta": {"offset": EMAIL, "synchronization_checkpoint": NAME}}).to_string(),
        json!({"auth": auth, "meta": {"synchronization_checkpoint": EMAIL}}).to_string(),
        json!({"auth": auth, "meta": {"interaction_types": EMAIL}, "data": {"contact_emails": {"x": EMAIL}}})
            .to_string(),
        json!({"auth": auth, "data": {"contact_external_id": {"x": NAME}, "contact_phones": [[PHONE]]}})
            .to_string(),
        json!({"auth": auth, "meta": {"contact_external_id": NAME}, "data": {"note": {"x": NOTE}}})
            .to_string(),
    ];
    for component in Component::ALL {
        let path = component.path_of("add_note");
        for body in &bodies {
            for mut event in [api_gateway_event(&path, &Value::Null), rest_event(&path, &Value::Null)] {
                event["body"] = json!(body);
                let answer = stack.functions.of(component).invoke(&event).await;
                assert!(answer.body.is_object() || answer.body.is_array(), "{}", answer.text);
            }
        }
        // No HTTP at all: the runtime's own messages must not quote it either.
        for event in [json!({"Records": [{"body": NOTE}]}), json!(EMAIL), json!([NAME])] {
            let _ = stack.functions.of(component).try_invoke(&event).await;
        }
        let mut event = api_gateway_event(&format!("/actions/{EMAIL}"), &json!({"auth": auth}));
        event["rawQueryString"] = json!(format!("email={EMAIL}&key={CALLER_KEY}"));
        event["headers"]["authorization"] = json!(CALLER_KEY);
        event["headers"]["cookie"] = json!(NAME);
        let answer = stack.functions.of(component).invoke(&event).await;
        assert_eq!(answer.headers["content-type"], "application/json");
    }
}
