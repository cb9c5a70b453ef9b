//! What the actions write in Roundup, and what it refuses.

use end_to_end::{Roundup, Stack};
use serde_json::{Value, json};

use super::{AGENT, CONTACT, meta};

#[tokio::test]
async fn actions_write_issues_and_messages() {
    let stack = Stack::<Roundup>::start().await;
    let crm = &stack.crm;
    let text = "Olá \"mundo\" <b>\n🙂";
    let data = json!({"title": "No sound", "description": text, "priority": "high"});
    let issue = stack.act("create_issue", meta(), data).await;
    assert_eq!((issue.status, &issue.body["message"]), (201, &json!("Issue 3 created")));
    let issue = crm.issue("3").await;
    assert_eq!((issue.title.as_str(), issue.priority.as_deref()), ("No sound", Some("urgent")));
    assert_eq!(issue.messages, [(AGENT.to_owned(), text.to_owned())]);
    assert_eq!(sorted(&issue.nosy), [AGENT, CONTACT]);

    let note = stack.act("add_note", meta(), json!({"note": "She called again."})).await;
    assert_eq!((note.status, &note.body["message"]), (201, &json!("Note added to issue 3")));
    let alone = json!({"contact_external_id": CONTACT});
    let note = stack.act("add_note", alone, json!({"note": "To the first.", "issue": "1"})).await;
    assert_eq!((note.status, &note.body["message"]), (201, &json!("Note added to issue 1")));
    assert_eq!(crm.issue("3").await.messages[1], (AGENT.to_owned(), "She called again.".to_owned()));
    assert_eq!(crm.issue("1").await.messages[1], (CONTACT.to_owned(), "To the first.".to_owned()));

    let data = json!({"direction": "outbound", "seconds": "75", "summary": "Wants a call back."});
    let call = stack.act("log_call", meta(), data).await;
    assert_eq!((call.status, &call.body["external_id"]), (201, &json!("4")), "{}", call.text);
    let call = crm.issue("4").await;
    assert_eq!(
        (call.title.as_str(), call.status.as_deref()),
        ("Outgoing call, 75 seconds", Some("resolved"))
    );
    assert_eq!(call.messages, [(AGENT.to_owned(), "Wants a call back.".to_owned())]);

    let task = stack.act("create_task", meta(), json!({"title": "Call back", "priority": "urgent"})).await;
    assert_eq!((task.status, &task.body["external_id"]), (201, &json!("5")), "{}", task.text);
    let task = crm.issue("5").await;
    assert_eq!((task.assigned_to.as_deref(), task.priority.as_deref()), (Some(AGENT), Some("critical")));

    let shown = stack.interactions("issue", &json!({"contact_external_id": CONTACT})).await;
    assert_eq!(shown.len(), 5, "what was written is there for the next call");
}

#[tokio::test]
async fn contacts_are_created_once() {
    let stack = Stack::<Roundup>::start().await;
    let data = json!({"name": "Grace Hopper", "email": "grace@example.com", "phone": "+1 212 555 0123",
        "company": "Navy"});
    let created = stack.act("create_contact", Value::Null, data.clone()).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.body["contact_external_id"].as_str().unwrap();
    let person = stack.crm.person(id).await.unwrap();
    assert_eq!(
        (person.name.as_deref(), person.organisation.as_deref()),
        (Some("Grace Hopper"), Some("Navy"))
    );
    assert_eq!(
        (person.emails.as_slice(), person.phone.as_deref()),
        (&["grace@example.com".to_owned()][..], Some("+1 212 555 0123"))
    );
    assert_eq!((person.roles.as_str(), person.is_agent()), ("Anonymous", false));
    assert_eq!(created.body["contact_external_url"], format!("https://tracker.example.com/user{id}"));

    let before = stack.crm.people().await.len();
    let again = stack.act("create_contact", Value::Null, data).await;
    assert_eq!((again.status, &again.body["message"]), (201, &json!("The contact exists already")));
    assert_eq!(again.body["contact_external_id"], id);
    assert_eq!(stack.crm.people().await.len(), before);

    let data = json!({"name": "Nobody's Friend", "phone": "+1 212 555 0124"});
    let created = stack.act("create_contact", Value::Null, data).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = created.body["contact_external_id"].as_str().unwrap();
    let person = stack.crm.person(id).await.unwrap();
    assert_eq!((person.username.as_str(), person.emails.len()), ("12125550124", 0));
}

#[tokio::test]
async fn what_the_tracker_refuses_is_told_and_not_written() {
    let stack = Stack::<Roundup>::start().await;
    let (people, issues) = (stack.crm.people().await, stack.crm.issues().await);
    let without_issues = json!({"contact_external_id": "7", "agent_external_id": AGENT});
    for (action, meta, data, code, message) in [
        ("create_contact", meta(), json!({"name": " "}), "bad_request", "Please fill in: Name."),
        ("add_note", meta(), json!({"note": "x", "issue": "999"}), "not_found", "no such issue 999"),
        ("add_note", without_issues, json!({"note": "x"}), "not_found", "*"),
        ("create_task", json!({"agent_external_id": "999"}), json!({"title": "x"}), "invalid", "*"),
        ("create_contact", meta(), json!({"name": "X", "email": "x@y"}), "invalid", "*"),
    ] {
        let refused = stack.act(action, meta, data.clone()).await;
        assert_eq!((refused.status, &refused.body["error"]["code"]), (400, &json!(code)), "{action} {data}");
        assert!(message == "*" || refused.body["message"] == message, "{}", refused.text);
    }
    assert_eq!((stack.crm.people().await, stack.crm.issues().await), (people, issues));
}

fn sorted(list: &[String]) -> Vec<&str> {
    let mut list: Vec<&str> = list.iter().map(String::as_str).collect();
    list.sort_unstable();
    list
}
