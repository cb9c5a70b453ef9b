//! Leads: a list beside the contacts, whose members become contacts one day.

use std::time::Duration;

use bridge::contract::Component;
use serde_json::{Value, json};
use vendors::dynamics::Dynamics;
use vendors::dynamics::rows::guid;
use vendors::table::Table;
use vendors::world::{World, live};

use super::{NOW, SETTLED, TOKEN, history, id, users, world};

/// Leads are off in the manifest as it is shipped.
const ON: &str = "contact_lists: {leads: {off: false}}\n";

fn lead_id(number: u64) -> String {
    guid(0x21, number)
}

fn lead(number: u64) -> String {
    format!("lead:{}", lead_id(number))
}

async fn office(contacts: u64, leads: u64) -> (Dynamics, World) {
    let table = Table::new(contacts, NOW);
    let vendor = Dynamics::new(table.clone(), TOKEN).with_leads(&table.beside(leads));
    let world = world(&vendor, ON).await;
    (vendor, world)
}

#[tokio::test]
async fn nobody_of_either_list_is_lost_while_both_change() {
    for (name, fine, lag, overlay) in [
        ("stored to the microsecond", true, 0, "limits: {page_size: 50}\n"),
        ("visible up to 200 s late", false, 200, "limits: {page_size: 40}\n"),
    ] {
        let table = Table::new(300, NOW);
        let leads = table.beside(350);
        for number in 1..=30 {
            leads.archive(number * 2); // qualified
            leads.archive(310 + number); // disqualified: there is no such contact
        }
        table.pass(SETTLED);
        for changed in [&table, &leads] {
            changed.set_lag(Duration::from_secs(lag));
        }
        let vendor = Dynamics::new(table.clone(), TOKEN).fine(fine).with_leads(&leads);
        let world = world(&vendor, &format!("{ON}{overlay}")).await;
        let synced = live(&world, &table, 5, SETTLED, |table, page| {
            table.touch(4);
            leads.touch(6);
            table.pass(Duration::from_secs(2));
            if page % 6 == 3 {
                leads.burst(150); // larger than a page, with one stamp
            }
            if page % 4 == 0 {
                leads.archive(page as u64 % 350 + 1);
            }
        })
        .await;
        world.lost_nothing(&format!("dynamics, contacts, {name}"), &table, &synced, id);
        world.lost_nothing(&format!("dynamics, leads, {name}"), &leads, &synced, lead);
        let closed = (1..=30).flat_map(|n| [n * 2, 310 + n]);
        assert!(
            closed.map(lead).all(|id| !synced.0.contacts.contains_key(&id)),
            "{name}: a closed lead came"
        );
    }
}

#[tokio::test]
async fn a_lead_is_found_by_id_address_and_number_and_shows_what_leads_have() {
    let (vendor, world) = office(3, 1).await;
    let number = vendor.leads.add("Andy", "Young v1", Some("andy@example.com"), &["620-555-0110"]);
    let stamp = "2026-04-01T10:00:00.000000Z";
    vendor.add(
        "tasks",
        json!({"activityid": guid(3, 1), "subject": "Send offer", "createdon": stamp, "statecode": 0, "_regardingobjectid_value": lead_id(number)}),
    );
    for who in [
        json!({"contact_external_id": lead(number)}),
        json!({"contact_emails": ["ANDY@example.com"]}),
        json!({"contact_phones": ["(620) 555-0110"]}),
        json!({"contact_phones": ["+16205550110"]}),
    ] {
        let reply = world.call(Component::Interactions, json!({}), who.clone()).await;
        assert_eq!(reply.body[0]["subject"], "Send offer", "{who}: {}", reply.body);
    }
    assert!(world.requests.refused().is_empty(), "{:?}", world.requests.refused());
}

#[tokio::test]
async fn a_qualified_lead_leads_on_to_its_contact() {
    let (vendor, world) = office(4, 4).await;
    vendor.leads.archive(2);
    history(&vendor, 2);
    let who = json!({"contact_external_id": lead(2)});
    let reply = world.call(Component::Interactions, json!({}), who.clone()).await;
    assert_eq!(reply.body.as_array().map(Vec::len), Some(6), "{}", reply.body);
    let reply = world.act("create_case", who, json!({"title": "Broken"})).await;
    assert_eq!(reply.status, 201, "{}", reply.body);
    assert_eq!(vendor.rows("incidents").last().unwrap()["_customerid_value"], id(2));
    assert!(world.requests.refused().is_empty(), "{:?}", world.requests.refused());
}

#[tokio::test]
async fn actions_for_a_lead_are_its_own_and_a_case_is_refused_with_a_sentence() {
    let (vendor, world) = office(1, 2).await;
    users(&vendor);
    let meta = json!({"contact_external_id": lead(2), "agent_external_id": guid(0x55, 1)});
    for (action, data, set, column) in [
        ("create_task", json!({"subject": "Call back"}), "tasks", "_regardingobjectid_value"),
        (
            "log_call",
            json!({"direction": "inbound", "seconds": 61}),
            "phonecalls",
            "_regardingobjectid_value",
        ),
        ("add_note", json!({"note": "Hello"}), "annotations", "_objectid_value"),
    ] {
        let reply = world.act(action, meta.clone(), data).await;
        assert_eq!(reply.status, 201, "{action}: {} {:?}", reply.body, world.requests.refused());
        assert_eq!(vendor.rows(set)[0][column], lead_id(2), "{action}");
    }
    let party = &vendor.rows("phonecalls")[0]["phonecall_activity_parties"][0];
    assert_eq!(party["partyid_lead@odata.bind"], format!("/leads({})", lead_id(2)));
    let reply = world.act("create_case", meta, json!({"title": "Broken"})).await;
    assert_eq!(reply.status, 400);
    assert!(reply.body["message"].as_str().unwrap().contains("this is a lead"), "{}", reply.body);
    assert!(vendor.bodies("incidents").is_empty());
}

#[tokio::test]
async fn an_overlay_of_one_line_leaves_leads_out_everywhere() {
    let table = Table::new(3, NOW);
    let vendor = Dynamics::new(table.clone(), TOKEN).with_leads(&table.beside(3));
    let world = world(&vendor, "contact_lists: {leads: null}\n").await;
    let mut kept = player::Kept::default();
    world.sync(&mut kept, |_| {}).await;
    assert_eq!(kept.contacts.len(), 3);
    world.call(Component::AuthValidation, json!({}), Value::Null).await;
    for who in [json!({"contact_emails": ["n@example.com"]}), json!({"contact_phones": ["+14155559999"]})] {
        world.call(Component::Interactions, json!({}), who).await;
    }
    assert!(world.requests.to("/leads").is_empty());
}
