//! A real ticket system: Roundup on SQLite, served as behind a reverse proxy (`tests/roundup/serve.py`).

use std::process::Command;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::real_crm::{Expected, RealCrm};
use crate::served::Served;
use crate::{paths, setup};

/// The host of the tracker's configuration; it takes writes from there only.
const HOST: &str = "tracker.example.com";
const LOGIN: &str = "admin";
const PASSWORD: &str = "adminpw";

/// A Roundup of its own for one test: 320 contacts, 2 agents, 2 issues (`tests/roundup/seed.py`).
#[derive(Debug)]
pub struct Roundup {
    served: Served,
}

/// A user in use. All people are: who has the role `User` or `Admin` is an agent, the others are contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The id.
    pub id: String,
    /// The login name.
    pub username: String,
    /// The name of the person.
    pub name: Option<String>,
    /// The main address, then the others.
    pub emails: Vec<String>,
    /// The phone as it was typed.
    pub phone: Option<String>,
    /// The company.
    pub organisation: Option<String>,
    /// The roles, with commas between them.
    pub roles: String,
}

/// A ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issue {
    /// The id.
    pub id: String,
    /// The title.
    pub title: String,
    /// The status's name.
    pub status: Option<String>,
    /// The priority's name.
    pub priority: Option<String>,
    /// The ids of the people who are told about it.
    pub nosy: Vec<String>,
    /// The id of the person who has to do it.
    pub assigned_to: Option<String>,
    /// Its messages, oldest first: the id of the author, and the text.
    pub messages: Vec<(String, String)>,
}

impl RealCrm for Roundup {
    const INTEGRATION: &'static str = "roundup";
    const CREDENTIAL: &'static str = "password";

    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    fn served(&self) -> &Served {
        &self.served
    }

    fn secret(&self) -> Value {
        json!({"host": HOST, "login": LOGIN, "password": PASSWORD})
    }

    async fn expected(&self) -> Vec<Expected> {
        let contacts = self.people().await.into_iter().filter(|it| !it.is_agent());
        contacts
            .filter(|it| it.username != "anonymous")
            .map(|Person { id, username, name, emails, phone, .. }| {
                let phones = phone.into_iter().map(|phone| phone.replace(' ', "")).collect();
                Expected { id, name: name.unwrap_or(username), emails, phones }
            })
            .collect()
    }
}

impl Roundup {
    /// A server that takes so many calls in so many seconds and answers 429 to more of them.
    pub async fn limited(calls: usize, seconds: usize) -> Self {
        Self::start_with(&[format!("{calls}/{seconds}")]).await
    }

    async fn start_with(options: &[String]) -> Self {
        let environment = setup::crm_environment("roundup");
        let served = Served::start(
            "roundup",
            1,
            Duration::from_secs(30),
            |folder, ports| {
                let mut command = Command::new(environment.join("bin/python"));
                command.arg(paths::workspace().join("tests/roundup/serve.py"));
                command.arg(folder.path()).arg(ports[0].to_string()).args(options);
                command
            },
            async |_, http, base_url| {
                // A page for people: it is not counted as a call.
                let answer = http.get(format!("{base_url}/")).send().await;
                matches!(answer, Ok(answer) if answer.status() == StatusCode::OK)
            },
        )
        .await;
        Self { served }
    }

    /// Makes a contact with an address and answers its id.
    pub async fn create_contact(&self, name: &str, email: &str) -> String {
        let user = json!({"username": email, "realname": name, "address": email, "roles": "Anonymous"});
        self.write(Method::POST, "user", &user).await
    }

    /// Gives a user another value in one property.
    pub async fn change(&self, user: &str, property: &str, value: &str) {
        self.write(Method::PUT, &format!("user/{user}"), &json!({property: value})).await;
    }

    /// Retires a user: nobody finds it any more.
    pub async fn retire(&self, user: &str) {
        self.write(Method::DELETE, &format!("user/{user}"), &json!({})).await;
    }

    /// All users in use, by id.
    pub async fn people(&self) -> Vec<Person> {
        let fields = "username,realname,address,alternate_addresses,phone,organisation,roles";
        let rows = self.list(&format!("user?@fields={fields}&@sort=id&@page_size=10000")).await;
        rows.iter().map(person).collect()
    }

    /// One user in use.
    pub async fn person(&self, id: &str) -> Option<Person> {
        self.people().await.into_iter().find(|it| it.id == id)
    }

    /// All issues, by id.
    pub async fn issues(&self) -> Vec<Issue> {
        let fields = "title,status.name,priority.name,nosy,assignedto,messages";
        let rows = self.list(&format!("issue?@fields={fields}&@sort=id&@page_size=10000")).await;
        let mut issues = Vec::new();
        for row in &rows {
            let mut messages = Vec::new();
            for id in ids(&row["messages"]) {
                let author = self.read(&format!("msg/{id}/author")).await;
                let content = self.read(&format!("msg/{id}/content")).await;
                messages.push((
                    text(&author["data"]["data"]).expect("every message has an author"),
                    text(&content["data"]["data"]).expect("every message has a text"),
                ));
            }
            issues.push(Issue {
                id: text(&row["id"]).expect("every issue has an id"),
                title: text(&row["title"]).unwrap_or_default(),
                status: text(&row["status.name"]),
                priority: text(&row["priority.name"]),
                nosy: ids(&row["nosy"]),
                assigned_to: text(&row["assignedto"]["id"]),
                messages,
            });
        }
        issues
    }

    /// One issue.
    ///
    /// # Panics
    /// When there is none with this id.
    pub async fn issue(&self, id: &str) -> Issue {
        let issues = self.issues().await.into_iter();
        issues.into_iter().find(|it| it.id == id).expect("the issue is in the tracker")
    }

    async fn list(&self, path: &str) -> Vec<Value> {
        let answer = self.read(path).await;
        answer["data"]["collection"].as_array().expect("a list").clone()
    }

    async fn read(&self, path: &str) -> Value {
        self.served.send(self.request(Method::GET, path)).await.1
    }

    /// Answers the id of what was written. What is there already is changed only with its tag (`If-Match`).
    async fn write(&self, method: Method, path: &str, values: &Value) -> String {
        let mut request = self.request(method.clone(), path);
        if method != Method::POST {
            let (headers, _) = self.served.send(self.request(Method::GET, path)).await;
            request = request.header("If-Match", headers["etag"].clone());
        }
        let (_, answer) = self.served.send(request.json(values)).await;
        text(&answer["data"]["id"]).unwrap_or_default()
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.served
            .request(method, &format!("rest/data/{path}"))
            .basic_auth(LOGIN, Some(PASSWORD))
            .header("X-Requested-With", "rest")
            .header("Origin", format!("https://{HOST}"))
            .header("Referer", format!("https://{HOST}/"))
    }
}

impl Person {
    /// Whether it answers calls.
    pub fn is_agent(&self) -> bool {
        self.roles.split(',').any(|role| ["User", "Admin"].contains(&role.trim()))
    }
}

fn person(row: &Value) -> Person {
    let others = text(&row["alternate_addresses"]).unwrap_or_default();
    let others = others.lines().map(ToOwned::to_owned);
    Person {
        id: text(&row["id"]).expect("every user has an id"),
        username: text(&row["username"]).expect("every user has a name"),
        name: text(&row["realname"]),
        emails: text(&row["address"]).into_iter().chain(others).collect(),
        phone: text(&row["phone"]),
        organisation: text(&row["organisation"]),
        roles: text(&row["roles"]).unwrap_or_default(),
    }
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|it| text(&it["id"])).collect()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|it| !it.is_empty()).map(ToOwned::to_owned)
}
