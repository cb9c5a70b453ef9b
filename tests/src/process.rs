//! Child processes that never outlive their test.

use std::ffi::OsString;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::paths::target;

/// How long a process may take to end by itself before it is killed.
const GRACE: Duration = Duration::from_secs(3);
/// How often a server is started anew when somebody took its port in between.
const ATTEMPTS: usize = 3;

/// The command that runs a program within so much memory: what it takes beyond it fails, as at AWS it would be
/// killed. Counted is everything that it may write to, which is more than is resident.
pub fn within(memory_mb: u32, program: &Path) -> [OsString; 5] {
    let limit = (u64::from(memory_mb) * 1024).to_string();
    let script = r#"ulimit -d "$1" && exec "$0""#;
    ["/bin/sh".into(), "-c".into(), script.into(), program.into(), limit.into()]
}

/// A child process in a process group of its own, ended with all its children when dropped.
///
/// What it prints goes to `target/e2e/<name>-<number>.log`. The file stays when the test fails.
///
/// A guard ends the group also when the test program dies without dropping anything (Ctrl-C does not
/// reach another process group): a shell that waits for the end of a pipe whose other side is ours.
/// Both ask first and kill later: the emulator puts its function in yet another group, and ends it
/// only when it is asked to end itself.
#[derive(Debug)]
pub struct Process {
    child: Child,
    guard: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the command; `name` is what its log file is called.
    ///
    /// # Panics
    /// When the program does not start.
    pub fn start(name: &str, command: &mut Command) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let folder = target().join("e2e");
        fs::create_dir_all(&folder).expect("target is writable");
        let log = folder.join(format!("{name}-{}-{number}.log", std::process::id()));
        let file = File::create(&log).expect("target is writable");
        let child = command
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a second handle on the log"))
            .stderr(file)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} does not start: {error} ({command:?})"));
        let guard = Command::new("/bin/sh")
            .args(["-c", r#"read -r _; kill -s TERM -- "-$1"; sleep 3; kill -s KILL -- "-$1""#, "guard"])
            .arg(child.id().to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("the system has a shell");
        Self { child, guard, log }
    }

    /// The process's id, which is also its group's.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that the process and its children have printed so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap_or_default()).into_owned()
    }

    /// The file that [`Process::log`] reads.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// The last lines of the log, for a panic's message.
    pub fn log_tail(&self) -> String {
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let tail = lines[lines.len().saturating_sub(40)..].join("\n");
        format!("--- end of {} ---\n{tail}\n---", self.log.display())
    }

    /// How the process ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Ends the process and its group and answers everything that was printed.
    pub fn stop(mut self) -> String {
        self.end();
        self.log()
    }

    /// A signal to the whole group. The shell's own `kill`: not every image has one in /bin.
    fn signal_group(&self, signal: &str) {
        let _ = Command::new("/bin/sh")
            .args(["-c", r#"kill -s "$1" -- "-$2""#, "signal", signal])
            .arg(self.child.id().to_string())
            .stderr(Stdio::null())
            .status();
    }

    fn end(&mut self) {
        if self.ended().is_none() {
            self.signal_group("TERM");
            let deadline = Instant::now() + GRACE;
            while self.ended().is_none() && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        // Also what is left of the group when its leader has gone: it keeps its number as long as it
        // has members, and that is the number of a process that we started.
        self.signal_group("KILL");
        let _ = self.child.wait();
        // Last, so that the group is never unguarded; what it watched is no more.
        let _ = self.guard.kill();
        let _ = self.guard.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
        if !std::thread::panicking() {
            let _ = fs::remove_file(&self.log);
        }
    }
}

/// A [`Process`] that listens on ports of its own on 127.0.0.1.
#[derive(Debug)]
pub struct Server {
    process: Process,
    ports: Vec<u16>,
}

impl Server {
    /// Starts the command that `command` makes for `ports` free ports and waits until `ready` says yes.
    ///
    /// A port is free when it is handed out, not for ever: a server that ends before it is ready
    /// gets others, twice.
    ///
    /// # Panics
    /// When it is not ready within `deadline`, with the end of its log.
    pub async fn start(
        name: &str,
        ports: usize,
        deadline: Duration,
        mut command: impl FnMut(&[u16]) -> Command,
        mut ready: impl AsyncFnMut(&[u16]) -> bool,
    ) -> Self {
        let until = Instant::now() + deadline;
        for attempt in 1.. {
            let free = FreePorts::find(ports);
            let numbers = free.numbers.clone();
            let mut command = command(&numbers);
            drop(free);
            let mut process = Process::start(name, &mut command);
            loop {
                if let Some(status) = process.ended() {
                    assert!(
                        attempt < ATTEMPTS,
                        "{name} ended with {status} before it was ready\n{}",
                        process.log_tail()
                    );
                    break;
                }
                if ready(&numbers).await && process.ended().is_none() {
                    return Self { process, ports: numbers };
                }
                assert!(
                    Instant::now() < until,
                    "{name} is not ready after {deadline:?}\n{}",
                    process.log_tail()
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        unreachable!("the loop returns or panics")
    }

    /// The n-th of its ports.
    pub fn port(&self, n: usize) -> u16 {
        self.ports[n]
    }

    /// The process itself.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Ends the server and answers everything that it printed.
    pub fn stop(self) -> String {
        self.process.stop()
    }
}

/// Below the ports that systems give to whoever asks for any (32768 and up on Linux, 49152 on macOS): such a one
/// went to another test before its server listened, and that test's answers came instead of the server's.
const OURS: std::ops::Range<u16> = 12_000..32_000;

/// Ports that nobody listens on, kept until the server that wants them starts.
struct FreePorts {
    numbers: Vec<u16>,
    // Only there to hold the ports until this value is dropped.
    _listeners: Vec<TcpListener>,
}

impl FreePorts {
    fn find(count: usize) -> Self {
        // Two test programs begin at different numbers; none offers one twice.
        static NEXT: LazyLock<AtomicUsize> =
            LazyLock::new(|| AtomicUsize::new(std::process::id() as usize * 97));
        let mut listeners = Vec::new();
        let mut numbers = Vec::new();
        while numbers.len() < count {
            let number = OURS.start + (NEXT.fetch_add(1, Ordering::Relaxed) % OURS.len()) as u16;
            if let Ok(listener) = TcpListener::bind(("127.0.0.1", number)) {
                numbers.push(number);
                listeners.push(listener);
            }
        }
        Self { numbers, _listeners: listeners }
    }
}

/// Waits until `probe` answers something.
///
/// # Panics
/// When it has not by the deadline; `what` says what was waited for.
pub async fn wait_until<T>(what: &str, deadline: Duration, mut probe: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(value) = probe().await {
            return value;
        }
        assert!(started.elapsed() < deadline, "waited {deadline:?} in vain for: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
