//! Leads: a list beside the contacts, whose members become contacts one day.

use bridge::contract::Component;
use player::Kept;
use serde_json::{Value, json};
use vendors::salesforce::{Org, contact_id, lead_id};
use vendors::table::Table;
use vendors::world::{World, live};

use super::{MINUTE, NOW, auth, fill};

fn lead(number: u64) -> String {
    format!("lead:{}", lead_id(number))
}

async fn world(table: &Table, leads: &Table, overlay: &str) -> (Org, World) {
    let org = Org::with_leads(table, leads, 3);
    let world = World::with_overlay("salesforce", table, org.router(), auth(), None, overlay).await;
    (org, world)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_of_either_list_is_lost_while_both_change() {
    for (name, batch, lag) in [("wide rows", 60, 4), ("at once visible", 2000, 0)] {
        let table = Table::new(900, NOW);
        let leads = table.beside(800);
        table.set_lag(MINUTE * lag);
        leads.set_lag(MINUTE * lag);
        for number in 1..=20 {
            leads.archive(number * 3);
        }
        table.pass(MINUTE * 5);
        let (org, world) = world(&table, &leads, "limits: {page_size: 100}\n").await;
        org.set_batch(batch);
        let synced = live(&world, &table, 5, MINUTE * 30, |table, page| {
            table.touch(6);
            leads.touch(9);
            table.pass(std::time::Duration::from_secs(5));
            if page % 9 == 4 {
                leads.burst(230); // more than two pages in one second
            }
            if page % 5 == 0 {
                leads.archive(page as u64 % 800 + 1);
            }
        })
        .await;
        world.lost_nothing(&format!("salesforce, contacts, {name}"), &table, &synced, contact_id);
        world.lost_nothing(&format!("salesforce, leads, {name}"), &leads, &synced, lead);
        assert!(
            (1..=20).all(|n| !synced.0.contacts.contains_key(&lead(n * 3))),
            "{name}: a converted lead came"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_overlay_of_one_line_leaves_leads_out_everywhere() {
    let (table, leads) = {
        let table = Table::new(3, NOW);
        let leads = table.beside(3);
        (table, leads)
    };
    let (_, world) = world(&table, &leads, "contact_lists: {leads: null}\n").await;
    let mut kept = Kept::default();
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(kept.contacts.len(), 3);
    world.call(Component::AuthValidation, json!({}), Value::Null).await;
    for who in [json!({"contact_emails": ["n@example.com"]}), json!({"contact_phones": ["+14155559999"]})] {
        let reply = world.call(Component::Interactions, json!({}), who).await;
        assert_eq!((reply.status, &reply.body), (200, &json!([])));
    }
    let asked = world.requests.all();
    let of_leads = asked.iter().filter_map(|r| r.parameter("q")).filter(|q| q.contains("Lead"));
    assert_eq!(of_leads.collect::<Vec<_>>(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lead_is_found_by_id_address_and_number_and_shows_what_leads_have() {
    let table = Table::new(2, NOW);
    let leads = table.beside(1);
    let number = leads.add("Andy", "Young v1", Some("andy@example.com"), &["+1 (620) 555-0110"]);
    let (org, world) = world(&table, &leads, "").await;
    fill(&org, &lead_id(number));
    for who in [
        json!({"contact_external_id": lead(number)}),
        json!({"contact_emails": ["andy@example.com"]}),
        json!({"contact_phones": ["+16205550110"]}),
    ] {
        let reply = world.call(Component::Interactions, json!({}), who.clone()).await;
        let all = reply.body.as_array().unwrap_or_else(|| panic!("{who}: {}", reply.body));
        let mut subjects: Vec<_> = all.iter().map(|i| i["subject"].as_str().unwrap()).collect();
        subjects.sort_unstable();
        assert_eq!(subjects, ["Call", "Task", "Tea"], "{who}");
    }
    assert!(world.requests.refused().is_empty(), "{:?}", world.requests.refused());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_converted_lead_leads_on_to_its_contact() {
    let table = Table::new(4, NOW);
    let leads = table.beside(4);
    leads.archive(2);
    let (org, world) = world(&table, &leads, "").await;
    fill(&org, &contact_id(2));
    let who = json!({"contact_external_id": lead(2)});
    let reply = world
        .call(Component::Interactions, json!({"interaction_types": ["case", "task"]}), who.clone())
        .await;
    assert_eq!(reply.body.as_array().map(Vec::len), Some(2), "{}", reply.body);
    for (action, data) in [
        ("create_task", json!({"subject": "Call back"})),
        ("log_call", json!({"direction": "inbound"})),
        ("create_case", json!({"subject": "It broke"})),
    ] {
        let reply = world.act(action, who.clone(), data).await;
        assert_eq!(reply.status, 201, "{action}: {}", reply.body);
        let (_, row) = org.records().last().cloned().unwrap();
        let whose = row.get("WhoId").or_else(|| row.get("ContactId")).cloned();
        assert_eq!(whose, Some(contact_id(2).into()), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_for_a_lead_are_its_own_and_a_case_is_refused_with_a_sentence() {
    let table = Table::new(1, NOW);
    let leads = table.beside(2);
    let (org, world) = world(&table, &leads, "").await;
    let who = json!({"contact_external_id": lead(2)});
    let reply = world.act("create_task", who.clone(), json!({"subject": "Call back"})).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(org.records().last().unwrap().1["WhoId"], lead_id(2));
    let before = org.records().len();
    let reply = world.act("create_case", who, json!({"subject": "It broke"})).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body["message"].as_str().unwrap().contains("this is a lead"), "{}", reply.body);
    assert_eq!(org.records().len(), before);
}
