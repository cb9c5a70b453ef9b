//! Actions and errors.

use bridge::contract::Component;
use serde_json::{Value, json};
use vendors::freshdesk::contact_id;
use vendors::world::Fault;

use super::{AGENT, act_again, id, office};

#[tokio::test]
async fn every_action_creates_what_was_meant() {
    let (desk, world) = office(5).await;
    let meta = json!({"contact_external_id": id(2), "agent_external_id": AGENT.to_string()});
    let act = |name: &'static str, meta: Value, data: Value| {
        let world = &world;
        async move {
            let reply = world.act(name, meta, data).await;
            assert_eq!(reply.status, 201, "{name}: {} {:?}", reply.body, world.requests.refused());
            reply.body
        }
    };
    let made = act(
        "create_ticket",
        meta.clone(),
        json!({"subject": "Broken", "description": "a < b\nc", "priority": "urgent"}),
    )
    .await;
    let ticket = &desk.tickets()[0];
    assert_eq!(ticket["description"], "a &lt; b<br>c");
    assert_eq!(
        (&ticket["priority"], &ticket["status"], &ticket["requester_id"], &ticket["responder_id"]),
        (&json!(4), &json!(2), &json!(contact_id(2)), &json!(AGENT))
    );
    assert_eq!(made["external_id"], ticket["id"].to_string());
    act("add_note", meta.clone(), json!({"note": "On <hold>"})).await;
    assert_eq!(
        (&desk.notes()[0]["body"], &desk.notes()[0]["ticket_id"], &desk.notes()[0]["user_id"]),
        (&json!("On &lt;hold&gt;"), &ticket["id"], &json!(AGENT))
    );
    act("log_call", meta.clone(), json!({"direction": "inbound", "seconds": "61", "summary": "Asked"})).await;
    let call = &desk.tickets()[1];
    assert_eq!(
        (&call["status"], &call["source"], &call["subject"]),
        (&json!(5), &json!(3), &json!("Incoming call"))
    );
    assert!(call["description"].as_str().unwrap().contains("00:01:01"), "{call}");
    act("create_ticket", json!({}), json!({"subject": "New caller", "phone": "+14155557777"})).await;
    assert_eq!(desk.contacts()[0]["phone"], "+14155557777");
    act("create_ticket", json!({}), json!({"subject": "New writer", "email": "new@example.com"})).await;
    let person = act(
        "create_contact",
        meta.clone(),
        json!({"name": "Ada Lovelace", "email": "ada@example.com", "job_title": "Engineer"}),
    )
    .await;
    let row = desk.contacts().pop().unwrap();
    assert_eq!(person["contact_external_id"], row["id"].to_string());
    let page = format!("https://acme.freshdesk.com/a/contacts/{}", row["id"]);
    assert_eq!(person["contact_external_url"], page);
    let again = act_again(&world, json!({"name": "Somebody", "email": "PERSON2@example.com"})).await;
    assert_eq!(again["contact_external_id"], id(2), "{again}");
}

#[tokio::test]
async fn what_the_vendor_refuses_reaches_talkdesk_as_such() {
    let (desk, world) = office(5).await;
    let reply = world.act("create_contact", json!({}), json!({"name": "x", "email": "no address"})).await;
    assert_eq!(
        (reply.status, reply.body["error"]["code"].as_str()),
        (400, Some("invalid")),
        "{}",
        reply.body
    );
    assert!(reply.body["message"].as_str().unwrap().contains("email"), "{}", reply.body);
    let reply = world.act("create_contact", json!({}), json!({"name": "No way to reach"})).await;
    assert_eq!(
        (reply.status, reply.body["error"]["code"].as_str()),
        (400, Some("invalid")),
        "{}",
        reply.body
    );
    let reply =
        world.act("create_ticket", json!({"contact_external_id": id(99)}), json!({"subject": "x"})).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    let reply = world.act("add_note", json!({}), json!({"note": "x", "ticket_id": "99"})).await;
    assert_eq!(
        (reply.status, reply.body["error"]["code"].as_str()),
        (400, Some("not_found")),
        "{}",
        reply.body
    );
    // A contact without any ticket has nothing to add a note to, and nobody else's gets it.
    desk.add_ticket(contact_id(4), "2026-04-30T10:00:00Z", json!({"subject": "Somebody else's"}));
    let reply = world.act("add_note", json!({"contact_external_id": id(2)}), json!({"note": "x"})).await;
    assert_eq!((reply.status, desk.notes().len()), (400, 0), "{}", reply.body);
    for (after, code) in [("30", "rate_limited"), ("1800", "quota_exhausted")] {
        let headers = vec![("retry-after", after.to_owned()), ("x-ratelimit-remaining", "0".to_owned())];
        let body = json!({"message": "You have exceeded the limit of requests per minute"});
        world.requests.fault(Fault { path: "/api".to_owned(), times: 99, status: 429, headers, body });
        for component in [Component::Contacts, Component::Agents, Component::Interactions, Component::Actions]
        {
            let meta = json!({"contact_external_id": id(2)});
            let data = json!({"subject": "x", "contact_external_id": id(2)});
            let reply = world.player.call(component, "create_ticket", meta, data).await.unwrap();
            assert_eq!(reply.body["error"]["code"], code, "{component:?} {}", reply.body);
        }
        world.requests.quiet();
    }
}
