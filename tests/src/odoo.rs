//! A real CRM: Odoo 11, with a database server of its own (`tests/odoo/serve.sh`).

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::folder::Folder;
use crate::http::client;
use crate::paths;
use crate::process::Server;
use crate::real_crm::{Expected, RealCrm};

const DATABASE: &str = "crm";
const LOGIN: &str = "admin";
/// The id of the administrator.
const USER: i64 = 1;

/// An Odoo of its own for one test: 320 contacts, 20 agents, a lead, a task, a note (`tests/odoo/seed.py`).
#[derive(Debug)]
pub struct Odoo {
    // Before the folder: the server ends first, then its database goes.
    server: Server,
    _folder: Folder,
    base_url: String,
    password: String,
    http: reqwest::Client,
}

impl RealCrm for Odoo {
    const INTEGRATION: &'static str = "odoo-rpc";
    const CREDENTIAL: &'static str = "api_key";

    async fn start() -> Self {
        let environment = paths::crm_environment("odoo");
        let folder = Folder::copy_of(&environment.join("template"), "odoo");
        let password = fs::read_to_string(folder.path().join("password")).expect("setup.sh wrote it");
        let http = client();
        let server = Server::start(
            "odoo",
            2,
            Duration::from_secs(60),
            |ports| {
                let mut command = Command::new("bash");
                command.arg(paths::workspace().join("tests/odoo/serve.sh")).arg(&environment);
                command.arg(folder.path()).args(ports.iter().map(ToString::to_string));
                command
            },
            async |ports| {
                let call = json!({"params": {"service": "common", "method": "authenticate",
                    "args": [DATABASE, LOGIN, password.trim(), {}]}});
                let url = format!("http://127.0.0.1:{}/jsonrpc", ports[0]);
                let Ok(answer) = http.post(url).json(&call).send().await else { return false };
                matches!(answer.json::<Value>().await, Ok(body) if body["result"] == USER)
            },
        )
        .await;
        let base_url = format!("http://127.0.0.1:{}", server.port(0));
        Self { server, _folder: folder, base_url, password: password.trim().to_owned(), http }
    }

    fn base_url(&self) -> &str {
        &self.base_url
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
    /// Everything that the server printed: one line per request.
    pub fn log(&self) -> String {
        self.server.process().log()
    }

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
        let request = self.http.post(format!("{}/jsonrpc", self.base_url)).json(&call);
        let tail = || self.server.process().log_tail();
        let answer = request.send().await.unwrap_or_else(|error| panic!("{error}\n{}", tail()));
        let body: Value = answer.json().await.unwrap_or_else(|error| panic!("{error}\n{}", tail()));
        assert!(body.get("error").is_none(), "{model} {method}: {}\n{}", body["error"]["data"], tail());
        body["result"].clone()
    }
}
