//! The newer procedure: a ticket, with the tables in the newer shape (contract §10).

use bridge::contract::integration::{ActionConfig, AuthField};

use super::Submission;
use super::block::{Block, Cell, Line, heading, paragraph, paragraphs};
use super::configuration::action_file;
use super::{form, markdown};

/// The ticket's text; `document` is the file of the filled form.
pub fn text(submission: &Submission<'_>, document: &str) -> String {
    let details = &submission.details;
    let mut blocks = vec![
        heading(1, format!("Ticket: {}", form::title(submission))),
        paragraph("Open a ticket through Talkdesk's support form and choose:"),
        two_columns(
            ["Field of the form", "Value"],
            vec![
                row("Option", "Technical and Product Support"),
                row("Product area", "Integrations"),
                row("Subject", "Activate Custom Integration"),
                row("Talkdesk account", details.talkdesk_domain.trim()),
                row("Attachments", &attachments(submission, document)),
            ],
        ),
        paragraph("Everything below this line is the ticket's description."),
        heading(2, "Summary"),
    ];
    blocks.extend(paragraphs(&details.summary));
    blocks.push(paragraph("Components in use:"));
    let names = form::sections_names(submission).into_iter().map(Line::plain);
    blocks.push(Block::List { items: names.collect() });
    blocks.push(heading(2, "Objectives"));
    blocks.extend(paragraphs(&details.objectives));
    blocks.push(heading(2, "Integration Details"));
    blocks.push(integration(submission));
    for action in &submission.configuration.actions {
        blocks.push(heading(2, format!("Action Details: {}", action.name)));
        blocks.push(self::action(action));
    }
    blocks.push(heading(2, "Contacts"));
    let people = details
        .technical_contacts
        .iter()
        .map(|c| (c, [c.email.trim(), c.role.trim()].into_iter().filter(|part| !part.is_empty())))
        .map(|(c, about)| row(c.name.trim(), &about.collect::<Vec<_>>().join(", ")));
    blocks.push(two_columns(["Name", "E-mail and role"], people.collect()));
    let mut documentation = Line::plain("API documentation: ");
    for (index, link) in details.documentation(submission.manifest).iter().enumerate() {
        documentation = if index > 0 { documentation.text(", ") } else { documentation }.link(link, link);
    }
    blocks.push(Block::Paragraph { line: documentation });
    markdown::blocks(&blocks, 0)
}

/// The files of the package that belong to the ticket.
fn attachments(submission: &Submission<'_>, document: &str) -> String {
    let actions = &submission.configuration.actions;
    let files = [document, "integration.new.json"].map(str::to_owned);
    files.into_iter().chain(actions.iter().map(|a| action_file(&a.name))).collect::<Vec<_>>().join(", ")
}

fn integration(submission: &Submission<'_>) -> Block {
    let config = &submission.configuration.integration;
    let mut rows = vec![
        code_row("name", &config.name),
        text_row("display_name", &config.display_name),
        text_row("description", &config.description),
        vec![vec![Line::of_code("logo_url")], vec![Line::address(&config.logo_url)]],
        vec![vec![Line::of_code("icon_url")], vec![Line::address(&config.icon_url)]],
        code_row("authentication_type", config.authentication_type.as_str()),
    ];
    if !config.authentication_configuration.is_empty() {
        let lines = config.authentication_configuration.iter().flat_map(field_lines).collect();
        rows.push(vec![vec![Line::of_code("authentication_configuration")], lines]);
    }
    for (name, url) in [
        ("auth_validation_endpoint", &config.auth_validation_endpoint),
        ("contact_synchronization_endpoint", &config.contact_synchronization_endpoint),
        ("interaction_retrieval_endpoint", &config.interaction_retrieval_endpoint),
        ("agent_synchronization_endpoint", &config.agent_synchronization_endpoint),
    ] {
        rows.extend(url.as_ref().map(|url| code_row(name, url)));
    }
    if !config.interaction_types.is_empty() {
        let lines = config.interaction_types.iter().map(Line::of_code).collect();
        rows.push(vec![vec![Line::of_code("interaction_types")], lines]);
    }
    two_columns(["Field", "Example"], rows)
}

/// One element as the newer documents list it: `field_name`, then its attributes.
fn field_lines(field: &AuthField) -> Cell {
    let mut lines = vec![
        Line::default().strong("field_name: ").code(&field.field_name),
        Line::plain("– Display: ").text(&field.display),
        Line::plain(format!("– Mandatory: {}", field.mandatory)),
        Line::plain("– Type: ").code(field.r#type.as_str()),
        Line::plain(format!("– Store: {}", field.store)),
    ];
    lines.extend(field.help.as_ref().map(|help| Line::plain("– Help: ").text(help)));
    lines.extend(field.format.as_ref().map(|format| Line::plain("– Format: ").code(format)));
    lines
}

fn action(action: &ActionConfig) -> Block {
    let mut inputs = Cell::new();
    for input in &action.inputs {
        inputs.push(Line::default().strong("key: ").code(&input.key));
        inputs.push(Line::plain("– Name: ").text(&input.name));
        inputs.push(Line::plain(format!("– Mandatory: {}", input.mandatory)));
        for (label, value) in
            [("Type", &input.r#type), ("Format", &input.format), ("Default", &input.default)]
        {
            inputs.extend(value.as_ref().map(|value| Line::plain(format!("– {label}: ")).code(value)));
        }
    }
    two_columns(
        ["Field", "Example"],
        vec![
            code_row("provider", &action.provider),
            code_row("name", &action.name),
            text_row("display", &action.display),
            text_row("description", &action.description),
            code_row("endpoint", &action.endpoint),
            vec![vec![Line::of_code("inputs")], inputs],
        ],
    )
}

fn row(name: &str, value: &str) -> Vec<Cell> {
    vec![vec![Line::plain(name)], vec![Line::plain(value)]]
}

/// A field whose value people write.
fn text_row(name: &str, value: &str) -> Vec<Cell> {
    vec![vec![Line::of_code(name)], vec![Line::plain(value)]]
}

/// A field whose value machines read.
fn code_row(name: &str, value: &str) -> Vec<Cell> {
    vec![vec![Line::of_code(name)], vec![Line::of_code(value)]]
}

fn two_columns(head: [&str; 2], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table { head: head.map(str::to_owned).to_vec(), widths: vec![1, 2], rows }
}
