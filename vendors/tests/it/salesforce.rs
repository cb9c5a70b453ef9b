//! `manifests/salesforce` against a strict Salesforce.

use std::time::Duration;

use bridge::contract::Component;
use player::Kept;
use serde_json::{Map, Value, json};
use vendors::salesforce::soql::{Literal, Query, parse};
use vendors::salesforce::{Org, contact_id, id};
use vendors::table::Table;
use vendors::world::{EXPIRED, Fault, Missed, TOKEN, World, live, missed};

mod leads;

const NOW: &str = "2026-05-01T12:00:00Z";
const RETURNING: [&str; 2] = ["Contact(Id)", "Lead(Id WHERE IsConverted = false)"];
const MINUTE: Duration = Duration::from_secs(60);

fn auth() -> Map<String, Value> {
    let auth = json!({"access_token": TOKEN, "instance_host": "acme.my.salesforce.com"});
    auth.as_object().unwrap().clone()
}

async fn world(table: &Table, users: u64, overlay: &str) -> (Org, World) {
    let org = Org::new(table, users);
    let world = World::with_overlay("salesforce", table, org.router(), auth(), None, overlay).await;
    (org, world)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_contact_is_lost_while_the_organisation_changes() {
    let table = Table::new(4000, NOW);
    table.set_lag(MINUTE * 4);
    let (org, world) = world(&table, 3, "limits: {page_size: 300}\n").await;
    org.set_batch(170); // wide rows: fewer than asked for, with done:false
    let synced = live(&world, &table, 4, MINUTE * 30, |table, page| {
        table.touch(25);
        table.pass(Duration::from_secs(7));
        if page % 7 == 0 {
            table.burst(700); // more than two pages in one second
        }
    })
    .await;
    world.lost_nothing("salesforce", &table, &synced, contact_id);
    let contact = &synced.0.contacts[&contact_id(3)];
    assert_eq!(contact["company"], "Acme");
    assert_eq!(
        contact["url"],
        format!("https://acme.my.salesforce.com/lightning/r/Contact/{}/view", contact_id(3))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_contact_is_lost_with_the_shipped_page_size() {
    let table = Table::new(2500, NOW);
    table.burst(2300);
    table.pass(MINUTE * 20);
    let (_, world) = world(&table, 3, "").await;
    let mut kept = Kept::default();
    let run = world.sync(&mut kept, |_| {}).await;
    assert_eq!(missed(&table, &kept, contact_id), Missed { lost: 0, stale: 0 }, "{run:?}");
    assert_eq!(world.requests.refused().len(), 0, "{:?}", world.requests.refused().first());
}

/// The proof that the losses would show: the vendor is later than the manifest believes.
#[tokio::test(flavor = "multi_thread")]
async fn with_too_short_a_settle_contacts_are_lost() {
    let table = Table::new(600, NOW);
    table.set_lag(MINUTE * 4);
    let (_, world) = world(&table, 3, "contacts: {checkpoint: {settle: PT1M, full_every: null}}\n").await;
    let (kept, _) = live(&world, &table, 4, MINUTE * 30, |table, _| table.touch(25)).await;
    let missed = missed(&table, &kept, contact_id);
    println!("salesforce with settle of a minute: {missed:?}");
    assert!(missed.stale > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn validation_tells_good_from_wrong_and_expired() {
    let table = Table::new(1, NOW);
    let (_, world) = world(&table, 1, "").await;
    let reply = world.call(Component::AuthValidation, json!({}), Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    for token in ["wrong", EXPIRED] {
        world.refuses(token, &contact_id(1), "create_case", json!({"subject": "Hello"})).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_are_active_people_and_come_over_several_pages() {
    let table = Table::new(1, NOW);
    let (org, world) = world(&table, 2000, "").await;
    org.set_batch(400);
    let agents = world.agents().await;
    // Every fifth is not active, and number 1 is a process.
    assert_eq!(agents.len(), 1599);
    assert_eq!(agents[0], json!({"id": id("005", 2), "name": "User2 Smith", "email": "user2@example.com"}));
    assert_eq!(world.requests.refused().len(), 0);
}

fn fill(org: &Org, contact: &str) {
    let at = json!("2026-03-12T10:04:17.000Z");
    org.add(
        "Case",
        &[
            ("CaseNumber", json!("00001001")),
            ("Subject", json!("It broke")),
            ("Description", json!("Twice")),
            ("Status", json!("On Hold")),
            ("Priority", json!("High")),
            ("IsClosed", json!(false)),
            ("ContactId", json!(contact)),
            ("CreatedDate", at.clone()),
        ],
    );
    let deal = org.add(
        "Opportunity",
        &[
            ("Name", json!("Big")),
            ("StageName", json!("Closed Won")),
            ("IsClosed", json!(true)),
            ("IsWon", json!(true)),
        ],
    );
    org.add("OpportunityContactRole", &[("OpportunityId", json!(deal)), ("ContactId", json!(contact))]);
    for kind in ["Task", "Call"] {
        org.add(
            "Task",
            &[
                ("Subject", json!(kind)),
                ("Status", json!("Completed")),
                ("Priority", json!("Normal")),
                ("IsClosed", json!(true)),
                ("WhoId", json!(contact)),
                ("TaskSubtype", json!(kind)),
                ("ActivityDate", json!("2026-03-12")),
            ],
        );
    }
    let note = org.add("ContentNote", &[("Title", json!("Tea")), ("TextPreview", json!("Likes tea"))]);
    org.add("ContentDocumentLink", &[("ContentDocumentId", json!(note)), ("LinkedEntityId", json!(contact))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn interactions_of_every_type_by_id_address_and_number() {
    let table = Table::new(5, NOW);
    let (org, world) = world(&table, 3, "").await;
    fill(&org, &contact_id(2));
    fill(&org, &contact_id(3));
    let people = [
        json!({"contact_external_id": contact_id(2)}),
        json!({"contact_emails": ["Person2@Example.com"]}),
        json!({"contact_phones": ["+14155550002"]}),
    ];
    for who in people {
        let reply = world.call(Component::Interactions, json!({}), who.clone()).await;
        assert_eq!(reply.status, 200, "{who} {}", reply.body);
        let all = reply.body.as_array().unwrap();
        let mut subjects: Vec<_> = all.iter().map(|i| i["subject"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["00001001: It broke", "Big: Closed Won", "Call", "Task", "Tea"], "{who}");
        assert_eq!(all.iter().find(|i| i["subject"] == "00001001: It broke").unwrap()["status"], "pending");
    }
    for who in [
        json!({"contact_emails": ["nobody@example.com"]}),
        json!({"contact_phones": ["+14155559999"]}),
        json!({"contact_phones": ["5", "sip:x"]}),
        json!({"contact_phones": ["5", "+14155559998"]}),
    ] {
        let reply = world.call(Component::Interactions, json!({}), who).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])));
    }
    assert_eq!(world.requests.refused().len(), 0, "{:?}", world.requests.refused());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_action_leaves_its_record() {
    let table = Table::new(5, NOW);
    let (org, world) = world(&table, 5, "").await;
    let meta = json!({"contact_external_id": contact_id(2), "agent_external_id": id("005", 2)});
    for (action, data) in [
        ("create_case", json!({"subject": "It's \"broken\"", "description": "a\nb", "priority": "high"})),
        ("add_note", json!({"note": "<b>1 < 2</b>"})),
        ("log_call", json!({"direction": "inbound", "seconds": "61", "summary": "Fine"})),
        ("create_task", json!({"subject": "Call back", "priority": "low", "due": "2026-05-02T09:00:00Z"})),
    ] {
        let reply = world.act(action, meta.clone(), data).await;
        assert_eq!(reply.status, 201, "{action} {} {:?}", reply.body, world.requests.refused());
    }
    let records = org.records().clone();
    let kinds: Vec<_> = records.iter().map(|(n, _)| *n).collect();
    assert_eq!(kinds, ["Case", "ContentNote", "ContentDocumentLink", "Task", "Task"]);
    assert_eq!(records[0].1["Subject"], "It's \"broken\"");
    assert_eq!(records[0].1["OwnerId"], id("005", 2));
    assert_eq!(records[2].1["LinkedEntityId"], contact_id(2));
    assert_eq!(records[3].1["CallDurationInSeconds"], 61);
    assert_eq!(records[4].1["ActivityDate"], "2026-05-02");

    let new = json!({"first_name": "Ada", "last_name": "King", "email": "ada@example.com", "phone": "+442079460000"});
    let reply = world.act("create_contact", json!({}), new.clone()).await;
    assert_eq!(
        (reply.status, &reply.body["contact_external_id"]),
        (201, &json!(contact_id(6))),
        "{}",
        reply.body
    );
    let again = world.act("create_contact", json!({}), new).await;
    assert!(again.status < 300, "{} {}", again.status, again.body);
    assert_eq!(again.body["contact_external_id"], contact_id(6), "{}", again.body);
    assert_eq!(table.truth().len(), 6);
    let long = world.act("create_contact", json!({}), json!({"last_name": "x".repeat(81)})).await;
    assert_eq!(long.status, 400, "{}", long.body);
}

const EVIL: [&str; 13] = [
    "' OR Name != '",
    "x' OR Id != null OR Name = 'x",
    "\\' OR Id != null --",
    "\\",
    "'",
    "\"",
    "%",
    "a') OR (Id != null",
    "x@example.com' LIMIT 200 --",
    "\n",
    "{*} IN ALL FIELDS RETURNING User(Id)",
    "{{ auth.access_token }}",
    "\u{2019}\\u0027",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_talkdesk_sends_changes_no_statement() {
    let table = Table::new(5, NOW);
    let (org, world) = world(&table, 3, "").await;
    fill(&org, &contact_id(2));
    let ask = async |field: &str, value: Value| {
        let (queries, searches) = (org.queries().len(), org.searches().len());
        let data = json!({field: value});
        let reply = world.call(Component::Interactions, json!({"interaction_types": ["case"]}), data).await;
        let queries: Vec<_> = org.queries()[queries..].to_vec();
        (reply, queries, org.searches()[searches..].to_vec())
    };
    let (_, by_id, _) = ask("contact_external_id", json!(contact_id(4))).await;
    let (_, by_email, _) = ask("contact_emails", json!(["nobody@example.com"])).await;
    let by_id = by_id[0].shape();
    // Contacts, then leads.
    let by_email: Vec<_> = by_email.iter().map(Query::shape).collect();
    assert_eq!(by_email.len(), 2, "{by_email:?}");
    let mut asked = 0;
    for evil in EVIL {
        let (reply, queries, _) = ask("contact_external_id", json!(evil)).await;
        assert!(reply.status < 500 && !reply.body.to_string().contains("broke"), "{evil:?} {}", reply.body);
        assert!(queries.iter().all(|q| q.shape() == by_id), "{evil:?} {queries:?}");

        let (reply, queries, _) = ask("contact_emails", json!([evil, format!("{evil}@example.com")])).await;
        assert!(reply.status < 500 && !reply.body.to_string().contains("broke"), "{evil:?} {}", reply.body);
        for query in &queries {
            assert!(by_email.contains(&query.shape()), "{evil:?}: {}", query.shape());
            let values = query.condition.as_ref().unwrap().literals();
            // `O'Neil` arrives as `O'Neil`: what was sent is what was looked for.
            let own = Literal::Bool(false); // IsConverted
            let text = |v: &Literal| matches!(v, Literal::Text(t) if t.contains(evil.trim()));
            assert!(values.iter().all(|v| text(v) || *v == own), "{evil:?} {values:?}");
            asked += 1;
        }
        let (reply, queries, searches) =
            ask("contact_phones", json!([evil, format!("+1415555000{evil}")])).await;
        assert!(reply.status < 500, "{evil:?} {}", reply.body);
        assert!(queries.iter().all(|q| q.shape() == by_id), "{evil:?} {queries:?}");
        let digits = |w: &String| w.chars().all(|c| c.is_ascii_digit());
        assert!(
            searches.iter().all(|s| s.any_of.iter().all(digits) && RETURNING.contains(&s.returning.as_str())),
            "{searches:?}"
        );
        for (action, field) in
            [("create_case", "subject"), ("create_case", "description"), ("add_note", "note")]
        {
            let mut data = json!({"subject": "x", field: evil});
            if action == "add_note" {
                data.as_object_mut().unwrap().remove("subject");
            }
            let meta = json!({"contact_external_id": evil, "agent_external_id": evil});
            let reply = world.act(action, meta, data).await;
            assert!(reply.status < 500, "{evil:?} {} {}", reply.status, reply.body);
        }
    }
    println!("salesforce: {asked} statements with hostile addresses kept their shape");
    assert!(asked > 5);
    let malformed: Vec<_> = world
        .requests
        .refused()
        .into_iter()
        .filter(|r| r.path.ends_with("/query") && r.status == 400)
        .collect();
    // Refused for the id's form, never because a literal was broken open.
    for request in malformed {
        assert!(parse(request.parameter("q").unwrap()).is_ok(), "{request:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_with_a_quote_finds_its_owner() {
    let table = Table::new(3, NOW);
    let number = table.add("Sean", "Family v1", Some("o'neil@example.com"), &[]);
    let (org, world) = world(&table, 3, "").await;
    fill(&org, &contact_id(number));
    let data = json!({"contact_emails": ["o'neil@example.com"]});
    let reply = world.call(Component::Interactions, json!({"interaction_types": ["case"]}), data).await;
    assert_eq!(reply.body.as_array().map(Vec::len), Some(1), "{} {}", reply.status, reply.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_waited_for_or_told() {
    let table = Table::new(50, NOW);
    let (_, world) = world(&table, 3, "").await;
    let fault = |status, code: &str, message: &str| Fault {
        path: "/query".to_owned(),
        times: 1,
        status,
        body: json!([{"message": message, "errorCode": code}]),
        ..Fault::default()
    };
    world.requests.fault(fault(503, "SERVER_UNAVAILABLE", "Server Too Busy"));
    let mut kept = Kept::default();
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(missed(&table, &kept, contact_id), Missed { lost: 0, stale: 0 });
    world.requests.clear();
    world.requests.fault(fault(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."));
    let reply = world.call(Component::Contacts, json!({}), Value::Null).await;
    println!("quota of the day: {} {}", reply.status, reply.body);
    assert_eq!(reply.body["error"]["code"], "quota_exhausted");
    assert_eq!(world.requests.to("/query").len(), 1);
    world.requests.fault(fault(
        403,
        "REQUEST_LIMIT_EXCEEDED",
        "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    ));
    let reply = world.call(Component::Contacts, json!({}), Value::Null).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
}

#[test]
fn the_emulator_itself_reads_soql_as_salesforce_does() {
    for bad in [
        "SELECT Id",
        "SELECT Id FROM Contact WHERE Name = 'a",
        "SELECT Id FROM Contact WHERE Name = 'O'Neil'",
        "SELECT Id FROM Contact WHERE a = 'x' AND b = 'y' OR c = 'z'",
        "SELECT Id FROM Contact LIMIT x",
        "SELECT Id FROM Contact WHERE Name = 'a\\x'",
        "SELECT Id FROM Contact -- x",
        "SELECT Id FROM Contact; DELETE",
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
    let query = parse("SELECT Id FROM Contact WHERE Name IN ('O\\'Neil','a\\\\') AND SystemModstamp >= 2026-05-01T07:25:37Z").unwrap();
    assert_eq!(
        query.condition.unwrap().literals()[..2],
        [Literal::Text("O'Neil".to_owned()), Literal::Text("a\\".to_owned())]
    );
}
