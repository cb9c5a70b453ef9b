//! Rows become contract types. Only a missing id makes a row useless: any other value that does not
//! fit its target is left out, counted and named, and the rest of the row is delivered.

use minijinja::Value;

use super::{Engine, Session};
use crate::contract::TalkdeskDate;
use crate::contract::agents::Agent;
use crate::contract::contacts::Contact;
use crate::contract::interactions::{Interaction, Priority, Status};
use crate::manifest::expression::{Template, html_to_text, read_time};
use crate::manifest::model::{AgentMap, ContactMap, InteractionMap};
use crate::phone::MAX_LENGTH;

mod addresses;
pub(super) mod clean;
mod fields;

use addresses::addresses;
use fields::Fields;
pub use fields::{BadRow, LeftOut};

/// Longest description of an interaction, in characters: a preview.
const MAX_DESCRIPTION: usize = 1000;
/// Longest subject of an interaction, in characters.
const MAX_SUBJECT: usize = 255;
/// Longest e-mail address, in bytes (RFC 5321: 64 before the `@`, 255 behind it).
const MAX_EMAIL: usize = 320;

type Mapped<T> = Result<T, BadRow>;

impl Engine {
    /// A row as a contact, and how many of its phone numbers did not parse. What does not fit is
    /// noted in `left`.
    ///
    /// # Errors
    /// No id.
    pub(super) fn contact(
        &self,
        map: &ContactMap,
        names: &Value,
        left: &mut LeftOut,
    ) -> Mapped<(Contact, usize)> {
        let mut fields = Fields { names, left };
        let id = fields.id(&map.id)?;
        let emails = emails(&mut fields, map);
        let (phones, unparsed) = self.phones_of(&mut fields, map);
        let company = fields.line("company", map.company.as_ref());
        // Contract §11.12: a contact without a name is still a contact.
        let name = fields
            .line("name", Some(&map.name))
            .or_else(|| company.clone())
            .or_else(|| emails.first().cloned())
            .or_else(|| phones.first().cloned())
            .unwrap_or_else(|| id.clone());
        let contact = Contact {
            id,
            name,
            company,
            title: fields.line("title", map.title.as_ref()),
            emails,
            phones,
            photo_url: fields.link("photo_url", map.photo_url.as_ref()),
            address: fields.line("address", map.address.as_ref()),
            websites: websites(&mut fields, map),
            twitter: fields
                .line("twitter", map.twitter.as_ref())
                .map(|t| clean::word(&t).trim_start_matches('@').to_owned())
                .filter(|t| !t.is_empty()),
            url: fields.link("url", map.url.as_ref()),
        };
        Ok((contact, unparsed))
    }

    fn phones_of(&self, fields: &mut Fields<'_>, map: &ContactMap) -> (Vec<String>, usize) {
        let raw = fields.list("phones", &map.phones);
        let raw = fields.bounded("phones", raw, str::to_owned);
        let (phones, unparsed) = self.phones.normalize_all(raw.iter().map(String::as_str));
        let (fine, endless): (Vec<_>, Vec<_>) =
            phones.into_iter().partition(|p| p.chars().nth(MAX_LENGTH).is_none());
        fields.left.note("phones", endless.len());
        (fields.bounded("phones", fine, str::to_owned), unparsed - endless.len().min(unparsed))
    }

    /// A row as an agent.
    ///
    /// # Errors
    /// No id or no e-mail: Talkdesk matches agents by e-mail (contract §11.16).
    pub(super) fn agent(&self, map: &AgentMap, names: &Value, left: &mut LeftOut) -> Mapped<Agent> {
        let mut fields = Fields { names, left };
        let id = fields.id(&map.id)?;
        let email = fields.raw("email", Some(&map.email)).map(|e| addresses(vec![e])).unwrap_or_default();
        let email = email.into_iter().find(|e| e.len() <= MAX_EMAIL);
        let email = email.ok_or_else(|| BadRow("email: empty".to_owned()))?;
        let name = fields.line("name", Some(&map.name)).unwrap_or_else(|| email.clone());
        Ok(Agent { id, name, email })
    }

