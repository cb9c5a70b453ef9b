//! Fields of Talkdesk's records with the templates that make them.

use bridge::manifest::expression::Template;
use bridge::manifest::model::{AgentMap, ContactMap, InteractionMap};
use serde_json::{Value, json};

/// A field of Talkdesk's record and the templates that it is made of.
pub type Field<'m> = (&'static str, Vec<&'m Template>);

/// A field for the page: its templates, and which paths of the row they read.
pub fn field(name: &str, templates: &[&Template]) -> Value {
    let found = templates.iter().flat_map(|template| template.expressions());
    let reads: Vec<String> = found.flat_map(|it| &it.found().names).map(|path| path.join(".")).collect();
    let sources: Vec<_> = templates.iter().map(|template| template.source()).collect();
    json!({ "field": name, "templates": sources, "reads": reads })
}

fn present<'m>(all: Vec<(&'static str, Option<&'m Template>)>) -> Vec<Field<'m>> {
    all.into_iter().filter_map(|(name, template)| Some((name, vec![template?]))).collect()
}

/// A contact's fields, the important ones first.
pub fn contact(map: &ContactMap) -> Vec<Field<'_>> {
    let mut fields = present(vec![
        ("id", Some(&map.id)),
        ("name", Some(&map.name)),
        ("company", map.company.as_ref()),
        ("title", map.title.as_ref()),
        ("photo_url", map.photo_url.as_ref()),
        ("address", map.address.as_ref()),
        ("twitter", map.twitter.as_ref()),
        ("url", map.url.as_ref()),
    ]);
    let lists = [("emails", &map.emails), ("phones", &map.phones), ("websites", &map.websites)];
    let lists = lists.into_iter().filter(|(_, lines)| !lines.0.is_empty());
    fields.splice(2..2, lists.map(|(name, lines)| (name, lines.0.iter().collect())));
    fields
}

/// An agent's fields.
pub fn agent(map: &AgentMap) -> Vec<Field<'_>> {
    present(vec![("id", Some(&map.id)), ("name", Some(&map.name)), ("email", Some(&map.email))])
}

/// An interaction's fields.
pub fn interaction(map: &InteractionMap) -> Vec<Field<'_>> {
    present(vec![
        ("id", Some(&map.id)),
        ("subject", Some(&map.subject)),
        ("description", map.description.as_ref()),
        ("date", Some(&map.date)),
        ("priority", map.priority.as_ref()),
        ("status", map.status.as_ref()),
        ("url", map.url.as_ref()),
    ])
}
