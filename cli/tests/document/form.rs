//! Every field of Talkdesk's form, and where it stands in the document.

use crate::world::{demo, text};

/// The form's fields in its order, and what stands for each of them in the Markdown.
const FIELDS: &[(&str, &str)] = &[
    ("title: {IntegrationName} API Manifest - {ClientName}", "# Demo CRM API Manifest - Musterfirma GmbH"),
    ("Talkdesk CRM Integration", "Talkdesk CRM Integration"),
    ("Date", "- Date: 22 November 2026"),
    ("name at Talkdesk", "- Name at Talkdesk: demo-musterfirma-gmbh"),
    ("instructions", "> This document is the completed API Manifest."),
    ("{ClientName} Technical Contact", "| Musterfirma GmbH Technical Contact | Name &amp; Email | Notes |"),
    (
        "contact: line one, two, three",
        "| Owner | **Erika Muster**<br>erika@example.com | Mornings \\| never on Fridays |",
    ),
    ("a further contact", "| Contact 2 | **Ola Eksempel**<br>ola@example.com |  |"),
    ("Use Case Description", "## Use Case Description\n\nCalls are to be logged.\n\nNothing else.\n"),
    ("Components Description", "## Components Description"),
    ("component: Talkdesk Integration", "| **Talkdesk Integration** | "),
    ("component: Action Executor", "| **Action Executor** | "),
    ("component: Agent Retriever", "| **Agent Retriever** | "),
    ("component: Authorization Validation", "| **Authorization Validation** | "),
    ("component: Contact Retriever", "| **Contact Retriever** | "),
    ("component: Interaction Retriever", "| **Interaction Retriever** | "),
    ("section 1", "## 1: Configuring a Talkdesk Integration"),
    (
        "1: Talkdesk Weblink",
        "[Configuring a Talkdesk Integration](<https://docs.talkdesk.com/docs/integration-configuration>)",
    ),
    (
        "1: {IntegrationName} Weblink",
        "**Demo CRM Weblink:** <https://docs.example.com/api?version=3&part=contacts>",
    ),
    ("1: Authentication Type", "- **Authentication Type:** `custom`"),
    ("1: Keybase User Name", "- **Keybase User Name:** musterfirma"),
    ("1: tested in production?", "- **Should it be tested in the production environment?** No"),
    (
        "1: example configuration input",
        "Configuration input (attached as integration.json):\n\n```json\n{\n  \"name\": \"demo-musterfirma-gmbh\"",
    ),
    ("1: table", "| TD Field Name: | Your Inputs: |"),
    ("name", "| `name` | `demo-musterfirma-gmbh` |"),
    ("display_name", "| `display_name` | Demo CRM |"),
    ("description", "| `description` | Contacts, agents, tickets"),
    ("logo_url", "| `logo_url` | <https://demo-crm.example.com/logo.png> |"),
    ("icon_url", "| `icon_url` | <https://demo-crm.example.com/icon.png> |"),
    ("authentication_type", "| `authentication_type` | `custom` |"),
    (
        "authentication_configuration",
        "| `authentication_configuration` | 2 fields, described below: `account`, `bridge_key` |",
    ),
    (
        "authentication_configuration, one element",
        "| `account` | **Account**<br>help: The account's name at your bridge's operator | `input` | `input` | yes | yes |",
    ),
    (
        "auth_validation_endpoint",
        "| `auth_validation_endpoint` | `https://bridge.example.org/prod/auth_validation` |",
    ),
    (
        "contact_synchronization_endpoint",
        "| `contact_synchronization_endpoint` | `https://bridge.example.org/prod/contact_sync` |",
    ),
    (
        "interaction_retrieval_endpoint",
        "| `interaction_retrieval_endpoint` | `https://bridge.example.org/prod/interaction_update` |",
    ),
    (
        "agent_synchronization_endpoint",
        "| `agent_synchronization_endpoint` | `https://bridge.example.org/prod/agent_sync` |",
    ),
    ("interaction_types", "| `interaction_types` | `ticket`, `note`, `call` |"),
    ("section 2", "## 2: Implementing an Action Executor"),
    (
        "2: Talkdesk Weblink",
        "[Implementing an Action Executor](<https://docs.talkdesk.com/docs/implementing-an-action-executor>)",
    ),
    ("2: a table for each action", "### Action: create_ticket\n\n| TD Field Name: | Your Inputs: |"),
    ("2: the last action too", "### Action: create_contact\n\n| TD Field Name: | Your Inputs: |"),
    (
        "2: example configuration input",
        "Configuration input (attached as actions-create_ticket.json):\n\n```json\n{\n  \"provider\": \"demo-musterfirma-gmbh\"",
    ),
    ("provider", "| `provider` | `demo-musterfirma-gmbh` |"),
    ("action name", "| `name` | `create_ticket` |"),
    ("display", "| `display` | create a ticket |"),
    ("action description", "| `description` | create a ticket in Demo CRM |"),
    ("endpoint", "| `endpoint` | `https://bridge.example.org/prod/actions/create_ticket` |"),
    ("inputs", "| `inputs` | `subject` (mandatory), `description`, `priority` |"),
    ("one input", "| `priority` | Priority | no | `select` | `low,normal,high,urgent` | `normal` |"),
    (
        "2: example input and response",
        "Example response, status 201:\n\n```json\n{\n  \"message\": \"Ticket T-1031 created\"",
    ),
    ("section 3", "## 3: Implementing an Agent Retriever"),
    ("3: Talkdesk Weblink", "<https://docs.talkdesk.com/docs/implementing-an-agent-synchronization>"),
    ("3: example response", "\"email\": \"ada.placeholder@example.com\""),
    ("section 4", "## 4: Implementing an Authorization Validator"),
    ("4: Talkdesk Weblink", "<https://docs.talkdesk.com/docs/implementing-an-authorization-validator>"),
    ("4: example response, refused", "\"code\": \"credentials_refused\""),
    ("section 5", "## 5: Implementing a Contact Retriever"),
    ("5: Talkdesk Weblink", "<https://docs.talkdesk.com/docs/implementing-a-contact-synchronization>"),
    ("5: Initial Sync", "### Initial synchronization, first page"),
    ("5: Next Page Sync", "### Next page"),
    ("5: Incremental Sync", "### Incremental synchronization, first page"),
    ("5: example response", "\"twitter\": \"amostra\""),
    ("section 6", "## 6: Implementing an Interaction Retriever"),
    ("6: Talkdesk Weblink", "<https://docs.talkdesk.com/docs/implementing-contact-activity>"),
    ("6: example response", "\"subject\": \"50% discount not applied\""),
    ("Automations", "## Automations\n\nHow each action is used"),
    ("Completed Document Instructions", "## Completed Document Instructions"),
    ("addressee", "**developers@talkdesk.com**"),
    ("subject", "**New Talkdesk CRM Integration**"),
    ("body: summary", "### Summary\n\nA CRM of our own making."),
    ("body: components in use", "Components in use:\n\n- Action Executor\n- Agent Retriever\n"),
    ("body: objectives", "### Objectives\n\nFewer forgotten calls."),
    ("Talkdesk Account / Domain Name", "**musterfirma.mytalkdesk.com**"),
    ("Your Keybase Username", "Keybase user name: **musterfirma**"),
    ("attachment: this document", "this document (PDF preferred)"),
    (
        "attachment: API documentation",
        "API documentation of the integrating system: <https://docs.example.com/api?version=3&part=contacts>",
    ),
];

