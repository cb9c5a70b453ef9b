//! The page: every figure beside its floor.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use crate::cases::Case;
use crate::measure::Row;

/// What a table was measured on.
pub fn machine() -> String {
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("unknown processor", |(_, name)| name);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let rustc = Command::new("rustc").arg("--version").output();
    let rustc = rustc.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
    format!("{model}, {cores} cores, {rustc}")
}

/// What else the machine does.
pub fn load() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// `docs/benchmarks.md` while it is being written.
pub struct Page(String);

impl Page {
    /// The head: how and where.
    pub fn new(rounds: usize) -> Self {
        let machine = machine();
        let load = load();
        Self(format!(
            "# Benchmarks\n\n\
             Made by `make bench`; do not edit. {machine}. Functions and floors are linked as `make deploy` links \
             (fat LTO). Medians of {rounds} starts, the programs of a table in turns, one server beside them for \
             Lambda's Runtime API, Secrets Manager and a CRM that answers at once. No TLS and no network. Read the \
             ratios: milliseconds depend on the machine, and on what else it does (load {load} at the start).\n\n\
             A *floor* (`bench/src/bin/`) is what somebody would write by hand for that one CRM and component, with \
             the same libraries. Rows in Python and Node.js (`bench/rivals/`) are what somebody would write \
             instead; `× ours` says how many times as long they take.\n"
        ))
    }

    /// One case: its first variant is the floor.
    pub fn case(&mut self, case: &Case, rows: &[Row]) {
        let _ = write!(
            self.0,
            "\n## {}\n\n| program | CRM calls | start to first answer, ms | × floor | × ours | of it processor, ms | × floor | warm, ms | × floor | × ours | memory, MB |\n\
             |---|---|---|---|---|---|---|---|---|---|---|\n",
            case.title
        );
        let (floor, ours) = (&rows[0], rows.get(1).unwrap_or(&rows[0]));
        for row in rows {
            let _ = writeln!(
                self.0,
                "| {} | {} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2} | {:.3} | {:.2} | {:.2} | {:.1} |",
                row.name,
                row.calls,
                row.cold,
                row.cold / floor.cold,
                row.cold / ours.cold,
                row.busy,
                row.busy / floor.busy,
                row.warm,
                row.warm / floor.warm,
                row.warm / ours.warm,
                row.memory
            );
        }
    }

    /// The mapping of a page's rows: the first is the floor, the third one the bridge.
    pub fn mapping(&mut self, rows: &[(&str, f64)]) {
        let ours = rows.iter().find(|(name, _)| name.starts_with("bridge")).map_or(f64::NAN, |(_, us)| *us);
        self.0.push_str(
            "\n## Mapping of 200 HubSpot contacts, without a function around it\n\n\
             | by | µs a row | × floor | × ours |\n|---|---|---|---|\n",
        );
        for (name, micros) in rows {
            let (floor, mine) = (micros / rows[0].1, micros / ours);
            let _ = writeln!(self.0, "| {name} | {micros:.2} | {floor:.2} | {mine:.2} |");
        }
    }

    /// The first answer with a share of a processor.
    pub fn share(&mut self, memory: u32, rows: &[(String, f64, f64)]) {
        let _ = write!(
            self.0,
            "\n## First answer after the start, with the processor of {memory} MB\n\n| program | ms | of it processor, ms |\n|---|---|---|\n"
        );
        for (name, time, busy) in rows {
            let _ = writeln!(self.0, "| {name} | {time:.1} | {busy:.1} |");
        }
    }

    /// A sentence.
    pub fn note(&mut self, text: &str) {
        let _ = writeln!(self.0, "\n{text}");
    }

    /// Sizes of binaries, plain and as a zip archive.
    pub fn sizes(&mut self, binaries: &[PathBuf]) {
        self.0.push_str("\n## Size\n\n| binary | MB | gzip, MB |\n|---|---|---|\n");
        for binary in binaries {
            let plain = std::fs::metadata(binary).map_or(0, |m| m.len());
            let packed = Command::new("gzip").args(["-9", "-c"]).arg(binary).output();
            let packed = packed.map_or(0, |output| output.stdout.len());
            let name = binary.file_name().unwrap_or_default().to_string_lossy();
            let _ = writeln!(self.0, "| {name} | {:.2} | {:.2} |", plain as f64 / 1e6, packed as f64 / 1e6);
        }
    }

    /// The page so far.
    pub fn text(&self) -> &str {
        &self.0
    }
}
