//! `manifests/hubspot` against a strict HubSpot.

use std::time::Duration;

use bridge::contract::Component;
use player::Kept;
use serde_json::{Map, Value, json};
use vendors::hubspot::HubSpot;
use vendors::table::Table;
use vendors::world::{EXPIRED, Fault, Missed, TOKEN, World, live, missed};

const HOUR: Duration = Duration::from_secs(3600);
const NOW: &str = "2026-05-01T12:00:00Z";

fn auth() -> Map<String, Value> {
    let auth = json!({"access_token": TOKEN, "portal_id": "147893286", "ui_domain": "app-eu1.hubspot.com"});
    auth.as_object().unwrap().clone()
}

async fn world(table: &Table, owners: u64) -> (HubSpot, World) {
    let hubspot = HubSpot::new(table, owners);
    let world = World::start("hubspot", table, hubspot.router(), auth(), None).await;
    (hubspot, world)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_contact_is_lost_while_the_account_changes() {
    let table = Table::new(3000, NOW);
    // The search index is up to 50 minutes late.
    table.set_lag(Duration::from_secs(3000));
    let (hubspot, world) = world(&table, 3).await;
    let synced = live(&world, &table, 4, HOUR * 2, |table, page| {
        table.touch(25);
        table.pass(Duration::from_secs(20));
        if page % 3 == 0 {
            table.burst(450); // more than two pages in one millisecond
        }
    })
    .await;
    world.lost_nothing("hubspot", &table, &synced, |n| n.to_string());
    assert_eq!(hubspot.unknown_properties(), Vec::<String>::new());
    let contact = &synced.0.contacts["1"];
    assert_eq!(contact["url"], "https://app-eu1.hubspot.com/contacts/147893286/record/0-1/1");
    assert_eq!(contact["emails"], json!(["person1@example.com"]));
}

/// The proof that the losses would show: the vendor is later than the manifest believes.
#[tokio::test(flavor = "multi_thread")]
async fn with_too_short_a_settle_contacts_are_lost() {
    let table = Table::new(600, NOW);
    table.set_lag(Duration::from_secs(3000));
    let overlay = "contacts: {checkpoint: {settle: PT1M}}\n";
    let router = HubSpot::new(&table, 1).router();
    let world = World::with_overlay("hubspot", &table, router, auth(), None, overlay).await;
    let (kept, _) = live(&world, &table, 4, HOUR * 2, |table, _| {
        table.touch(25);
        table.pass(Duration::from_secs(20));
    })
    .await;
    let missed = missed(&table, &kept, |n| n.to_string());
    println!("hubspot with settle of a minute: {missed:?}");
    assert!(missed.stale > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_rows_of_one_millisecond_than_a_search_may_have() {
    let table = Table::new(10_300, NOW);
    table.burst(10_300);
    table.pass(HOUR * 3);
    let (_, world) = world(&table, 1).await;
    let mut kept = Kept::default();
    let run = world.sync(&mut kept, |_| {}).await;
    let missed = missed(&table, &kept, |n| n.to_string());
    println!("hubspot, 10,300 rows in one millisecond: {missed:?}, {} pages", run.pages);
    assert_eq!(missed, Missed { lost: 0, stale: 0 });
    assert_eq!(world.requests.refused().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_tells_good_from_wrong_and_expired() {
    let table = Table::new(1, NOW);
    let (_, world) = world(&table, 1).await;
    let reply = world.call(Component::AuthValidation, json!({}), Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(reply.body["portal_id"], "147893286", "{}", reply.body);
    for token in ["wrong", EXPIRED] {
        world.refuses(token, "1", "add_note", json!({"note": "Hello"})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_people_and_come_over_several_pages() {
    let table = Table::new(1, NOW);
    let (_, world) = world(&table, 230).await;
    let agents = world.agents().await;
    assert_eq!(agents.len(), 230);
    assert_eq!(agents[0], json!({"id": "7000", "name": "Owner0 Smith", "email": "owner0@example.com"}));
    assert_eq!(world.requests.refused().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_of_every_type_by_id_address_and_number() {
    let table = Table::new(5, NOW);
    let (hubspot, world) = world(&table, 3).await;
    let at = "2026-03-12T10:04:17.969Z";
    hubspot.add(
        "tickets",
        2,
        &[
            ("subject", "It broke"),
            ("content", "Twice"),
            ("hs_pipeline", "812"),
            ("hs_pipeline_stage", "9002"),
            ("hs_ticket_priority", "URGENT"),
            ("createdate", at),
        ],
    );
    hubspot.add("tickets", 3, &[("subject", "Of somebody else"), ("hs_pipeline_stage", "1")]);
    hubspot.add(
        "deals",
        2,
        &[("dealname", "Big"), ("hs_is_closed", "true"), ("hs_is_closed_won", "true"), ("createdate", at)],
    );
    hubspot.add("notes", 2, &[("hs_note_body", "<p>Likes <b>tea</b></p>"), ("hs_timestamp", at)]);
    hubspot.add(
        "tasks",
        2,
        &[
            ("hs_task_subject", "Call back"),
            ("hs_task_status", "WAITING"),
            ("hs_task_priority", "HIGH"),
            ("hs_timestamp", at),
        ],
    );
    hubspot.add(
        "calls",
        2,
        &[("hs_call_title", "Talk"), ("hs_call_direction", "INBOUND"), ("hs_timestamp", at)],
    );
    let people = [
        json!({"contact_external_id": "2"}),
        json!({"contact_emails": ["Person2@Example.com"]}),
        json!({"contact_phones": ["+14155550002"]}),
    ];
    for who in people {
        let reply = world.call(Component::Interactions, json!({}), who.clone()).await;
        assert_eq!(reply.status, 200, "{who} {}", reply.body);
        let all = reply.body.as_array().unwrap();
        let mut types: Vec<&str> =
            all.iter().filter_map(|i| i["interaction_type"].as_str().or(i["type"].as_str())).collect();
        types.sort_unstable();
        assert_eq!(types, ["call", "deal", "note", "task", "ticket"], "{who} {}", reply.body);
        let ticket = all.iter().find(|i| i["subject"] == "It broke").unwrap();
        assert_eq!(
            (ticket["status"].as_str(), ticket["priority"].as_str()),
            (Some("closed"), Some("urgent"))
        );
    }
    for who in
        [json!({"contact_emails": ["nobody@example.com"]}), json!({"contact_phones": ["+14155559999"]})]
    {
        let reply = world.call(Component::Interactions, json!({}), who).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])));
    }
    // That nobody has an address is said with 404.
    let refused: Vec<_> = world.requests.refused().into_iter().filter(|asked| asked.status != 404).collect();
    assert!(refused.is_empty(), "{refused:?}");
    assert_eq!(hubspot.unknown_properties(), Vec::<String>::new());
}

/// One interaction of every type for a contact.
fn busy(hubspot: &HubSpot, contact: u64) {
    for (kind, subject) in [
        ("tickets", "subject"),
        ("deals", "dealname"),
        ("notes", "hs_note_body"),
        ("tasks", "hs_task_subject"),
        ("calls", "hs_call_title"),
    ] {
        hubspot.add(kind, contact, &[(subject, kind), ("hs_timestamp", "2026-03-12T10:04:17.969Z")]);
    }
}

/// The account may search five times a second, all instances of the bridge together.
#[tokio::test(flavor = "multi_thread")]
async fn eight_agents_at_once_all_see_everything() {
    let table = Table::new(20, NOW);
    let hubspot = HubSpot::limited(&table, 3, Some(5));
    (1..=16).for_each(|contact| busy(&hubspot, contact));
    let mut worlds = Vec::new();
    for _ in 0..8 {
        worlds.push(World::start("hubspot", &table, hubspot.router(), auth(), None).await);
    }
    for who in ["contact_external_id", "contact_emails", "contact_phones"] {
        let calls = worlds.iter().zip([1, 2, 3, 4, 5, 6, 8, 9]).map(|(world, n)| async move {
            let data = match who {
                "contact_external_id" => json!({ who: n.to_string() }),
                "contact_emails" => json!({ who: [format!("person{n}@example.com")] }),
                _ => json!({ who: [format!("+1415555{n:04}")] }),
            };
            world.call(Component::Interactions, json!({}), data).await
        });
        for (n, reply) in futures_util::future::join_all(calls).await.into_iter().enumerate() {
            assert_eq!(
                (reply.status, reply.body.as_array().map(Vec::len)),
                (200, Some(5)),
                "{who} {n} {}",
                reply.body
            );
        }
    }
    let searches = hubspot.searches();
    assert!(searches.iter().all(|s| s["kind"] == "contacts"), "activity is no search: {searches:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merged_contact_shows_what_became_of_it_and_a_deleted_one_who_has_its_address() {
    let table = Table::new(5, NOW);
    let (hubspot, world) = world(&table, 1).await;
    busy(&hubspot, 2);
    hubspot.merge(77, 2);
    for (id, emails) in [("77", json!([])), ("99999", json!(["person2@example.com"]))] {
        let who = json!({"contact_external_id": id, "contact_emails": emails});
        let reply = world.call(Component::Interactions, json!({}), who).await;
        assert_eq!(
            (reply.status, reply.body.as_array().map(Vec::len)),
            (200, Some(5)),
            "{id} {}",
            reply.body
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn more_notes_than_one_read_may_have_are_the_newest() {
    let table = Table::new(5, NOW);
    let (hubspot, world) = world(&table, 1).await;
    for n in 0..120 {
        let at = format!("2026-03-12T10:{:02}:{:02}.000Z", n / 60, n % 60);
        hubspot.add("notes", 2, &[("hs_note_body", &format!("note {n}")), ("hs_timestamp", &at)]);
    }
    let who = json!({"contact_external_id": "2"});
    let reply = world.call(Component::Interactions, json!({"interaction_types": ["note"]}), who).await;
    let notes = reply.body.as_array().unwrap();
    assert_eq!((notes.len(), notes[0]["subject"].as_str()), (50, Some("note 119")), "{}", reply.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_leaves_its_record() {
    let table = Table::new(5, NOW);
    let (hubspot, world) = world(&table, 3).await;
    let meta = json!({"contact_external_id": "2", "agent_external_id": "7001"});
    for (action, data) in [
        ("create_ticket", json!({"subject": "It's \"broken\"", "description": "a\nb", "priority": "high"})),
        ("add_note", json!({"note": "<b>1 < 2</b>\nnext"})),
        ("log_call", json!({"direction": "inbound", "seconds": "61", "summary": "Fine"})),
        ("create_task", json!({"subject": "Call back", "priority": "low", "due": "2026-05-02T09:00:00Z"})),
    ] {
        let reply = world.act(action, meta.clone(), data).await;
        assert_eq!(reply.status, 201, "{action} {}", reply.body);
    }
    let records = hubspot.records().clone();
    let kinds: Vec<_> = records.iter().map(|r| (r.kind, r.contacts.clone())).collect();
    assert_eq!(kinds, [("tickets", vec![2]), ("notes", vec![2]), ("calls", vec![2]), ("tasks", vec![2])]);
    assert_eq!(records[0].properties["subject"], "It's \"broken\"");
    assert_eq!(records[0].properties["hubspot_owner_id"], "7001");
    assert_eq!(records[1].properties["hs_note_body"], "&lt;b&gt;1 &lt; 2&lt;/b&gt;<br>next");
    assert_eq!(records[2].properties["hs_call_duration"], "61000");
    assert_eq!(records[3].properties["hs_timestamp"], "2026-05-02T09:00:00.000Z");

    let new = json!({"first_name": "Ada", "last_name": "King", "email": "ada@example.com", "phone": "+442079460000"});
    let reply = world.act("create_contact", json!({}), new.clone()).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(table.truth()[5].email.as_deref(), Some("ada@example.com"));
    let again = world.act("create_contact", json!({}), new).await;
    assert!(again.status < 300, "{}", again.body);
    assert_eq!(again.body["contact_external_id"], "6", "{}", again.body);
    assert_eq!(table.truth().len(), 6);
    let bad = world.act("create_contact", json!({}), json!({"email": "nonsense"})).await;
    assert!((400..500).contains(&bad.status), "{} {}", bad.status, bad.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_talkdesk_sends_changes_no_search() {
    let table = Table::new(5, NOW);
    table.add("Star", "Family v1", Some("star@example.com"), &["*"]);
    let (hubspot, world) = world(&table, 3).await;
    hubspot.add("tickets", 2, &[("subject", "Secret of contact 2"), ("hs_pipeline_stage", "1")]);
    let shape = |data: Value| {
        let (hubspot, world) = (&hubspot, &world);
        async move {
            let before = hubspot.searches().len();
            let reply =
                world.call(Component::Interactions, json!({"interaction_types": ["ticket"]}), data).await;
            let shapes: Vec<String> = hubspot.searches()[before..].iter().map(shape_of).collect();
            (reply, shapes)
        }
    };
    let evil = [
        "*",
        "*@example.com",
        "\"",
        "1\",\"operator\":\"NEQ\",\"x\":\"",
        "' OR 1=1 --",
        "{{ auth.access_token }}",
        "a\\",
        "2 OR 3",
        "\u{0}\n",
    ];
    for field in ["contact_external_id", "contact_emails", "contact_phones"] {
        for value in evil {
            let data = match field {
                "contact_external_id" => json!({field: value}),
                _ => json!({field: [value]}),
            };
            let (reply, shapes) = shape(data).await;
            assert!(!reply.body.to_string().contains("Secret"), "{field} {value:?} {}", reply.body);
            assert!(reply.status < 500, "{field} {value:?} {} {}", reply.status, reply.body);
            for shape in &shapes {
                assert!(!shape.contains("NEQ") && !shape.contains('*'), "{field} {value:?} {shape}");
            }
        }
    }
    for value in evil {
        let before = hubspot.records().len();
        let reply = world
            .act(
                "create_ticket",
                json!({"contact_external_id": "2"}),
                json!({"subject": value, "description": value}),
            )
            .await;
        let records = hubspot.records();
        if value.trim().is_empty() || reply.status != 201 {
            assert!((400..500).contains(&reply.status), "{value:?} {}", reply.body);
            continue;
        }
        assert_eq!(records.len(), before + 1);
        assert_eq!(records[before].properties["subject"], value, "{value:?}");
    }
}

/// A search without its values.
fn shape_of(search: &Value) -> String {
    let groups = search["body"]["filterGroups"].as_array().cloned().unwrap_or_default();
    let filter = |f: &Value| {
        let token =
            if f["operator"] == "CONTAINS_TOKEN" && f["value"].as_str().unwrap_or_default().contains('*') {
                "*"
            } else {
                ""
            };
        format!("{}{}{token}", f["propertyName"], f["operator"])
    };
    groups
        .iter()
        .map(|g| g["filters"].as_array().unwrap().iter().map(filter).collect::<String>())
        .collect::<Vec<_>>()
        .join("|")
}

/// The shipped manifest against the real limit of five searches a second.
#[tokio::test(flavor = "multi_thread")]
async fn the_pace_keeps_within_five_searches_a_second() {
    let table = Table::new(2500, NOW);
    let router = HubSpot::limited(&table, 1, Some(5)).router();
    let world = World::start("hubspot", &table, router, auth(), None).await;
    let mut kept = Kept::default();
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(missed(&table, &kept, |n| n.to_string()), Missed { lost: 0, stale: 0 });
    let reply = world.call(Component::Interactions, json!({}), json!({"contact_external_id": "2"})).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let refused = world.requests.refused().len();
    println!("hubspot, five searches a second: {refused} of {} refused", world.requests.all().len());
    assert!(refused <= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for_or_told() {
    let table = Table::new(250, NOW);
    let (_, world) = world(&table, 3).await;
    let limit = |policy: &str, times| Fault {
        path: "/contacts/search".to_owned(),
        times,
        status: 429,
        body: json!({"status": "error", "message": "You have reached your limit.", "errorType": "RATE_LIMIT", "correlationId": "c", "policyName": policy}),
        ..Fault::default()
    };
    world.requests.fault(limit("SECONDLY", 1));
    let mut kept = Kept::default();
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(missed(&table, &kept, |n| n.to_string()), Missed { lost: 0, stale: 0 });
    world.requests.clear();
    world.requests.fault(limit("DAILY", 1));
    let reply = world.call(Component::Contacts, json!({}), Value::Null).await;
    println!("daily quota: {} {}", reply.status, reply.body);
    assert!(reply.status == 429 || reply.status == 503, "{} {}", reply.status, reply.body);
    assert_eq!(world.requests.to("/search").len(), 1, "a used up day must not be asked again");
}
