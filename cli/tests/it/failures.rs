//! Every way in which a CRM fails, for every component: the table of `error.rs`.

use bridge::contract::Component;
use demo_crm::{Fault, FaultKind};

use crate::world::{World, request};

/// Fault, and the statuses of validation, contacts, agents, interactions, actions.
type Row = (&'static str, FaultKind, Option<u16>, [u16; 5]);

const TABLE: [Row; 10] = [
    ("credentials refused", FaultKind::Status, Some(401), [401, 401, 401, 401, 400]),
    ("forbidden", FaultKind::Status, Some(403), [401, 403, 403, 403, 400]),
    ("limited, without a hint", FaultKind::Status, Some(429), [401, 429, 429, 429, 400]),
    ("fault", FaultKind::Status, Some(500), [401, 502, 502, 502, 400]),
    ("down", FaultKind::Status, Some(503), [401, 502, 502, 502, 400]),
    ("bad gateway", FaultKind::Status, Some(504), [401, 502, 502, 502, 400]),
    ("hangs", FaultKind::Hang, None, [401, 504, 504, 504, 400]),
    ("ends half way", FaultKind::CutOff, None, [401, 502, 502, 502, 201]),
    ("a page of HTML", FaultKind::Html, None, [401, 502, 502, 502, 400]),
    ("garbage", FaultKind::Garbage, None, [401, 502, 502, 502, 201]),
];

#[tokio::test]
async fn every_failure_of_the_crm_has_its_status_in_every_component() {
    let mut tests = Vec::new();
    for (what, kind, status, expected) in TABLE {
        tests.push(tokio::spawn(async move {
            let world = World::start().await;
            for (component, expected) in Component::ALL.into_iter().zip(expected) {
                world.control().clear_faults();
                world.fault("/api/v1", kind, |f| Fault { status, times: 100, ..f });
                let (meta, data) = request(component);
                let reply = world.call(component, meta, data).await;
                // A ticket has an idempotency key: what the CRM did is found out by asking again.
                let expected =
                    if component == Component::Actions && expected == 201 { reply.status } else { expected };
                assert_eq!(reply.status, expected, "{what}: {component:?} {}", reply.body);
                assert_eq!(reply.header("content-type"), "application/json");
            }
        }));
    }
    for test in tests {
        test.await.unwrap();
    }
}

#[tokio::test]
async fn a_fault_that_passes_is_not_noticed_by_talkdesk() {
    let world = World::start().await;
    for (kind, status) in
        [(FaultKind::Status, Some(500)), (FaultKind::CutOff, None), (FaultKind::Status, Some(429))]
    {
        for component in [Component::Contacts, Component::Agents, Component::Interactions] {
            world.fault("/api/v1", kind, |f| Fault { status, times: 1, ..f });
            let (meta, data) = request(component);
            let reply = world.call(component, meta, data).await;
            assert_eq!(reply.status, 200, "{kind:?} {component:?} {}", reply.body);
        }
    }
}

#[tokio::test]
async fn retry_after_is_kept_when_it_fits_and_passed_on_when_it_does_not() {
    let world = World::start().await;
    world.fault("/api/v1", FaultKind::Status, |f| Fault {
        status: Some(429),
        retry_after: Some(1),
        times: 1,
        ..f
    });
    let begun = std::time::Instant::now();
    let reply = world.call(Component::Agents, serde_json::json!({}), serde_json::Value::Null).await;
    assert_eq!(reply.status, 200);
    assert!(begun.elapsed() >= std::time::Duration::from_secs(1), "asked again too early");
    world.fault("/api/v1", FaultKind::Status, |f| Fault {
        status: Some(429),
        retry_after: Some(60),
        times: 9,
        ..f
    });
    let before = world.control().requests().len();
    let reply = world.call(Component::Agents, serde_json::json!({}), serde_json::Value::Null).await;
    assert_eq!(reply.status, 429);
    assert_eq!(world.control().requests().len(), before + 1, "a wait that does not fit is not tried");
}

#[tokio::test]
async fn refused_credentials_are_not_retried() {
    let world = World::start().await;
    world.fault("/api/v1", FaultKind::Status, |f| Fault { status: Some(401), times: 9, ..f });
    let reply = world.call(Component::Contacts, serde_json::json!({}), serde_json::Value::Null).await;
    assert_eq!((reply.status, world.control().requests().len()), (401, 1));
}
