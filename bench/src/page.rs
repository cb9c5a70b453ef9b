//! A page of HubSpot contacts by hand, typed and borrowed: what `floor-page` answers and what mapping is held against.

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(borrow)]
    results: Vec<Row<'a>>,
}

#[derive(Deserialize)]
struct Row<'a> {
    id: &'a str,
    #[serde(borrow)]
    properties: Properties<'a>,
    url: Option<&'a str>,
}

#[derive(Deserialize)]
struct Properties<'a> {
    firstname: Option<&'a str>,
    lastname: Option<&'a str>,
    company: Option<&'a str>,
    jobtitle: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    mobilephone: Option<&'a str>,
}

#[derive(Serialize)]
struct Contact<'a> {
    id: &'a str,
    name: String,
    company: Option<&'a str>,
    title: Option<&'a str>,
    emails: Vec<&'a str>,
    phones: Vec<String>,
    url: Option<&'a str>,
}

#[derive(Serialize)]
struct Answer<'a> {
    synchronization_checkpoint: &'static str,
    contacts: Vec<Contact<'a>>,
}

/// A phone number in E.164 by the library that the bridge uses too.
pub fn e164(text: &str) -> String {
    match PHONE_NUMBER_UTIL.parse(text, None) {
        Ok(number) if PHONE_NUMBER_UTIL.is_valid_number(&number) => {
            PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned()
        }
        _ => text.to_owned(),
    }
}

fn contact<'a>(row: &Row<'a>, phone: fn(&str) -> String) -> Contact<'a> {
    let p = &row.properties;
    let name: Vec<&str> = [p.firstname, p.lastname].into_iter().flatten().collect();
    Contact {
        id: row.id,
        name: name.join(" "),
        company: p.company,
        title: p.jobtitle,
        emails: p.email.into_iter().collect(),
        phones: [p.phone, p.mobilephone].into_iter().flatten().map(phone).collect(),
        url: row.url,
    }
}

/// Talkdesk's answer for a page of a HubSpot search.
///
/// # Errors
/// A page that is none.
pub fn answer(page: &[u8], phone: fn(&str) -> String) -> serde_json::Result<String> {
    let page: Page<'_> = serde_json::from_slice(page)?;
    let contacts = page.results.iter().map(|row| contact(row, phone)).collect();
    serde_json::to_string(&Answer { synchronization_checkpoint: "2026-11-22 11:00:00 UTC", contacts })
}
