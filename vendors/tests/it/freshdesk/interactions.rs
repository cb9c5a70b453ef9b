//! Interactions, and values that try to be more than values.

use bridge::contract::Component;
use serde_json::json;
use vendors::freshdesk::contact_id;

use super::{id, office};

#[tokio::test]
async fn tickets_are_found_by_id_by_email_and_by_phone() {
    let (desk, world) = office(20).await;
    let who = contact_id(3);
    // Older than the 30 days that are listed without being asked for.
    let old = json!({"subject": "Old", "priority": 4, "status": 5, "updated_at": "2021-03-01T10:00:00Z", "description": "<div>All &amp; sundry</div>", "description_text": "All & sundry"});
    desk.add_ticket(who, "2021-01-01T10:00:00Z", old);
    desk.add_ticket(who, "2026-04-30T10:00:00Z", json!({"subject": "New", "status": 6}));
    desk.add_ticket(contact_id(4), "2026-04-30T10:00:00Z", json!({"subject": "Somebody else's"}));
    let mut answers = Vec::new();
    for data in [
        json!({"contact_external_id": id(3)}),
        json!({"contact_emails": ["Person3@example.com"]}),
        json!({"contact_emails": ["nobody@example.com", "person3@example.com"]}),
        json!({"contact_phones": ["+14155550003"]}),
        json!({"contact_emails": ["not an address"], "contact_phones": ["+14155550003"]}),
    ] {
        let reply = world.call(Component::Interactions, json!({}), data.clone()).await;
        assert_eq!(reply.status, 200, "{data}: {}", reply.body);
        answers.push(reply.body);
    }
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:#?}");
    let list = answers[0].as_array().unwrap();
    assert_eq!(list.len(), 2);
    assert_eq!((&list[0]["subject"], &list[0]["status"]), (&json!("New"), &json!("pending")));
    assert_eq!(
        (&list[1]["priority"], &list[1]["status"], &list[1]["description"]),
        (&json!("urgent"), &json!("closed"), &json!("All & sundry"))
    );
    for unknown in [json!({"contact_emails": ["nobody@example.com"]}), json!({"contact_external_id": id(99)})]
    {
        let nobody = world.call(Component::Interactions, json!({}), unknown.clone()).await;
        assert_eq!((nobody.status, &nobody.body), (200, &json!([])), "{unknown}");
    }
}

#[tokio::test]
async fn no_value_changes_the_meaning_of_a_query() {
    let (desk, world) = office(30).await;
    desk.add_ticket(contact_id(3), "2026-04-30T10:00:00Z", json!({"subject": "Private"}));
    for evil in [
        "x&state=verified",
        "person3@example.com&email=nobody@example.com",
        "nobody@example.com#",
        "%",
        "*",
        "person3%40example.com",
        "' OR '1'='1",
        "\"name:*\"",
        "../tickets/1",
        "a+b@example.com",
    ] {
        world.requests.clear();
        let data = json!({"contact_emails": [evil], "contact_phones": [evil]});
        let reply = world.call(Component::Interactions, json!({}), data).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])), "{evil}");
        for asked in world.requests.all() {
            assert_eq!(
                (asked.path.as_str(), asked.query.len(), asked.query[0].1.as_str()),
                ("/api/v2/contacts", 1, evil),
                "{asked:?}"
            );
        }
        assert!(world.requests.refused().is_empty(), "{:?}", world.requests.refused());
        world.requests.clear();
        for text in [format!("{}{evil}", id(3)), evil.to_owned()] {
            let reply =
                world.call(Component::Interactions, json!({}), json!({"contact_external_id": text})).await;
            assert!(reply.body == json!([]) || reply.status >= 400, "{text}: {}", reply.body);
            let meta = json!({"contact_external_id": text, "agent_external_id": text});
            for (action, data) in [
                ("create_ticket", json!({"subject": "x"})),
                ("log_call", json!({"direction": "inbound"})),
                ("add_note", json!({"note": "x"})),
                ("add_note", json!({"note": "x", "ticket_id": format!("1/../{text}")})),
                ("add_note", json!({"note": "x", "ticket_id": format!("1?x={text}")})),
            ] {
                let reply = world.act(action, meta.clone(), data).await;
                assert_eq!(reply.status, 400, "{action} {text}: {}", reply.body);
            }
        }
        for asked in world.requests.all() {
            let whole = ["/api/v2/tickets", "/api/v2/contacts"].contains(&asked.path.as_str());
            let note = asked.path.starts_with("/api/v2/tickets/")
                && asked.path.ends_with("/notes")
                && asked.path.matches('/').count() == 5;
            assert!(whole || note, "{asked:?}");
            assert!(
                asked.query.iter().filter(|(n, _)| n == "requester_id").all(|(_, v)| v.ends_with(evil)),
                "{asked:?}"
            );
        }
        assert_eq!((desk.tickets().len(), desk.notes().len()), (1, 0), "{evil}");
    }
    // Markup of callers is text for agents.
    let evil = "<script>alert(1)</script> & \"x\"";
    let meta = json!({"contact_external_id": id(3)});
    world.act("create_ticket", meta.clone(), json!({"subject": evil, "description": evil})).await;
    world.act("log_call", meta.clone(), json!({"direction": "outbound", "summary": evil})).await;
    world.act("add_note", meta, json!({"note": evil})).await;
    for body in desk
        .bodies("tickets")
        .iter()
        .rev()
        .take(2)
        .map(|b| &b["description"])
        .chain([&desk.bodies("notes")[0]["body"]])
    {
        assert!(!body.as_str().unwrap().contains("<script"), "{body}");
    }
}
