//! What the tests need and nobody has made yet: the functions, the AWS tools, the environments of real CRMs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use bridge::contract::Component;

use crate::paths::{resource, target, workspace};
use crate::process::Process;

/// How long a set-up script or a build may take: it waits for another one's lock, and downloads.
const SETUP: Duration = Duration::from_secs(900);
/// How a set-up script ends for what cannot be had on this platform.
const NOT_HERE: i32 = 77;

/// A function as `sam build` makes it from the code as it is now, for Amazon Linux: what is tried is what is
/// deployed, but for link-time optimization. `make functions` runs once in every test program, because an old
/// build would go unnoticed; it checks processor and C library too.
///
/// # Panics
/// When the functions do not build.
pub fn function_binary(component: Component) -> PathBuf {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let mut command = Command::new("make");
        // What `cargo test` sets for this program would make build scripts run again, and with them
        // half of the functions: here and at the next build outside.
        let set_by_cargo = |name: &str| {
            ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
        };
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(set_by_cargo) {
                command.env_remove(&name);
            }
        }
        // A `make` that runs the tests has flags of its own for its children.
        command.env_remove("MAKEFLAGS").env_remove("MFLAGS").env_remove("MAKELEVEL");
        command.current_dir(workspace()).args(["--no-print-directory", "functions"]);
        run_to_end("functions", "make functions", &mut command, &[0]);
    });
    let binary = workspace().join(".aws-sam/test").join(resource(component)).join("bootstrap");
    assert!(binary.is_file(), "{} is missing after the build", binary.display());
    binary
}

/// The environment of the AWS tools (`sam`, `moto`, the emulator), made at first use.
pub(crate) fn aws_tools() -> PathBuf {
    static READY: OnceLock<()> = OnceLock::new();
    READY.get_or_init(|| assert!(run_setup("tests/setup-aws-tools.sh")));
    // That script knows one place only.
    workspace().join("target/test-env")
}

/// The environment of a real CRM (`tryton`, `roundup`, `odoo`, `rt`, `redmine`), with its `template`, made at first use.
pub(crate) fn crm_environment(crm: &'static str) -> PathBuf {
    assert!(crm_is_here(crm), "this platform has no {crm}: ask crm_is_here before");
    target().join(format!("{crm}-env"))
}

/// Whether a real CRM can be had on this platform; made at first use. Where not, its set-up script ends with 77,
/// and this says so to whoever runs the tests, whatever cargo does with what a test prints.
///
/// # Panics
/// When the set-up fails otherwise.
pub fn crm_is_here(crm: &'static str) -> bool {
    static READY: Mutex<BTreeMap<&str, bool>> = Mutex::new(BTreeMap::new());
    // Held while the script runs: whoever comes second finds it done.
    let mut ready = READY.lock().expect("a set-up that failed ends the program's other tests too");
    let here = *ready.entry(crm).or_insert_with(|| run_setup(&format!("tests/{crm}/setup.sh")));
    if !here {
        let _ = writeln!(std::io::stderr(), "SKIPPED: a test with a real {crm}, which this platform has not");
    }
    here
}

/// Runs a set-up script to its end; false when what it sets up cannot be had here.
fn run_setup(script: &str) -> bool {
    let name = script.replace(['/', '.'], "-");
    let mut command = Command::new("bash");
    command.arg(workspace().join(script)).env("CARGO_TARGET_DIR", target());
    run_to_end(&name, script, &mut command, &[0, NOT_HERE]) == 0
}

/// Cold these download or compile, so they may take minutes, not hours. Answers how the command ended.
fn run_to_end(name: &str, what: &str, command: &mut Command, good: &[i32]) -> i32 {
    let mut process = Process::start(name, command);
    let deadline = Instant::now() + SETUP;
    let status = loop {
        if let Some(status) = process.ended() {
            break status;
        }
        assert!(Instant::now() < deadline, "{what} takes longer than {SETUP:?}\n{}", process.log_tail());
        std::thread::sleep(Duration::from_millis(10));
    };
    let code = status.code().filter(|code| good.contains(code));
    let code = code.unwrap_or_else(|| panic!("{what} failed: {status}\n{}", process.log_tail()));
    if code == NOT_HERE {
        let _ = writeln!(std::io::stderr(), "{}", process.log_tail());
    }
    code
}
