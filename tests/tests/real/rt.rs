//! The built functions against a real Request Tracker 5, with its token in (moto's) Secrets Manager.

use bridge::contract::Component;
use end_to_end::{Differences, Kept, RealCrm, Rt, Stack, checks, crm_is_here};
use serde_json::{Value, json};

/// RT with pages of 20 rows; nothing where the platform has no RT.
async fn small_pages() -> Option<Stack<Rt>> {
    if crm_is_here("rt") { Some(Stack::with_small_pages().await) } else { None }
}

/// The id of a user with this login name.
async fn id_of(crm: &Rt, login: &str) -> String {
    let users = crm.users().await;
    users.iter().find(|it| it["Name"] == login).expect("the template has it")["id"].to_string()
}

/// The first contact of the template, and an agent.
async fn meta(crm: &Rt) -> Value {
    json!({"contact_external_id": id_of(crm, "contact1").await, "agent_external_id": id_of(crm, "tim").await})
}

#[tokio::test]
async fn credentials_and_rights_are_checked_by_rt_itself() {
    let Some(stack) = small_pages().await else { return };
    checks::credentials_are_checked(&stack, "add_note").await;
    let mut kept = Kept::default();
    stack.functions.sync(&mut kept, async || {}).await;

    // Without this right RT answers with 200 and all users, whose times are 1970 then and whose phones are gone.
    stack.crm.withdraw("AdminUsers");
    let validated = stack.functions.call(Component::AuthValidation, "", Value::Null, Value::Null).await;
    let told = validated.body["error"]["message"].as_str().unwrap_or_default();
    assert!(validated.status == 401 && told.contains("(AdminUsers)"), "{}", validated.text);
    let meta = json!({"synchronization_checkpoint": kept.checkpoint});
    let page = stack.functions.call(Component::Contacts, "", meta, Value::Null).await;
    assert_eq!((page.status, &page.body["error"]["code"]), (403, &json!("forbidden")), "{}", page.text);
}

#[tokio::test]
async fn agents_are_the_privileged_users_who_are_not_disabled() {
    let Some(stack) = small_pages().await else { return };
    let expected = json!([
        {"id": id_of(&stack.crm, "root").await, "name": "Enoch Root", "email": "root@localhost"},
        {"id": id_of(&stack.crm, "olivia").await, "name": "Olivia Smith", "email": "olivia@example.com"},
        {"id": id_of(&stack.crm, "tim").await, "name": "Tim Smith", "email": "tim@example.com"},
        {"id": id_of(&stack.crm, "bridge").await, "name": "bridge", "email": "bridge@example.com"},
    ]);
    checks::agents_are(&stack, expected.as_array().unwrap()).await;
}

#[tokio::test]
async fn tickets_and_messages_are_found_by_id_by_email_and_by_phone() {
    let Some(stack) = small_pages().await else { return };
    let contact = id_of(&stack.crm, "contact1").await;
    stack.crm.change(&contact, json!({"MobilePhone": "(0912) 345-678 home"})).await;
    for identity in [
        json!({"contact_external_id": contact}),
        json!({"contact_emails": ["unknown@example.com", "Contact1@Example.com"]}),
        json!({"contact_phones": ["+1 (415) 555-0001"]}),
        json!({"contact_emails": ["unknown@example.com"], "contact_phones": ["+351 912 345 678"]}),
    ] {
        let tickets = stack.interactions("ticket", &identity).await;
        let shown: Vec<_> = tickets.iter().map(|it| (&it["subject"], &it["status"])).collect();
        assert_eq!(
            shown,
            [(&json!("It does not start"), &json!("open")), (&json!("A question"), &json!("solved"))],
            "{identity}"
        );
        let messages = stack.interactions("message", &identity).await;
        let subjects: Vec<_> = messages.iter().map(|it| it["subject"].as_str().unwrap()).collect();
        assert_eq!(
            subjects, ["RT_System: It does not start"; 2],
            "of the ticket that changed last: {identity}"
        );
        assert!(messages.iter().any(|it| it["description"] == "It does not start.\nPlease help."));
    }
    checks::nobody_is_found(&stack, &["ticket", "message"]).await;
}

