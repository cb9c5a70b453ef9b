//! A release function behind Lambda's Runtime API, played here: its memory, CPU and log can be looked at.

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::asked::Asked;
use super::stub::{Reply, Stub};
use crate::lambda::Response;
use crate::process::{Process, within};

type Waiting = Arc<Mutex<HashMap<String, oneshot::Sender<String>>>>;

/// How long an invocation is waited for at most: longer than any deadline that is given.
const PATIENCE: Duration = Duration::from_secs(35);

/// A function and the Runtime API that feeds it. Unlike AWS's emulator it hides nothing of the process.
pub struct Running {
    process: Mutex<Process>,
    events: mpsc::UnboundedSender<(String, String, Duration)>,
    waiting: Waiting,
    number: AtomicUsize,
    lambda_timeout: Duration,
    _runtime: Stub,
}

impl Running {
    /// Starts a binary that sees `env` and nothing else of ours. `timeout` is what Lambda's deadline says.
    ///
    /// # Panics
    /// When the program does not start.
    pub async fn start(binary: &Path, env: &[(String, String)], memory_mb: u32, timeout: Duration) -> Self {
        let (events, queue) = mpsc::unbounded_channel::<(String, String, Duration)>();
        let queue = Arc::new(tokio::sync::Mutex::new(queue));
        let waiting: Waiting = Arc::default();
        let answers = Arc::clone(&waiting);
        let runtime = Stub::start_async(Arc::new(move |asked: Asked| {
            let (queue, answers) = (Arc::clone(&queue), Arc::clone(&answers));
            Box::pin(async move {
                if asked.method == "POST" {
                    let id = asked.path().rsplit('/').nth(1).unwrap_or_default().to_owned();
                    let body = String::from_utf8_lossy(&asked.body).into_owned();
                    if let Some(sender) = answers.lock().expect("no test panics here").remove(&id) {
                        let _ = sender.send(body);
                    }
                    return Reply::raw(202, "{}");
                }
                let next = queue.lock().await.recv().await;
                let Some((id, event, left)) = next else { return Reply::raw(500, "{}") };
                let deadline = SystemTime::now() + left;
                let deadline = deadline.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
                Reply::raw(200, event)
                    .header("lambda-runtime-aws-request-id", &id)
                    .header("lambda-runtime-deadline-ms", &deadline.as_millis().to_string())
                    .header(
                        "lambda-runtime-invoked-function-arn",
                        "arn:aws:lambda:us-east-1:123456789012:function:lab",
                    )
            })
        }))
        .await;
        let name = binary.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        let [shell, arguments @ ..] = within(memory_mb, binary);
        let mut command = Command::new(shell);
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("AWS_LAMBDA_RUNTIME_API", runtime.url().trim_start_matches("http://"))
            .env("AWS_LAMBDA_FUNCTION_NAME", &name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_mb.to_string())
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_LOG_FORMAT", "JSON")
            .env("AWS_REGION", "us-east-1")
            .envs(env.iter().map(|(name, value)| (name, value)));
        let process = Process::start(&format!("lab-{name}"), &mut command);
        Self {
            process: Mutex::new(process),
            events,
            waiting,
            number: AtomicUsize::new(1),
            lambda_timeout: timeout,
            _runtime: runtime,
        }
    }

    /// Sends an event. Nothing comes back when the process died, or said nothing until Lambda's own end.
    pub async fn invoke(&self, event: &Value) -> Option<Response> {
        self.invoke_text(event.to_string()).await
    }

    /// The same with any text as the event.
    pub async fn invoke_text(&self, event: String) -> Option<Response> {
        let id = format!("lab-request-{:06}", self.number.fetch_add(1, Ordering::Relaxed));
        let (sender, mut receiver) = oneshot::channel();
        self.waiting.lock().expect("no test panics here").insert(id.clone(), sender);
        self.events.send((id, event, self.lambda_timeout)).ok()?;
        let begun = Instant::now();
        loop {
            match tokio::time::timeout(Duration::from_millis(200), &mut receiver).await {
                Ok(answer) => {
                    let payload: Value = serde_json::from_str(&answer.ok()?).ok()?;
                    return Response::parse(&payload);
                }
                Err(_) if !self.alive() || begun.elapsed() > PATIENCE => return None,
                Err(_) => {}
            }
        }
    }

    /// Whether the process lives.
    pub fn alive(&self) -> bool {
        self.process.lock().expect("no test panics here").ended().is_none()
    }

    /// The most memory that was resident since the start or [`Running::forget_peak`], in MB.
    pub fn peak_mb(&self) -> u64 {
        let status = self.proc_file("status");
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(u64::MAX) / 1024
    }

    /// Lets [`Running::peak_mb`] begin anew.
    pub fn forget_peak(&self) {
        let _ = std::fs::write(format!("/proc/{}/clear_refs", self.id()), "5");
    }

    /// CPU time used so far: unlike a duration it does not depend on what else the machine does.
    pub fn cpu(&self) -> Duration {
        let stat = self.proc_file("stat");
        // The name in parentheses may hold spaces; user and system time are 14th and 15th of all fields.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |n: usize| fields.get(n).and_then(|it| it.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }

    /// How many file descriptors are open.
    pub fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).map_or(0, Iterator::count)
    }

    /// Everything that was printed.
    pub fn log(&self) -> String {
        self.process.lock().expect("no test panics here").log()
    }

    /// The lines of the log that close a request, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        let lines = self.log();
        let lines = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"] == "request").collect()
    }

    fn id(&self) -> u32 {
        self.process.lock().expect("no test panics here").id()
    }

    fn proc_file(&self, name: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{name}", self.id())).unwrap_or_default()
    }
}
