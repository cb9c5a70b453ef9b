//! What the CRM answers.

use serde_json::{Value, json};

/// A page of a HubSpot search: two phone numbers a contact, as people type them.
pub fn page(rows: usize) -> Value {
    let row = |n: usize| {
        let minute = format!("2026-01-{:02}T{:02}:{:02}:00Z", 1 + n / 60 / 24, (n / 60) % 24, n % 60);
        json!({
            "id": (10_000 + n).to_string(),
            "properties": {
                "firstname": format!("Name{n}"), "lastname": "Example", "email": format!("name{n}@example.com"),
                "hs_additional_emails": null, "phone": format!("+1 415-555-{:04}", 1000 + n),
                "mobilephone": format!("+44 7911 12{:04}", 1000 + n), "jobtitle": "Engineer",
                "company": "Example Ltd", "address": "1 Street", "city": "Town", "state": "CA", "zip": "94000",
                "country": "USA", "website": "www.example.com", "twitterhandle": null,
                "createdate": minute, "lastmodifieddate": minute, "hs_object_id": (10_000 + n).to_string(),
            },
            "createdAt": minute, "updatedAt": minute, "archived": false,
            "url": format!("https://app.hubspot.com/contacts/147893286/record/0-1/{}", 10_000 + n),
        })
    };
    json!({"total": rows, "results": (0..rows).map(row).collect::<Vec<_>>()})
}

/// HubSpot's owners.
pub fn owners(count: usize) -> Value {
    let owner = |n: usize| json!({"id": n.to_string(), "email": format!("agent{n}@example.com"), "firstName": "Agent", "lastName": n.to_string()});
    json!({"results": (0..count).map(owner).collect::<Vec<_>>()})
}
