//! Sections 1 to 6 of the form.

use bridge::contract::Component;

use super::super::block::{Block, Line, heading, paragraph};
use super::super::configuration::{action_file, pretty};
use super::super::example::Example;
use super::super::{Submission, name_of};
use super::{keybase_needed, tables};

/// The components in the order of the form's sections 2 to 6.
pub const ORDER: [Component; 5] = [
    Component::Actions,
    Component::Agents,
    Component::AuthValidation,
    Component::Contacts,
    Component::Interactions,
];

/// Every section whose component is offered.
pub fn all(submission: &Submission<'_>) -> Vec<Block> {
    let mut blocks = integration(submission);
    for component in ORDER.into_iter().filter(|c| submission.manifest.offers(*c)) {
        blocks.push(heading(1, section_title(component)));
        blocks
            .push(weblink(section_title(component).split_once(": ").map_or("", |(_, t)| t), page(component)));
        match component {
            Component::Actions => actions(submission, &mut blocks),
            other => {
                blocks.push(endpoint(submission.endpoints.get(other).unwrap_or_default()));
                blocks.push(paragraph(promise(other)));
                examples(submission.examples.of(other), 2, &mut blocks);
            }
        }
    }
    blocks
}

fn section_title(component: Component) -> &'static str {
    match component {
        Component::Actions => "2: Implementing an Action Executor",
        Component::Agents => "3: Implementing an Agent Retriever",
        Component::AuthValidation => "4: Implementing an Authorization Validator",
        Component::Contacts => "5: Implementing a Contact Retriever",
        Component::Interactions => "6: Implementing an Interaction Retriever",
    }
}

/// Talkdesk's own page on a component (contract §0).
fn page(component: Component) -> &'static str {
    match component {
        Component::Actions => "https://docs.talkdesk.com/docs/implementing-an-action-executor",
        Component::Agents => "https://docs.talkdesk.com/docs/implementing-an-agent-synchronization",
        Component::AuthValidation => "https://docs.talkdesk.com/docs/implementing-an-authorization-validator",
        Component::Contacts => "https://docs.talkdesk.com/docs/implementing-a-contact-synchronization",
        Component::Interactions => "https://docs.talkdesk.com/docs/implementing-contact-activity",
    }
}

fn promise(component: Component) -> &'static str {
    match component {
        Component::Agents => {
            "Agents are the CRM's active users with an e-mail address. `next_offset` is a whole number and is left \
             out with the last page."
        }
        Component::AuthValidation => {
            "`200` means that the CRM accepts the credentials; `401` anything else. A success without values to \
             store has the body `{}`."
        }
        Component::Contacts => {
            "The three situations differ in `meta` only: nothing (initial synchronization), \
             `synchronization_checkpoint` (incremental), and additionally `offset` (next page). `next_offset` is left \
             out with the last page."
        }
        Component::Interactions => {
            "The response is an array, newest first, of the types that were asked for; an unknown contact has none."
        }
        Component::Actions => {
            "Each action has its own table, its own JSON and its own endpoint. `201` means that it was carried out. \
             Any other status is a failure, and `message` says why, for the user to read: `400`, or `401` for a key \
             or token that is not accepted."
        }
    }
}

fn weblink(text: &str, url: &str) -> Block {
    Block::Paragraph { line: Line::default().strong("Talkdesk Weblink: ").link(text, url) }
}

fn endpoint(url: &str) -> Block {
    Block::Paragraph { line: Line::default().strong("Endpoint: ").code(format!("POST {url}")) }
}

fn integration(submission: &Submission<'_>) -> Vec<Block> {
    let details = &submission.details;
    let config = &submission.configuration.integration;
    let mut weblinks = Line::default().strong(format!("{} Weblink: ", config.display_name));
    for (index, link) in details.documentation(submission.manifest).iter().enumerate() {
        weblinks = if index > 0 { weblinks.text(", ") } else { weblinks }.link(link, link);
    }
    let test = details.test_in_production.is_some_and(|answer| answer.is_yes());
    let answer = match (test, keybase_needed(submission)) {
        (true, true) => "Yes; the credentials are handed over through Keybase, upon request.",
        (true, false) => "Yes",
        (false, _) => "No",
    };
    let keybase = match details.keybase_user_name.trim() {
        "" => "none (there are no credentials to hand over)",
        name => name,
    };
    let mut blocks = vec![
        heading(1, "1: Configuring a Talkdesk Integration"),
        weblink(
            "Configuring a Talkdesk Integration",
            "https://docs.talkdesk.com/docs/integration-configuration",
        ),
        Block::Paragraph { line: weblinks },
        Block::List {
            items: vec![
                Line::default().strong("Authentication Type: ").code(config.authentication_type.as_str()),
                Line::default().strong("Keybase User Name: ").text(keybase),
                Line::default().strong("Should it be tested in the production environment? ").text(answer),
            ],
        },
        heading(2, "Configuration"),
        tables::configuration(config),
    ];
    if !config.authentication_configuration.is_empty() {
        blocks.push(heading(2, "authentication_configuration"));
        blocks.push(tables::fields(&config.authentication_configuration));
    }
    blocks.push(heading(2, "Configuration JSON"));
    blocks.push(Block::Code {
        caption: "Configuration input (attached as integration.json)".to_owned(),
        text: pretty(&config.to_old_form()).trim_end().to_owned(),
    });
    blocks
}

fn actions(submission: &Submission<'_>, blocks: &mut Vec<Block>) {
    blocks.push(paragraph(promise(Component::Actions)));
    for config in &submission.configuration.actions {
        blocks.push(heading(2, format!("Action: {}", config.name)));
        blocks.push(tables::action(config));
        if !config.inputs.is_empty() {
            blocks.push(paragraph("The elements of `inputs`:"));
            blocks.push(tables::inputs(&config.inputs));
        }
        let json = serde_json::to_value(config).unwrap_or_default();
        blocks.push(Block::Code {
            caption: format!(
                "Configuration input (attached as {})",
                action_file(&config.name).replace('/', "-")
            ),
            text: pretty(&json).trim_end().to_owned(),
        });
        blocks.push(endpoint(&config.endpoint));
        examples(submission.examples.of_action(&config.name), 3, blocks);
    }
}

fn examples(examples: Vec<Example>, level: u8, blocks: &mut Vec<Block>) {
    for example in examples {
        blocks.push(heading(level, example.title));
        let caption = if example.answer.is_some() {
            "Example input"
        } else {
            "Input, made up from Talkdesk's documents"
        };
        blocks.push(code(caption.to_owned(), &example.request));
        let rest = match example.left_out {
            0 => String::new(),
            left_out => format!(" ({left_out} further records are not shown)"),
        };
        match example.answer {
            Some((status, body)) => blocks.push(code(format!("Example response, status {status}{rest}"), &body)),
            None => blocks.push(Block::Note {
                line: Line::prose(
                    "The manifest has no recorded exchange for this, so there is no response that could be shown as \
                     real.",
                ),
            }),
        }
    }
}

fn code(caption: String, json: &serde_json::Value) -> Block {
    Block::Code { caption, text: pretty(json).trim_end().to_owned() }
}

/// The names of the offered components, for texts.
pub fn names(submission: &Submission<'_>) -> Vec<&'static str> {
    ORDER.into_iter().filter(|c| submission.manifest.offers(*c)).map(name_of).collect()
}