#[tokio::test]
async fn every_field_of_the_form_is_filled_in_and_in_its_order() {
    let out = demo("form").await;
    let document = text(&out, "api-manifest.md");
    let mut missing = Vec::new();
    for (field, expected) in FIELDS {
        if !document.contains(expected) {
            missing.push(format!("{field}: {expected}"));
        }
    }
    assert!(missing.is_empty(), "missing:\n{}\n\n{document}", missing.join("\n"));
    let sections: Vec<usize> = (1..=6).map(|n| document.find(&format!("\n## {n}: ")).unwrap()).collect();
    assert!(sections.is_sorted(), "{sections:?}");
}

/// The three forms of the document come from the same blocks; this notices when one drops some.
#[tokio::test]
async fn the_html_says_what_the_markdown_says() {
    let out = demo("form-html").await;
    let (html, markdown) = (text(&out, "api-manifest.html"), text(&out, "api-manifest.md"));
    for line in markdown.lines().filter(|l| l.starts_with('#')) {
        let title = line.trim_start_matches(['#', ' ']);
        assert!(html.contains(&format!(">{title}<")), "{title}");
    }
    assert_eq!(html.matches("<pre>").count(), markdown.matches("```json").count());
    let rows = markdown.lines().filter(|l| l.starts_with("| ") && !l.contains("--- |")).count();
    assert_eq!(html.matches("<tr>").count(), rows);
    for outside in ["<script", "<link", "<img", "url(", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

/// Links in the table of contents lead somewhere, also to headings that are alike.
#[tokio::test]
async fn every_line_of_the_contents_leads_to_a_heading() {
    let out = demo("form-contents").await;
    let html = text(&out, "api-manifest.html");
    let links: Vec<&str> = html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(links.len() > 15, "{links:?}");
    for link in links {
        assert!(html.contains(&format!("id=\"{link}\"")), "{link}");
    }
    let markdown = text(&out, "api-manifest.md");
    assert!(markdown.contains("(#example)") && markdown.contains("(#example-1)"), "{markdown}");
}

#[tokio::test]
async fn no_credential_of_a_fixture_is_shown() {
    let out = demo("form-secrets").await;
    for (name, bytes) in crate::world::files(&out) {
        let content = String::from_utf8_lossy(&bytes);
        for secret in ["fixture-caller-key", "demo-api-key", "revoked-api-key", "not-the-key"] {
            assert!(!content.contains(secret), "{name}: {secret}");
        }
    }
    assert!(text(&out, "api-manifest.md").contains("\"bridge_key\": \"<bridge_key>\""));
    let checklist = text(&out, "checklist.md");
    for named in ["`bridge_key`", "`api_key`", "`caller_keys`", "Keybase"] {
        assert!(checklist.contains(named), "{named}");
    }
}
