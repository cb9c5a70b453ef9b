//! `/api/v2/users…` (<https://developer.zendesk.com/api-reference/ticketing/users/users/>).

use serde_json::{Value, json};

use super::search::{Term, parse, phone_fits};
use super::{Refusal, Zendesk, invalid, number, only, paged, record_invalid, user_id};
use crate::table::Person;
use crate::world::{Asked, like};

impl Zendesk {
    pub(super) fn list_users(&self, asked: &Asked) -> Result<Value, Refusal> {
        only(
            asked,
            &[
                "role",
                "role[]",
                "page[size]",
                "page[after]",
                "page[before]",
                "external_id",
                "permission_set",
                "sort",
            ],
        )?;
        let roles: Vec<&str> =
            asked.query.iter().filter(|(n, _)| n.starts_with("role")).map(|(_, v)| v.as_str()).collect();
        if let Some(other) = roles.iter().find(|r| !["end-user", "agent", "admin"].contains(r)) {
            return Err(invalid(&format!("role {other}")));
        }
        let mut rows: Vec<Value> = (0..self.0.agents).map(|n| self.agent(n)).collect();
        rows.extend(self.0.table.shown().iter().filter(|p| !p.archived).map(|p| self.user(p)));
        rows.retain(|user| roles.is_empty() || roles.iter().any(|r| user["role"] == *r));
        paged(asked, &rows, "users")
    }

    pub(super) fn search_users(&self, asked: &Asked) -> Result<Value, Refusal> {
        only(asked, &["query", "external_id", "page", "per_page"])?;
        let size = number(asked, "per_page", 100, 100)?;
        let page = number(asked, "page", 1, 100)?;
        let Some(query) = asked.parameter("query") else { return Err(invalid("query is missing")) };
        let terms = parse(query);
        self.locked(&self.0.searches).push(terms.clone());
        let people = self.0.table.shown().into_iter().filter(|p| !p.archived && fits(p, &terms));
        let mut found: Vec<Value> = people.map(|p| self.user(&p)).collect();
        let agent = |n: u64| Person {
            email: Some(format!("agent{n}@example.com")),
            first_name: format!("Agent{n} Smith"),
            phones: Vec::new(),
            ..blank()
        };
        found.extend((0..self.0.agents).filter(|n| fits(&agent(*n), &terms)).map(|n| self.agent(n)));
        let count = found.len();
        let users: Vec<Value> = found.into_iter().skip((page - 1) * size).take(size).collect();
        Ok(json!({"users": users, "count": count, "next_page": null, "previous_page": null}))
    }

    pub(super) fn create_user(&self, asked: &Asked, update: bool) -> Result<(u16, Value), Refusal> {
        only(asked, &[])?;
        let user = asked.body["user"].as_object().ok_or_else(|| {
            (422, json!({"error": "UnprocessableEntity", "description": "user is missing"}))
        })?;
        let keys = [
            "name",
            "email",
            "phone",
            "role",
            "external_id",
            "identities",
            "skip_verify_email",
            "verified",
            "organization_id",
            "notes",
            "details",
            "tags",
            "user_fields",
        ];
        if let Some(other) = user.keys().find(|k| !keys.contains(&k.as_str())) {
            return Err(invalid(&format!("user.{other} is not an attribute")));
        }
        let text = |name: &str| match user.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(_) => Err(invalid(&format!("user.{name} is not a string"))),
        };
        let (name, email, phone) = (text("name")?, text("email")?, text("phone")?);
        if let Some(email) = email.filter(|e| {
            !e.split_once('@')
                .is_some_and(|(a, b)| !a.is_empty() && b.contains('.') && !e.contains([' ', '"']))
        }) {
            return Err(record_invalid(
                "email",
                &format!("Email:  {email} is not properly formatted"),
                "InvalidFormat",
            ));
        }
        let same =
            |p: &Person| email.is_some_and(|e| p.email.as_deref().is_some_and(|o| o.eq_ignore_ascii_case(e)));
        let known = self.0.table.truth().into_iter().find(same);
        if let Some(person) = known {
            if !update {
                return Err(record_invalid(
                    "email",
                    "Email: is already being used by another user",
                    "DuplicateValue",
                ));
            }
            if name.is_some() || phone.is_some() {
                self.0.table.rename(person.number, name.unwrap_or(&person.first_name));
            }
            return Ok((200, json!({"user": self.user(&person)})));
        }
        let name = name.filter(|n| !n.trim().is_empty());
        let name = name.ok_or_else(|| record_invalid("name", "Name: cannot be blank", "BlankValue"))?;
        let phones: Vec<&str> = phone.into_iter().collect();
        let number = self.0.table.add(name, "", email, &phones);
        let people = self.0.table.truth();
        let person = people.iter().find(|p| p.number == number).expect("the user just made");
        Ok((201, json!({"user": self.user(person)})))
    }
}

fn blank() -> Person {
    let stamp = bridge::time::Moment::EPOCH;
    Person {
        number: 0,
        first_name: String::new(),
        last_name: String::new(),
        email: None,
        phones: Vec::new(),
        revision: 0,
        stamp,
        visible_at: stamp,
        before: None,
        archived: false,
    }
}

/// Terms of one keyword are joined by "or", different ones by "and".
fn fits(person: &Person, terms: &[Term]) -> bool {
    let fit = |term: &Term| {
        let value = term.value.to_lowercase();
        let alike = |stored: &str| {
            let stored = stored.to_lowercase();
            if term.phrase { stored == value } else { like(&stored, &value, '*') }
        };
        let found = match term.keyword.as_str() {
            "email" => person.email.as_deref().is_some_and(alike),
            "phone" => person.phones.iter().any(|p| phone_fits(p, &term.value)),
            "role" => {
                if person.number == 0 {
                    value == "agent"
                } else {
                    value == "end-user"
                }
            }
            "name" => alike(&format!("{} {}", person.first_name, person.last_name)),
            "" => [Some(person.first_name.as_str()), person.email.as_deref()]
                .into_iter()
                .flatten()
                .any(|t| t.to_lowercase().contains(value.trim_matches('*'))),
            _ => false,
        };
        found != term.not
    };
    let mut keywords: Vec<&str> = terms.iter().map(|t| t.keyword.as_str()).collect();
    keywords.sort_unstable();
    keywords.dedup();
    !terms.is_empty() && keywords.iter().all(|k| terms.iter().filter(|t| t.keyword == *k).any(fit))
}

/// Whether an end user has this id.
pub(super) fn is_user(zendesk: &Zendesk, id: u64) -> bool {
    zendesk.0.table.truth().iter().any(|p| user_id(p.number) == id)
}
