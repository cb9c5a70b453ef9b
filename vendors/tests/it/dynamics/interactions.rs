//! Interactions, and values that try to be more than values.

use bridge::contract::Component;
use serde_json::json;
use vendors::dynamics::Dynamics;

use super::{history, id, office, users};

#[tokio::test]
async fn every_interaction_type_is_found_by_id_by_email_and_by_phone() {
    let (vendor, world) = office(20).await;
    history(&vendor, 3);
    let mut answers = Vec::new();
    for data in [
        json!({"contact_external_id": id(3)}),
        json!({"contact_emails": ["PERSON3@example.com"]}),
        json!({"contact_phones": ["+14155550003"]}),
        json!({"contact_phones": ["(415) 555-0003"]}),
        json!({"contact_emails": ["nobody@example.com"], "contact_phones": ["+14155550003"]}),
    ] {
        let reply = world.call(Component::Interactions, json!({}), data.clone()).await;
        assert_eq!(reply.status, 200, "{data}: {}", reply.body);
        answers.push(reply.body);
    }
    let first = answers[0].as_array().unwrap();
    let mut found: Vec<_> = first
        .iter()
        .map(|i| {
            [&i["type"], &i["priority"], &i["status"]].map(|v| v.as_str().unwrap_or("-").to_owned()).join(" ")
        })
        .collect();
    found.sort();
    assert_eq!(
        found,
        [
            "call normal closed",
            "case high pending",
            "case low solved",
            "note none closed",
            "opportunity none open",
            "task high new"
        ]
    );
    assert!(answers.iter().all(|a| *a == answers[0]), "{answers:#?}");
    assert!(world.requests.refused().is_empty(), "{:?}", world.requests.refused());
    let nobody = world
        .call(Component::Interactions, json!({}), json!({"contact_emails": ["nobody@example.com"]}))
        .await;
    assert_eq!((nobody.status, nobody.body), (200, json!([])));
}

#[tokio::test]
async fn no_value_changes_the_meaning_of_a_query() {
    let (vendor, world) = office(30).await;
    users(&vendor);
    history(&vendor, 3);
    let harmless = json!({"contact_emails": ["nobody@example.com"], "contact_phones": ["+14155551234"]});
    world.call(Component::Interactions, json!({}), harmless).await;
    let shapes = |vendor: &Dynamics| {
        vendor.filters().iter().map(|(set, f)| format!("{set}: {}", f.shape())).collect::<Vec<_>>()
    };
    let expected = shapes(&vendor);
    assert_eq!(expected.len(), 2);
    for evil in [
        "x' or 1 eq 1 or emailaddress1 eq 'y",
        "a'b@example.com",
        "'",
        "''",
        "%@example.com",
        "_%' or contains(fullname,'",
        "x') or (statecode eq 0",
        "a@b.com&$filter=statecode eq 0",
        "x\u{2019} or true or \u{2019}",
        "a+b@example.com",
        "+14155550999' or startswith(fullname,'",
        "+1 415 555 0999%') or (statecode eq 0",
    ] {
        vendor.clear();
        let data = json!({"contact_emails": [evil], "contact_phones": [evil]});
        let reply = world.call(Component::Interactions, json!({}), data).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])), "{evil}");
        let asked = shapes(&vendor);
        // The look-ups are made at the same time: they come in any order.
        assert!(!asked.is_empty() && asked.iter().all(|a| expected.contains(a)), "{evil}: {asked:#?}");
        let as_typed = |filter: &[String]| filter.iter().all(|t| t == evil);
        assert!(vendor.filters().iter().any(|f| as_typed(&f.1.texts())), "{evil}: {:?}", vendor.filters());
        // Digits, or groups of them as people write numbers.
        let digits = |t: &String| t.chars().all(|c| c.is_ascii_digit() || "-() ".contains(c));
        for (_, filter) in vendor.filters() {
            assert!(filter.texts().iter().all(|t| t == evil || digits(t)), "{evil}: {filter:?}");
        }
        // Where an id is expected, nothing but an id gets through.
        world.requests.clear();
        for id in [evil.to_owned(), format!("{}) or (statecode eq 0", id(3)), format!("{}/../x", id(3))] {
            let reply =
                world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await;
            assert!(reply.status >= 400 || reply.body == json!([]), "{id}: {} {}", reply.status, reply.body);
            let meta = json!({"contact_external_id": id, "agent_external_id": id});
            for (action, key) in [("create_case", "title"), ("add_note", "note"), ("create_task", "subject")]
            {
                let reply = world.act(action, meta.clone(), json!({key: "x"})).await;
                assert_eq!(reply.status, 400, "{action} {id}: {}", reply.body);
            }
        }
        assert!(world.requests.all().is_empty(), "{:?}", world.requests.all());
        // Texts arrive as they were written.
        let meta = json!({"contact_external_id": id(2)});
        world.act("create_case", meta.clone(), json!({"title": evil, "description": evil})).await;
        world
            .act(
                "create_contact",
                meta,
                json!({"last_name": evil, "first_name": evil, "email": evil, "phone": evil}),
            )
            .await;
        assert_eq!(vendor.bodies("incidents")[0]["title"], evil.trim());
        assert_eq!(vendor.bodies("contacts")[0]["lastname"], evil.trim());
        assert!(world.requests.refused().iter().all(|r| r.status == 412), "{:?}", world.requests.refused());
    }
}
