//! The built functions against a real Redmine 5, with its API key in (moto's) Secrets Manager.

use end_to_end::{Differences, Kept, RealCrm, Redmine, Stack, checks, crm_is_here};
use serde_json::{Value, json};

/// Redmine with pages of 20 rows; nothing where the platform has no Redmine.
async fn small_pages() -> Option<Stack<Redmine>> {
    if crm_is_here("redmine") { Some(Stack::with_small_pages().await) } else { None }
}

/// The first contact of the template, and an agent who is a member of the project.
async fn meta(crm: &Redmine) -> Value {
    json!({"contact_external_id": crm.id_of("contact1").await, "agent_external_id": crm.id_of("olivia").await})
}

#[tokio::test]
async fn credentials_are_checked_by_redmine_itself() {
    let Some(stack) = small_pages().await else { return };
    checks::credentials_are_checked(&stack, "add_note").await;
}

#[tokio::test]
async fn agents_are_the_groups_users_who_are_not_locked() {
    let Some(stack) = small_pages().await else { return };
    let expected = [
        json!({"id": stack.crm.id_of("olivia").await, "name": "Olivia Smith", "email": "olivia@example.com"}),
        json!({"id": stack.crm.id_of("tim").await, "name": "Tim Smith", "email": "tim@example.com"}),
    ];
    checks::agents_are(&stack, &expected).await;
}

#[tokio::test]
async fn issues_and_notes_are_found_by_id_by_email_and_by_phone() {
    let Some(stack) = small_pages().await else { return };
    for identity in [
        json!({"contact_external_id": stack.crm.id_of("contact1").await}),
        json!({"contact_emails": ["unknown@example.com", "Contact1@Example.com"]}),
        json!({"contact_emails": ["unknown@example.com"], "contact_phones": ["+1 (415) 555-0001"]}),
    ] {
        let issues = stack.interactions("issue", &identity).await;
        let mut shown: Vec<_> =
            issues.iter().map(|it| (it["subject"].as_str(), it["status"].as_str())).collect();
        shown.sort_unstable();
        assert_eq!(
            shown,
            [(Some("A question"), Some("closed")), (Some("It does not start"), Some("new"))],
            "{identity}"
        );
        let notes = stack.interactions("note", &identity).await;
        assert_eq!(notes.len(), 1, "{identity}");
        assert_eq!(
            (&notes[0]["subject"], &notes[0]["description"]),
            (&json!("Olivia Smith: It does not start"), &json!("We look at it."))
        );
    }
    checks::nobody_is_found(&stack, &["issue", "note"]).await;
}

