//! Which list of an OpenAPI document is the one of people. A name is not enough: an organization's "contacts" may be
//! its three technical ones, which have neither id nor address.

use serde_json::Value;

use super::spec::{Spec, is_id};

/// Lists that are named where none fits.
const NAMED: usize = 8;

/// A list, and what is said of the ones that were not taken.
pub struct Choice<'d> {
    /// The path and its GET.
    pub taken: Option<(&'d str, &'d Value)>,
    /// Lists of such a name whose rows are no people.
    pub refused: Vec<String>,
}

/// The list that is called so and whose rows are people; else one of which the document does not say what its rows are.
pub fn choice<'d>(spec: &Spec<'d>, words: &[&str]) -> Choice<'d> {
    let called = spec.called(words);
    let rows = |operation: &'d Value| spec.rows(operation).map(|(_, row)| spec.fields(row));
    let people = called.iter().find(|(_, operation)| rows(operation).is_some_and(|row| is_person(&row)));
    let unknown = || called.iter().find(|(_, operation)| rows(operation).is_none_or(|row| row.is_empty()));
    let taken = people.or_else(unknown).copied();
    let others = called.iter().filter(|(path, _)| taken.is_none_or(|(taken, _)| taken != *path));
    let refused = others.filter_map(|(path, operation)| {
        let fields = rows(operation).filter(|fields| !fields.is_empty() && !is_person(fields))?;
        Some(format!(
            "GET {path} is no list of people: its rows ({}) have no id with a name, an e-mail or a phone",
            fields.iter().take(5).map(String::as_str).collect::<Vec<_>>().join(", ")
        ))
    });
    Choice { refused: refused.collect(), taken }
}

/// Whether a row's fields are those of somebody who can be called.
fn is_person(fields: &[String]) -> bool {
    fields.iter().any(|field| is_id(field)) && fields.iter().any(|field| is_reach(field) || is_name(field))
}

/// Whether a field is an address or a number.
fn is_reach(field: &str) -> bool {
    let name = field.to_lowercase();
    ["email", "e_mail", "phone", "mobile"].iter().any(|word| name.contains(word))
}

fn is_name(field: &str) -> bool {
    let name = field.rsplit('.').next().unwrap_or(field).to_lowercase().replace('_', "");
    ["name", "firstname", "lastname", "fullname", "displayname", "givenname", "familyname"]
        .contains(&name.as_str())
}

/// The lists that may be meant, as the end of a sentence: those whose rows have an id and an address or a number, else
/// all.
pub fn lists(spec: &Spec<'_>) -> String {
    let all = spec.lists();
    let reached = |row| {
        let fields = spec.fields(row);
        fields.iter().any(|field| is_id(field)) && fields.iter().any(|field| is_reach(field))
    };
    let people: Vec<&str> = all.iter().filter(|(_, row)| reached(row)).map(|(path, _)| *path).collect();
    let (kind, paths) = match people.is_empty() {
        false => ("its lists with an id and an e-mail or a phone are", people),
        true => ("its lists are", all.iter().map(|(path, _)| *path).collect()),
    };
    match paths.is_empty() {
        true => String::new(),
        false => format!("; {kind} {}", paths.into_iter().take(NAMED).collect::<Vec<_>>().join(", ")),
    }
}
