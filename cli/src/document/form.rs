//! Talkdesk's form, "API Manifest", filled in. The parts come in the form's order and under its
//! headings; a component that is not offered has no part.

use bridge::contract::Component;
use bridge::contract::integration::AuthenticationType;
use bridge::manifest::Manifest;

use super::block::{Block, Line, Paper, Piece, heading, paragraph, paragraphs};
use super::{Submission, name_of};

pub use sections::names as sections_names;

mod automations;
mod sections;
mod tables;

/// Where the completed document goes (the form's last page).
pub const ADDRESSEE: &str = "developers@talkdesk.com";
/// The subject that the form asks for.
pub const SUBJECT: &str = "New Talkdesk CRM Integration";

/// `{IntegrationName} API Manifest - {ClientName}`
pub fn title(submission: &Submission<'_>) -> String {
    format!("{} API Manifest - {}", submission.display_name(), submission.details.client.trim())
}

/// The whole form.
pub fn paper(submission: &Submission<'_>) -> Paper {
    let details = &submission.details;
    let mut blocks = vec![
        Block::Note {
            line: Line::prose(
                "This document is the completed API Manifest. It was written by `talkdesk-bridge document` from \
                 the manifest that the bridge runs, so the tables and the JSON are what is deployed, and \
                 every example response is what the bridge really answers.",
            ),
        },
        heading(1, format!("{} Technical Contacts", details.client.trim())),
        contacts(submission),
        heading(1, "Use Case Description"),
    ];
    blocks.extend(paragraphs(&details.use_case));
    blocks.push(heading(1, "Components Description"));
    blocks.push(components(submission));
    blocks.extend(sections::all(submission));
    blocks.extend(automations::chapter(submission));
    blocks.push(heading(1, "Completed Document Instructions"));
    blocks.extend(instructions(submission));
    Paper {
        title: title(submission),
        series: "Talkdesk CRM Integration".to_owned(),
        author: details.client.trim().to_owned(),
        date: submission.date.short(),
        facts: facts(submission),
        blocks,
    }
}

fn facts(submission: &Submission<'_>) -> Vec<(String, Line)> {
    let details = &submission.details;
    let offered = submission.offered().count();
    let mut facts = vec![
        ("Date", submission.date.long()),
        ("Integration", submission.display_name().to_owned()),
        ("Name at Talkdesk", submission.configuration.integration.name.clone()),
        ("Client", details.client.trim().to_owned()),
        ("Talkdesk account", details.talkdesk_domain.trim().to_owned()),
        ("Components in use", format!("{offered} of {}", Component::ALL.len())),
    ];
    if submission.manifest.offers(Component::Actions) {
        facts.push(("Actions", submission.configuration.actions.len().to_string()));
    }
    facts.into_iter().map(|(label, value)| (label.to_owned(), Line::plain(value))).collect()
}

fn contacts(submission: &Submission<'_>) -> Block {
    let rows = submission.details.technical_contacts.iter().enumerate().map(|(index, contact)| {
        let role = match contact.role.trim() {
            "" => format!("Contact {}", index + 1),
            role => role.to_owned(),
        };
        let email = contact.email.trim();
        let mail = Piece::Text { text: email.to_owned() };
        vec![
            vec![Line::plain(role)],
            vec![Line::default().strong(contact.name.trim()), Line(vec![mail])],
            vec![Line::plain(contact.notes.trim())],
        ]
    });
    Block::Table {
        head: vec![
            format!("{} Technical Contact", submission.details.client.trim()),
            "Name & Email".to_owned(),
            "Notes".to_owned(),
        ],
        widths: vec![3, 4, 4],
        rows: rows.collect(),
    }
}

/// What each offered component does, beginning with the integration itself, which always is.
fn components(submission: &Submission<'_>) -> Block {
    let mut rows = vec![vec![
        vec![Line::default().strong("Talkdesk Integration")],
        vec![Line::prose(
            "Ties the CRM, where customer data is kept, to the Talkdesk account. Its configuration names the \
             credentials, and the endpoints of the components below.",
        )],
    ]];
    for component in sections::ORDER.into_iter().filter(|c| submission.manifest.offers(*c)) {
        let lists = further_lists(submission.manifest).filter(|_| component == Component::Contacts);
        let what = std::iter::once(Line::prose(description(component))).chain(lists);
        rows.push(vec![vec![Line::default().strong(name_of(component))], what.collect()]);
    }
    Block::Table { head: vec!["Component".to_owned(), "What it does".to_owned()], widths: vec![2, 5], rows }
}

/// What is synchronized besides the contacts themselves, each list with how its ids begin.
fn further_lists(manifest: &Manifest) -> impl Iterator<Item = Line> {
    manifest.document().further_lists().map(|list| {
        Line::plain("They are followed by the CRM's ")
            .text(list.name)
            .text(", as contacts whose ids begin with ")
            .code(list.prefix)
            .text(".")
    })
}

fn description(component: Component) -> &'static str {
    match component {
        Component::Actions => {
            "Talkdesk runs an action on the bridge when an automation's trigger fires, or when a user asks for it \
             and fills in its inputs."
        }
        Component::Agents => {
            "Talkdesk POSTs to the bridge when agents are to be synchronized; CRM users are matched by e-mail."
        }
        Component::AuthValidation => {
            "When a user activates the integration, Talkdesk POSTs the values of the authorization fields, and the \
             bridge checks them with the CRM."
        }
        Component::Contacts => {
            "Talkdesk POSTs to the bridge when contacts are to be synchronized: initially, incrementally, and page \
             by page."
        }
        Component::Interactions => {
            "Talkdesk POSTs to the bridge whenever a contact is shown to a user, and shows what happened with it in \
             the CRM."
        }
    }
}

fn instructions(submission: &Submission<'_>) -> Vec<Block> {
    let details = &submission.details;
    let mut attachments = vec![
        Line::prose("Attachment: this document (PDF preferred)."),
        Line::prose("Attachment: the configuration JSON."),
    ];
    for link in submission.details.documentation(submission.manifest) {
        attachments.push(Line::plain("API documentation of the integrating system: ").link(&link, &link));
    }
    let mut items = vec![
        Line::plain("Subject: ").strong(SUBJECT),
        Line::plain("Body: summary, components in use and overall objectives (below)."),
        Line::plain("Talkdesk account / domain name: ").strong(details.talkdesk_domain.trim()),
    ];
    if keybase_needed(submission) || !details.keybase_user_name.trim().is_empty() {
        items.push(Line::plain("Keybase user name: ").strong(details.keybase_user_name.trim()));
    }
    items.extend(attachments);
    let mut blocks = vec![
        Block::Paragraph {
            line: Line::prose("This document is sent to ").strong(ADDRESSEE).text(" with the following:"),
        },
        Block::List { items },
        heading(2, "Summary"),
    ];
    blocks.extend(paragraphs(&details.summary));
    blocks.push(paragraph("Components in use:"));
    let lines = sections::ORDER
        .into_iter()
        .filter(|c| submission.manifest.offers(*c))
        .map(|c| Line::plain(name_of(c)));
    blocks.push(Block::List { items: lines.collect() });
    blocks.push(heading(2, "Objectives"));
    blocks.extend(paragraphs(&details.objectives));
    blocks
}

/// Whether credentials must be handed over at all.
pub fn keybase_needed(submission: &Submission<'_>) -> bool {
    submission.manifest.document().integration.authentication_type != AuthenticationType::None
}
