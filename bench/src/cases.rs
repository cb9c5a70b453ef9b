//! What is measured: the event, the CRM's answers, and the programs beside each other. The first is the floor.

use std::path::PathBuf;

use axum::body::Bytes;
use serde_json::{Value, json};

use crate::data::{owners, page};
use crate::programs::{Kind, Variant, release};
use crate::rivals;
use crate::stub::Answer;

/// One task and the programs that do it.
pub struct Case {
    /// The heading.
    pub title: &'static str,
    /// API Gateway's event.
    pub event: Value,
    /// The CRM's answers.
    pub answers: Vec<Answer>,
    /// The programs; the first is the floor.
    pub variants: Vec<Variant>,
    /// Whether the first answer is also taken at the share of a processor.
    pub first_answer: bool,
}

/// The functions, for their sizes.
pub fn binaries() -> Vec<PathBuf> {
    let functions = bridge::contract::Component::ALL.iter().map(|component| component.function_name());
    let floors = ["floor-hello", "floor-call", "floor-secret"];
    functions.chain(floors).map(release).collect()
}

fn floor(name: &str) -> Variant {
    Variant::new(Kind::Floor, format!("floor: `{name}`"), release(name))
}

fn ours(binary: &str, integration: &str) -> Variant {
    let name = format!("`{binary}`, {integration}");
    Variant::new(Kind::Ours, name, release(binary)).with("INTEGRATION", integration)
}

/// API Gateway's event for a request.
pub fn event(path: &str, body: &Value) -> Value {
    json!({
        "version": "2.0",
        "routeKey": format!("POST {path}"),
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "example.execute-api.us-east-1.amazonaws.com"},
        "requestContext": {
            "accountId": "123456789012", "apiId": "example", "domainName": "example", "domainPrefix": "example",
            "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "-"},
            "requestId": "bench", "routeKey": format!("POST {path}"), "stage": "$default",
            "time": "22/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_348_800_000_u64,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    })
}

fn answer(path: &str, body: &Value) -> Answer {
    Answer { path: path.to_owned(), body: Bytes::from(body.to_string()) }
}

/// All cases.
pub fn all() -> Vec<Case> {
    let token =
        json!({"access_token": "bench-token", "portal_id": "147893286", "ui_domain": "app.hubspot.com"});
    let key = "bench-caller-key-0123456789";
    let details = json!({"portalId": 147_893_286, "uiDomain": "app.hubspot.com", "accountType": "STANDARD"});
    let secret =
        json!({"caller_keys": [key], "host": "crm.example.com", "api_key": "bench-api-key"}).to_string();
    let keyed = |variant: Variant| Variant { secret: Some(secret.clone()), ..variant };
    // The first one is the floor, the second one ours; what others would write follows where it can run.
    let beside = |mut variants: Vec<Variant>, script: &str, token: bool| {
        variants.extend(rivals::of(script, token));
        variants
    };
    vec![
        Case {
            title: "Nothing but an answer",
            event: event("/auth_validation", &json!({"auth": token})),
            answers: Vec::new(),
            variants: vec![floor("floor-hello")],
            first_answer: false,
        },
        Case {
            title: "A validation without a secret",
            event: event("/auth_validation", &json!({"auth": token})),
            answers: vec![answer("/account-info/", &details), answer("/", &json!({"results": []}))],
            variants: beside(vec![floor("floor-call"), ours("auth-validator", "hubspot")], "validator", true),
            first_answer: true,
        },
        Case {
            title: "A validation with a secret",
            event: event("/auth_validation", &json!({"auth": {"account": "acme", "bridge_key": key}})),
            answers: vec![
                answer("/App/user", &json!({"user": {"id": "5", "type": "api", "isActive": true}})),
                answer("/", &json!({"total": 0, "list": []})),
            ],
            variants: beside(
                vec![floor("floor-secret"), ours("auth-validator", "espocrm")],
                "validator",
                false,
            )
            .into_iter()
            .map(keyed)
            .collect(),
            first_answer: true,
        },
        Case {
            title: "A ringing call, the caller known by number only",
            event: event(
                "/interaction_update",
                &json!({"auth": token, "meta": {"interaction_types": ["note"]}, "data": {"contact_phones": ["+14155552671"]}}),
            ),
            answers: vec![
                answer("/account-info/", &details),
                answer("/contacts/search", &json!({"results": [{"id": "713492963559"}]})),
                answer("/associations/", &json!({"results": []})),
            ],
            variants: vec![floor("floor-call"), ours("interaction-retriever", "hubspot")],
            first_answer: true,
        },
        Case {
            title: "A page of 100 agents",
            event: event("/agent_sync", &json!({"auth": token, "meta": {}})),
            answers: vec![answer("/account-info/", &details), answer("/owners", &owners(100))],
            variants: vec![floor("floor-call"), ours("agent-retriever", "hubspot")],
            first_answer: false,
        },
        Case {
            title: "A page of 200 contacts",
            event: event("/contact_sync", &json!({"auth": token, "meta": {}})),
            answers: vec![answer("/contacts/search", &page(200))],
            variants: beside(
                vec![floor("floor-page"), ours("contact-retriever", "hubspot")],
                "contacts",
                true,
            ),
            first_answer: true,
        },
    ]
}
