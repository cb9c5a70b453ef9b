//! What the actions write in Odoo, and what it refuses.

use end_to_end::{Odoo, Stack};
use serde_json::{Value, json};

use super::contact_and_agent;

/// An id and a name, as Odoo shows a record that another one refers to.
fn refers_to(value: &Value, id: i64) -> bool {
    value[0] == id
}

fn meta_of(contact: i64, agent: i64) -> Value {
    json!({"contact_external_id": contact.to_string(), "agent_external_id": agent.to_string()})
}

#[tokio::test]
async fn actions_write_leads_notes_and_activities() {
    let stack = Stack::<Odoo>::start().await;
    let crm = &stack.crm;
    let (contact, agent) = contact_and_agent(crm).await;
    let meta = || meta_of(contact, agent);

    let data = json!({"subject": "Olá \"mundo\"", "description": "Line 1\n<b>🙂"});
    let lead = stack.act("create_lead", meta(), data).await;
    assert_eq!(lead.status, 201, "{}", lead.text);
    let fields = ["name", "description", "partner_id", "user_id", "email_from", "phone"];
    let written = crm.record("crm.lead", &lead.body["external_id"], &fields).await;
    assert_eq!(
        (&written["name"], &written["description"]),
        (&json!("Olá \"mundo\""), &json!("Line 1\n<b>🙂"))
    );
    assert!(refers_to(&written["partner_id"], contact) && refers_to(&written["user_id"], agent));

    let data = json!({"subject": "New here", "email": "new@example.com", "phone": "+351912345678"});
    let lead = stack.act("create_lead", Value::Null, data).await;
    let written = crm.record("crm.lead", &lead.body["external_id"], &fields).await;
    assert_eq!(
        (&written["email_from"], &written["phone"]),
        (&json!("new@example.com"), &json!("+351912345678"))
    );
    assert_eq!(written["partner_id"], false);

    let note = stack.act("add_note", meta(), json!({"note": "She & <b>\ncalled 🙂"})).await;
    assert_eq!((note.status, &note.body["message"]), (201, &json!("Note added")), "{}", note.text);
    let data = json!({"direction": "outbound", "seconds": "75", "summary": "Wants a call back."});
    let call = stack.act("log_call", meta(), data).await;
    assert_eq!((call.status, &call.body["message"]), (201, &json!("Call logged")), "{}", call.text);
    let notes = crm.notes(contact).await;
    assert_eq!(notes[0], "<p>Outgoing call, 00:01:15<br>Wants a call back.</p>");
    assert_eq!(notes[1], "<p>She &amp; &lt;b&gt;<br>called 🙂</p>");
    // Odoo's times are whole seconds: which of the two is the newer one cannot be seen from them.
    let mut shown = stack.interactions("note", &meta()).await;
    shown.sort_by_key(|it| std::cmp::Reverse(it["id"].as_str().and_then(|id| id.parse::<i64>().ok())));
    assert_eq!((shown[0]["subject"].as_str(), shown.len()), (Some("Outgoing call"), 3));
    assert_eq!(shown[1]["description"], "She & <b>\ncalled 🙂");

    let data = json!({"subject": "Call back", "description": "About\noak", "due": "2026-12-24T10:00:00Z"});
    let task = stack.act("create_task", meta(), data).await;
    assert_eq!(task.status, 201, "{}", task.text);
    let fields = ["summary", "note", "date_deadline", "res_model", "res_id", "user_id"];
    let written = crm.record("mail.activity", &task.body["external_id"], &fields).await;
    assert_eq!((&written["summary"], &written["date_deadline"]), (&json!("Call back"), &json!("2026-12-24")));
    assert_eq!(written["note"], "<p>About<br>oak</p>");
    assert_eq!((&written["res_model"], &written["res_id"]), (&json!("res.partner"), &json!(contact)));
    assert!(refers_to(&written["user_id"], agent));

    let data = json!({"name": "Grace Hopper", "email": "grace@example.com", "phone": "+1 212 555 0123", "job_title": "Admiral"});
    let created = stack.act("create_contact", meta(), data).await;
    assert_eq!(created.status, 201, "{}", created.text);
    let id = &created.body["contact_external_id"];
    let written = crm.record("res.partner", id, &["name", "email", "phone", "function", "is_company"]).await;
    assert_eq!((&written["name"], &written["email"]), (&json!("Grace Hopper"), &json!("grace@example.com")));
    assert_eq!((&written["phone"], &written["function"]), (&json!("+1 212 555 0123"), &json!("Admiral")));
    let url =
        format!("https://odoo.example.com/web#id={}&model=res.partner&view_type=form", id.as_str().unwrap());
    assert_eq!((&written["is_company"], &created.body["contact_external_url"]), (&json!(false), &json!(url)));
}

#[tokio::test]
async fn what_odoo_refuses_is_told_without_a_traceback_and_not_written() {
    let stack = Stack::<Odoo>::start().await;
    let (contact, agent) = contact_and_agent(&stack.crm).await;
    let everything = async || {
        let mut counts = Vec::new();
        for model in ["res.partner", "crm.lead", "mail.activity", "mail.message"] {
            counts.push(stack.crm.search(model, &json!([]), &["id"]).await.len());
        }
        counts
    };
    let before = everything().await;
    let stray = || meta_of(999_999, agent);
    for (action, meta, data, code, message) in [
        ("create_contact", Value::Null, json!({"name": " "}), "bad_request", "Please fill in: Name."),
        (
            "create_ticket",
            meta_of(contact, agent),
            json!({"subject": "x"}),
            "not_found",
            "Object helpdesk.ticket doesn't exist",
        ),
        ("create_lead", stray(), json!({"subject": "x"}), "invalid", "The operation cannot be completed"),
        (
            "add_note",
            stray(),
            json!({"note": "x"}),
            "not_found",
            "Record does not exist or has been deleted.",
        ),
        (
            "log_call",
            stray(),
            json!({"direction": "inbound"}),
            "not_found",
            "Record does not exist or has been deleted.",
        ),
        (
            "create_task",
            stray(),
            json!({"subject": "x"}),
            "not_found",
            "One of the records you are trying to modify",
        ),
        (
            "add_note",
            Value::Null,
            json!({"note": "x"}),
            "bad_request",
            "Please check what is filled in: Contact id.",
        ),
    ] {
        let refused = stack.act(action, meta, data).await;
        assert_eq!(
            (refused.status, &refused.body["error"]["code"]),
            (400, &json!(code)),
            "{action} {}",
            refused.text
        );
        let told = refused.body["message"].as_str().unwrap_or_default();
        assert!(told.starts_with(message), "{action}: {told}");
        assert!(!refused.text.contains("Traceback"), "{action}: {told}");
    }
    assert_eq!(everything().await, before);

    // What the manifest adds by itself is no reason to refuse what somebody asked for.
    let made = stack.act("create_lead", meta_of(contact, 999_999), json!({"subject": "x"})).await;
    let told = made.body["message"].as_str().unwrap_or_default();
    assert!(made.status == 201 && told.contains("without the salesperson"), "{}", made.text);
}
