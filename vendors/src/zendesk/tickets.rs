//! `/api/v2/tickets…` (<https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/>).

use axum::response::Response;
use bridge::time::Moment;
use serde_json::{Map, Value, json};

use super::users::is_user;
use super::{
    Refusal, Zendesk, agent_id, answer, invalid, no_endpoint, only, paged, record_invalid, refused, user_id,
};
use crate::world::Asked;

const KEYS: [&str; 17] = [
    "subject",
    "comment",
    "description",
    "requester_id",
    "submitter_id",
    "assignee_id",
    "assignee_email",
    "group_id",
    "priority",
    "status",
    "type",
    "due_at",
    "tags",
    "external_id",
    "custom_fields",
    "via",
    "recipient",
];

impl Zendesk {
    /// Adds a ticket with its first comment; gives back its id.
    pub fn add_ticket(&self, requester: u64, mut ticket: Value, internal: &[&str]) -> u64 {
        let mut tickets = self.locked(&self.0.tickets);
        let (id, now) = (tickets.len() as u64 + 1, self.0.table.now().iso_s());
        ticket["id"] = id.into();
        ticket["requester_id"] = user_id(requester).into();
        for name in ["created_at", "updated_at"] {
            if ticket[name].is_null() {
                ticket[name] = now.as_str().into();
            }
        }
        tickets.push(ticket);
        drop(tickets);
        for body in internal {
            self.comment(id, &json!({"body": body, "public": false}), agent_id(0));
        }
        id
    }

    fn comment(&self, ticket: u64, comment: &Value, author: u64) {
        let mut comments = self.locked(&self.0.comments);
        let body = comment["body"].as_str().or(comment["html_body"].as_str()).unwrap_or_default();
        let id = 9000 + comments.len() as u64;
        let at = self.0.table.now().iso_s();
        let author = comment["author_id"].as_u64().unwrap_or(author);
        comments.push((ticket, json!({"id": id, "type": "Comment", "body": body, "html_body": body, "plain_body": body,
            "public": comment["public"].as_bool().unwrap_or(true), "author_id": author, "attachments": [], "created_at": at})));
    }

    pub(super) fn requested(&self, asked: &Asked, id: &str) -> Result<Value, Refusal> {
        only(
            asked,
            &[
                "sort",
                "sort_by",
                "sort_order",
                "include",
                "page",
                "per_page",
                "page[size]",
                "page[after]",
                "page[before]",
            ],
        )?;
        let person = self.person(id)?;
        let mut rows: Vec<Value> =
            self.tickets().into_iter().filter(|t| t["requester_id"] == user_id(person.number)).collect();
        match asked.parameter("sort") {
            None => {}
            Some(sort) => {
                let (down, name) = sort.strip_prefix('-').map_or((false, sort), |n| (true, n));
                if !["updated_at", "id", "status"].contains(&name) {
                    return Err(invalid(&format!("sort is not valid: {sort}")));
                }
                rows.sort_by_key(|t| (t[name].to_string(), t["id"].as_u64()));
                if down {
                    rows.reverse();
                }
            }
        }
        paged(asked, &rows, "tickets")
    }

    pub(super) fn ticket_comments(&self, asked: &Asked, id: &str) -> Result<Value, Refusal> {
        only(
            asked,
            &[
                "sort",
                "sort_order",
                "include",
                "include_inline_images",
                "page[size]",
                "page[after]",
                "page[before]",
            ],
        )?;
        let ticket = self.ticket(id)?;
        let of = |(t, c): (u64, Value)| (ticket["id"] == t).then_some(c);
        let mut rows: Vec<Value> = self.comments().into_iter().filter_map(of).collect();
        match asked.parameter("sort") {
            None | Some("created_at") => {}
            Some("-created_at") => rows.reverse(),
            Some(other) => return Err(invalid(&format!("sort is not valid: {other}"))),
        }
        paged(asked, &rows, "comments")
    }

    fn ticket(&self, id: &str) -> Result<Value, Refusal> {
        let number = id.parse::<u64>().map_err(|_| no_endpoint())?;
        let found = self.tickets().into_iter().find(|t| t["id"] == number);
        found.ok_or_else(|| (404, json!({"error": "RecordNotFound", "description": "Not found"})))
    }

