//! Details of the account, its owners and its pipelines.

use serde_json::{Value, json};

use super::{HubSpot, Refusal, invalid, only};
use crate::world::Asked;

impl HubSpot {
    pub(super) fn owners(&self, asked: &Asked) -> Result<Value, Refusal> {
        only(asked, &["limit", "after", "email", "archived"])?;
        let number = |name: &str, default: u64| match asked.parameter(name) {
            None => Ok(default),
            Some(text) => {
                text.parse::<u64>().map_err(|_| invalid(format!("{name}: invalid integer '{text}'")))
            }
        };
        let (limit, after) = (number("limit", 100)?, number("after", 0)?);
        if !(1..=500).contains(&limit) {
            return Err(invalid("limit must be between 1 and 500".to_owned()));
        }
        let owner = |n: u64| match n == self.0.owners {
            true => json!({"id": (7000 + n).to_string(), "type": "QUEUE", "archived": false,
                "createdAt": "2020-01-01T00:00:00.000Z", "updatedAt": "2020-01-01T00:00:00.000Z"}),
            false => json!({"id": (7000 + n).to_string(), "email": format!("owner{n}@example.com"),
                "type": "PERSON", "firstName": format!("Owner{n}"), "lastName": "Smith", "userId": 100 + n,
                "archived": false, "createdAt": "2020-01-01T00:00:00.000Z", "updatedAt": "2020-01-01T00:00:00.000Z"}),
        };
        let page: Vec<Value> = (after..=self.0.owners).take(limit as usize).map(owner).collect();
        let next = after + page.len() as u64;
        let mut body = json!({"results": page});
        if next <= self.0.owners {
            let link = format!("https://api.hubapi.com/crm/owners/2026-03?after={next}");
            body["paging"] = json!({"next": {"after": next.to_string(), "link": link}});
        }
        Ok(body)
    }
}

/// The account's own details.
pub(super) fn details() -> Value {
    json!({"portalId": 147_893_286, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD",
        "additionalCurrencies": [], "utcOffset": "-04:00", "utcOffsetMilliseconds": -14_400_000,
        "uiDomain": "app-eu1.hubspot.com", "dataHostingLocation": "eu1"})
}

/// Two pipelines of tickets, one with stages of the customer's.
pub(super) fn pipelines() -> Value {
    let stage = |id: &str, label: &str, state: &str| json!({"id": id, "label": label, "displayOrder": 0, "metadata": {"ticketState": state, "isClosed": (state == "CLOSED").to_string()}, "archived": false});
    json!({"results": [
        {"id": "0", "label": "Support Pipeline", "displayOrder": 0, "archived": false, "stages": [
            stage("1", "New", "OPEN"), stage("2", "Waiting on contact", "OPEN"),
            stage("3", "Waiting on us", "OPEN"), stage("4", "Closed", "CLOSED")]},
        {"id": "812", "label": "Repairs", "displayOrder": 1, "archived": false, "stages": [
            stage("9001", "In the workshop", "OPEN"), stage("9002", "Collected", "CLOSED")]}]})
}