#[tokio::test]
async fn actions_write_issues_notes_and_users() {
    let Some(stack) = small_pages().await else { return };
    let (crm, meta) = (&stack.crm, meta(&stack.crm).await);
    let data = json!({"subject": "Olá \"mundo\"", "description": "Line 1\n<b>🙂", "priority": "high"});
    let made = stack.act("create_ticket", meta.clone(), data).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let issue = crm.issue(&made.body["external_id"]).await;
    assert_eq!((&issue["subject"], &issue["priority"]["name"]), (&json!("Olá \"mundo\""), &json!("High")));
    assert_eq!(
        (&issue["assigned_to"]["name"], &issue["watchers"][0]["name"]),
        (&json!("Olivia Smith"), &json!("Contact 0001"))
    );

    let data = json!({"note": "She & <b>\ncalled 🙂", "issue": made.body["external_id"]});
    let note = stack.act("add_note", meta.clone(), data).await;
    assert_eq!(note.status, 201, "{}", note.text);
    let issue = crm.issue(&made.body["external_id"]).await;
    assert_eq!(issue["journals"][0]["notes"], "She & <b>\ncalled 🙂");

    let data = json!({"direction": "outbound", "seconds": "75", "summary": "Wants a call back."});
    let call = stack.act("log_call", meta.clone(), data).await;
    let issue = crm.issue(&call.body["external_id"]).await;
    assert_eq!(
        (&issue["description"], &issue["status"]["is_closed"]),
        (&json!("Wants a call back."), &json!(true))
    );

    let data = json!({"subject": "Call back", "due": "2026-12-24T10:00:00Z"});
    let task = stack.act("create_task", meta.clone(), data).await;
    assert_eq!(crm.issue(&task.body["external_id"]).await["due_date"], "2026-12-24");

    let data = json!({"first_name": "Grace", "last_name": "Hopper", "email": "grace+1@example.com"});
    for message in ["Contact created", "The contact exists already"] {
        let created = stack.act("create_contact", meta.clone(), data.clone()).await;
        assert_eq!((created.status, &created.body["message"]), (201, &json!(message)), "{}", created.text);
        assert_eq!(created.body["contact_external_id"], json!(crm.id_of("grace_1@example.com").await));
    }

    let stray = json!({"contact_external_id": "999999", "agent_external_id": meta["agent_external_id"]});
    let refused = stack.act("create_ticket", stray, json!({"subject": "x"})).await;
    assert_eq!(
        (refused.status, &refused.body["error"]["code"]),
        (400, &json!("not_found")),
        "{}",
        refused.text
    );
    let mut stray = meta.clone();
    stray["agent_external_id"] = json!(crm.id_of("tim").await);
    let made = stack.act("create_ticket", stray, json!({"subject": "x"})).await;
    assert!(made.body["message"].as_str().unwrap().contains("without the assignee"), "{}", made.text);
}

/// A new address moves no stamp in Redmine, nor does another group: every run reads everything.
#[tokio::test]
async fn contacts_come_completely_every_time() {
    let Some(stack) = small_pages().await else { return };
    let (crm, mut kept) = (&stack.crm, Kept::default());
    let pages = stack.functions.sync(&mut kept, async || {}).await;
    assert_eq!(stack.differences(&kept).await, Differences::default());
    assert!(pages > 16 && kept.contacts.len() == 320, "{} in {pages} pages", kept.contacts.len());
    let first = crm.id_of("contact1").await;
    assert_eq!(kept.contacts[&first]["company"], "Example Inc");

    crm.change(&first, json!({"mail": "other@example.com"})).await;
    crm.change(&crm.id_of("contact2").await, json!({"status": 3})).await;
    crm.create("new", "New", "User").await;
    stack.functions.sync(&mut kept, async || {}).await;
    assert_eq!(stack.differences(&kept).await, Differences::default());
    assert_eq!(kept.contacts[&first]["emails"], json!(["other@example.com"]));
}

#[tokio::test]
async fn changes_between_pages_are_not_lost() {
    let Some(stack) = small_pages().await else { return };
    let mut contacts: Vec<String> = stack.crm.expected().await.into_iter().map(|it| it.id).collect();
    checks::changes_between_pages_are_not_lost(&stack, 3, async |crm: &Redmine, n| {
        // A step that is coprime with the number of rows reaches all of them in a mixed order.
        let row = n * 67 % contacts.len();
        let contact = contacts[row].clone();
        let phone = json!({"custom_fields": [{"id": 1, "value": format!("+1212555{:04}", n % 10_000)}]});
        match n % 20 {
            0 => contacts.push(crm.create(&format!("new{n}"), "New", &format!("User {n}")).await),
            // Rows that leave: whoever pages by offset skips one for each.
            10 => crm.change(&contacts.swap_remove(row), json!({"status": 3})).await,
            15 => crm.promote(&contacts.swap_remove(row)).await,
            1 | 5 | 9 | 13 | 17 => crm.change(&contact, phone).await,
            3 | 7 | 11 | 19 => crm.change(&contact, json!({"mail": format!("mail{n}@example.com")})).await,
            _ => crm.change(&contact, json!({"lastname": format!("Renamed {n}")})).await,
        }
    })
    .await;
}
