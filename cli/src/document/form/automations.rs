//! The chapter "Automations": for each action the trigger that suits it, and what is entered for every input,
//! in Talkdesk's own placeholders.

use bridge::contract::Component;
use bridge::contract::integration::{ActionConfig, ActionInput};
use bridge::manifest::model::Ordered;
use serde::Deserialize;

use super::super::Submission;
use super::super::block::{Block, Cell, Line, heading, paragraph};

const AUTOMATIONS: &str = include_str!("../automations.yaml");

/// What is known of Talkdesk's triggers, and which suits which action.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Automations {
    triggers: Ordered<Trigger>,
    always: Vec<String>,
    actions: Ordered<Recipe>,
    other: Recipe,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trigger {
    /// What follows "When" in an automation.
    when: String,
    /// The placeholders that it fills in, without their braces.
    knows: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipe {
    /// A sentence for whoever enters it.
    advice: Option<String>,
    /// By trigger the values of inputs.
    automations: Ordered<Ordered<String>>,
}

/// The chapter; nothing without actions.
pub fn chapter(submission: &Submission<'_>) -> Vec<Block> {
    if !submission.manifest.offers(Component::Actions) {
        return Vec::new();
    }
    let known = known();
    let mut blocks = vec![
        heading(1, "Automations"),
        paragraph(
            "How each action is used in an automation: its trigger, and what is entered for every input. A name in \
             double braces is a placeholder of Talkdesk's, which it replaces by what it knows at that moment. Where the \
             configuration's `format` has one, it stands in the field already; one that Talkdesk leaves as it is counts \
             as nothing.",
        ),
    ];
    for action in &submission.configuration.actions {
        blocks.push(heading(2, format!("Automation: {}", action.display)));
        let recipe = known.actions.get(&action.name).unwrap_or(&known.other);
        blocks.extend(recipe.advice.as_deref().map(paragraph));
        for (trigger, values) in &recipe.automations {
            if let Some(trigger) = known.triggers.get(trigger) {
                blocks.extend(automation(action, trigger, values, &known.always));
            }
        }
    }
    blocks
}

/// The file; a test holds that it can be read.
fn known() -> Automations {
    serde_saphyr::from_str(AUTOMATIONS).unwrap_or_default()
}

fn automation(
    action: &ActionConfig,
    trigger: &Trigger,
    values: &Ordered<String>,
    always: &[String],
) -> Vec<Block> {
    let line = Line::default().strong("When ").text(format!("{}, ", trigger.when));
    let line = line.strong("then ").text(format!("{} (", action.display)).code(&action.name).text(").");
    let mut blocks = vec![Block::Paragraph { line }];
    if action.inputs.is_empty() {
        return blocks;
    }
    let rows = action.inputs.iter().map(|input| {
        let mut name = Line::plain(&input.name);
        if input.mandatory {
            name = name.text(" (mandatory)");
        }
        vec![vec![name], vec![Line::of_code(&input.key)], vec![value(input, trigger, values, always)]]
    });
    let head = ["Input", "key", "What is entered"].map(str::to_owned).to_vec();
    blocks.push(Block::Table { head, widths: vec![25, 17, 58], rows: rows.collect::<Vec<Vec<Cell>>>() });
    blocks
}

/// What is entered for an input: its own placeholder, the recipe's value, its default, or something of one's own.
fn value(input: &ActionInput, trigger: &Trigger, values: &Ordered<String>, always: &[String]) -> Line {
    let knows = |name: &str| trigger.knows.iter().chain(always).any(|known| known == name);
    let own = input.format.as_deref().filter(|format| format.contains("{{"));
    match (own, values.get(&input.key), input.default.as_deref()) {
        (Some(own), _, _) if placeholders(own).iter().all(|name| knows(name)) => Line::of_code(own),
        (_, Some(value), _) => Line::of_code(value),
        (Some(_), None, None) if !input.mandatory => Line::plain("nothing: this trigger does not know it"),
        (_, None, Some(default)) => Line::of_code(default).text(", or another one"),
        (_, None, None) if input.mandatory => Line::plain("words of your own"),
        (_, None, None) => Line::plain("nothing, or words of your own"),
    }
}

/// The names between double braces.
fn placeholders(text: &str) -> Vec<&str> {
    let parts = text.split("{{").skip(1);
    parts.filter_map(|part| part.split_once("}}").map(|(name, _)| name.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recipe_uses_only_what_its_trigger_knows() {
        let known = known();
        assert_eq!(known.triggers.len(), 4);
        for recipe in known.actions.values().chain([&known.other]) {
            for (name, values) in &recipe.automations {
                let trigger = known.triggers.get(name).unwrap_or_else(|| panic!("{name}"));
                for placeholder in values.values().flat_map(|value| placeholders(value)) {
                    let knows = trigger.knows.iter().chain(&known.always).any(|known| known == placeholder);
                    assert!(knows, "{name}: {placeholder}");
                }
            }
        }
    }

    /// A placeholder that no trigger knows would never be filled in.
    #[test]
    fn every_placeholder_of_a_standard_input_is_one_of_talkdesks() {
        let known = known();
        let all: Vec<&String> =
            known.triggers.values().flat_map(|trigger| &trigger.knows).chain(&known.always).collect();
        let standard = crate::reference::standard();
        let formats = standard.inputs.values().filter_map(|input| input["format"].as_str());
        let used: Vec<&str> = formats.flat_map(placeholders).collect();
        assert!(used.len() > 15, "{used:?}");
        for name in used {
            assert!(all.iter().any(|known| *known == name), "{name}");
        }
    }
}
