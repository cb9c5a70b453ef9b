//! A real CRM: Tryton on SQLite. What its API is like is in `tests/tryton/NOTES.md`.

use std::fs;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::real_crm::{Expected, RealCrm};
use crate::served::Served;
use crate::setup;

/// The database is `crm.sqlite` in the template.
const DATABASE: &str = "crm";
/// Rows of one request when everything is read.
const PAGE: u64 = 100;

/// A Tryton of its own for one test: 320 contacts, 20 agents, some notes (`tests/tryton/seed.py`).
#[derive(Debug)]
pub struct Tryton {
    served: Served,
    key: String,
}

/// A contact ("party") as the CRM has it: the truth that a sync is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// Its id.
    pub id: i64,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Whether it is in use; archived contacts are not.
    pub active: bool,
    /// The e-mails in use, in the CRM's order.
    pub emails: Vec<String>,
    /// The phones and mobiles in use as E.164, in the CRM's order.
    pub phones: Vec<String>,
    /// When the contact itself (not its phones and e-mails) was changed: UTC, RFC 3339, microseconds.
    pub write_date: String,
}

/// A person who answers calls ("user").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agent {
    /// The id.
    pub id: i64,
    /// The name, if there is one.
    pub name: Option<String>,
    /// The login name.
    pub login: String,
    /// The e-mail, if there is one.
    pub email: Option<String>,
    /// Whether the user may log in.
    pub active: bool,
}

impl RealCrm for Tryton {
    const INTEGRATION: &'static str = "tryton";
    const CREDENTIAL: &'static str = "api_key";

    async fn start() -> Self {
        let environment = setup::crm_environment("tryton");
        let served = Served::start(
            "tryton",
            1,
            Duration::from_secs(30),
            |folder, ports| {
                let configuration = folder.path().join("trytond.conf");
                let text = format!(
                    "[database]\nuri = sqlite://\npath = {}\n[web]\nlisten = 127.0.0.1:{}\n",
                    folder.path().display(),
                    ports[0]
                );
                fs::write(&configuration, text).expect("the folder is ours");
                let mut command = Command::new(environment.join("bin/trytond"));
                command.arg("-c").arg(configuration).args(["-d", DATABASE]);
                command
            },
            async |folder, http, base_url| {
                let request = http.get(format!("{base_url}/{}?s=1", model("party.party")));
                let answer = request.bearer_auth(folder.written("key")).send().await;
                matches!(answer, Ok(answer) if answer.status() == StatusCode::OK)
            },
        )
        .await;
        Self { key: served.written("key"), served }
    }

    fn served(&self) -> &Served {
        &self.served
    }

    fn secret(&self) -> Value {
        json!({"host": "tryton.example.com", "database": DATABASE, "api_key": self.key})
    }

    fn auth() -> Value {
        json!({"web_client": Self::WEB_CLIENT})
    }

    async fn expected(&self) -> Vec<Expected> {
        let contacts = self.contacts().await.into_iter().filter(|contact| contact.active);
        contacts
            .map(|Contact { id, name, emails, phones, .. }| {
                let id = id.to_string();
                let name = name.or_else(|| emails.first().cloned()).or_else(|| phones.first().cloned());
                Expected { name: name.unwrap_or_else(|| id.clone()), id, emails, phones }
            })
            .collect()
    }
}

impl Tryton {
    /// What Talkdesk knows as the address of the web client.
    pub const WEB_CLIENT: &'static str = "https://tryton.example.com/#crm";

    /// Makes a contact and answers its id. Phones must be valid numbers.
    pub async fn create_contact(&self, name: &str, emails: &[&str], phones: &[&str]) -> i64 {
        let emails = emails.iter().map(|value| json!({"type": "email", "value": value}));
        let phones = phones.iter().map(|value| json!({"type": "phone", "value": value}));
        let mechanisms: Vec<Value> = emails.chain(phones).collect();
        let contact = json!({"name": name, "contact_mechanisms": [["create", mechanisms]]});
        // On SQLite two creations at the same time can draw the same automatic code; one of them is
        // refused, and nothing was written for it.
        for _ in 0..10 {
            match self.try_write(Method::POST, "party.party", &contact).await {
                Ok(created) => return id(&created),
                Err(refusal) if refusal.contains("code on party must be unique") => {}
                Err(refusal) => panic!("no contact {name}: {refusal}"),
            }
        }
        panic!("no contact {name}: never a free code")
    }

    /// Gives a contact another name, which moves its time of change.
    pub async fn rename_contact(&self, id: i64, name: &str) {
        let path = format!("party.party/{id}");
        self.write(Method::PUT, &path, &json!({"name": name})).await;
    }

    /// Adds a phone, which does *not* move the contact's time of change. Answers the phone's id.
    pub async fn add_phone(&self, contact: i64, phone: &str) -> i64 {
        let mechanism = json!({"party": contact, "type": "phone", "value": phone});
        id(&self.write(Method::POST, "party.contact_mechanism", &mechanism).await)
    }

    /// Changes a phone or e-mail, which does *not* move the contact's time of change.
    pub async fn change_mechanism(&self, mechanism: i64, value: &str) {
        let path = format!("party.contact_mechanism/{mechanism}");
        self.write(Method::PUT, &path, &json!({"value": value})).await;
    }

    /// Archives a phone or e-mail, which does *not* move the contact's time of change.
    pub async fn archive_mechanism(&self, mechanism: i64) {
        let path = format!("party.contact_mechanism/{mechanism}");
        self.write(Method::PUT, &path, &json!({"active": false})).await;
    }

