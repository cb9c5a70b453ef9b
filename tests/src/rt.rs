//! A real ticket system: Request Tracker 5 on SQLite (`tests/rt/serve.sh`), from Debian's package.

use std::collections::HashSet;
use std::process::Command;
use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::paths;
use crate::real_crm::{Expected, RealCrm};
use crate::served::{Served, script};

/// The host of RT's configuration, in its links.
const HOST: &str = "rt.example.com";
const FIELDS: &str = "id,Name,RealName,EmailAddress,WorkPhone";

/// An RT of its own for one test: 320 contacts and one who was disabled, two agents and one who left, the
/// administrator, the bridge's own user, two tickets (`tests/rt/seed.pl`).
#[derive(Debug)]
pub struct Rt {
    served: Served,
}

impl RealCrm for Rt {
    const INTEGRATION: &'static str = "rt";
    const CREDENTIAL: &'static str = "token";

    async fn start() -> Self {
        let served = Served::start(
            "rt",
            1,
            Duration::from_secs(60),
            |folder, ports| {
                let mut command = script("rt");
                command.arg(folder.path()).arg(ports[0].to_string());
                command
            },
            async |_, http, base_url| {
                let answer = http.get(format!("{base_url}/REST/2.0/rt")).send().await;
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
        json!({"host": HOST, "token": self.served.written("token")})
    }

    async fn expected(&self) -> Vec<Expected> {
        let agents = self.agents().await;
        let people = self.users().await.into_iter().filter(|it| {
            let name = it["Name"].as_str().unwrap_or_default();
            !agents.contains(name) && !["RT_System", "Nobody"].contains(&name)
        });
        people
            .map(|it| Expected {
                id: it["id"].to_string(),
                name: texts(&it, "RealName").pop().unwrap_or_else(|| texts(&it, "Name").remove(0)),
                emails: texts(&it, "EmailAddress"),
                phones: texts(&it, "WorkPhone").iter().map(|phone| phone.replace(' ', "")).collect(),
            })
            .collect()
    }
}

impl Rt {
    /// Makes a user and answers its login name.
    pub async fn create(&self, user: Value) -> String {
        let made = self.send(Method::POST, "user", Some(&user)).await;
        made["id"].as_str().expect("RT answers the login name").to_owned()
    }

    /// Changes a user, named by its login name or id.
    pub async fn change(&self, user: &str, values: Value) {
        self.send(Method::PUT, &format!("user/{user}"), Some(&values)).await;
    }

    /// Takes a right of the bridge's user away, in RT's database: its API has no such call.
    pub fn withdraw(&self, right: &str) {
        let mut command = Command::new("perl");
        command.arg(paths::workspace().join("tests/rt/withdraw.pl")).arg(right);
        command.env("RT_FOLDER", self.served.folder().path());
        command.env("RT_SITE_CONFIG", paths::workspace().join("tests/rt/RT_SiteConfig.pm"));
        command.env("RT_SITE_CONFIG_DIR", self.served.folder().path().join("conf.d"));
        assert!(command.status().is_ok_and(|status| status.success()), "{right} cannot be withdrawn");
    }

    /// All users who are not disabled, agents and contacts.
    pub async fn users(&self) -> Vec<Value> {
        let (mut users, mut page) = (Vec::new(), 1);
        loop {
            let path = format!("users?fields={FIELDS}&orderby=id&per_page=100&page={page}");
            let answer = self.read(&path).await;
            users.extend(answer["items"].as_array().expect("a list").iter().cloned());
            page += 1;
            if answer["next_page"].is_null() {
                return users;
            }
        }
    }

    /// The login names of the privileged users, disabled ones too.
    pub async fn agents(&self) -> HashSet<String> {
        let groups = self.read(r#"groups?query=[{"field":"Name","value":"Privileged"}]&fields=id"#).await;
        let group = self.read(&format!("group/{}", groups["items"][0]["id"])).await;
        let members = group["Members"].as_array().expect("a list").iter();
        members.map(|it| it["id"].as_str().expect("a login name").to_owned()).collect()
    }

    /// One ticket.
    pub async fn ticket(&self, id: &Value) -> Value {
        self.read(&format!("ticket/{}", id.as_str().expect("ids are texts"))).await
    }

    /// The texts of a ticket, oldest first.
    pub async fn texts_of(&self, ticket: &str) -> Vec<String> {
        let path = format!("ticket/{ticket}/attachments?fields=Content&orderby=id&per_page=100");
        let answer = self.read(&path).await;
        answer["items"].as_array().expect("a list").iter().flat_map(|it| texts(it, "Content")).collect()
    }

    /// What RT's API answers to a question of its administrator.
    pub async fn read(&self, path: &str) -> Value {
        self.send(Method::GET, path, None).await
    }

    async fn send(&self, method: Method, path: &str, values: Option<&Value>) -> Value {
        let request = self.served.request(method, &format!("REST/2.0/{path}"));
        let request = request.basic_auth("root", Some(self.served.written("password")));
        let request = if let Some(values) = values { request.json(values) } else { request };
        self.served.send(request).await.1
    }
}

/// A field's text as a list: empty when there is none.
fn texts(row: &Value, field: &str) -> Vec<String> {
    row[field].as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned).into_iter().collect()
}
