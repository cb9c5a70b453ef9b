//! Interactions: who is meant, which types, in which order.

use bridge::contract::Component;
use demo_crm::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::world::World;

/// A contact that has tickets and notes, with its e-mail.
async fn somebody(world: &World) -> (String, String) {
    let held = world.control().contacts().unwrap();
    for contact in
        held.iter().filter(|c| c.email.as_deref().is_some_and(|e| e.trim() == e && e.contains('@')))
    {
        let id = contact.id.to_string();
        let shown = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await;
        let types = |t: &str| shown.body.as_array().unwrap().iter().any(|i| i["type"] == t);
        if types("ticket") && types("note") {
            return (id, contact.email.clone().unwrap());
        }
    }
    panic!("the seed has nobody with tickets and notes");
}

#[tokio::test]
async fn interactions_are_a_bare_array_newest_first_in_talkdesks_words() {
    let world = World::start().await;
    let (id, _) = somebody(&world).await;
    let shown = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await;
    let list = shown.body.as_array().unwrap();
    let dates: Vec<_> = list.iter().map(|i| i["date"].as_str().unwrap()).collect();
    assert!(dates.windows(2).all(|d| d[0] >= d[1]), "{dates:?}");
    for interaction in list {
        assert!(interaction["date"].as_str().unwrap().ends_with(" UTC"));
        assert!(
            ["none", "low", "normal", "high", "urgent"].contains(&interaction["priority"].as_str().unwrap())
        );
        assert!(!interaction["description"].as_str().unwrap_or("").contains("<script"), "{interaction}");
    }
}

#[tokio::test]
async fn only_the_types_asked_for_are_fetched() {
    let world = World::start().await;
    let (id, _) = somebody(&world).await;
    let identity = json!({"contact_external_id": id});
    for (types, expected) in [(json!(["note"]), vec!["note"]), (json!(["deal"]), vec![]), (json!([]), vec![])]
    {
        world.control().clear_requests();
        let shown =
            world.call(Component::Interactions, json!({"interaction_types": types}), identity.clone()).await;
        let mut found: Vec<_> =
            shown.body.as_array().unwrap().iter().map(|i| i["type"].as_str().unwrap().to_owned()).collect();
        found.dedup();
        assert_eq!(found, expected);
        assert_eq!(world.control().requests().len(), expected.len());
    }
}

#[tokio::test]
async fn a_contact_without_an_id_is_found_by_its_e_mail() {
    let world = World::start().await;
    let (id, email) = somebody(&world).await;
    let by_id = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await.body;
    let by_email =
        world.call(Component::Interactions, json!({}), json!({"contact_emails": [email]})).await.body;
    assert_eq!(by_email, by_id);
}

#[tokio::test]
async fn nobody_known_or_nobody_named_is_an_empty_array() {
    let world = World::start().await;
    for identity in [
        json!({"contact_external_id": "999999"}),
        json!({"contact_emails": ["nobody@example.org"]}),
        json!({"contact_phones": ["+19995550199"]}),
        json!({"contact_name": "Somebody"}),
        json!({}),
        Value::Null,
    ] {
        let shown = world.call(Component::Interactions, json!({}), identity.clone()).await;
        assert_eq!((shown.status, shown.body), (200, json!([])), "{identity}");
    }
}

#[tokio::test]
async fn an_id_cannot_climb_out_of_its_place_in_the_path() {
    let world = World::start().await;
    for id in ["../users", "1/../../me", "..", ".", "1?x=1", "1#", "%2e%2e", "1%2f..%2fusers", "\u{0}"] {
        world.control().clear_requests();
        let shown = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await;
        for sent in world.control().requests() {
            let inside = sent.path.starts_with("/api/v1/contacts/")
                && ["/tickets", "/notes", "/calls"].iter().any(|end| sent.path.ends_with(end));
            assert!(inside && !sent.path.contains("/../"), "{id}: {}", sent.path);
        }
        assert!([200, 400, 403].contains(&shown.status), "{id}: {} {}", shown.status, shown.body);
    }
}

