//! `serve --inspect`: what the page gets, what it never gets, and who may ask for it.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use bridge::contract::Component;
use bridge::manifest::Manifest;
use demo_crm::{Fault, FaultKind};
use player::Kept;
use regex::Regex;
use serde_json::{Value, json};
use talkdesk_bridge::watch::inspect::Inspect;
use talkdesk_bridge::watch::inspect::server::{FILES, Page};
use talkdesk_bridge::watch::{Observer, log};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::watch::{canaries, mask};
use crate::world::{KEY, World};

struct Inspected {
    world: World,
    inspect: Arc<Inspect>,
    page: Page,
}

async fn inspected(show: bool) -> Inspected {
    inspected_with("limits: {wait: PT1S, page_size: 20}\n", show).await
}

async fn inspected_with(overlay: &str, show: bool) -> Inspected {
    let mut made = None;
    let world = World::observed(overlay, |crm, manifest: &Arc<Manifest>| {
        let inspect = Arc::new(Inspect::new(manifest.clone(), mask(crm), show));
        made = Some(inspect.clone());
        inspect as Arc<dyn Observer>
    });
    let world = world.await;
    let inspect = made.unwrap();
    let page = Page::start(inspect.clone(), SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    Inspected { world, inspect, page }
}

struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Inspected {
    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "127.0.0.1").await
    }

    async fn send(&self, method: &str, path: &str, host: &str) -> Answer {
        let url = self.page.url();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut text = Vec::new();
        stream.read_to_end(&mut text).await.unwrap();
        let text = String::from_utf8(text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    /// The last request as the page gets it.
    fn last(&self) -> Value {
        let seen = self.inspect.feed(None).unwrap()["seen"].as_u64().unwrap();
        serde_json::from_str(&self.inspect.entry(seen).unwrap()).unwrap()
    }
}

/// One request of every kind, also refused ones.
async fn play(world: &World) {
    let known = world.every_reading().await;
    let meta = json!({"contact_external_id": "5"});
    let secret = world.crm.api_key();
    let subject = format!("{} asks {KEY} or {secret}", known["name"].as_str().unwrap().to_uppercase());
    world.act("create_ticket", meta.clone(), json!({"subject": subject})).await;
    world.act("create_ticket", json!({}), json!({"subject": known["name"]})).await;
    world.fault("/api/v1/tickets", FaultKind::Status, |f| Fault { status: Some(422), ..f });
    world.act("create_ticket", meta, json!({"subject": subject})).await;
}

#[tokio::test]
async fn no_answer_of_the_inspector_holds_a_secret_and_people_only_where_they_are_shown() {
    for show in [false, true] {
        let inspected = inspected(show).await;
        play(&inspected.world).await;
        let feed = inspected.get("/feed.json").await.body;
        let mut all = vec![feed.clone()];
        for number in 1..=serde_json::from_str::<Value>(&feed).unwrap()["seen"].as_u64().unwrap() {
            all.push(inspected.get(&format!("/entries/{number}.json")).await.body);
        }
        assert!(all.len() > 10 && all[1].contains("\"rows\""), "{}", all.len());
        // The stand-in of an address is no name, although somebody is called so.
        let text = all.concat().replace("PERSON-", "");
        let mut files = String::new();
        for (path, ..) in FILES {
            files.push_str(&inspected.get(path).await.body);
        }
        for secret in [KEY, inspected.world.crm.api_key()] {
            assert!(!text.contains(secret) && !files.contains(secret), "{secret}, people shown: {show}");
        }
        let upper = |name: &String| text.contains(&name.to_uppercase());
        let people: Vec<_> = canaries(&inspected.world)
            .into_iter()
            .filter(|name| text.contains(name) || upper(name))
            .collect();
        assert_eq!(!people.is_empty(), show, "{people:?}");
    }
}

#[tokio::test]
async fn a_page_of_contacts_stands_beside_its_rows_with_what_they_are_made_of() {
    let inspected = inspected(true).await;
    let page = inspected.world.call(Component::Contacts, json!({}), Value::Null).await;
    let entry = inspected.last();
    let group = &entry["rows"][0];
    assert_eq!((&group["kind"], group["rows"].as_array().unwrap().len()), (&json!("contact"), 20));
    assert_eq!(group["sent"], page.body["contacts"].as_array().unwrap().len());
    let name = group["fields"].as_array().unwrap().iter().find(|field| field["field"] == "name").unwrap();
    assert_eq!(name["reads"], json!(["row.first_name", "row.last_name"]));
    assert_eq!(name["templates"][0], "{{ [row.first_name, row.last_name] | join(' ') }}");
    for row in group["rows"].as_array().unwrap() {
        match &row["made"] {
            Value::Null if row["row"]["kind"] != "person" || row["row"]["archived"] == true => {
                assert_eq!(row["why"], "left out by `where`");
            }
            Value::Null => assert!(row["why"].as_str().unwrap().starts_with("not in this answer"), "{row}"),
            made => assert_eq!(made["id"], row["row"]["id"].to_string(), "{row}"),
        }
    }
    let says = |at: &str, what: &str| entry[at][what]["says"].as_str().unwrap_or_default().to_owned();
    assert_eq!(entry["came"], json!({"checkpoint": null, "place": null}));
    let (place, mark) = (says("handed_out", "place"), says("handed_out", "checkpoint"));
    assert!(
        place.starts_with("Contacts stamped 20") && place.ends_with("in order of their stamps."),
        "{place}"
    );
    assert!(mark.starts_with("Everything stamped before 20"), "{mark}");
    let call = &entry["calls"][0];
    assert_eq!((&call["method"], &call["query"][1]), (&json!("GET"), &json!(["sort", "updated_at"])));
    assert_eq!(call["answer"]["status"], 200);
}

#[tokio::test]
async fn every_list_of_contacts_stands_beside_its_own_rows() {
    let inspected = inspected_with(crate::lists::COMPANIES, false).await;
    inspected.world.player.sync(&mut Kept::default(), |_| {}).await.unwrap();
    let seen = inspected.inspect.feed(None).unwrap()["seen"].as_u64().unwrap();
    let mut kinds = BTreeSet::new();
    let mut says = String::new();
    for number in 1..=seen {
        let entry: Value = serde_json::from_str(&inspected.inspect.entry(number).unwrap()).unwrap();
        says.push_str(entry["came"]["place"]["says"].as_str().unwrap_or_default());
        for group in entry["rows"].as_array().unwrap() {
            let rows = group["rows"].as_array().unwrap().iter().filter(|row| !row["made"].is_null());
            for row in rows {
                assert!(row["row"].is_object(), "{row}");
                kinds.insert(group["kind"].as_str().unwrap().to_owned());
            }
        }
    }
    assert_eq!(kinds.iter().collect::<Vec<_>>(), ["companies", "contact"]);
    assert!(says.contains("List companies. Contacts stamped"), "{says}");
    let facts = inspected.last()["handed_out"]["checkpoint"]["facts"].to_string();
    assert!(facts.contains("list companies"), "{facts}");
}

#[tokio::test]
async fn a_refusal_has_its_class_what_to_do_and_the_lines_of_the_log() {
    let lines = tracing_subscriber::registry().with(log::Lines);
    // For the whole process: what a thread alone logs is not told apart while others begin to log.
    tracing::subscriber::set_global_default(lines).unwrap();
    let inspected = inspected(false).await;
    inspected.world.act("add_note", json!({"contact_external_id": "999999"}), json!({"note": "Hello"})).await;
    let entry = inspected.last();
    assert_eq!(
        (&entry["summary"]["class"], &entry["refusal"]["class"]),
        (&json!("not_found"), &json!("not_found"))
    );
    assert_eq!(entry["refusal"]["message"], "There is no contact with this id.");
    assert!(entry["refusal"]["what_to_do"].as_str().unwrap().contains("compare the id"), "{entry}");
    assert_eq!(entry["rows"][0]["rows"][0]["row"]["meta"]["contact_external_id"], "999999");
    let detail = json!(["detail", "the CRM answered 404"]);
    let fields = entry["log"].as_array().unwrap().iter().flat_map(|line| line["fields"].as_array().unwrap());
    assert!(fields.clone().any(|field| *field == detail), "{:?}", fields.collect::<Vec<_>>());
    assert!(!entry["log"].to_string().contains("crm call"), "calls stand above it");
}

#[tokio::test]
async fn an_offset_that_is_none_is_said_to_be_none() {
    let inspected = inspected(false).await;
    let meta = json!({"offset": "nonsense", "synchronization_checkpoint": "yesterday"});
    inspected.world.call(Component::Contacts, meta, Value::Null).await;
    let came = &inspected.last()["came"];
    for (what, why) in [("place", "four parts"), ("checkpoint", "YYYY-MM-DD")] {
        let says = came[what]["says"].as_str().unwrap();
        assert!(says.starts_with("Not one that this bridge handed out") && says.contains(why), "{says}");
    }
}

#[tokio::test]
async fn the_last_hundred_requests_are_kept_and_what_is_new_is_asked_for() {
    let inspected = inspected(false).await;
    for _ in 0..103 {
        inspected.world.act("create_ticket", json!({}), json!({"subject": "x"})).await;
    }
    let feed: Value = serde_json::from_str(&inspected.get("/feed.json").await.body).unwrap();
    assert_eq!((&feed["seen"], &feed["dropped"]), (&json!(103), &json!(3)));
    assert_eq!((&feed["entries"][0]["number"], &feed["entries"][99]["number"]), (&json!(103), &json!(4)));
    assert_eq!(inspected.get("/entries/3.json").await.status, 404);
    assert_eq!(inspected.get("/feed.json?seen=103").await.status, 204);
    assert_eq!(inspected.get("/feed.json?seen=102").await.status, 200);
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_from_elsewhere_is_not_answered() {
    let inspected = inspected(false).await;
    for host in ["localhost", "LOCALHOST:8788", "127.0.0.1:1", "[::1]:8788", "127.1.2.3"] {
        assert_eq!(inspected.send("GET", "/feed.json", host).await.status, 200, "{host}");
    }
    for host in
        ["example.com", "127.0.0.1.example.com", "localhost.example.com:8788", "192.0.2.1", "", "[::2]"]
    {
        let answer = inspected.send("GET", "/feed.json", host).await;
        assert_eq!((answer.status, answer.body.contains("integration")), (421, false), "{host}");
    }
    assert_eq!(inspected.send("POST", "/feed.json", "localhost").await.status, 405);
    let open = Page::start(inspected.inspect.clone(), SocketAddr::from(([0, 0, 0, 0], 0))).await;
    assert!(open.is_err_and(|why| why.contains("this machine alone")));
}

#[tokio::test]
async fn the_page_needs_no_network_and_nobody_else_may_use_it() {
    let inspected = inspected(false).await;
    for path in ["/", "/main.js", "/feed.json", "/entries/1.json", "/nothing"] {
        let head = inspected.get(path).await.head;
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';",
            "frame-ancestors 'none'",
            "cross-origin-resource-policy: same-origin",
            "x-content-type-options: nosniff",
            "referrer-policy: no-referrer",
            "cache-control: no-store",
        ] {
            assert!(head.contains(header), "{path}: {header}\n{head}");
        }
        assert!(!head.contains("access-control-allow"), "{head}");
    }
    let names: BTreeSet<_> = FILES.iter().map(|(path, ..)| path.trim_start_matches('/')).collect();
    let place =
        Regex::new(r#"(?:src|href)="([^"]*)"|from "\./([^"]*)"|import\("([^"]*)"\)|url\(([^)]*)\)"#).unwrap();
    for (name, _, text) in FILES {
        for found in place.captures_iter(text) {
            let to = found.iter().skip(1).flatten().next().unwrap().as_str();
            assert!(names.contains(to) || to.starts_with('#'), "{name} needs {to}");
        }
        // The only address is the name of SVG's language, which nobody asks.
        let text = text.replace("http://www.w3.org/2000/svg", "");
        assert!(!text.contains("http:") && !text.contains("https:"), "{name}");
        for never in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "style=", "onclick=\""] {
            assert!(!text.contains(never), "{name}: {never}");
        }
    }
}