    /// The same key gives the same answer for two hours.
    pub(super) fn create_ticket_once(&self, asked: &Asked) -> Response {
        let key = asked.headers.get("idempotency-key").cloned();
        let known = key.as_ref().and_then(|k| self.locked(&self.0.keys).get(k).cloned());
        let (result, lookup) = match known {
            Some(body) => (Ok(body), "hit"),
            None => (self.create_ticket(asked), "miss"),
        };
        let mut response = match &result {
            Ok(body) => answer(201, body),
            Err(refusal) => refused(refusal),
        };
        if let (Some(key), Ok(body)) = (key, result) {
            self.locked(&self.0.keys).insert(key, body);
            response.headers_mut().insert("x-idempotency-lookup", lookup.parse().unwrap());
        }
        response
    }

    fn create_ticket(&self, asked: &Asked) -> Result<Value, Refusal> {
        only(asked, &["async"])?;
        let given = given(asked)?;
        self.right(given)?;
        let comment =
            given.get("comment").cloned().unwrap_or_else(|| json!({"body": given.get("description")}));
        if comment["body"].as_str().or(comment["html_body"].as_str()).is_none_or(|b| b.trim().is_empty()) {
            return Err(record_invalid("base", "Description: cannot be blank", "BlankValue"));
        }
        if given.contains_key("due_at") && given.get("type").and_then(Value::as_str) != Some("task") {
            return Err(record_invalid("due_at", "Due date is only for tasks", "InvalidValue"));
        }
        if given.get("status") == Some(&json!("solved"))
            && given.get("assignee_id").is_none_or(Value::is_null)
        {
            return Err(record_invalid("base", "Assignee: is required when solving a ticket", "BlankValue"));
        }
        let requester = given.get("requester_id").and_then(Value::as_u64).unwrap_or(agent_id(0));
        let mut ticket = Value::Object(
            given.iter().filter(|(k, _)| *k != "comment").map(|(k, v)| (k.clone(), v.clone())).collect(),
        );
        ticket["description"] = comment["body"].clone();
        if ticket["status"].is_null() {
            ticket["status"] = "new".into();
        }
        let id = self.add_ticket(requester.saturating_sub(user_id(0)), ticket, &[]);
        self.comment(id, &comment, requester);
        Ok(
            json!({"ticket": self.ticket(&id.to_string())?, "audit": {"id": 1, "ticket_id": id, "events": []}}),
        )
    }

    pub(super) fn update_ticket(&self, asked: &Asked, id: &str) -> Result<Value, Refusal> {
        only(asked, &[])?;
        let ticket = self.ticket(id)?;
        let given = given(asked)?;
        self.right(given)?;
        if ticket["status"] == "closed" {
            return Err(record_invalid("status", "Status: closed prevents ticket update", "InvalidValue"));
        }
        if let Some(comment) = given.get("comment") {
            self.comment(ticket["id"].as_u64().unwrap_or_default(), comment, agent_id(0));
        }
        Ok(json!({"ticket": ticket, "audit": {"id": 1, "ticket_id": ticket["id"], "events": []}}))
    }

    fn right(&self, given: &Map<String, Value>) -> Result<(), Refusal> {
        for (name, value) in given {
            let one =
                |allowed: &[&str]| value.is_null() || value.as_str().is_some_and(|v| allowed.contains(&v));
            let right = match name.as_str() {
                "priority" => one(&["urgent", "high", "normal", "low"]),
                "status" => one(&["new", "open", "pending", "hold", "solved", "closed"]),
                "type" => one(&["problem", "incident", "question", "task"]),
                "requester_id" => value.as_u64().is_some_and(|id| is_user(self, id)),
                "assignee_id" => {
                    value.is_null()
                        || value
                            .as_u64()
                            .is_some_and(|id| (agent_id(0)..agent_id(self.0.agents)).contains(&id))
                }
                "tags" => value
                    .as_array()
                    .is_some_and(|t| t.iter().all(|t| t.as_str().is_some_and(|t| !t.contains(' ')))),
                "due_at" => value.is_null() || value.as_str().is_some_and(|t| Moment::parse(t).is_some()),
                "comment" => {
                    let keys = ["body", "html_body", "public", "author_id", "uploads"];
                    value.as_object().is_some_and(|c| c.keys().all(|k| keys.contains(&k.as_str())))
                }
                "subject" | "description" => value.is_string(),
                other => KEYS.contains(&other),
            };
            if !right {
                return Err(record_invalid(name, &format!("{name}: {value} is invalid"), "InvalidValue"));
            }
        }
        Ok(())
    }
}

fn given(asked: &Asked) -> Result<&Map<String, Value>, Refusal> {
    let lone = asked.body.as_object().is_some_and(|b| b.len() == 1);
    let ticket = asked.body["ticket"].as_object().filter(|_| lone);
    ticket.ok_or_else(|| {
        (400, json!({"error": "InvalidRequest", "description": "the one member ticket is expected"}))
    })
}