#[tokio::test]
async fn actions_write_tickets_comments_and_users() {
    let Some(stack) = small_pages().await else { return };
    let (crm, meta) = (&stack.crm, meta(&stack.crm).await);
    let mut data = json!({"subject": "Olá \"mundo\"", "description": "Line 1\n<b>🙂", "queue": "Support"});
    data["priority"] = json!("high");
    let made = stack.act("create_ticket", meta.clone(), data).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let ticket = crm.ticket(&made.body["external_id"]).await;
    assert_eq!((&ticket["Subject"], &ticket["Priority"]), (&json!("Olá \"mundo\""), &json!("100")));
    assert_eq!((&ticket["Requestor"][0]["id"], &ticket["Owner"]["id"]), (&json!("contact1"), &json!("tim")));

    let note = stack.act("add_note", meta.clone(), json!({"note": "She & <b>\ncalled 🙂"})).await;
    assert_eq!(note.status, 201, "{}", note.text);
    let texts = crm.texts_of(made.body["external_id"].as_str().unwrap()).await;
    assert!(texts.contains(&"Line 1\n<b>🙂".to_owned()), "{texts:?}");
    assert!(texts.contains(&"She & <b>\ncalled 🙂".to_owned()), "{texts:?}");

    let data = json!({"direction": "outbound", "seconds": "75", "summary": "Wants a call back.", "queue": "Support"});
    let call = stack.act("log_call", meta.clone(), data).await;
    let ticket = crm.ticket(&call.body["external_id"]).await;
    assert_eq!((&ticket["Subject"], &ticket["Status"]), (&json!("Outgoing call"), &json!("resolved")));

    // The zone of the bridge's user is not that of what the bridge writes and reads.
    crm.change("bridge", json!({"Timezone": "Pacific/Auckland"})).await;
    let data = json!({"subject": "Call back", "due": "2026-12-24T10:00:00Z", "queue": "Support"});
    let task = stack.act("create_task", meta.clone(), data).await;
    let ticket = crm.ticket(&task.body["external_id"]).await;
    assert_eq!((&ticket["Due"], &ticket["Owner"]["id"]), (&json!("2026-12-24T10:00:00Z"), &json!("tim")));

    let data = json!({"name": "Grace Hopper", "email": "grace@example.com", "phone": "+1 212 555 0123"});
    for message in ["Contact created", "The contact exists already"] {
        let created = stack.act("create_contact", meta.clone(), data.clone()).await;
        assert_eq!((created.status, &created.body["message"]), (201, &json!(message)), "{}", created.text);
        assert_eq!(
            created.body["contact_external_id"],
            json!(id_of(crm, "grace@example.com").await),
            "{message}"
        );
    }

    for (contact, agent, data, code, told) in [
        ("999999", "1", json!({"subject": "x", "queue": "Support"}), "not_found", "Not Found"),
        ("nobody", "1", json!({"subject": "x", "queue": "Support"}), "bad_request", "Choose a contact of"),
        (
            "",
            "1",
            json!({"subject": "x", "queue": "Nowhere"}),
            "forbidden",
            "No permission to create tickets",
        ),
    ] {
        let contact = if contact.is_empty() { &meta["contact_external_id"] } else { &json!(contact) };
        let meta = json!({"contact_external_id": contact, "agent_external_id": agent});
        let refused = stack.act("create_ticket", meta, data).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (400, &json!(code)), "{}", refused.text);
        assert!(refused.body["message"].as_str().unwrap().starts_with(told), "{}", refused.text);
    }
    // A contact may own no tickets: RT makes one without an owner, and the bridge says so.
    let meta = json!({"contact_external_id": meta["contact_external_id"], "agent_external_id": "999999"});
    let made = stack.act("create_ticket", meta, json!({"subject": "x", "queue": "Support"})).await;
    assert!(made.body["message"].as_str().unwrap().ends_with("created, without the owner"), "{}", made.text);
}

#[tokio::test]
async fn contacts_come_completely_and_then_what_changed() {
    let Some(stack) = small_pages().await else { return };
    let (crm, mut kept) = (&stack.crm, Kept::default());
    let pages = stack.functions.sync(&mut kept, async || {}).await;
    assert_eq!(stack.differences(&kept).await, Differences::default());
    assert!(pages > 16 && kept.contacts.len() == 320, "{} in {pages} pages", kept.contacts.len());
    assert_eq!(kept.contacts[&id_of(crm, "contact1").await]["company"], "Example Inc");

    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    for (user, change) in [
        ("contact100", json!({"RealName": "Renamed"})),
        ("contact101", json!({"WorkPhone": "+1 415 555 9001"})),
        ("contact102", json!({"Disabled": 1})),
        ("contact103", json!({"Privileged": 1})),
        ("left", json!({"Disabled": 0})),
        ("olivia", json!({"Privileged": 0})),
    ] {
        crm.change(user, change).await;
    }
    crm.create(json!({"Name": "new", "EmailAddress": "new@example.com"})).await;
    let mut changed = Kept { checkpoint: kept.checkpoint.clone(), ..Kept::default() };
    stack.functions.sync(&mut changed, async || {}).await;
    let mut names: Vec<_> = changed.contacts.values().map(|it| it["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["Contact 0101", "Olivia Smith", "Renamed", "left", "new"]);
    kept.contacts.extend(changed.contacts);
    assert_eq!(stack.differences(&kept).await, Differences::default());
}

#[tokio::test]
async fn changes_between_pages_are_not_lost() {
    let Some(stack) = small_pages().await else { return };
    let mut contacts: Vec<String> = stack.crm.expected().await.into_iter().map(|it| it.id).collect();
    checks::changes_between_pages_are_not_lost(&stack, 2, async |crm: &Rt, n| {
        // A step that is coprime with the number of rows reaches all of them in a mixed order.
        let row = n * 67 % contacts.len();
        let contact = contacts[row].clone();
        match n % 20 {
            0 => {
                let login =
                    crm.create(json!({"Name": format!("new{n}"), "RealName": format!("New {n}")})).await;
                contacts.push(id_of(crm, &login).await);
            }
            // Rows that leave: whoever pages by offset skips one for each.
            10 => crm.change(&contacts.swap_remove(row), json!({"Disabled": 1})).await,
            15 => crm.change(&contacts.swap_remove(row), json!({"Privileged": 1})).await,
            1 | 5 | 9 | 13 | 17 => {
                crm.change(&contact, json!({"WorkPhone": format!("+1212555{:04}", n % 10_000)})).await
            }
            3 | 7 | 11 | 19 => {
                crm.change(&contact, json!({"EmailAddress": format!("mail{n}@example.com")})).await
            }
            _ => crm.change(&contact, json!({"RealName": format!("Renamed {n}")})).await,
        }
    })
    .await;
}
