//! `GET /api/v2/incremental/users/cursor`
//! (<https://developer.zendesk.com/api-reference/ticketing/ticket-management/incremental_exports/>).

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bridge::time::Moment;
use serde_json::{Value, json};

use super::{Refusal, Zendesk, agent_id, invalid, number, only, user_id};
use crate::world::Asked;

/// The place of a row: whole seconds, then the id.
type Place = (i64, u64);

impl Zendesk {
    pub(super) fn export(&self, asked: &Asked) -> Result<Value, Refusal> {
        only(asked, &["start_time", "cursor", "per_page", "include", "support_type_scope"])?;
        let left = &self.0.exports_left;
        if left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_err() {
            left.store(10, Ordering::Relaxed);
            return Err((
                429,
                json!({"description": "You have exceeded the rate limit for incremental exports", "error": "TooManyRequests"}),
            ));
        }
        let size = number(asked, "per_page", 1000, 1000)?.min(self.0.exports.load(Ordering::Relaxed));
        let include = asked.parameter("include").unwrap_or_default();
        let sideloads = ["identities", "organizations", "groups", "roles", "abilities", "open_ticket_count"];
        if let Some(other) = include.split(',').find(|i| !i.is_empty() && !sideloads.contains(i)) {
            return Err(invalid(&format!("include: {other} is not a side-load of users")));
        }
        let after: Place = match (asked.parameter("cursor"), asked.parameter("start_time")) {
            (Some(cursor), None) => decode(cursor).ok_or_else(|| invalid("cursor is not valid"))?,
            (None, Some(start)) => {
                let start: i64 = start.parse().map_err(|_| invalid("start_time is not a number"))?;
                let latest = self.0.table.now().minus(Duration::from_secs(60)).micros() / 1_000_000;
                if start > latest {
                    let why = "Too recent start_time. Use a start_time older than 60 seconds";
                    return Err((400, json!({"error": "StartTimeTooRecent", "description": why})));
                }
                (start, 0)
            }
            _ => return Err(invalid("either start_time or cursor is expected")),
        };
        let seconds = |m: Moment| m.micros().div_euclid(1_000_000);
        let shown = self.0.table.shown();
        let mut rows: Vec<(Place, Value)> =
            shown.iter().map(|p| ((seconds(p.stamp), user_id(p.number)), self.user(p))).collect();
        let stamp = Moment::parse("2026-04-20T16:23:07Z").map(seconds).unwrap_or_default();
        rows.extend((0..self.0.agents).map(|n| ((stamp, agent_id(n)), self.agent(n))));
        rows.retain(|(place, _)| *place > after);
        rows.sort_by_key(|(place, _)| *place);
        let end = rows.len() <= size;
        rows.truncate(size);
        let last = rows.last().map_or(after, |(place, _)| *place);
        let cursor = encode(last);
        let users: Vec<&Value> = rows.iter().map(|(_, user)| user).collect();
        let url = format!("https://acme.zendesk.com/api/v2/incremental/users/cursor.json?cursor={cursor}");
        let mut answer = json!({"users": users, "after_cursor": cursor, "after_url": url, "before_cursor": null,
            "before_url": null, "end_of_stream": end});
        if include.contains("identities") {
            let of_page = shown.iter().filter(|p| rows.iter().any(|((_, id), _)| *id == user_id(p.number)));
            let identities: Vec<Value> = of_page
                .flat_map(|p| {
                    let id = user_id(p.number);
                    let one = move |kind: &str, value: &str| json!({"user_id": id, "type": kind, "value": value, "verified": true});
                    let emails = p.email.iter().map(|e| one("email", e)).collect::<Vec<_>>();
                    emails.into_iter().chain(p.phones.iter().map(move |t| one("phone_number", t))).collect::<Vec<_>>()
                })
                .collect();
            answer["identities"] = identities.into();
        }
        if include.contains("organizations") {
            answer["organizations"] = json!([{"id": 57_542, "name": "Acme"}]);
        }
        Ok(answer)
    }
}

fn encode((seconds, id): Place) -> String {
    STANDARD.encode(format!("{seconds}.0||{id}|"))
}

fn decode(cursor: &str) -> Option<Place> {
    let text = String::from_utf8(STANDARD.decode(cursor).ok()?).ok()?;
    let (seconds, id) = text.strip_suffix('|')?.split_once(".0||")?;
    Some((seconds.parse().ok()?, id.parse().ok()?))
}
