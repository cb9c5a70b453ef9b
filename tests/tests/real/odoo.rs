//! The built functions against a real Odoo 11, with its password in (moto's) Secrets Manager.

mod actions;

use end_to_end::{Kept, Odoo, RealCrm, Stack, checks};
use serde_json::{Value, json};

/// The first contact of the template and one of its agents.
async fn contact_and_agent(crm: &Odoo) -> (i64, i64) {
    let id = async |model: &str, field: &str, value: &str| {
        let found = crm.search(model, &json!([[field, "=", value]]), &["id"]).await;
        found[0]["id"].as_i64().expect("the template has it")
    };
    (id("res.partner", "name", "Contact 0001").await, id("res.users", "name", "Agent 01").await)
}

#[tokio::test]
async fn credentials_are_checked_by_odoo_itself() {
    let stack = Stack::<Odoo>::start().await;
    checks::credentials_are_checked(&stack, "add_note").await;
    assert!(stack.crm.notes(1).await.is_empty(), "nobody wrote anything");
}

#[tokio::test]
async fn agents_are_the_users_with_an_email() {
    let stack = Stack::<Odoo>::start().await;
    let users = stack.crm.search("res.users", &json!([["share", "=", false]]), &["name", "email"]).await;
    let expected: Vec<Value> = users
        .iter()
        .filter(|it| it["email"].is_string())
        .map(|it| json!({"id": it["id"].to_string(), "name": it["name"], "email": it["email"]}))
        .collect();
    assert_eq!((users.len(), expected.len()), (22, 21), "20 agents and the administrator");
    checks::agents_are(&stack, &expected).await;
}

#[tokio::test]
async fn interactions_are_found_by_id_by_email_and_by_phone() {
    let stack = Stack::<Odoo>::start().await;
    let (contact, _) = contact_and_agent(&stack.crm).await;
    stack
        .crm
        .write("res.partner", contact, json!({"email": "One@Example.com", "mobile": "0912/345-678"}))
        .await;
    for identity in [
        json!({"contact_external_id": contact.to_string()}),
        json!({"contact_emails": ["unknown@example.com", "One@Example.com"]}),
        json!({"contact_phones": ["+1 (415) 555-0001"]}),
        json!({"contact_phones": ["+351 912 345 678"]}),
        json!({"contact_emails": ["unknown@example.com"], "contact_phones": ["+14155550001"]}),
    ] {
        for (kind, subject, description) in [
            ("lead", "Ten chairs - New", ""),
            ("project_task", "Assemble ten chairs", ""),
            ("task", "Call: Ask about the chairs", ""),
            ("note", "Likes oak.", "Likes oak."),
        ] {
            let found = stack.interactions(kind, &identity).await;
            assert_eq!(found.len(), 1, "{kind} {identity}");
            assert_eq!(found[0]["subject"], subject, "{identity}");
            assert_eq!(found[0]["description"].as_str().unwrap_or_default(), description, "{identity}");
        }
        // Helpdesk is not in the Community edition: that is no failure.
        assert!(stack.interactions("ticket", &identity).await.is_empty());
    }
    checks::nobody_is_found(&stack, &["lead", "project_task", "task", "note", "ticket"]).await;
}

#[tokio::test]
async fn contacts_come_completely_and_then_what_changed() {
    let stack = Stack::<Odoo>::with_small_pages().await;
    let crm = &stack.crm;
    let (first, _) = contact_and_agent(crm).await;
    let mut kept = Kept::default();
    let pages = checks::first_sync_is_complete(&stack, &mut kept).await;
    assert_eq!(kept.received, crm.expected().await.len());
    assert!(kept.received > 320 && pages > 16, "{} in {pages} pages", kept.received);
    assert_eq!(kept.contacts[&first.to_string()]["company"], "Example Inc");

    let contacts = crm.expected().await;
    let id = |n: usize| contacts[n].id.parse::<i64>().unwrap();
    crm.write("res.partner", id(100), json!({"name": "Renamed"})).await;
    crm.write("res.partner", id(101), json!({"phone": "+1 415 555 9001"})).await;
    crm.write("res.partner", id(102), json!({"active": false})).await;
    crm.create("res.partner", json!({"name": "New", "email": "new@example.com"})).await;
    checks::next_sync_brings(&stack, &mut kept, 3).await;
}

/// Among the changes are imports of more contacts than a page, all with one time stamp.
#[tokio::test]
async fn changes_between_pages_are_not_lost() {
    let stack = Stack::<Odoo>::with_small_pages().await;
    let contacts = stack.crm.expected().await;
    let mut contacts: Vec<i64> = contacts.iter().map(|it| it.id.parse().unwrap()).collect();
    checks::changes_between_pages_are_not_lost(&stack, 3, async |crm: &Odoo, n| {
        // A step that is coprime with the number of rows reaches all of them in a mixed order.
        let row = n * 67 % contacts.len();
        let (contact, phone) = (contacts[row], format!("+1 212 555 {:04}", n % 10_000));
        match n % 20 {
            0 => contacts.push(crm.create("res.partner", json!({"name": format!("New {n}")})).await),
            // Rows that leave: whoever pages by offset skips one for each.
            10 => crm.write("res.partner", contacts.swap_remove(row), json!({"active": false})).await,
            15 if n % 500 == 15 => {
                let names: Vec<String> = (0..45).map(|i| format!("Imported {n} {i}")).collect();
                crm.import(&names).await;
            }
            1 | 5 | 9 | 13 | 17 => crm.write("res.partner", contact, json!({"phone": phone})).await,
            3 | 7 | 11 | 15 | 19 => crm.write("res.partner", contact, json!({"mobile": phone})).await,
            _ => crm.write("res.partner", contact, json!({"name": format!("Renamed {n}")})).await,
        }
    })
    .await;
}
