//! Actions and errors.

use bridge::contract::Component;
use serde_json::{Value, json};
use vendors::dynamics::rows::guid;
use vendors::world::Fault;

use super::{id, office, users};

#[tokio::test]
async fn every_action_creates_what_was_meant() {
    let (vendor, world) = office(5).await;
    users(&vendor);
    let meta = json!({"contact_external_id": id(2), "agent_external_id": guid(0x55, 1)});
    let act = |name: &'static str, data: Value| {
        let (world, meta) = (&world, meta.clone());
        async move {
            let reply = world.act(name, meta, data).await;
            assert_eq!(reply.status, 201, "{name}: {} {:?}", reply.body, world.requests.refused());
            reply.body
        }
    };
    let case =
        act("create_case", json!({"title": "Broken", "description": "a < b", "priority": "high"})).await;
    let row = &vendor.rows("incidents")[0];
    assert_eq!(
        (&row["title"], &row["prioritycode"], &row["_customerid_value"]),
        (&json!("Broken"), &json!(1), &json!(id(2)))
    );
    assert_eq!(case["external_id"], row["incidentid"]);
    assert_eq!(case["message"], format!("Case {} created", row["ticketnumber"].as_str().unwrap()));
    let note = act("add_note", json!({"note": "Line 1\nLine 2"})).await;
    assert_eq!(vendor.rows("annotations")[0]["notetext"], "Line 1\nLine 2");
    assert_eq!(note["external_id"], vendor.rows("annotations")[0]["annotationid"]);
    let call =
        act("log_call", json!({"direction": "inbound", "seconds": "61", "phone": "+14155550002"})).await;
    let row = &vendor.rows("phonecalls")[0];
    assert_eq!(
        (&row["statecode"], &row["statuscode"], &row["actualdurationminutes"]),
        (&json!(1), &json!(4), &json!(2))
    );
    assert_eq!((&row["directioncode"], &call["message"]), (&json!(false), &json!("Call logged")));
    assert_eq!(row["phonecall_activity_parties"].as_array().map(Vec::len), Some(2));
    act("create_task", json!({"subject": "Send offer", "due": "2026-06-01T10:00:00Z", "priority": "low"}))
        .await;
    assert_eq!(vendor.rows("tasks")[0]["scheduledend"], "2026-06-01T10:00:00Z");
    let person = act("create_contact", json!({"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.com", "phone": "+14155559999"})).await;
    let row = &vendor.rows("contacts")[0];
    assert_eq!(person["contact_external_id"], row["contactid"]);
    assert!(person["contact_external_url"].as_str().unwrap().contains("etn=contact"), "{person}");
    let again =
        world.act("create_contact", meta, json!({"last_name": "Lovelace", "email": "ADA@example.com"})).await;
    assert_eq!(
        (again.status, again.body["error"]["code"].as_str()),
        (400, Some("conflict")),
        "{}",
        again.body
    );
}

#[tokio::test]
async fn what_the_vendor_refuses_reaches_talkdesk_as_such() {
    let (vendor, world) = office(5).await;
    let gone = json!({"contact_external_id": id(99)});
    let reply = world.act("create_case", gone, json!({"title": "x"})).await;
    assert_eq!(
        (reply.status, reply.body["error"]["code"].as_str()),
        (400, Some("not_found")),
        "{}",
        reply.body
    );
    let contact = json!({"contact_external_id": id(2)});
    for (status, headers, body, codes) in [
        (
            429,
            vec![("retry-after", "240".to_owned())],
            json!({"error": {"code": "0x80072322", "message": "Number of requests exceeded the limit of 6000 over time window of 300 seconds."}}),
            "rate_limited",
        ),
        (
            429,
            vec![("retry-after", "240".to_owned())],
            json!({"error": {"code": "0x80072321", "message": "Combined execution time of incoming requests exceeded limit of 1,200,000 milliseconds."}}),
            "rate_limited",
        ),
        (
            403,
            vec![],
            json!({"error": {"code": "0x80040220", "message": "Principal user is missing prvReadContact privilege"}}),
            "forbidden",
        ),
        (
            503,
            vec![],
            json!({"error": {"code": "0x80040216", "message": "An unexpected error occurred."}}),
            "crm_unavailable",
        ),
    ] {
        let fault = Fault { path: "/api".to_owned(), times: 9, status, headers, body };
        world.requests.fault(fault);
        for component in [Component::Contacts, Component::Agents, Component::Actions] {
            let reply = world
                .player
                .call(component, "create_case", contact.clone(), json!({"title": "x"}))
                .await
                .unwrap();
            assert!(reply.status >= 400, "{component:?}");
            assert_eq!(reply.body["error"]["code"], codes, "{component:?} {}", reply.body);
        }
        world.requests.quiet();
    }
    vendor.set_token("rotated");
    for (component, status) in [
        (Component::AuthValidation, 401),
        (Component::Contacts, 401),
        (Component::Agents, 401),
        (Component::Interactions, 401),
        (Component::Actions, 401),
    ] {
        let data = json!({"title": "x", "contact_external_id": id(2)});
        let reply = world.player.call(component, "create_case", contact.clone(), data).await.unwrap();
        assert_eq!(reply.status, status, "{component:?} {}", reply.body);
    }
}
