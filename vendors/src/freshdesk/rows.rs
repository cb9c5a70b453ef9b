//! Contacts as the vendor prints them.

use std::time::Duration;

use serde_json::{Value, json};

use super::Freshdesk;
use crate::table::Person;

/// The id of a person.
pub fn contact_id(number: u64) -> u64 {
    501_001_204_000 + number
}

fn print(person: &Person) -> Value {
    let stamp = person.stamp.floor(Duration::from_secs(1)).iso_s();
    let phone = |index: usize| person.phones.get(index);
    json!({
        "active": false, "address": null, "company_id": null, "description": null, "email": person.email,
        "id": contact_id(person.number), "job_title": null, "language": "en", "mobile": phone(1),
        "name": format!("{} {}", person.first_name, person.last_name), "phone": phone(0), "time_zone": "London",
        "twitter_id": null, "other_phone_numbers": person.phones.get(2..).unwrap_or_default(), "facebook_id": null,
        "created_at": "2015-08-18T16:18:14Z", "updated_at": stamp, "custom_fields": {}, "tags": [],
        "csat_rating": null, "preferred_source": null, "unique_external_id": null,
    })
}

/// All contacts but deleted and blocked ones, in an order of no meaning that does not change.
pub(super) fn known(desk: &Freshdesk) -> Vec<Value> {
    let people = desk.table.shown();
    let mut rows: Vec<Value> = people.iter().filter(|p| !p.archived).map(print).collect();
    rows.extend(desk.lock().contacts.iter().cloned());
    rows
}

pub(super) fn exists(desk: &Freshdesk, id: u64) -> bool {
    known(desk).iter().any(|row| row["id"] == id)
}

pub(super) fn by_email(desk: &Freshdesk, email: &str) -> Option<u64> {
    let found = |row: &&Value| row["email"].as_str().is_some_and(|e| e.eq_ignore_ascii_case(email));
    known(desk).iter().find(found).and_then(|row| row["id"].as_u64())
}

/// Agents are users as well: an e-mail address has one owner.
pub(super) fn agent(desk: &Freshdesk, id: u64) -> bool {
    desk.lock().agents.iter().any(|row| row["id"] == id)
}
