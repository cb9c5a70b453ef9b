//! Actions: one write, its answer, and never an error after it succeeded.

use demo_crm::{Apply, Fault, FaultKind};
use serde_json::json;

use crate::world::World;

#[tokio::test]
async fn a_ticket_is_created_with_what_was_filled_in() {
    let world = World::start().await;
    let subject = "Quote \" and ' and \\ and {{ secret.api_key }} and é";
    let data = json!({"subject": subject, "description": "<b>bold</b> & more", "priority": "urgent", "unknown": [1]});
    let reply =
        world.act("create_ticket", json!({"contact_external_id": "1", "agent_external_id": "1"}), data).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert!(reply.body["external_id"].is_string());
    let sent = world.control().requests().remove(0);
    let body = sent.body;
    assert_eq!(body["subject"], subject);
    assert_eq!(body["body"], "&lt;b&gt;bold&lt;/b&gt; &amp; more");
    assert_eq!((body["priority"].as_i64(), body["contact_id"].as_i64()), (Some(4), Some(1)));
}

#[tokio::test]
async fn a_number_typed_into_a_text_is_a_text() {
    let world = World::start().await;
    let data = json!({"subject": 5, "description": true});
    let reply = world.act("create_ticket", json!({"contact_external_id": "1"}), data).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let body = world.control().requests().remove(0).body;
    assert_eq!((&body["subject"], &body["body"]), (&json!("5"), &json!("true")));
}

#[tokio::test]
async fn missing_inputs_are_named_and_nothing_is_sent() {
    let world = World::start().await;
    for data in [json!({}), json!({"subject": null}), json!({"subject": "  "})] {
        let reply = world.act("create_ticket", json!({}), data).await;
        assert_eq!(reply.status, 400);
        assert_eq!(reply.body["message"], "Please fill in: Subject.");
    }
    assert!(world.control().requests().is_empty());
}

#[tokio::test]
async fn the_crms_own_sentence_reaches_the_agent() {
    let world = World::start().await;
    let reply =
        world.act("create_contact", json!({}), json!({"last_name": "X", "email": "not an address"})).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body["message"].as_str().unwrap().to_lowercase().contains("email"), "{}", reply.body);
}

#[tokio::test]
async fn a_contact_that_exists_is_a_success_with_its_id() {
    let world = World::start().await;
    let data = json!({"last_name": "Again", "email": "maria.amostra@example.com"});
    let reply = world.act("create_contact", json!({}), data).await;
    assert_eq!((reply.status, reply.body["contact_external_id"].as_str()), (201, Some("1")));
    assert!(reply.body["contact_external_url"].as_str().unwrap().ends_with("/contacts/1"));
}

#[tokio::test]
async fn a_write_without_a_key_is_never_sent_twice() {
    let world = World::start().await;
    for (kind, status) in
        [(FaultKind::Status, Some(500)), (FaultKind::Status, Some(503)), (FaultKind::Hang, None)]
    {
        world.control().clear_requests();
        world.fault("/api/v1/contacts/1/notes", kind, |f| Fault {
            status,
            times: 1,
            apply: Apply::After,
            ..f
        });
        let reply = world.act("add_note", json!({"contact_external_id": "1"}), json!({"note": "once"})).await;
        assert_eq!((reply.status, world.control().requests().len()), (400, 1), "{kind:?}");
        assert!(reply.body["message"].as_str().unwrap().contains("Check in the CRM"), "{}", reply.body);
        world.control().clear_faults();
    }
}

#[tokio::test]
async fn a_write_that_was_refused_for_its_rate_is_sent_again() {
    let world = World::start().await;
    world.fault("/api/v1/contacts/1/notes", FaultKind::Status, |f| Fault {
        status: Some(429),
        times: 1,
        ..f
    });
    let reply = world.act("add_note", json!({"contact_external_id": "1"}), json!({"note": "twice"})).await;
    assert_eq!((reply.status, world.control().requests().len()), (201, 2));
}

#[tokio::test]
async fn a_ticket_with_a_key_is_sent_again_and_made_once() {
    let world = World::start().await;
    world.fault("/api/v1/tickets", FaultKind::Status, |f| Fault {
        status: Some(500),
        times: 1,
        apply: Apply::After,
        ..f
    });
    let reply =
        world.act("create_ticket", json!({"contact_external_id": "1"}), json!({"subject": "Once"})).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let keys: Vec<_> = world.control().requests().into_iter().map(|r| r.idempotency_key).collect();
    assert_eq!(keys.len(), 2);
    assert!(keys[0].is_some() && keys[0] == keys[1], "{keys:?}");
    let shown = world
        .call(
            bridge::contract::Component::Interactions,
            json!({"interaction_types": ["ticket"]}),
            json!({"contact_external_id": "1"}),
        )
        .await;
    assert_eq!(shown.body.as_array().unwrap().iter().filter(|t| t["subject"] == "Once").count(), 1);
}

#[tokio::test]
async fn a_write_whose_answer_ends_half_way_is_a_success() {
    let world = World::start().await;
    world.fault("/api/v1/contacts/1/notes", FaultKind::CutOff, |f| Fault {
        times: 1,
        apply: Apply::After,
        ..f
    });
    let reply = world.act("add_note", json!({"contact_external_id": "1"}), json!({"note": "half"})).await;
    assert_eq!((reply.status, reply.body["message"].as_str()), (201, Some("Note added")));
}

#[tokio::test]
async fn an_action_without_its_contact_says_so_and_sends_nothing() {
    let world = World::start().await;
    let reply = world.act("add_note", json!({}), json!({"note": "for whom?"})).await;
    assert_eq!((reply.status, world.control().requests().len()), (400, 0));
}

#[tokio::test]
async fn a_choice_or_a_number_that_is_none_is_refused_with_what_it_takes_and_nothing_is_sent() {
    let world = World::start().await;
    let meta = json!({"contact_external_id": "1", "agent_external_id": "1"});
    for direction in ["incoming", "IN", "sideways"] {
        let reply = world.act("log_call", meta.clone(), json!({"direction": direction})).await;
        let message =
            "Direction: inbound or outbound. Please choose one of these values: 'inbound,outbound'.";
        assert_eq!((reply.status, reply.body["message"].as_str()), (400, Some(message)), "{direction}");
    }
    for seconds in
        [json!("-5"), json!(-5), json!("1e9"), json!("abc"), json!("1,5"), json!("-8999999999999999")]
    {
        let data = json!({"direction": "inbound", "seconds": seconds});
        let reply = world.act("log_call", meta.clone(), data).await;
        let message = reply.body["message"].as_str().unwrap();
        assert_eq!(
            (reply.status, message),
            (400, "Duration in seconds: a number from 0 to 86399."),
            "{seconds}"
        );
    }
    assert!(world.control().requests().is_empty());
    let reply = world.act("log_call", meta, json!({"direction": " Inbound ", "seconds": "61.0"})).await;
    let sent = world.control().requests().remove(0).body;
    assert_eq!((reply.status, &sent["direction"], &sent["seconds"]), (201, &json!("inbound"), &json!(61)));
}
