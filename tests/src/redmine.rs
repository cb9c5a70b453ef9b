//! A real ticket system: Redmine 5 on SQLite (`tests/redmine/serve.sh`), from Debian's package.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::real_crm::{Expected, RealCrm};
use crate::served::{Served, script};

/// The host that the secret names, in links.
const HOST: &str = "redmine.example.com";

/// A Redmine of its own for one test: 320 contacts and one who was locked, two agents and one who was locked, two
/// administrators, two issues (`tests/redmine/seed.rb`).
#[derive(Debug)]
pub struct Redmine {
    served: Served,
}

impl RealCrm for Redmine {
    const INTEGRATION: &'static str = "redmine";
    const CREDENTIAL: &'static str = "api_key";

    async fn start() -> Self {
        let served = Served::start(
            "redmine",
            1,
            Duration::from_secs(120),
            |folder, ports| {
                let mut command = script("redmine");
                command.arg(folder.path()).arg(ports[0].to_string());
                command
            },
            async |_, http, base_url| {
                let answer = http.get(format!("{base_url}/users/current.json")).send().await;
                matches!(answer, Ok(answer) if answer.status() == StatusCode::UNAUTHORIZED)
            },
        )
        .await;
        Self { served }
    }

    fn served(&self) -> &Served {
        &self.served
    }

    fn secret(&self) -> Value {
        let (api_key, group) = (self.served.written("key"), self.served.written("group"));
        json!({"host": HOST, "api_key": api_key, "agents_group": group, "project": "support"})
    }

    async fn expected(&self) -> Vec<Expected> {
        let group = self.read(&format!("groups/{}.json?include=users", self.served.written("group"))).await;
        let agents = group["group"]["users"].as_array().expect("a list");
        let is_agent = |id: &Value| agents.iter().any(|agent| agent["id"] == *id);
        let people = self.users().await.into_iter().filter(|it| it["admin"] == false && !is_agent(&it["id"]));
        people
            .map(|it| {
                let phone = it["custom_fields"][0]["value"].as_str().filter(|phone| !phone.is_empty());
                Expected {
                    id: it["id"].to_string(),
                    name: format!("{} {}", text(&it["firstname"]), text(&it["lastname"])),
                    emails: vec![text(&it["mail"]).to_owned()],
                    phones: phone.map(|phone| phone.replace(' ', "")).into_iter().collect(),
                }
            })
            .collect()
    }
}

impl Redmine {
    /// Makes a user and answers its id.
    pub async fn create(&self, login: &str, first: &str, last: &str) -> String {
        let mail = format!("{login}@example.com");
        let mut user = json!({"login": login, "firstname": first, "lastname": last, "mail": mail});
        user["generate_password"] = json!(true);
        let made = self.send(Method::POST, "users.json", Some(&json!({"user": user}))).await;
        made["user"]["id"].to_string()
    }

    /// Changes a user.
    pub async fn change(&self, id: &str, values: Value) {
        self.send(Method::PUT, &format!("users/{id}.json"), Some(&json!({"user": values}))).await;
    }

    /// Puts a user among the agents.
    pub async fn promote(&self, id: &str) {
        let path = format!("groups/{}/users.json", self.served.written("group"));
        self.send(Method::POST, &path, Some(&json!({"user_id": id}))).await;
    }

    /// All users who are not locked.
    pub async fn users(&self) -> Vec<Value> {
        let mut users = Vec::new();
        loop {
            let path = format!("users.json?limit=100&sort=login&offset={}", users.len());
            let answer = self.read(&path).await;
            let page = answer["users"].as_array().expect("a list").clone();
            users.extend(page.iter().cloned());
            if page.is_empty() {
                return users;
            }
        }
    }

    /// The id of the user with this login name.
    pub async fn id_of(&self, login: &str) -> String {
        let users = self.users().await;
        users.iter().find(|it| it["login"] == login).expect("the template has it")["id"].to_string()
    }

    /// An issue with its notes and watchers.
    pub async fn issue(&self, id: &Value) -> Value {
        let id = id.as_str().expect("ids are texts");
        self.read(&format!("issues/{id}.json?include=journals,watchers")).await["issue"].take()
    }

    async fn read(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await
    }

    /// What is written is answered with nothing.
    async fn send(&self, method: Method, path: &str, values: Option<&Value>) -> Value {
        let request = self.served.request(method, path);
        let request = request.header("X-Redmine-API-Key", self.served.written("key"));
        let request = if let Some(values) = values { request.json(values) } else { request };
        self.served.send(request).await.1
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
