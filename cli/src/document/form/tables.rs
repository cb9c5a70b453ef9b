//! The form's two-column tables, and what does not fit into one cell of them.

use bridge::contract::integration::{ActionConfig, ActionInput, AuthField, IntegrationConfig};

use super::super::block::{Block, Cell, Line};

/// Reads one column's value of an input.
type Column = fn(&ActionInput) -> Option<&String>;

/// At most this many authentication fields are named where they are counted.
const MOST: usize = 10;

const HEAD: [&str; 2] = ["TD Field Name:", "Your Inputs:"];

/// Section 1: the integration. Rows of what is switched off are left out.
pub fn configuration(config: &IntegrationConfig) -> Block {
    let mut rows = vec![
        row("name", vec![Line::of_code(&config.name)]),
        row("display_name", vec![Line::plain(&config.display_name)]),
        row("description", vec![Line::plain(&config.description)]),
        row("logo_url", vec![Line::address(&config.logo_url)]),
        row("icon_url", vec![Line::address(&config.icon_url)]),
        row("authentication_type", vec![Line::of_code(config.authentication_type.as_str())]),
    ];
    if !config.authentication_configuration.is_empty() {
        let fields = &config.authentication_configuration;
        let count = match fields.len() {
            1 => "1 field".to_owned(),
            n => format!("{n} fields"),
        };
        let mut line = Line::plain(format!("{count}, described below"));
        // Of many fields the names would fill a page, and the next one begins with them again.
        for (index, field) in fields.iter().enumerate().filter(|_| fields.len() <= MOST) {
            line = line.text(if index > 0 { ", " } else { ": " }).code(&field.field_name);
        }
        rows.push(row("authentication_configuration", vec![line]));
    }
    for (name, url) in [
        ("auth_validation_endpoint", &config.auth_validation_endpoint),
        ("contact_synchronization_endpoint", &config.contact_synchronization_endpoint),
        ("interaction_retrieval_endpoint", &config.interaction_retrieval_endpoint),
        ("agent_synchronization_endpoint", &config.agent_synchronization_endpoint),
    ] {
        if let Some(url) = url {
            rows.push(row(name, vec![Line::of_code(url)]));
        }
    }
    if !config.interaction_types.is_empty() {
        let mut line = Line::default();
        for (index, kind) in config.interaction_types.iter().enumerate() {
            line = if index > 0 { line.text(", ") } else { line }.code(kind);
        }
        rows.push(row("interaction_types", vec![line]));
    }
    table(&HEAD, &[38, 62], rows)
}

/// The elements of `authentication_configuration`.
pub fn fields(fields: &[AuthField]) -> Block {
    let rows = fields.iter().map(|field| {
        let mut about = vec![Line::default().strong(&field.display)];
        about.extend(field.help.as_ref().map(|help| Line::plain("help: ").text(help)));
        about.extend(field.format.as_ref().map(|format| Line::plain("format: ").code(format)));
        vec![
            vec![Line::of_code(&field.field_name)],
            about,
            vec![Line::of_code(field.source.as_str())],
            vec![Line::of_code(field.r#type.as_str())],
            vec![Line::plain(yes(field.mandatory))],
            vec![Line::plain(yes(field.store))],
        ]
    });
    let head = ["field_name", "display", "source", "type", "mandatory", "store"];
    table(&head, &[22, 36, 17, 10, 16, 9], rows.collect())
}

/// Section 2: one action.
pub fn action(config: &ActionConfig) -> Block {
    let inputs = match config.inputs.as_slice() {
        [] => Line::plain("none"),
        inputs => inputs.iter().enumerate().fold(Line::default(), |line, (index, input)| {
            let line = if index > 0 { line.text(", ") } else { line };
            let line = line.code(&input.key);
            if input.mandatory { line.text(" (mandatory)") } else { line }
        }),
    };
    let rows = vec![
        row("provider", vec![Line::of_code(&config.provider)]),
        row("name", vec![Line::of_code(&config.name)]),
        row("display", vec![Line::plain(&config.display)]),
        row("description", vec![Line::plain(&config.description)]),
        row("endpoint", vec![Line::of_code(&config.endpoint)]),
        row("inputs", vec![inputs]),
    ];
    table(&HEAD, &[38, 62], rows)
}

/// The elements of `inputs`. Columns that no input uses are left out.
pub fn inputs(inputs: &[ActionInput]) -> Block {
    let optional: [(&str, Column); 3] = [
        ("type", |i| i.r#type.as_ref()),
        ("format", |i| i.format.as_ref()),
        ("default", |i| i.default.as_ref()),
    ];
    let used: Vec<_> =
        optional.into_iter().filter(|(_, value)| inputs.iter().any(|i| value(i).is_some())).collect();
    let mut head = vec!["key", "name", "mandatory"];
    head.extend(used.iter().map(|(name, _)| *name));
    let mut widths = vec![11, 10, 9];
    // A placeholder such as {{contact_phone_number}} stands in one line.
    widths.extend(used.iter().map(|(name, _)| if *name == "format" { 19 } else { 6 }));
    let rows = inputs.iter().map(|input| {
        let mut cells = vec![
            vec![Line::of_code(&input.key)],
            vec![Line::plain(&input.name)],
            vec![Line::plain(yes(input.mandatory))],
        ];
        cells.extend(
            used.iter().map(|(_, value)| value(input).map(Line::of_code).into_iter().collect::<Cell>()),
        );
        cells
    });
    table(&head, &widths, rows.collect())
}

fn row(name: &str, value: Cell) -> Vec<Cell> {
    vec![vec![Line::of_code(name)], value]
}

fn table(head: &[&str], widths: &[u8], rows: Vec<Vec<Cell>>) -> Block {
    Block::Table { head: head.iter().map(|h| (*h).to_owned()).collect(), widths: widths.to_vec(), rows }
}

fn yes(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}