    /// A row as an interaction of a type.
    ///
    /// # Errors
    /// No id, or a date that is no time.
    pub(super) fn interaction(
        &self,
        kind: &str,
        map: &InteractionMap,
        names: &Value,
        left: &mut LeftOut,
    ) -> Mapped<Interaction> {
        let mut fields = Fields { names, left };
        let id = fields.id(&map.id)?;
        let date = map.date.eval(names).map_err(|e| BadRow(format!("date: {e}")))?;
        let moment =
            read_time(&date, None).ok().flatten().ok_or_else(|| BadRow("date: not a time".to_owned()))?;
        let date =
            TalkdeskDate::new(moment.calendar()).ok_or_else(|| BadRow("date: out of range".to_owned()))?;
        let description = prose(&mut fields, "description", map.description.as_ref())
            .and_then(|d| clean::lines(&shortened(&d, MAX_DESCRIPTION)));
        let subject = prose(&mut fields, "subject", Some(&map.subject))
            .and_then(|s| clean::line(&s))
            .map(|s| shortened(&s, MAX_SUBJECT))
            .or_else(|| description.as_ref().map(|d| shortened(d.lines().next().unwrap_or_default(), 120)))
            .unwrap_or_else(|| kind.to_owned());
        // Contract §11.21: priority always, status when it is known; never outside of the lists.
        let priority = fields
            .line("priority", map.priority.as_ref())
            .and_then(|p| Priority::parse(&p.to_ascii_lowercase()))
            .unwrap_or(Priority::None);
        let status =
            fields.line("status", map.status.as_ref()).and_then(|s| Status::parse(&s.to_ascii_lowercase()));
        let url = fields.link("url", map.url.as_ref());
        Ok(Interaction { id, subject, description, date, url, r#type: kind.to_owned(), priority, status })
    }

    /// Logs a row that cannot be used: by its id, never by its content.
    pub(super) fn skipped(&self, session: &Session, kind: &str, bad: &BadRow, id: Option<&str>) {
        session.figures(|f| f.skipped += 1);
        tracing::warn!(request_id = %session.request_id, kind, id, reason = %bad.0, "row skipped");
    }

    /// Counts what was left out of a page's rows and says so in one line.
    pub(super) fn left_out(&self, session: &Session, kind: &str, left: &LeftOut) {
        if left.total() > 0 {
            session.figures(|f| f.left_out += left.total());
            tracing::warn!(request_id = %session.request_id, kind, fields = %left, "values left out");
        }
    }
}

/// The id of a row that cannot be used for another reason, for its line in the log.
pub(super) fn id_of(template: &Template, names: &Value) -> Option<String> {
    Fields { names, left: &mut LeftOut::default() }.id(template).ok()
}

fn emails(fields: &mut Fields<'_>, map: &ContactMap) -> Vec<String> {
    let found = addresses(fields.list("emails", &map.emails));
    let (fine, endless): (Vec<_>, Vec<_>) = found.into_iter().partition(|e| e.len() <= MAX_EMAIL);
    fields.left.note("emails", endless.len());
    fields.bounded("emails", fine, str::to_ascii_lowercase)
}

fn websites(fields: &mut Fields<'_>, map: &ContactMap) -> Vec<String> {
    let found = fields.list("websites", &map.websites);
    let links: Vec<String> = found.iter().filter_map(|text| clean::link(text)).collect();
    fields.left.note("websites", found.len() - links.len());
    fields.bounded("websites", links, str::to_owned)
}

/// A text that may be HTML, as plain text.
fn prose(fields: &mut Fields<'_>, field: &'static str, template: Option<&Template>) -> Option<String> {
    let text = fields.raw(field, template)?;
    Some(if looks_like_html(&text) { html_to_text(&text) } else { text.trim().to_owned() })
}

fn looks_like_html(text: &str) -> bool {
    text.contains("</")
        || text.contains("/>")
        || text.contains("<br")
        || text.contains("<p>")
        || text.contains("&nbsp;")
}

fn shortened(text: &str, longest: usize) -> String {
    if text.chars().nth(longest).is_none() {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(longest - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests;
