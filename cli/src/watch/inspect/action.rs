//! An action's inputs beside what was sent to the CRM.

use bridge::contract::Component;
use bridge::crm::route;
use bridge::manifest::Manifest;
use bridge::manifest::expression::Template;
use bridge::manifest::model::{Action, Fetch, Tree};
use serde_json::{Value, json};

use super::cut::{Size, cut};
use super::fields::field;
use crate::fixture::Sent;
use crate::watch::view::View;
use crate::watch::{Call, Conversation};

/// The writes of an action, each beside the inputs, as [`pairs`](super::pairs) writes rows; empty for others.
pub fn of(conversation: &Conversation, manifest: &Manifest, size: Size, view: &mut View<'_>) -> Value {
    let name = conversation.path.rsplit('/').next().unwrap_or_default();
    let action = manifest.document().actions.get(name);
    let Some(action) = action.filter(|_| conversation.component == Component::Actions) else {
        return Value::Array(Vec::new());
    };
    let request = &conversation.request;
    let inputs = json!({ "input": request["data"], "meta": request["meta"] });
    let inputs = view.json(&cut(&inputs, size));
    let writes = conversation.calls.iter().enumerate().filter(|(_, call)| is_of(call, &action.fetch));
    let mut rows: Vec<_> = writes
        .map(|(number, call)| {
            let body = Sent::of(&call.sent).body.map(|body| view.asked("", &cut(&body, size)));
            json!({"id": name, "call": number, "row": inputs, "made": body, "why": ""})
        })
        .collect();
    let sent = rows.len();
    if rows.is_empty() {
        let why = "nothing was written: the action ended before";
        rows.push(json!({"id": name, "row": inputs, "why": why}));
    }
    let mut fields = Vec::new();
    written(action, &mut |path, template| fields.push(field(path, &[template])));
    json!([{"kind": "action", "fields": fields, "sent": sent, "left": 0, "rows": rows, "more": 0}])
}

/// Whether a call is this request, by method and route.
fn is_of(call: &Call, fetch: &Fetch) -> bool {
    call.sent.method == fetch.method.name() && call.sent.route == route(fetch)
}

/// Visits the templates of an action's body, each with its path.
fn written<'m>(action: &'m Action, visit: &mut dyn FnMut(&str, &'m Template)) {
    if let Some(body) = &action.fetch.body {
        leaves("", body, visit);
    }
    for (name, template) in action.fetch.form.iter().flatten() {
        visit(name, template);
    }
}

fn leaves<'m>(path: &str, tree: &'m Tree, visit: &mut dyn FnMut(&str, &'m Template)) {
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match tree {
        Tree::Leaf(template) => visit(path, template),
        Tree::List(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| leaves(&below(&index.to_string()), item, visit));
        }
        Tree::Map(entries) => {
            entries.iter().for_each(|(key, item)| leaves(&below(key.source()), item, visit))
        }
        Tree::Json(inside) | Tree::Base64Url(inside) => leaves(path, inside, visit),
        Tree::Each { list, value, .. } => {
            visit(path, list);
            leaves(&below("*"), value, visit);
        }
    }
}
