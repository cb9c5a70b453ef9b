//! `manifests/zendesk` against a strict Zendesk.

use std::time::Duration;

use bridge::contract::Component;
use player::Kept;
use serde_json::{Map, Value, json};
use vendors::table::Table;
use vendors::world::{EXPIRED, Fault, Missed, TOKEN, World, live, missed};
use vendors::zendesk::search::{parse, phone_fits};
use vendors::zendesk::{ANONYMOUS, Zendesk, agent_id, user_id};

const NOW: &str = "2026-05-01T12:00:00Z";
const MINUTE: Duration = Duration::from_secs(60);

fn auth() -> Map<String, Value> {
    json!({"access_token": TOKEN, "subdomain": "acme"}).as_object().unwrap().clone()
}

async fn world(table: &Table, agents: u64, overlay: &str) -> (Zendesk, World) {
    let zendesk = Zendesk::new(table, agents);
    let world = World::with_overlay("zendesk", table, zendesk.router(), auth(), None, overlay).await;
    (zendesk, world)
}

fn printed(number: u64) -> String {
    user_id(number).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_user_is_lost_while_the_account_changes() {
    let table = Table::new(4000, NOW);
    table.set_lag(Duration::from_secs(110));
    let (zendesk, world) = world(&table, 25, "").await;
    zendesk.set_export_page(150);
    let synced = live(&world, &table, 5, MINUTE * 30, |table, page| {
        table.touch(25);
        table.pass(Duration::from_secs(5));
        if page % 9 == 0 {
            table.burst(400); // more than two pages in one second
        }
    })
    .await;
    world.lost_nothing("zendesk", &table, &synced, printed);
    let (kept, _) = synced;
    assert!(!kept.contacts.contains_key(&agent_id(3).to_string()), "agents are no contacts");
    let contact = &kept.contacts[&printed(3)];
    assert_eq!(contact["url"], format!("https://acme.zendesk.com/agent/users/{}", user_id(3)));
    assert_eq!(contact["company"], "Acme");
    // A quiet run from the last checkpoint reads only what is younger than settle.
    let mut again = Kept { checkpoint: kept.checkpoint.clone(), ..Kept::default() };
    table.pass(MINUTE * 30);
    world.sync(&mut again, |_| {}).await;
    assert!(again.contacts.len() < 200, "{}", again.contacts.len());
}

/// The proof that the losses would show: the vendor is later than the manifest believes.
#[tokio::test(flavor = "multi_thread")]
async fn with_too_short_a_settle_users_are_lost() {
    let table = Table::new(600, NOW);
    table.set_lag(MINUTE * 8);
    let (_, world) = world(&table, 3, "contacts: {checkpoint: {settle: PT1M}}\n").await;
    let (kept, _) = live(&world, &table, 6, MINUTE * 30, |table, _| table.touch(25)).await;
    let missed = missed(&table, &kept, printed);
    println!("zendesk with settle of a minute: {missed:?}");
    assert!(missed.stale > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_exports_a_minute_are_waited_for() {
    let table = Table::new(900, NOW);
    let (zendesk, world) = world(&table, 1, "").await;
    zendesk.set_export_page(100);
    zendesk.set_exports_left(5);
    let mut kept = Kept::default();
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(missed(&table, &kept, printed), Missed { lost: 0, stale: 0 });
    assert_eq!(world.requests.refused().len(), 1);
    world.requests.fault(Fault {
        path: "/incremental".to_owned(),
        times: 1,
        status: 429,
        headers: vec![("retry-after", "55".to_owned())],
        body: json!({"error": "TooManyRequests"}),
    });
    let reply = world.call(Component::Contacts, json!({}), Value::Null).await;
    println!("export used up: {} {}", reply.status, reply.body);
    assert_eq!(reply.body["error"]["code"], "rate_limited", "{} {}", reply.status, reply.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_is_not_fooled() {
    let table = Table::new(1, NOW);
    let (_, world) = world(&table, 1, "").await;
    let reply = world.call(Component::AuthValidation, json!({}), Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for token in ["wrong", EXPIRED, ANONYMOUS] {
        let ticket = json!({"subject": "Hello", "description": "x"});
        world.refuses(token, &printed(1), "create_ticket", ticket).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_active_and_come_over_several_pages() {
    let table = Table::new(3, NOW);
    let (_, world) = world(&table, 250, "").await;
    let agents = world.agents().await;
    assert_eq!(agents.len(), 225, "every tenth is suspended");
    assert_eq!(
        agents[0],
        json!({"id": agent_id(0).to_string(), "name": "Agent0 Smith", "email": "agent0@example.com"})
    );
    assert_eq!(world.requests.refused().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_of_every_type_by_id_address_and_number() {
    let table = Table::new(5, NOW);
    let other = table.add("Written", "Family v1", None, &["(415) 555-7777"]);
    let (zendesk, world) = world(&table, 3, "").await;
    for who in [2, 3, other] {
        zendesk.add_ticket(who, json!({"subject": "Old", "description": "x", "status": "closed", "priority": null, "updated_at": "2024-02-15T16:24:04Z"}), &[]);
        zendesk.add_ticket(
            who,
            json!({"subject": "It broke", "description": "Twice", "status": "hold", "priority": "urgent"}),
            &["Be kind"],
        );
    }
    let people = [
        json!({"contact_external_id": printed(2)}),
        json!({"contact_emails": ["nobody@example.com", "Person2@Example.com"]}),
        json!({"contact_phones": ["+14155550002"]}),
        json!({"contact_phones": ["+14155557777"]}),
    ];
    for who in people {
        let reply = world.call(Component::Interactions, json!({}), who.clone()).await;
        assert_eq!(reply.status, 200, "{who} {}", reply.body);
        let mut subjects: Vec<_> =
            reply.body.as_array().unwrap().iter().map(|i| i["subject"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["Be kind", "It broke", "Old"], "{who} {:?}", zendesk.searches());
    }
    for who in [
        json!({"contact_emails": ["nobody@example.com"]}),
        json!({"contact_phones": ["+14155559999"]}),
        json!({"contact_phones": ["2", "sip:x"]}),
    ] {
        let reply = world.call(Component::Interactions, json!({}), who).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])));
    }
    assert_eq!(world.requests.refused().len(), 0, "{:?}", world.requests.refused());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_leaves_its_record() {
    let table = Table::new(5, NOW);
    let (zendesk, world) = world(&table, 5, "").await;
    let meta = json!({"contact_external_id": printed(2), "agent_external_id": agent_id(1).to_string()});
    for (action, data) in [
        ("create_ticket", json!({"subject": "It's \"broken\"", "description": "a\nb", "priority": "high"})),
        ("add_note", json!({"note": "<b>1 < 2</b>"})),
        ("log_call", json!({"direction": "inbound", "seconds": "61", "summary": "Fine"})),
        (
            "create_task",
            json!({"subject": "Call back", "description": "Soon", "priority": "low", "due": "2026-05-02T09:00:00Z"}),
        ),
    ] {
        let reply = world.act(action, meta.clone(), data).await;
        assert_eq!(reply.status, 201, "{action} {} {:?}", reply.body, world.requests.refused());
    }
    let (tickets, comments) = (zendesk.tickets(), zendesk.comments());
    assert_eq!(tickets.len(), 3);
    assert!(
        tickets.iter().all(|t| t["requester_id"] == user_id(2) && t["assignee_id"] == agent_id(1)),
        "{tickets:?}"
    );
    assert_eq!(tickets[0]["subject"], "It's \"broken\"");
    assert_eq!(
        (&comments[1].0, &comments[1].1["body"], &comments[1].1["public"]),
        (&1, &json!("<b>1 < 2</b>"), &json!(false))
    );
    assert_eq!(tickets[1]["status"], "solved");
    assert_eq!(
        (&tickets[2]["type"], &tickets[2]["due_at"]),
        (&json!("task"), &json!("2026-05-02T09:00:00Z"))
    );
    for request in world.requests.to("/tickets").iter().filter(|r| r.method == "POST") {
        assert!(request.headers.contains_key("idempotency-key"));
    }

    let new = json!({"name": "Ada King", "email": "ada@example.com", "phone": "+442079460000"});
    let reply = world.act("create_contact", json!({}), new.clone()).await;
    assert_eq!(
        (reply.status, &reply.body["contact_external_id"]),
        (201, &json!(printed(6))),
        "{}",
        reply.body
    );
    let again = world
        .act("create_contact", json!({}), json!({"name": "Other Name", "email": "ada@example.com"}))
        .await;
    assert!(again.status < 300, "{} {}", again.status, again.body);
    assert_eq!(again.body["contact_external_id"], printed(6), "{}", again.body);
    assert_eq!((table.truth().len(), table.truth()[5].first_name.as_str()), (6, "Ada King"));
    let bad = world.act("create_contact", json!({}), json!({"name": "x", "email": "nonsense"})).await;
    assert!((400..500).contains(&bad.status), "{} {}", bad.status, bad.body);
}

/// A ticket is not made twice when the answer is lost on its way.
#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_ticket_is_one_ticket() {
    let table = Table::new(2, NOW);
    let (zendesk, world) = world(&table, 2, "").await;
    world.requests.fault(Fault {
        path: "/tickets".to_owned(),
        times: 1,
        status: 409,
        body: json!({"error": "Conflict"}),
        ..Fault::default()
    });
    let reply = world
        .act(
            "create_ticket",
            json!({"contact_external_id": printed(1)}),
            json!({"subject": "x", "description": "y"}),
        )
        .await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    let keys: Vec<_> =
        world.requests.to("/tickets").iter().map(|r| r.headers["idempotency-key"].clone()).collect();
    assert_eq!((keys.len(), &keys[0]), (2, &keys[1]));
    assert_eq!(zendesk.tickets().len(), 1);
}

const EVIL: [&str; 13] = [
    "*",
    "*@example.com",
    "x\" role:agent \"",
    "x\" OR email:*",
    "\\\" role:admin",
    "role:end-user",
    "-email:x",
    "a b",
    "email:*",
    "1/../../users/me",
    "?x=1&role[]=agent",
    "{{ auth.access_token }}",
    "\n",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_talkdesk_sends_changes_no_search() {
    let table = Table::new(5, NOW);
    let (zendesk, world) = world(&table, 3, "").await;
    zendesk.add_ticket(
        2,
        json!({"subject": "Secret", "description": "x", "status": "open"}),
        &["Secret note"],
    );
    for evil in EVIL {
        for field in ["contact_external_id", "contact_emails", "contact_phones"] {
            let (before, asked) = (zendesk.searches().len(), world.requests.all().len());
            let data = if field == "contact_external_id" {
                json!({field: evil})
            } else {
                json!({field: [evil, format!("4155550009{evil}")]})
            };
            let reply = world.call(Component::Interactions, json!({}), data).await;
            assert!(reply.status < 500, "{field} {evil:?} {} {}", reply.status, reply.body);
            assert!(!reply.body.to_string().contains("Secret"), "{field} {evil:?} {}", reply.body);
            for term in zendesk.searches()[before..].iter().flatten() {
                let email = term.keyword == "email" && term.phrase;
                let digits = term.value.trim_start_matches('*').chars().all(|c| c.is_ascii_digit());
                let phone = term.keyword == "phone" && digits && term.value.len() > 4;
                assert!(!term.not && (email || phone), "{field} {evil:?} {term:?}");
            }
            for request in &world.requests.all()[asked..] {
                let parts = request.segments();
                let right = matches!(
                    parts.iter().map(String::as_str).collect::<Vec<_>>()[..],
                    ["api", "v2", "users", "search"]
                        | ["api", "v2", "users", _, "tickets", "requested"]
                        | ["api", "v2", "tickets", _, "comments"]
                );
                assert!(right && request.parameter("role[]").is_none(), "{field} {evil:?} {request:?}");
            }
        }
        for action in ["create_ticket", "add_note", "create_contact"] {
            let (before, asked) = (zendesk.searches().len(), world.requests.all().len());
            let data = match action {
                "create_ticket" => json!({"subject": evil, "description": evil}),
                "add_note" => json!({"note": "x", "ticket_id": evil}),
                _ => json!({"name": "x", "email": evil}),
            };
            let meta = json!({"contact_external_id": evil, "agent_external_id": evil});
            let reply = world.act(action, meta, data).await;
            assert!(reply.status < 500, "{action} {evil:?} {} {}", reply.status, reply.body);
            assert!(
                zendesk.searches()[before..]
                    .iter()
                    .flatten()
                    .all(|t| t.keyword == "email" && t.phrase && !t.not),
                "{action} {evil:?} {:?}",
                zendesk.searches().last()
            );
            for request in &world.requests.all()[asked..] {
                assert!(
                    request.segments().len() <= 6 && !request.path.contains("/me"),
                    "{action} {evil:?} {request:?}"
                );
            }
        }
    }
    // Nothing was written to the ticket of somebody else.
    assert_eq!(zendesk.comments().iter().filter(|(ticket, _)| *ticket == 1).count(), 1);
}

#[test]
fn the_emulator_itself_reads_searches_as_zendesk_does() {
    let terms = parse("role:end-user phone:*5135557611 -email:\"a b:c\" word");
    let keywords: Vec<_> =
        terms.iter().map(|t| (t.not, t.keyword.as_str(), t.value.as_str(), t.phrase)).collect();
    assert_eq!(
        keywords,
        [
            (false, "role", "end-user", false),
            (false, "phone", "*5135557611", false),
            (true, "email", "a b:c", true),
            (false, "", "word", false)
        ]
    );
    for stored in ["+1 513.555.7611", "(513) 555-7611", "513 555 7611", "513-555-7611"] {
        assert!(phone_fits(stored, "*5135557611"), "{stored}");
    }
    assert!(!phone_fits("+15135557611", "+15135557611") && !phone_fits("5135557611", "15135557611"));
}
