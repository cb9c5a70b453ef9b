//! `make bench-sync`: initial synchronizations of demo CRMs of several sizes through the contact function, page by
//! page, each with an incremental one after it. Writes the table of `docs/scale.md`.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::cases;
use crate::demo::Crm;
use crate::measure::{self, Process};
use crate::programs::{self, Kind, Variant};
use crate::stub::Stub;

const OVERLAY: &str = "limits: {page_size: 200}\ncredentials: null\nintegration: {authentication_type: none, \
                       authentication: null}\nconnection: {auth: {headers: {X-Api-Key: demo-api-key}}}\n";

/// One synchronization.
#[derive(Default)]
struct Run {
    pages: Vec<Duration>,
    delivered: usize,
    ids: HashSet<u32>,
    memory: Vec<f64>,
    offset: usize,
    checkpoint: Value,
    /// Milliseconds of the requests, of the CRM's calls, and how many these were, by the function's log.
    logged: [f64; 3],
}

/// Runs every size and writes the table.
pub async fn run(stub: &Stub, sizes: &[u32]) {
    let (mut rows, load) = (String::new(), crate::table::load());
    for size in sizes {
        rows.push_str(&of(stub, *size).await);
    }
    let table = format!(
        "{}, load {load} at the start.\n\n| contacts in the CRM | delivered, each once | pages | calls a page | ms a page, first 100 / last 100 | \
         ratio | own share, µs a contact | memory, least / most, MB | longest offset, bytes | CRM's file, MB | \
         1,000 changes: pages, ms a page |\n|---|---|---|---|---|---|---|---|---|---|---|\n{rows}",
        crate::table::machine()
    );
    println!("\n{table}");
    write("make bench-sync", &table);
}

/// Puts a text into its place in `docs/scale.md`.
pub fn write(mark: &str, text: &str) {
    let (begin, end) = (format!("<!-- generated: {mark} -->\n"), "<!-- end -->");
    let file = programs::root().join("docs/scale.md");
    let page = std::fs::read_to_string(&file).expect("docs/scale.md");
    let (head, rest) = page.split_once(&begin).expect("the mark before the table");
    let (_, tail) = rest.split_once(end).expect("the mark after the table");
    std::fs::write(file, format!("{head}{begin}{text}{end}{tail}")).expect("docs/ can be written");
}

async fn of(stub: &Stub, contacts: u32) -> String {
    let crm = Crm::start(contacts);
    let (variant, mut function) = start(stub, &crm);
    let log = Log::of(&mut function);
    let initial = sync(stub, &variant, &function, &log, Value::Null).await;
    let advance = json!({"advance_millis": 3_600_000});
    let http = bench::client().expect("an HTTP client");
    for (what, body) in [("clock", &advance), ("touch", &json!({"count": 1000})), ("clock", &advance)] {
        let post =
            http.post(format!("{}/control/{what}", crm.url)).header("content-type", "application/json");
        let response = post.body(body.to_string()).send().await.unwrap();
        assert!(response.status().is_success(), "{what}: {}", response.status());
    }
    let later = sync(stub, &variant, &function, &log, initial.checkpoint.clone()).await;
    let count = initial.pages.len().min(100);
    let (first, last) = (&initial.pages[..count], &initial.pages[initial.pages.len() - count..]);
    let [requests, calls, number] = initial.logged;
    let memory = |best: fn(f64, f64) -> f64| initial.memory.iter().copied().reduce(best).unwrap_or_default();
    let mut row = String::new();
    let _ = writeln!(
        row,
        "| {contacts} | {}{} | {} | {:.2} | {:.2} / {:.2} | {:.2} | {:.1} | {:.1} / {:.1} | {} | {:.0} | {}, {:.2} |",
        initial.ids.len(),
        if initial.ids.len() == initial.delivered { "" } else { " (SOME TWICE)" },
        initial.pages.len(),
        number / initial.pages.len() as f64,
        mean(first),
        mean(last),
        mean(last) / mean(first),
        (requests - calls) * 1000.0 / initial.delivered.max(1) as f64,
        memory(f64::min),
        memory(f64::max),
        initial.offset,
        crm.megabytes(),
        later.pages.len(),
        mean(&later.pages),
    );
    row
}

fn mean(pages: &[Duration]) -> f64 {
    pages.iter().sum::<Duration>().as_secs_f64() * 1000.0 / pages.len().max(1) as f64
}

fn start(stub: &Stub, crm: &Crm) -> (Variant, Process) {
    let overlay = programs::target().join("bench-overlay.yaml");
    std::fs::write(&overlay, OVERLAY).unwrap();
    let text = |path: PathBuf| path.display().to_string();
    let name = "`contact-retriever`, demo";
    let variant = Variant::new(Kind::Ours, name, programs::release("contact-retriever"))
        .with("MANIFEST_PATH", text(programs::root().join("manifests/demo")))
        .with("OVERLAY_PATH", text(overlay));
    let mut command = Command::new(&variant.program);
    measure::environment(&mut command, stub, &variant);
    command.env("CRM_BASE_URL", &crm.url).stdout(Stdio::piped()).stderr(Stdio::null());
    let process = Process(command.spawn().expect("the contact function"));
    (variant, process)
}

async fn sync(stub: &Stub, variant: &Variant, function: &Process, log: &Log, checkpoint: Value) -> Run {
    let mut run = Run::default();
    let mut offset = Value::Null;
    loop {
        let meta = json!({"synchronization_checkpoint": checkpoint, "offset": offset});
        stub.set(&cases::event("/contact_sync", &json!({"auth": {}, "meta": meta})), "", &[]);
        stub.give();
        let (given, answered, answer) = measure::answered(stub, variant).await;
        run.pages.push(answered - given);
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap_or_default()).unwrap();
        for contact in body["contacts"].as_array().unwrap() {
            run.delivered += 1;
            run.ids.insert(contact["id"].as_str().unwrap().parse().unwrap());
        }
        if run.pages.len() % 100 == 1 {
            run.memory.push(measure::memory(function.0.id(), "VmRSS:"));
            print!("\r{} pages, {} contacts", run.pages.len(), run.delivered);
            let _ = std::io::stdout().flush();
        }
        run.checkpoint = body["synchronization_checkpoint"].clone();
        offset = body["next_offset"].clone();
        match &offset {
            Value::Null => break,
            text => run.offset = run.offset.max(text.as_str().map_or(0, str::len)),
        }
    }
    print!("\r");
    run.memory.push(measure::memory(function.0.id(), "VmRSS:"));
    run.logged = log.sums(run.pages.len());
    run
}

/// The function's lines about its requests, read as they come so that its pipe never fills.
struct Log(std::sync::mpsc::Receiver<[f64; 3]>);

impl Log {
    fn of(function: &mut Process) -> Self {
        let output = BufReader::new(function.0.stdout.take().expect("its log"));
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let Ok(line) = serde_json::from_str::<Value>(&line) else { continue };
                if line["message"] == "request" {
                    let figures = ["duration_ms", "crm_ms", "crm_calls"];
                    let _ = sender.send(figures.map(|name| line[name].as_f64().unwrap_or_default()));
                }
            }
        });
        Self(receiver)
    }

    /// Those of the next requests together.
    fn sums(&self, requests: usize) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for figures in (0..requests).map_while(|_| self.0.recv_timeout(Duration::from_secs(5)).ok()) {
            sums.iter_mut().zip(figures).for_each(|(sum, figure)| *sum += figure);
        }
        sums
    }
}
