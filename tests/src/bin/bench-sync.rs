//! `make bench-sync`: a million contacts through the contact function, page by page.
//!
//! The demo CRM and the function are processes of their own, the function under Lambda's emulator.
//! Our share is the function's own measure of a request less its measure of the CRM calls.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark for a terminal"
)]

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use bridge::contract::Component;
use end_to_end::{LambdaFunction, api_gateway_event};
use end_to_end::{function_binary, target, workspace};
use serde_json::{Value, json};

const KEY: &str = "demo-bridge-key-0123456789";

struct Crm(Child);

impl Drop for Crm {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[derive(Default)]
struct Run {
    pages: Vec<Duration>,
    delivered: usize,
    ids: HashSet<u32>,
    memory: Vec<u64>,
    checkpoint: Value,
}

#[tokio::main]
async fn main() {
    let contacts: u32 =
        std::env::args().nth(1).map_or(1_000_000, |n| n.parse().expect("a number of contacts"));
    let overlay = target().join("bench-overlay.yaml");
    std::fs::write(&overlay, "limits: {page_size: 200}\ncredentials: null\nintegration: {authentication_type: none, authentication: null}\nconnection: {auth: {headers: {X-Api-Key: demo-api-key}}}\n").unwrap();
    let begun = Instant::now();
    let binary = target().join("release/demo-crm");
    let mut crm = Crm(Command::new(binary)
        .args(["--contacts", &contacts.to_string()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap());
    let mut line = String::new();
    BufReader::new(crm.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = serde_json::from_str::<Value>(&line).unwrap()["url"].as_str().unwrap().to_owned();
    println!("demo CRM with {contacts} contacts ready after {:.1} s", begun.elapsed().as_secs_f64());
    let manifest = workspace().join("manifests/demo");
    let env = [
        ("MANIFEST_PATH", manifest.to_str().unwrap()),
        ("OVERLAY_PATH", overlay.to_str().unwrap()),
        ("CRM_BASE_URL", url.as_str()),
    ];
    let function = LambdaFunction::start(&function_binary(Component::Contacts), &env, 30, 256).await;
    let initial = sync(&function, Value::Null).await;
    table("initial sync", &initial, &function.log(), 0);
    let http = reqwest_client();
    let advance = json!({"advance_millis": 3_600_000});
    control(&http, &url, "clock", &advance).await;
    control(&http, &url, "touch", &json!({"count": 1000})).await;
    control(&http, &url, "clock", &advance).await;
    let before = initial.pages.len();
    let incremental = sync(&function, initial.checkpoint).await;
    table("incremental sync of 1,000 changes", &incremental, &function.log(), before);
}

fn reqwest_client() -> reqwest::Client {
    end_to_end::client()
}

async fn control(http: &reqwest::Client, url: &str, what: &str, body: &Value) {
    let response = http.post(format!("{url}/control/{what}")).json(body).send().await.unwrap();
    assert!(response.status().is_success(), "{what}: {}", response.status());
}

async fn sync(function: &LambdaFunction, checkpoint: Value) -> Run {
    let mut run = Run::default();
    let mut offset = Value::Null;
    loop {
        let meta = json!({"synchronization_checkpoint": checkpoint, "offset": offset});
        let event = api_gateway_event("/contact_sync", &json!({"auth": {"bridge_key": KEY}, "meta": meta}));
        let begun = Instant::now();
        let response = function.invoke(&event).await;
        run.pages.push(begun.elapsed());
        assert_eq!(response.status, 200, "{}", response.text);
        for contact in response.body["contacts"].as_array().unwrap() {
            run.delivered += 1;
            run.ids.insert(contact["id"].as_str().unwrap().parse().unwrap());
        }
        if run.pages.len() % 100 == 1 {
            run.memory.push(resident_kib());
            print!("\r{} pages, {} contacts", run.pages.len(), run.delivered);
            let _ = std::io::stdout().flush();
        }
        run.checkpoint = response.body["synchronization_checkpoint"].clone();
        match &response.body["next_offset"] {
            Value::Null => break,
            next => offset = next.clone(),
        }
    }
    print!("\r");
    run.memory.push(resident_kib());
    run
}

/// Resident memory of the function's process, found by its name.
fn resident_kib() -> u64 {
    let binary = function_binary(Component::Contacts);
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let found = processes.filter(|p| std::fs::read_link(p.path().join("exe")).is_ok_and(|exe| exe == binary));
    found
        .filter_map(|p| std::fs::read_to_string(p.path().join("status")).ok())
        .filter_map(|status| {
            let line = status.lines().find(|l| l.starts_with("VmRSS:"))?.to_owned();
            line.split_whitespace().nth(1)?.parse().ok()
        })
        .max()
        .unwrap_or(0)
}

fn table(title: &str, run: &Run, log: &str, skip: usize) {
    let lines: Vec<Value> = log
        .lines()
        .filter_map(|l| serde_json::from_str(l).ok())
        .filter(|l: &Value| l["message"] == "request")
        .skip(skip)
        .collect();
    let sum = |name: &str| lines.iter().filter_map(|l| l[name].as_f64()).sum::<f64>();
    let (all, crm) = (sum("duration_ms"), sum("crm_ms"));
    let count = run.pages.len().min(100);
    let mean =
        |pages: &[Duration]| pages.iter().sum::<Duration>().as_secs_f64() * 1000.0 / pages.len() as f64;
    let (first, last) = (mean(&run.pages[..count]), mean(&run.pages[run.pages.len() - count..]));
    let total: Duration = run.pages.iter().sum();
    let contacts = run.delivered.max(1) as f64;
    println!("\n| {title} | |\n|---|---|");
    println!("| contacts delivered (different ones) | {} ({}) |", run.delivered, run.ids.len());
    println!("| pages | {} |", run.pages.len());
    println!("| contacts per second | {:.0} |", contacts / total.as_secs_f64());
    println!(
        "| time per page, first {count} / last {count} | {first:.2} ms / {last:.2} ms (ratio {:.2}) |",
        last / first
    );
    println!(
        "| our share per contact (request less CRM calls) | {:.1} µs |",
        (all - crm) * 1000.0 / contacts
    );
    println!("| our share of the function's time | {:.0} % |", (all - crm) / all * 100.0);
    let (least, most) = (run.memory.iter().min().unwrap_or(&0), run.memory.iter().max().unwrap_or(&0));
    println!(
        "| resident memory of the function, least / most | {:.1} MB / {:.1} MB |",
        *least as f64 / 1024.0,
        *most as f64 / 1024.0
    );
}
