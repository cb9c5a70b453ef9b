//! The built functions against a real ticket system: Roundup, with its password in (moto's) Secrets Manager.

mod actions;

use std::time::Duration;

use end_to_end::{Differences, Kept, RealCrm, Roundup, Stack, checks};
use serde_json::{Value, json};

/// The first contact of the template, and one of its agents.
const CONTACT: &str = "6";
const AGENT: &str = "3";

fn meta() -> Value {
    json!({"contact_external_id": CONTACT, "agent_external_id": AGENT})
}

#[tokio::test]
async fn credentials_are_checked_by_the_tracker_itself() {
    let stack = Stack::<Roundup>::start().await;
    checks::credentials_are_checked(&stack, "add_note").await;
    let messages: usize = stack.crm.issues().await.iter().map(|it| it.messages.len()).sum();
    assert_eq!(messages, 2, "nobody wrote anything");
}

#[tokio::test]
async fn agents_are_the_people_with_an_agents_role() {
    let stack = Stack::<Roundup>::start().await;
    let people = stack.crm.people().await;
    let agents = people.iter().filter(|it| it.is_agent());
    let expected: Vec<Value> = agents
        .map(|it| {
            let name = it.name.as_ref().unwrap_or(&it.username);
            json!({"id": it.id, "name": name, "email": it.emails[0]})
        })
        .collect();
    assert_eq!(expected.len(), 3, "the administrator and two agents; the one who left is none");
    checks::agents_are(&stack, &expected).await;
}

#[tokio::test]
async fn issues_and_messages_are_found_by_id_by_email_and_by_phone() {
    let stack = Stack::<Roundup>::start().await;
    for identity in [
        json!({"contact_external_id": CONTACT}),
        json!({"contact_emails": ["contact1@example.com"]}),
        json!({"contact_emails": ["c1@example.com"]}),
        json!({"contact_phones": ["+1 (415) 555-0001"]}),
        json!({"contact_emails": ["unknown@example.com"], "contact_phones": ["+14155550001"]}),
    ] {
        let mut issues = stack.interactions("issue", &identity).await;
        issues.sort_by_key(|it| it["id"].to_string());
        assert_eq!(issues.len(), 2, "{identity}");
        assert_eq!(
            (&issues[0]["subject"], &issues[0]["status"]),
            (&json!("It does not start"), &json!("open"))
        );
        assert_eq!((&issues[1]["subject"], &issues[1]["status"]), (&json!("A question"), &json!("closed")));
        assert_eq!(issues[0]["priority"], "urgent");
        assert_eq!(issues[0]["url"], "https://tracker.example.com/issue1");
        let mut messages = stack.interactions("message", &identity).await;
        messages.sort_by_key(|it| it["id"].to_string());
        assert_eq!(messages.len(), 2, "{identity}");
        assert_eq!(messages[0]["description"], "It does not start.\nPlease help.");
    }
    checks::nobody_is_found(&stack, &["issue", "message"]).await;
}

#[tokio::test]
async fn contacts_come_completely_and_then_what_changed() {
    let stack = Stack::<Roundup>::with_small_pages().await;
    let mut kept = Kept::default();
    let pages = checks::first_sync_is_complete(&stack, &mut kept).await;
    assert_eq!(kept.received, 320, "agents and the anonymous user are no contacts; {pages} pages");
    assert_eq!(kept.contacts[CONTACT]["company"], "Example Inc");
    assert_eq!(kept.contacts[CONTACT]["url"], "https://tracker.example.com/user6");

    stack.crm.change("8", "realname", "Renamed").await;
    stack.crm.change("9", "phone", "+14155559001").await;
    stack.crm.retire("10").await;
    stack.crm.create_contact("New", "new@example.com").await;
    checks::next_sync_brings(&stack, &mut kept, 3).await;
}

#[tokio::test]
async fn changes_between_pages_are_not_lost() {
    let stack = Stack::<Roundup>::with_small_pages().await;
    let mut contacts: Vec<String> = stack.crm.expected().await.into_iter().map(|it| it.id).collect();
    checks::changes_between_pages_are_not_lost(&stack, 5, async |crm: &Roundup, n| {
        // A step that is coprime with the number of rows reaches all of them in a mixed order.
        let row = n * 67 % contacts.len();
        let contact = contacts[row].clone();
        match n % 20 {
            0 => contacts.push(crm.create_contact(&format!("New {n}"), &format!("new{n}@example.com")).await),
            // Rows that leave: whoever pages by offset skips one for each.
            10 => crm.retire(&contacts.swap_remove(row)).await,
            1 | 5 | 9 | 13 | 17 => crm.change(&contact, "phone", &format!("+1212555{:04}", n % 10_000)).await,
            3 | 7 | 11 | 15 | 19 => crm.change(&contact, "address", &format!("mail{n}@example.com")).await,
            _ => crm.change(&contact, "realname", &format!("Renamed {n}")).await,
        }
    })
    .await;
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let stack = Stack::small_pages_of(Roundup::limited(3, 6).await).await;
    let mut kept = Kept::default();
    let pages = stack.functions.sync(&mut kept, async || {}).await;
    assert!(stack.crm.log().contains(" 429 "), "{pages} pages did not reach the limit");
    // The test's own look counts as well.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stack.differences(&kept).await, Differences::default());
}