#[tokio::test]
async fn a_type_that_fails_does_not_hide_the_others() {
    let world = World::start().await;
    let (id, _) = somebody(&world).await;
    world.fault(&format!("/api/v1/contacts/{id}/tickets"), FaultKind::Status, |f| Fault {
        status: Some(500),
        times: 9,
        ..f
    });
    let shown = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await;
    assert_eq!(shown.status, 200);
    let list = shown.body.as_array().unwrap();
    assert!(
        list.iter().all(|i| i["type"] != "ticket") && list.iter().any(|i| i["type"] == "note"),
        "{list:?}"
    );
}

#[tokio::test]
async fn a_look_up_that_is_refused_leaves_room_for_the_next_but_a_refused_credential_does_not() {
    let by = |key: &str, more: &str| {
        format!(
            "    - {{fetch: {{path: /contacts/lookup, query: {{email: \"{{{{ contact.{key} }}}}\", limit: 1}}}}, {more}value: \"{{{{ (body.contacts | first).id }}}}\"}}\n"
        )
    };
    for (on_error, status, expected) in
        [("", 400, 200), ("", 403, 403), ("on_error: warn, ", 403, 200), ("on_error: warn, ", 401, 401)]
    {
        let overlay =
            format!("interactions:\n  identify:\n{}{}", by("name", on_error), by("emails", on_error));
        let world = World::with_overlay(&overlay).await;
        let (id, email) = somebody(&world).await;
        world.fault("/api/v1/contacts/lookup", FaultKind::Status, |f| Fault { status: Some(status), ..f });
        let identity = json!({"contact_name": "Somebody", "contact_emails": [email]});
        let shown = world.call(Component::Interactions, json!({}), identity).await;
        assert_eq!(shown.status, expected, "{on_error}{status}: {}", shown.body);
        if expected == 200 {
            let by_id = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id}));
            assert_eq!(shown.body, by_id.await.body, "{on_error}{status}");
        }
    }
}

#[tokio::test]
async fn of_the_rows_that_a_search_finds_the_one_that_carries_what_was_asked_for_is_the_contact() {
    let look_up = |condition: &str| {
        let fetch = "fetch: {path: /contacts/lookup, query: {email: \"{{ contact.emails }}\", limit: 50}}, \
                     records: \"{{ body.contacts }}\"";
        format!(
            "interactions:\n  identify:\n    - {{{fetch}, where: \"{{{{ {condition} }}}}\", value: \"{{{{ row.id }}}}\"}}\n"
        )
    };
    // Nothing is the same as nothing (a number that nobody has), and in no text.
    for (condition, known) in [
        ("row.email | lower == contact.emails | last | lower", true),
        ("row.email == 'nobody@example.com'", false),
        ("row.fax == contact.phones[0]", false),
        ("row.fax in row.email", false),
    ] {
        let world = World::with_overlay(&look_up(condition)).await;
        let (id, email) = somebody(&world).await;
        let held = world.control().contacts().unwrap().into_iter();
        let mut others = held.filter_map(|it| it.email).filter(|it| it.contains('@') && *it != email);
        let identity = json!({"contact_emails": [others.next(), others.next_back(), email.to_uppercase()]});
        let shown = world.call(Component::Interactions, json!({}), identity).await;
        assert_eq!(shown.status, 200, "{condition}: {}", shown.body);
        let by_id = world.call(Component::Interactions, json!({}), json!({"contact_external_id": id})).await;
        assert_eq!(shown.body == by_id.body, known, "{condition}: {}", shown.body);
        assert_eq!(shown.body.as_array().unwrap().is_empty(), !known, "{condition}: {}", shown.body);
    }
    // What can be told of no row at all is another answer than the manifest knows.
    let world = World::with_overlay(&look_up("row.email ~ 1 in row.id")).await;
    let (_, email) = somebody(&world).await;
    let shown = world.call(Component::Interactions, json!({}), json!({"contact_emails": [email]})).await;
    assert_eq!(
        (shown.status, &shown.body["error"]["code"]),
        (502, &json!("crm_unreadable")),
        "{}",
        shown.body
    );
}