    /// Archives a contact: it is not found any more unless archived ones are asked for.
    pub async fn archive(&self, contact: i64) {
        let path = format!("party.party/{contact}");
        self.write(Method::PUT, &path, &json!({"active": false})).await;
    }

    /// Adds a note to a contact and answers its id.
    pub async fn add_note(&self, contact: i64, message: &str) -> i64 {
        let note = json!({"resource": format!("party.party,{contact}"), "message": message});
        id(&self.write(Method::POST, "ir.note", &note).await)
    }

    /// The notes of a contact, oldest first.
    pub async fn notes(&self, contact: i64) -> Vec<String> {
        let domain = json!([["resource", "=", format!("party.party,{contact}")]]);
        let rows = self.search_all("ir.note", &["message"], &domain).await;
        rows.iter().filter_map(|row| row["message"].as_str().map(ToOwned::to_owned)).collect()
    }

    /// All contacts, archived ones too, by id.
    pub async fn contacts(&self) -> Vec<Contact> {
        let fields = [
            "name",
            "active",
            "write_date",
            "contact_mechanisms.type",
            "contact_mechanisms.value",
            "contact_mechanisms.value_compact",
        ];
        let domain = json!([["active", "in", [true, false]]]);
        let rows = self.search_all("party.party", &fields, &domain).await;
        rows.iter().map(contact).collect()
    }

    /// One contact as it is now; nothing when there is none with this id.
    pub async fn contact(&self, id: i64) -> Option<Contact> {
        self.contacts().await.into_iter().find(|it| it.id == id)
    }

    /// All users, inactive ones and the ones that are no persons too, by id.
    pub async fn agents(&self) -> Vec<Agent> {
        let fields = ["name", "login", "email", "active"];
        let domain = json!([["active", "in", [true, false]]]);
        let rows = self.search_all("res.user", &fields, &domain).await;
        rows.iter()
            .map(|row| Agent {
                id: id(row),
                name: text(&row["name"]),
                login: text(&row["login"]).expect("every user has a login"),
                email: text(&row["email"]),
                active: truth(&row["active"]),
            })
            .collect()
    }

    /// Every row of a model that fits the domain, by id, read page after page.
    pub async fn search_all(&self, model: &str, fields: &[&str], domain: &Value) -> Vec<Value> {
        let mut rows = Vec::new();
        let mut last = json!(-1);
        loop {
            let page = json!([["id", ">", last], domain]);
            let page = self.search(model, fields, &page, PAGE).await;
            let full = page.len() as u64 == PAGE;
            rows.extend(page);
            if !full {
                return rows;
            }
            last = rows.last().expect("a full page")["id"].clone();
        }
    }

    /// The first `size` rows of a model that fit the domain, by id.
    pub async fn search(&self, model: &str, fields: &[&str], domain: &Value, size: u64) -> Vec<Value> {
        let encode = |value: &Value| BASE64_URL_SAFE.encode(value.to_string());
        let mut url = reqwest::Url::parse(self.served.base_url()).expect("our own URL");
        url.query_pairs_mut()
            .append_pair("s", &size.to_string())
            .append_pair("d", &encode(domain))
            .append_pair("o", &encode(&json!([["id", "ASC"]])))
            .extend_pairs(fields.iter().map(|field| ("f", field)));
        let request = self.request(Method::GET, &format!("{model}?{}", url.query().expect("just written")));
        let rows = self.send(request).await.unwrap_or_else(|refusal| panic!("{domain}: {refusal}"));
        match rows {
            Value::Array(rows) => rows,
            other => panic!("{model} {domain}: no list but {other}"),
        }
    }

    async fn write(&self, method: Method, path: &str, values: &Value) -> Value {
        self.try_write(method, path, values)
            .await
            .unwrap_or_else(|refusal| panic!("{path} {values}: {refusal}"))
    }

    async fn try_write(&self, method: Method, path: &str, values: &Value) -> Result<Value, String> {
        self.send(self.request(method, path).json(values)).await
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.served.request(method, &model(path)).bearer_auth(&self.key)
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        Ok(self.served.try_send(request).await?.1)
    }
}

/// The path of a model, or of a record of it.
fn model(path: &str) -> String {
    format!("{DATABASE}/rest/model/{path}")
}

fn contact(row: &Value) -> Contact {
    let values = |types: &[&str], field: &str| -> Vec<String> {
        let mechanisms = row["contact_mechanisms"].as_array();
        mechanisms
            .into_iter()
            .flatten()
            .filter(|mechanism| types.iter().any(|it| mechanism["type"] == *it))
            .filter_map(|mechanism| text(&mechanism[field]))
            .collect()
    };
    Contact {
        id: id(row),
        name: text(&row["name"]),
        active: truth(&row["active"]),
        emails: values(&["email"], "value"),
        phones: values(&["phone", "mobile"], "value_compact"),
        write_date: time(&row["write_date"]),
    }
}

fn id(row: &Value) -> i64 {
    row["id"].as_i64().expect("every row has an id")
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|it| !it.is_empty()).map(ToOwned::to_owned)
}

/// SQLite has no booleans: the same field is `1` here and `true` with another database.
fn truth(value: &Value) -> bool {
    *value == json!(true) || *value == json!(1)
}

fn time(value: &Value) -> String {
    let part = |name: &str| value[name].as_u64().expect("a time's object");
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
        part("year"),
        part("month"),
        part("day"),
        part("hour"),
        part("minute"),
        part("second"),
        part("microsecond"),
    )
}
