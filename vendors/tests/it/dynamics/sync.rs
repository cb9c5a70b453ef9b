//! Contacts and agents.

use std::time::Duration;

use bridge::contract::Component;
use serde_json::{Value, json};
use vendors::dynamics::Dynamics;
use vendors::dynamics::rows::guid;
use vendors::table::Table;
use vendors::world::{Fault, Missed, live, missed};

use super::{NOW, SETTLED, TOKEN, id, office, users, world};

#[tokio::test]
async fn nobody_is_lost_while_rows_change() {
    for (name, fine, lag, overlay) in [
        ("stored to the microsecond", true, 0, "limits: {page_size: 50}\n"),
        ("stored to the second", false, 0, "limits: {page_size: 50}\n"),
        ("visible up to 200 s late", true, 200, "limits: {page_size: 40}\n"),
        ("pages of the shipped size", false, 100, ""),
    ] {
        let table = Table::new(700, NOW);
        let vendor = Dynamics::new(table.clone(), TOKEN).fine(fine);
        table.set_lag(Duration::from_secs(lag));
        let world = world(&vendor, overlay).await;
        let synced = live(&world, &table, 5, SETTLED, |table, page| {
            table.touch(7);
            table.pass(Duration::from_secs(2));
            if page % 6 == 3 {
                // Larger than a page, with one stamp.
                table.burst(170);
            }
        })
        .await;
        world.lost_nothing(&format!("dynamics, {name}"), &table, &synced, id);
    }
}

#[tokio::test]
async fn a_quiet_sync_sends_the_documented_query_and_maps_what_is_printed() {
    let (vendor, world) = office(3).await;
    let mut kept = player::Kept::default();
    world.sync(&mut kept, |_| {}).await;
    let asked = world.requests.last("/contacts");
    assert_eq!(asked.path, "/api/data/v9.2/contacts");
    assert!(asked.headers["prefer"].contains("odata.maxpagesize="), "{:?}", asked.headers);
    let contact = &kept.contacts[&id(1)];
    assert_eq!(contact["name"], "Given1 Family v1");
    assert_eq!(contact["company"], "Fourth Coffee (sample)");
    assert_eq!(contact["phones"][0], "+14155550001");
    let page =
        format!("https://contoso.crm4.dynamics.com/main.aspx?etn=contact&pagetype=entityrecord&id={}", id(1));
    assert_eq!(contact["url"], page);
    assert_eq!(vendor.filters()[0].1.shape(), "modifiedon ge ?");
}

#[tokio::test]
async fn a_link_that_is_gone_starts_the_query_again() {
    let table = Table::new(120, NOW);
    let vendor = Dynamics::new(table.clone(), TOKEN);
    let world = world(&vendor, "limits: {page_size: 50}\n").await;
    let mut kept = player::Kept::default();
    let mut pages = 0;
    world
        .sync(&mut kept, |_| {
            pages += 1;
            if pages == 1 {
                let error =
                    json!({"error": {"code": "0x80041129", "message": "Malformed XML in the Paging Cookie"}});
                world.requests.fault(Fault {
                    path: "/contacts".to_owned(),
                    times: 1,
                    status: 400,
                    body: error,
                    ..Fault::default()
                });
            }
        })
        .await;
    assert_eq!(missed(&table, &kept, id), Missed { lost: 0, stale: 0 });
}

#[tokio::test]
async fn credentials_are_checked_and_agents_are_people_who_work() {
    let (vendor, world) = office(1).await;
    users(&vendor);
    assert_eq!(world.call(Component::AuthValidation, json!({}), Value::Null).await.status, 200);
    let wrong = world.player.with_auth("access_token", "wrong");
    let reply = wrong.call(Component::AuthValidation, "", json!({}), Value::Null).await.unwrap();
    assert_eq!(reply.status, 401, "{}", reply.body);
    let mut names: Vec<_> =
        world.agents().await.iter().map(|a| a["name"].as_str().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["Alan Steiner", "Reynaldo Martinez"]);
    assert!(world.requests.refused().iter().all(|a| a.status == 401));
}

#[tokio::test]
async fn agents_come_in_pages() {
    let vendor = Dynamics::new(Table::new(1, NOW), TOKEN);
    for number in 1..=25 {
        vendor.add("systemusers", json!({"systemuserid": guid(0x55, number), "fullname": "Same Name", "isdisabled": false, "accessmode": 0, "internalemailaddress": format!("u{number}@contoso.com")}));
    }
    let world = world(&vendor, "limits: {page_size: 10}\n").await;
    assert_eq!(world.agents().await.len(), 25);
}

/// The same life loses rows when the manifest waits for a second only: the emulator is worth something.
#[tokio::test]
async fn without_settling_late_rows_would_be_lost() {
    let table = Table::new(300, NOW);
    table.set_lag(Duration::from_secs(200));
    let vendor = Dynamics::new(table.clone(), TOKEN);
    let overlay = "limits: {page_size: 40}\ncontacts: {checkpoint: {settle: PT1S, full_every: null}}\n";
    let world = world(&vendor, overlay).await;
    let (kept, _) = live(&world, &table, 3, SETTLED, |table, _| table.touch(9)).await;
    let Missed { lost, stale } = missed(&table, &kept, id);
    println!("dynamics, settle PT1S: lost={lost} stale={stale}");
    assert!(lost + stale > 0);
}
