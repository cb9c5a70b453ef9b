//! Reading without a search: a contact by its id or address, what it is associated with, and objects
//! by their ids (<https://developers.hubspot.com/docs/api-reference/2026-03/crm/associations/associate-records/guide>).

use serde_json::{Value, json};

use super::row::Row;
use super::schema::{KINDS, kind, property};
use super::search::shown;
use super::{HubSpot, Refusal, body, invalid, known, only};
use crate::world::Asked;

/// Objects of one `batch/read` at most.
const MOST: usize = 100;

fn absent() -> Refusal {
    (404, "OBJECT_NOT_FOUND", "resource not found".to_owned())
}

impl HubSpot {
    /// `GET /crm/objects/2026-03/contacts/{id}`; with `idProperty=email` by the address. Who was merged
    /// into somebody is answered as that one.
    pub(super) fn one_contact(&self, asked: &Asked, id: &str) -> Result<Value, Refusal> {
        only(asked, &["idProperty", "properties"])?;
        let wanted: Vec<String> =
            asked.parameter("properties").unwrap_or("email").split(',').map(str::to_owned).collect();
        let rows = self.rows("contacts");
        let found = match asked.parameter("idProperty") {
            None => {
                let id = self.merged(id.parse().map_err(|_| absent())?);
                rows.into_iter().find(|r| r.id == id)
            }
            Some("email") => {
                rows.into_iter().find(|r| r.properties.get("email").is_some_and(|e| *e == id.to_lowercase()))
            }
            Some(other) => return Err(invalid(format!("Property \"{other}\" is not unique"))),
        };
        found.map(|row| shown("contacts", &row, &wanted)).ok_or_else(absent)
    }

    /// `GET /crm/objects/2026-03/contacts/{id}/associations/{type}`. Who was merged away has none left.
    pub(super) fn associated(&self, asked: &Asked, id: &str, to: &str) -> Result<Value, Refusal> {
        only(asked, &["limit", "after"])?;
        let kind = kind(to).ok_or_else(|| invalid(format!("Unable to infer object type from: {to}")))?;
        let limit: usize = match asked.parameter("limit") {
            None => 500,
            Some(text) => text.parse().map_err(|_| invalid("limit: not an integer".to_owned()))?,
        };
        if limit > 500 {
            return Err(invalid("limit must be less than or equal to 500".to_owned()));
        }
        let id: u64 = id.parse().map_err(|_| absent())?;
        if self.merged(id) == id && !self.rows("contacts").iter().any(|r| r.id == id) {
            return Err(absent());
        }
        let code = KINDS.iter().find(|(name, _)| *name == kind).map_or(0, |(_, code)| *code);
        let theirs: Vec<Value> = self
            .rows(kind)
            .iter()
            .filter(|r| r.contacts.contains(&id))
            .map(|r| {
                let types = json!([{"category": "HUBSPOT_DEFINED", "typeId": code, "label": null}]);
                json!({"toObjectId": r.id, "associationTypes": types})
            })
            .collect();
        let mut answer = json!({"results": theirs.iter().take(limit).collect::<Vec<_>>()});
        if theirs.len() > limit {
            answer["paging"] = json!({"next": {"after": "NTAw", "link": "?after=NTAw"}});
        }
        Ok(answer)
    }

    /// `POST /crm/objects/2026-03/{type}/batch/read`.
    pub(super) fn batch(&self, asked: &Asked, name: &str) -> Result<(u16, Value), Refusal> {
        let kind = kind(name).ok_or_else(|| invalid(format!("Unable to infer object type from: {name}")))?;
        let body = body(asked, &["inputs", "properties", "propertiesWithHistory", "idProperty"])?;
        let inputs = body.get("inputs").and_then(Value::as_array).filter(|i| !i.is_empty());
        let inputs = inputs.ok_or_else(|| invalid("inputs: must not be empty".to_owned()))?;
        if inputs.len() > MOST {
            return Err(invalid(format!("inputs: at most {MOST}")));
        }
        let mut ids = Vec::new();
        for input in inputs {
            let input = input.as_object().ok_or_else(|| invalid("inputs: not an object".to_owned()))?;
            known(input, &["id"])?;
            let id = input.get("id").and_then(Value::as_str).and_then(|id| id.parse::<u64>().ok());
            ids.push(id.ok_or_else(|| invalid("id: not the text of a number".to_owned()))?);
        }
        let properties = body.get("properties").and_then(Value::as_array).cloned().unwrap_or_default();
        let wanted: Vec<String> = properties.iter().filter_map(|p| p.as_str().map(str::to_owned)).collect();
        for name in wanted.iter().filter(|name| property(kind, name).is_none()) {
            self.0.unknown.lock().expect("the names' lock").push(format!("{kind}.{name}"));
        }
        let rows: Vec<Row> = self.rows(kind).into_iter().filter(|r| ids.contains(&r.id)).collect();
        let shown: Vec<Value> = rows.iter().map(|r| shown(kind, r, &wanted)).collect();
        // Some that are not there do not keep the others back.
        let status = if shown.len() == ids.len() { 200 } else { 207 };
        Ok((status, json!({"status": "COMPLETE", "results": shown})))
    }

    /// Merges a contact into another one: its id is answered as the other's, its objects are theirs.
    pub fn merge(&self, away: u64, into: u64) {
        self.0.merged.lock().expect("the merges' lock").insert(away, into);
        for record in self.records().iter_mut() {
            record.contacts.iter_mut().filter(|c| **c == away).for_each(|c| *c = into);
        }
    }

    fn merged(&self, id: u64) -> u64 {
        self.0.merged.lock().expect("the merges' lock").get(&id).copied().unwrap_or(id)
    }
}
