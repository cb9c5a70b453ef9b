//! What the demo CRM answers, as far as the attacks need it.

use end_to_end::lab::{Asked, Reply};
use serde_json::{Value, json};

/// A contact of the demo CRM.
pub fn contact(id: u64, updated_at: &str) -> Value {
    json!({"id": id, "kind": "person", "archived": false, "first_name": "Ada", "last_name": format!("Number {id}"),
        "email": format!("ada{id}@example.com"), "phones": [{"label": "work", "number": "+15125550100"}],
        "updated_at": updated_at, "url": format!("https://demo-crm.example.com/contacts/{id}")})
}

/// A page of contacts with the last one long ago, so that the run ends with it.
pub fn page(contacts: &[Value]) -> Value {
    json!({"contacts": contacts, "has_more": false})
}

/// A ticket, a note or a call of the demo CRM.
pub fn interaction(id: u64) -> Value {
    json!({"id": id, "subject": "Broken", "body": "<p>It is broken.</p>", "html": "<p>Called.</p>",
        "summary": "Talked", "direction": "inbound", "created_at": "2026-05-01T07:25:37Z",
        "started_at": "2026-05-01T07:25:37Z", "url": format!("https://demo-crm.example.com/t/{id}"),
        "priority": 2, "status": "open"})
}

/// An empty answer to whatever the demo manifest asks.
pub fn nothing(asked: &Asked) -> Reply {
    let path = asked.path();
    let body = match path.rsplit('/').next().unwrap_or_default() {
        "me" => json!({"id": 1}),
        "contacts" if asked.method == "GET" => page(&[]),
        "users" => json!({"users": [], "page": 1, "pages": 1}),
        "lookup" => json!({"contacts": []}),
        kind if asked.method == "GET" => json!({ kind: [] }),
        _ => {
            return Reply::json(
                201,
                &json!({"id": 7, "number": "T-7", "url": "https://demo-crm.example.com/7"}),
            );
        }
    };
    Reply::json(200, &body)
}
