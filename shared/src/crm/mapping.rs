//! Rows become contract types: typed targets, fall-backs, and rows that cannot be used.

use minijinja::Value;
use minijinja::value::ValueKind;

use super::Engine;
use crate::contract::TalkdeskDate;
use crate::contract::agents::Agent;
use crate::contract::contacts::Contact;
use crate::contract::interactions::{Interaction, Priority, Status};
use crate::manifest::expression::{Template, as_text, html_to_text, is_empty, read_time};
use crate::manifest::model::{AgentMap, ContactMap, InteractionMap, Lines};

/// Longest description of an interaction: a preview.
const MAX_DESCRIPTION: usize = 1000;

/// Why a row cannot be used. Holds names of fields, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow(pub String);

type Mapped<T> = Result<T, BadRow>;

/// A text: null, `""` and `false` are none; lists and maps do not fit.
fn text(field: &str, template: &Template, names: &Value) -> Mapped<Option<String>> {
    let value = template.eval(names).map_err(|e| BadRow(format!("{field}: {e}")))?;
    if is_empty(&value) {
        return Ok(None);
    }
    if matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) {
        return Err(BadRow(format!("{field}: text is expected, not a {}", value.kind())));
    }
    Ok(as_text(&value).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()))
}

fn optional(field: &str, template: Option<&Template>, names: &Value) -> Mapped<Option<String>> {
    template.map_or(Ok(None), |template| text(field, template, names))
}

fn mandatory(field: &str, template: &Template, names: &Value) -> Mapped<String> {
    text(field, template, names)?.ok_or_else(|| BadRow(format!("{field}: empty")))
}

/// A list of texts: members may be lists, empty ones fall away.
fn list(field: &str, Lines(lines): &Lines, names: &Value) -> Mapped<Vec<String>> {
    let mut texts = Vec::new();
    for template in lines {
        let value = template.eval(names).map_err(|e| BadRow(format!("{field}: {e}")))?;
        collect(&value, &mut texts, 0);
    }
    Ok(texts)
}

fn collect(value: &Value, texts: &mut Vec<String>, depth: usize) {
    if is_empty(value) || depth > 4 {
        return;
    }
    match value.kind() {
        ValueKind::Seq | ValueKind::Iterable => {
            for member in value.try_iter().into_iter().flatten() {
                collect(&member, texts, depth + 1);
            }
        }
        ValueKind::Map => {}
        _ => texts.extend(as_text(value).map(|t| t.trim().to_owned()).filter(|t| !t.is_empty())),
    }
}

/// Some people type two addresses into one field, or a name before one.
fn addresses(texts: Vec<String>) -> Vec<String> {
    let split = |text: String| {
        if let Some((_, inner)) = text.rsplit_once('<')
            && let Some(address) = inner.strip_suffix('>').filter(|a| a.contains('@'))
        {
            return vec![address.trim().to_owned()];
        }
        let separators = |c: char| c == ';' || c == ',' || c.is_whitespace();
        let parts: Vec<&str> = text.split(separators).filter(|part| !part.is_empty()).collect();
        match parts.iter().all(|part| part.contains('@')) {
            true => parts.into_iter().map(str::to_owned).collect(),
            false => vec![text],
        }
    };
    texts.into_iter().flat_map(split).collect()
}

fn unique(texts: Vec<String>, same: impl Fn(&str, &str) -> bool) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if !kept.iter().any(|k| same(k, &text)) {
            kept.push(text);
        }
    }
    kept
}

