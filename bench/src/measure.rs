//! Starts processes one after the other and takes their times; the variants of a case take turns.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::cases::Case;
use crate::programs::{Kind, Variant};
use crate::share::Share;
use crate::stub::{Seen, Stub};

/// Warm answers of one process, after as many that do not count; fewer of one that takes long.
const WARM: usize = 100;
const LONGEST: Duration = Duration::from_secs(2);

/// Medians of one variant.
#[derive(Clone, Debug)]
pub struct Row {
    /// The variant's name.
    pub name: String,
    /// Calls of the CRM for the first answer.
    pub calls: usize,
    /// From the process's start to its first answer, milliseconds.
    pub cold: f64,
    /// Processor time until then, milliseconds: it depends less on what else the machine does.
    pub busy: f64,
    /// From an event to its answer in a process that has answered before, milliseconds.
    pub warm: f64,
    /// Most resident memory after the first answer, MB.
    pub memory: f64,
}

/// A function's process, ended with this value.
pub struct Process(pub Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures the variants of a case in turns.
pub async fn case(stub: &Stub, case: &Case, rounds: usize) -> Vec<Row> {
    let mut cold = vec![Vec::new(); case.variants.len()];
    let mut memory = cold.clone();
    let mut busy = cold.clone();
    let mut warm = cold.clone();
    let mut calls = vec![0; case.variants.len()];
    for round in 0..rounds {
        for (index, variant) in case.variants.iter().enumerate() {
            set(stub, case, variant).await;
            stub.give();
            let begun = Instant::now();
            let process = start(stub, variant);
            let (_, answered) = answer(stub, variant).await;
            calls[index] = stub.calls();
            cold[index].push(millis(answered - begun));
            memory[index].push(self::memory(process.0.id(), "VmHWM:"));
            busy[index].push(processor(process.0.id()));
            if round % 6 == 0 {
                let (mut times, begun) = (Vec::new(), Instant::now());
                while times.len() < 2 * WARM && begun.elapsed() < LONGEST {
                    stub.give();
                    let (given, answered) = answer(stub, variant).await;
                    times.push(millis(answered - given));
                }
                warm[index].push(median(&times[times.len() / 2..]));
            }
        }
    }
    let rows = case.variants.iter().enumerate();
    rows.map(|(i, variant)| Row {
        name: variant.name.clone(),
        calls: calls[i],
        cold: median(&cold[i]),
        busy: median(&busy[i]),
        warm: median(&warm[i]),
        memory: median(&memory[i]),
    })
    .collect()
}

/// The first answer of processes that have started with a whole processor and answer with a share of one,
/// as Lambda does.
pub async fn shared(stub: &Stub, case: &Case, rounds: usize, share: &Share) -> Vec<(String, f64, f64)> {
    let mut times = vec![Vec::new(); case.variants.len()];
    let mut busy = times.clone();
    for _ in 0..rounds {
        for (index, variant) in case.variants.iter().enumerate().filter(|(_, v)| v.kind != Kind::Rival) {
            set(stub, case, variant).await;
            let process = start(stub, variant);
            while !matches!(next(stub, variant).await, Seen::Ready) {}
            share.take(process.0.id());
            let before = processor(process.0.id());
            stub.give();
            let (given, answered) = answer(stub, variant).await;
            times[index].push(millis(answered - given));
            busy[index].push(processor(process.0.id()) - before);
        }
    }
    let rows = case.variants.iter().zip(times.iter().zip(&busy)).filter(|(v, _)| v.kind != Kind::Rival);
    rows.map(|(variant, (times, busy))| {
        (format!("{}: {}", case.title, variant.name), median(times), median(busy))
    })
    .collect()
}

/// What the next process meets.
pub async fn set(stub: &Stub, case: &Case, variant: &Variant) {
    stub.reset().await;
    stub.set(&case.event, variant.secret.as_deref().unwrap_or_default(), &case.answers);
}

fn start(stub: &Stub, variant: &Variant) -> Process {
    let mut command = Command::new(&variant.program);
    environment(&mut command, stub, variant);
    command.stderr(Stdio::null());
    Process(command.spawn().unwrap_or_else(|error| panic!("{}: {error}", variant.program.display())))
}

/// Arguments and environment of a function that meets the stub instead of Lambda, Secrets Manager and the CRM.
pub fn environment(command: &mut Command, stub: &Stub, variant: &Variant) {
    let url = format!("http://{}", stub.address);
    command.args(&variant.arguments).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command.envs(variant.env.iter().map(|(name, value)| (name, value)));
    command
        .env("AWS_LAMBDA_RUNTIME_API", &stub.address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "function")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
        .env("AWS_REGION", "us-east-1")
        .env("AWS_DEFAULT_REGION", "us-east-1")
        .env("AWS_ACCESS_KEY_ID", "bench")
        .env("AWS_SECRET_ACCESS_KEY", "bench")
        .env("AWS_ENDPOINT_URL", &url)
        .env("CRM_BASE_URL", &url)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
}

/// What happens next at the Runtime API.
pub async fn next(stub: &Stub, variant: &Variant) -> Seen {
    let mut seen = stub.seen.lock().await;
    let waited = tokio::time::timeout(Duration::from_secs(20), seen.recv()).await;
    waited.ok().flatten().unwrap_or_else(|| panic!("{}: no answer within 20 s", variant.name))
}

/// When the event was given and answered.
pub async fn answer(stub: &Stub, variant: &Variant) -> (Instant, Instant) {
    let (given, at, _) = answered(stub, variant).await;
    (given, at)
}

/// When the event was given and answered, and the answer. A failure is no answer to measure.
pub async fn answered(stub: &Stub, variant: &Variant) -> (Instant, Instant, Value) {
    let mut given = Instant::now();
    loop {
        match next(stub, variant).await {
            Seen::Given(at) => given = at,
            Seen::Answered(at, body) => {
                let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
                assert_eq!(answer["statusCode"], 200, "{}: {answer}", variant.name);
                return (given, at, answer);
            }
            Seen::Ready => {}
        }
    }
}

/// Milliseconds that a process has run.
fn processor(pid: u32) -> f64 {
    let line = std::fs::read_to_string(format!("/proc/{pid}/schedstat")).unwrap_or_default();
    line.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e6
}

/// Memory of a process in MB, by its name in `/proc`: the most, or what is there now.
pub fn memory(pid: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<f64>().ok()).unwrap_or_default() / 1024.0
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// The middle of what was measured.
pub fn median(times: &[f64]) -> f64 {
    let mut sorted = times.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}
