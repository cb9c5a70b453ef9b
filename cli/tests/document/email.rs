//! The e-mail, read back by somebody else's parser.

use mail_parser::{Address, MessageParser, MimeHeaders};

use crate::world::{arguments, demo, files, fixture, folder, root, text};

fn addresses(address: Option<&Address<'_>>) -> Vec<(String, String)> {
    let one = |a: &mail_parser::Addr<'_>| {
        (a.name().unwrap_or_default().to_owned(), a.address().unwrap_or_default().to_owned())
    };
    address.map(|a| a.iter().map(one).collect()).unwrap_or_default()
}

fn pair(name: &str, address: &str) -> (String, String) {
    (name.to_owned(), address.to_owned())
}

#[tokio::test]
async fn it_is_what_the_form_asks_for() {
    let out = demo("email").await;
    let bytes = std::fs::read(out.join("submission.eml")).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert_eq!(addresses(message.to()), [pair("", "developers@talkdesk.com")]);
    assert_eq!(addresses(message.from()), [pair("Erika Muster", "erika@example.com")]);
    assert_eq!(addresses(message.cc()), [pair("Ola Eksempel", "ola@example.com")]);
    assert_eq!(message.subject(), Some("New Talkdesk CRM Integration"));
    assert_eq!(message.date().unwrap().to_rfc3339(), "2026-11-22T12:00:00Z");
    assert!(message.message_id().is_some_and(|id| id.ends_with("@example.com")));
    let body = message.body_text(0).unwrap();
    for part in [
        "Summary:\nA CRM of our own making.",
        "Components in use:\n- Action Executor\n- Agent Retriever\n- Authorization Validation\n- Contact Retriever\n- Interaction Retriever\n",
        "Overall objectives:\nFewer forgotten calls.",
        "Talkdesk Account / Domain Name:\nmusterfirma.mytalkdesk.com",
        "Keybase Username:\nmusterfirma",
        "API documentation of the system:\nhttps://docs.example.com/api?version=3&part=contacts\nhttps://demo-crm.example.com/api",
    ] {
        assert!(body.replace("\r\n", "\n").contains(part), "{part}\n---\n{body}");
    }
}

#[tokio::test]
async fn its_attachments_are_the_packages_files_byte_for_byte() {
    let out = demo("attachments").await;
    let bytes = std::fs::read(out.join("submission.eml")).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    let package = files(&out);
    let mut names = Vec::new();
    for attachment in message.attachments() {
        let name = attachment.attachment_name().unwrap().to_owned();
        let file = match name.as_str() {
            "Demo CRM API Manifest - Musterfirma GmbH.pdf" => "api-manifest.pdf".to_owned(),
            "Demo CRM API Manifest - Musterfirma GmbH.html" => "api-manifest.html".to_owned(),
            other => other.replace("actions-", "actions/"),
        };
        let (_, expected) = package.iter().find(|(n, _)| *n == file).unwrap_or_else(|| panic!("{file}"));
        assert_eq!(attachment.contents(), expected, "{name}");
        names.push(name);
    }
    let document = if cfg!(feature = "pdf") { "pdf" } else { "html" };
    assert_eq!(
        names,
        [
            &format!("Demo CRM API Manifest - Musterfirma GmbH.{document}"),
            "integration.json",
            "actions-create_ticket.json",
            "actions-add_note.json",
            "actions-log_call.json",
            "actions-create_contact.json",
        ]
    );
}

/// Names in other scripts, quotes, and a line break that wants to become a header.
#[tokio::test]
async fn hostile_names_stay_names() {
    let out = folder("hostile");
    let details = text(&fixture(""), "details.yaml")
        .replace("Musterfirma GmbH", "\"見本 / \\\"Ltd\\\" <b>\\r\\nBcc: x@example.com\"")
        .replace("Erika Muster", "\"Łucja \\\"L\\\" 花子\\r\\nBcc: y@example.com\"");
    let file = out.join("details.yaml");
    std::fs::write(&file, details).unwrap();
    let mut arguments = arguments(root().join("manifests/demo"), &out.join("package"));
    arguments.details = Some(file);
    arguments.run().await.unwrap();
    let bytes = std::fs::read(out.join("package/submission.eml")).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    assert!(message.bcc().is_none());
    let from = addresses(message.from());
    assert!(from[0].0.starts_with("Łucja \"L\" 花子"), "{from:?}");
    assert_eq!(from[0].1, "erika@example.com");
    let name = message.attachments().next().unwrap().attachment_name().unwrap();
    assert!(name.starts_with("Demo CRM API Manifest - 見本 - -Ltd- -b-"), "{name}");
    assert!(!text(&out.join("package"), "api-manifest.html").contains("<b>"));
}
