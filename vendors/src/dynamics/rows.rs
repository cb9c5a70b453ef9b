//! Rows as the vendor stores and prints them.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::schema::{Entity, Kind};
use crate::table::Person;

/// The GUID of a number; its text order is not the order of the numbers.
pub fn guid(table: u8, number: u64) -> String {
    let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    format!(
        "{:08x}-{:04x}-ea11-a8{table:02x}-{:04x}{:08x}",
        (mixed >> 32) as u32,
        (mixed >> 16) & 0xffff,
        mixed & 0xffff,
        number as u32
    )
}

/// Whether a text is a GUID, without braces.
pub fn is_guid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}

/// SQL Server orders GUIDs by their last bytes first.
pub fn guid_order(guid: &str) -> String {
    let parts: Vec<&str> = guid.split('-').collect();
    let reversed = |part: &str| -> String {
        (0..part.len() / 2).rev().map(|i| part[i * 2..i * 2 + 2].to_lowercase()).collect()
    };
    let [a, b, c, d, e] = parts[..] else { return guid.to_lowercase() };
    format!("{}{}{}{}{}", e.to_lowercase(), d.to_lowercase(), reversed(c), reversed(b), reversed(a))
}

/// A person as a stored row. Times are kept as precisely as the server has them.
pub fn contact(person: &Person, fine: bool) -> Value {
    let stamp = if fine { person.stamp } else { person.stamp.floor(Duration::from_secs(1)) };
    let phone = |index: usize| person.phones.get(index);
    json!({
        "contactid": guid(0x12, person.number),
        "fullname": format!("{} {}", person.first_name, person.last_name),
        "firstname": person.first_name,
        "lastname": person.last_name,
        "emailaddress1": person.email,
        "telephone1": phone(0),
        "mobilephone": phone(1),
        "statecode": i64::from(person.archived),
        "statuscode": if person.archived { 2 } else { 1 },
        "createdon": "2020-01-01T08:00:00Z",
        "modifiedon": stamp.iso_us(),
        "_parentcustomerid_value": guid(0x33, 1),
        "_ownerid_value": guid(0x55, 1),
        "merged": false,
    })
}

/// A lead as a stored row; an archived one is qualified when there are so many `contacts`, else disqualified.
pub fn lead(person: &Person, fine: bool, contacts: u64) -> Value {
    let stamp = if fine { person.stamp } else { person.stamp.floor(Duration::from_secs(1)) };
    let phone = |index: usize| person.phones.get(index);
    let qualified = person.archived && person.number <= contacts;
    let came_of_it: Vec<Value> =
        qualified.then(|| json!({"contactid": guid(0x12, person.number)})).into_iter().collect();
    json!({
        "leadid": guid(0x21, person.number),
        "fullname": format!("{} {}", person.first_name, person.last_name),
        "firstname": person.first_name,
        "lastname": person.last_name,
        "emailaddress1": person.email,
        "telephone1": phone(0),
        "mobilephone": phone(1),
        "companyname": "Dickenson plc",
        "statecode": match (person.archived, qualified) { (false, _) => 0, (_, true) => 1, (_, false) => 2 },
        "createdon": "2020-01-01T08:00:00Z",
        "modifiedon": stamp.iso_us(),
        "_ownerid_value": guid(0x55, 1),
        "merged": false,
        "contact_originating_lead": came_of_it,
    })
}

/// What a `Prefer` header asks for.
#[derive(Clone, Debug, Default)]
pub struct Prefer {
    /// `odata.maxpagesize`; more than 5,000 is ignored.
    pub page_size: Option<usize>,
    /// `odata.include-annotations`, split at commas.
    pub annotations: Vec<String>,
    /// `return=representation`.
    pub representation: bool,
}

impl Prefer {
    /// Reads the header.
    pub fn read(text: &str) -> Self {
        let mut prefer = Self::default();
        let (mut quoted, mut part, mut parts) = (false, String::new(), Vec::new());
        for c in text.chars() {
            quoted ^= c == '"';
            if c == ',' && !quoted {
                parts.push(std::mem::take(&mut part));
            } else {
                part.push(c);
            }
        }
        parts.push(part);
        for part in parts {
            match part.trim().split_once('=') {
                Some(("odata.maxpagesize", size)) => {
                    prefer.page_size = size.parse().ok().filter(|n| (1..=5000).contains(n));
                }
                Some(("odata.include-annotations", names)) => {
                    let names = names.trim_matches('"').split(',');
                    prefer.annotations = names.map(|n| n.trim().to_owned()).collect();
                }
                Some(("return", "representation")) => prefer.representation = true,
                _ => {}
            }
        }
        prefer
    }

    fn wants(&self, annotation: &str) -> bool {
        self.annotations.iter().any(|name| match name.strip_suffix('*') {
            Some(start) => annotation.starts_with(start),
            None => name == annotation,
        })
    }
}

/// Prints a row: the selected columns, the key, the etag, and annotations that were asked for.
pub fn print(entity: &Entity, row: &Value, selected: &[String], prefer: &Prefer) -> Value {
    let mut out = Map::new();
    out.insert("@odata.etag".to_owned(), format!("W/\"{}\"", row["version"].as_u64().unwrap_or(1)).into());
    let all: Vec<&str> = if selected.is_empty() {
        entity.columns().collect()
    } else {
        selected.iter().map(String::as_str).collect()
    };
    for name in all.into_iter().filter(|n| *n != entity.key).chain([entity.key]) {
        let value = &row[name];
        let kind = entity.column(name);
        let mut annotate = |annotation: &str, text: Option<String>| {
            if let Some(text) = text.filter(|_| prefer.wants(annotation)) {
                out.insert(format!("{name}@{annotation}"), text.into());
            }
        };
        let formatted = match kind {
            Some(Kind::Choice(labels)) => {
                let label = labels.iter().find(|(code, _)| Some(*code) == value.as_i64());
                label.map(|(_, label)| (*label).to_owned())
            }
            Some(Kind::Bool) => value.as_bool().map(|b| if b { "Yes" } else { "No" }.to_owned()),
            // Local, not UTC, and in the user's own format.
            Some(Kind::Time) => value.as_str().map(|t| format!("{} 09:30", &t[..10])),
            Some(Kind::Lookup) => value.as_str().map(|_| "Fourth Coffee (sample)".to_owned()),
            _ => None,
        };
        annotate("OData.Community.Display.V1.FormattedValue", formatted);
        if kind == Some(Kind::Lookup) && value.is_string() {
            let table = match name {
                "_ownerid_value" => "systemuser",
                "_parentcustomerid_value" => "account",
                _ => "contact",
            };
            annotate("Microsoft.Dynamics.CRM.lookuplogicalname", Some(table.to_owned()));
        }
        let printed = match (kind, value.as_str()) {
            // To the second, whatever is stored.
            (Some(Kind::Time), Some(time)) => format!("{}Z", &time[..19]).into(),
            _ => value.clone(),
        };
        out.insert(name.to_owned(), printed);
    }
    Value::Object(out)
}
