//! `manifests/dynamics` against a strict emulator of the Dataverse Web API.

use std::time::Duration;

use serde_json::{Map, Value, json};
use vendors::dynamics::Dynamics;
use vendors::dynamics::rows::guid;
use vendors::table::Table;
use vendors::world::World;

mod actions;
mod interactions;
mod leads;
mod strict;
mod sync;

const TOKEN: &str = "dataverse-access-token-0123456789";
const NOW: &str = "2026-05-01T07:25:37.250000Z";
const SETTLED: Duration = Duration::from_secs(900);

fn id(number: u64) -> String {
    guid(0x12, number)
}

async fn world(vendor: &Dynamics, overlay: &str) -> World {
    let mut auth = Map::new();
    auth.insert("access_token".to_owned(), TOKEN.into());
    auth.insert("org_host".to_owned(), "contoso.api.crm4.dynamics.com".into());
    World::with_overlay("dynamics", &vendor.table, vendor.router(), auth, None, overlay).await
}

async fn office(count: u64) -> (Dynamics, World) {
    let vendor = Dynamics::new(Table::new(count, NOW), TOKEN);
    let world = world(&vendor, "").await;
    (vendor, world)
}

fn users(vendor: &Dynamics) {
    for (number, name, disabled, mode, application) in [
        (1, "Reynaldo Martinez", false, 0, Value::Null),
        (2, "Alan Steiner", false, 1, Value::Null),
        (3, "Left Long Ago", true, 0, Value::Null),
        (4, "Support", false, 3, Value::Null),
        (5, "Integration", false, 4, Value::Null),
        (6, "Delegated", false, 5, Value::Null),
        (7, "An App", false, 0, guid(0x66, 1).into()),
    ] {
        vendor.add(
            "systemusers",
            json!({"systemuserid": guid(0x55, number), "fullname": name, "isdisabled": disabled,
            "internalemailaddress": format!("user{number}@contoso.com"), "accessmode": mode, "applicationid": application}),
        );
    }
}

fn history(vendor: &Dynamics, number: u64) {
    let (who, stamp) = (id(number), "2026-04-01T10:00:00.000000Z");
    let base = json!({"createdon": stamp, "modifiedon": stamp, "statecode": 0});
    let add = |set: &str, more: Value| {
        let mut row = base.clone();
        for (key, value) in more.as_object().into_iter().flatten() {
            row[key] = value.clone();
        }
        vendor.add(set, row);
    };
    add(
        "incidents",
        json!({"incidentid": guid(1, number), "title": "Broken", "ticketnumber": "CAS-01002-S8K4Y2", "description": "<p>Help</p>", "prioritycode": 1, "statuscode": 2, "_customerid_value": who}),
    );
    add(
        "incidents",
        json!({"incidentid": guid(1, number + 1), "title": "Via account", "ticketnumber": "CAS-2", "prioritycode": 3, "statecode": 1, "statuscode": 5, "_primarycontactid_value": who}),
    );
    add(
        "annotations",
        json!({"annotationid": guid(2, number), "subject": "Note", "notetext": "Called back", "_objectid_value": who}),
    );
    add(
        "tasks",
        json!({"activityid": guid(3, number), "subject": "Send offer", "prioritycode": 2, "statuscode": 2, "scheduledend": "2026-06-01T10:00:00.000000Z", "_regardingobjectid_value": who}),
    );
    add(
        "phonecalls",
        json!({"activityid": guid(4, number), "subject": "Hello", "directioncode": true, "prioritycode": 1, "statecode": 1, "actualstart": stamp, "_regardingobjectid_value": who}),
    );
    add(
        "opportunities",
        json!({"opportunityid": guid(5, number), "name": "Big deal", "_parentcontactid_value": who}),
    );
}