impl Engine {
    /// A row as a contact, and how many of its phone numbers did not parse.
    ///
    /// # Errors
    /// No id, or a value that does not fit its target.
    pub(super) fn contact(&self, map: &ContactMap, names: &Value) -> Mapped<(Contact, usize)> {
        let id = mandatory("id", &map.id, names)?;
        let emails = unique(addresses(list("emails", &map.emails, names)?), str::eq_ignore_ascii_case);
        let raw_phones = list("phones", &map.phones, names)?;
        let (phones, unparsed) = self.phones.normalize_all(raw_phones.iter().map(String::as_str));
        let company = optional("company", map.company.as_ref(), names)?;
        // Contract §11.12: a contact without a name is still a contact.
        let name = text("name", &map.name, names)?
            .or_else(|| company.clone())
            .or_else(|| emails.first().cloned())
            .or_else(|| phones.first().cloned())
            .unwrap_or_else(|| id.clone());
        let contact = Contact {
            id,
            name,
            company,
            title: optional("title", map.title.as_ref(), names)?,
            emails,
            phones,
            photo_url: optional("photo_url", map.photo_url.as_ref(), names)?,
            address: optional("address", map.address.as_ref(), names)?
                .map(|a| a.split_whitespace().collect::<Vec<_>>().join(" ")),
            websites: unique(list("websites", &map.websites, names)?, |a, b| a == b),
            twitter: optional("twitter", map.twitter.as_ref(), names)?
                .map(|t| t.trim_start_matches('@').to_owned())
                .filter(|t| !t.is_empty()),
            url: optional("url", map.url.as_ref(), names)?,
        };
        Ok((contact, unparsed))
    }

    /// A row as an agent.
    ///
    /// # Errors
    /// No id or no e-mail: Talkdesk matches agents by e-mail (contract §11.16).
    pub(super) fn agent(&self, map: &AgentMap, names: &Value) -> Mapped<Agent> {
        let email = mandatory("email", &map.email, names)?;
        let name = text("name", &map.name, names)?.unwrap_or_else(|| email.clone());
        Ok(Agent { id: mandatory("id", &map.id, names)?, name, email })
    }

    /// A row as an interaction of a type.
    ///
    /// # Errors
    /// No id, or a date that is no time.
    pub(super) fn interaction(&self, kind: &str, map: &InteractionMap, names: &Value) -> Mapped<Interaction> {
        let id = mandatory("id", &map.id, names)?;
        let date = map.date.eval(names).map_err(|e| BadRow(format!("date: {e}")))?;
        let moment =
            read_time(&date, None).ok().flatten().ok_or_else(|| BadRow("date: not a time".to_owned()))?;
        let date =
            TalkdeskDate::new(moment.calendar()).ok_or_else(|| BadRow("date: out of range".to_owned()))?;
        let description = optional("description", map.description.as_ref(), names)?
            .map(|d| if looks_like_html(&d) { html_to_text(&d) } else { d })
            .map(|d| shortened(&d, MAX_DESCRIPTION))
            .filter(|d| !d.is_empty());
        let subject = text("subject", &map.subject, names)?
            .map(|s| if looks_like_html(&s) { html_to_text(&s) } else { s })
            .map(|s| shortened(&s.split_whitespace().collect::<Vec<_>>().join(" "), 255))
            .filter(|s| !s.is_empty())
            .or_else(|| description.as_ref().map(|d| shortened(d.lines().next().unwrap_or_default(), 120)))
            .unwrap_or_else(|| kind.to_owned());
        // Contract §11.21: priority always, status when it is known; never outside of the lists.
        let priority = optional("priority", map.priority.as_ref(), names)?
            .and_then(|p| Priority::parse(&p.to_ascii_lowercase()))
            .unwrap_or(Priority::None);
        let status = optional("status", map.status.as_ref(), names)?
            .and_then(|s| Status::parse(&s.to_ascii_lowercase()));
        Ok(Interaction {
            id,
            subject,
            description,
            date,
            url: optional("url", map.url.as_ref(), names)?,
            r#type: kind.to_owned(),
            priority,
            status,
        })
    }
}

fn looks_like_html(text: &str) -> bool {
    text.contains("</")
        || text.contains("/>")
        || text.contains("<br")
        || text.contains("<p>")
        || text.contains("&nbsp;")
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::addresses;

    #[test]
    fn every_address_of_a_field_counts_for_itself() {
        for (typed, expected) in [
            ("ada@example.com", &["ada@example.com"][..]),
            ("A@example.com ; b@example.com", &["A@example.com", "b@example.com"]),
            ("a@example.com,b@example.com", &["a@example.com", "b@example.com"]),
            ("\"Ada, L.\" <ada@example.com>", &["ada@example.com"]),
            ("not known", &["not known"]),
        ] {
            assert_eq!(addresses(vec![typed.to_owned()]), expected, "{typed}");
        }
    }
}
