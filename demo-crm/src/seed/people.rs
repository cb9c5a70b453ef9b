//! Contacts put together from word lists, with the same oddities as the hand-written ones.

use super::Data;
use crate::contact::{Address, Details, Kind, Phone};
use crate::random::Random;

pub(super) fn invent(data: &Data, random: &mut Random, id: i64) -> Details {
    let (first, last) = random.pick(&data.names).cloned().unwrap_or_default();
    let company = random.percent(60).then(|| random.pick(&data.companies).cloned()).flatten();
    Details {
        first_name: random.percent(92).then(|| spaced(random, first)),
        // Numbered, so that every contact of a large seed can be told from the others.
        last_name: random.percent(95).then(|| format!("{last} {id}")),
        company,
        title: random.percent(40).then(|| random.pick(&data.titles).cloned()).flatten(),
        email: email(random, id),
        other_emails: random.percent(15).then(|| format!("private.{id}@example.org")).into_iter().collect(),
        phones: phones(random, id),
        address: random.percent(30).then(|| Address {
            street: Some(format!("{id} Sample Street")),
            city: random.percent(80).then(|| "Exampleton".to_owned()),
            country: random.percent(70).then(|| "Utopia".to_owned()),
        }),
        website: random.percent(20).then(|| format!("https://{id}.example.com/")),
        twitter: random.percent(10).then(|| format!("@example{id}")),
        kind: if random.percent(6) { Kind::Supplier } else { Kind::Person },
        archived: random.percent(5),
    }
}

fn spaced(random: &mut Random, name: String) -> String {
    if random.percent(3) { format!(" {name}") } else { name }
}

fn email(random: &mut Random, id: i64) -> Option<String> {
    match random.below(100) {
        0..8 => None,
        8..11 => Some(String::new()),
        11..15 => Some(format!(" contact.{id}@example.com ")),
        15..20 => Some(format!("Contact.{id}@EXAMPLE.com")),
        _ => Some(format!("contact.{id}@example.com")),
    }
}

fn phones(random: &mut Random, id: i64) -> Vec<Phone> {
    let mut phones = Vec::new();
    let number = number(random, id);
    if random.percent(85) {
        phones.push(phone("work", number.clone()));
    }
    if random.percent(30) {
        // A second field often repeats the first one, or says something else altogether.
        let second = match random.below(10) {
            0..3 => number,
            3 => "call reception".to_owned(),
            _ => format!("+351 92{} 55{:04}", id % 10, id / 10 % 10_000),
        };
        phones.push(phone("mobile", second));
    }
    phones
}

/// A number of its own for every id up to eight millions, written in one of the usual ways.
fn number(random: &mut Random, id: i64) -> String {
    let area = 200 + id / 10_000 % 800;
    let line = id % 10_000;
    match random.below(10) {
        0..4 => format!("+1 ({area}) 555-{line:04}"),
        4..6 => format!("({area}) 555-{line:04}"),
        6 => format!("+1 {area} 555 {line:04} ext. {}", id % 90 + 10),
        7 => format!("{area}.555.{line:04}"),
        8 => format!("001{area}555{line:04}"),
        _ => format!("+1{area}555{line:04}"),
    }
}

fn phone(label: &str, number: String) -> Phone {
    Phone { label: label.to_owned(), number }
}
