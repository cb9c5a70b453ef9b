//! A real CRM: Odoo 11, with a database server of its own (`tests/odoo/serve.sh`).

use std::time::Duration;

use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::real_crm::{Expected, RealCrm};
use crate::served::{Served, script};
use crate::setup;

const DATABASE: &str = "crm";
const LOGIN: &str = "admin";
/// The id of the administrator.
const USER: i64 = 1;

/// An Odoo of its own for one test: 320 contacts, 20 agents, a lead, a task, a note (`tests/odoo/seed.py`).
#[derive(Debug)]
pub struct Odoo {
    served: Served,
    password: String,
}

impl RealCrm for Odoo {
    const INTEGRATION: &'static str = "odoo-rpc";
    const CREDENTIAL: &'static str = "api_key";
    const SMALL_PAGES: &'static str = "tests/small-pages-incremental.yaml";

    async fn start() -> Self {
        let environment = setup::crm_environment("odoo");
        let served = Served::start(
            "odoo",
            2,
            Duration::from_secs(60),
            |folder, ports| {
                let mut command = script("odoo");
                command.arg(&environment).arg(folder.path()).args(ports.iter().map(ToString::to_string));
                command
            },
            async |folder, http, base_url| {
                let call = json!({"params": {"service": "common", "method": "authenticate",
                    "args": [DATABASE, LOGIN, folder.written("password"), {}]}});
                let answer = http.post(format!("{base_url}/jsonrpc")).json(&call).send().await;
                let Ok(answer) = answer else { return false };
                matches!(answer.json::<Value>().await, Ok(body) if body["result"] == USER)
            },
        )
        .await;
        Self { password: served.written("password"), served }
    }

    fn served(&self) -> &Served {
        &self.served
    }

    fn secret(&self) -> Value {
        let host = "odoo.example.com";
        json!({"host": host, "database": DATABASE, "login": LOGIN, "api_key": self.password})
    }

    async fn expected(&self) -> Vec<Expected> {
        let people = json!([["is_company", "=", false]]);
        let rows = self.search("res.partner", &people, &["name", "email", "phone", "mobile"]).await;
        let texts = |row: &Value, fields: &[&str]| -> Vec<String> {
            fields.iter().filter_map(|field| row[field].as_str()).map(|it| it.replace(' ', "")).collect()
        };
        rows.iter()
            .map(|row| Expected {
                id: row["id"].to_string(),
                name: row["name"].as_str().expect("Odoo's contacts have names").to_owned(),
                emails: texts(row, &["email"]),
                phones: texts(row, &["phone", "mobile"]),
            })
            .collect()
    }
}

impl Odoo {
    /// Makes a record and answers its id.
    pub async fn create(&self, model: &str, values: Value) -> i64 {
        self.call(model, "create", json!([values]), json!({})).await.as_i64().expect("an id")
    }

    /// Makes contacts in one transaction, so that all have one time stamp.
    pub async fn import(&self, names: &[String]) {
        let rows: Vec<[&String; 1]> = names.iter().map(|name| [name]).collect();
        let context = json!({"context": {"tracking_disable": true}});
        let answer = self.call("res.partner", "load", json!([["name"], rows]), context).await;
        assert!(answer["ids"].is_array(), "{answer}");
    }

    /// Changes a record.
    pub async fn write(&self, model: &str, id: i64, values: Value) {
        self.call(model, "write", json!([[id], values]), json!({})).await;
    }

    /// The records that fit, archived ones only where the domain asks for them, by id. No value is `false`.
    pub async fn search(&self, model: &str, domain: &Value, fields: &[&str]) -> Vec<Value> {
        let rows = self.call(model, "search_read", json!([domain]), json!({"fields": fields, "order": "id"}));
        rows.await.as_array().expect("a list of records").clone()
    }

    /// One record.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub async fn record(&self, model: &str, id: &Value, fields: &[&str]) -> Map<String, Value> {
        let id: i64 = id.as_str().and_then(|id| id.parse().ok()).expect("an id of Odoo as a text");
        let rows = self.search(model, &json!([["id", "=", id]]), fields).await;
        let [Value::Object(row)] = rows.as_slice() else { panic!("{model} {id}: {rows:?}") };
        row.clone()
    }

    /// The notes of a contact as HTML, newest first.
    pub async fn notes(&self, contact: i64) -> Vec<String> {
        let domain = json!([
            ["model", "=", "res.partner"],
            ["res_id", "=", contact],
            ["message_type", "=", "comment"]
        ]);
        let rows = self.search("mail.message", &domain, &["body"]).await;
        rows.iter().rev().filter_map(|row| row["body"].as_str().map(ToOwned::to_owned)).collect()
    }

    async fn call(&self, model: &str, method: &str, args: Value, kwargs: Value) -> Value {
        let call = json!({"params": {"service": "object", "method": "execute_kw",
            "args": [DATABASE, USER, self.password, model, method, args, kwargs]}});
        let (_, body) = self.served.send(self.served.request(Method::POST, "jsonrpc").json(&call)).await;
        assert!(body.get("error").is_none(), "{model} {method}: {}", body["error"]["data"]);
        body["result"].clone()
    }
}
