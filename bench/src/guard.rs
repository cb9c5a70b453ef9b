//! `make bench-guard`: instructions from a function's start to its first answer, and sizes, against a budget that
//! stands in the repository. Instructions do not depend on the machine's load, milliseconds do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::cases::{self, Case};
use crate::measure;
use crate::programs::{Kind, Variant, root};
use crate::stub::{Seen, Stub};

/// How much more than the budget is still accepted, and how much less asks for a smaller budget, in parts.
const TOLERANCE: f64 = 0.03;
/// The same for what another machine's compiler has made.
const ELSEWHERE: f64 = 0.1;

/// What is spent, by program.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct Budget {
    /// Instructions from the start to the first answer, millions.
    instructions: BTreeMap<String, f64>,
    /// The program's size, kilobytes.
    kilobytes: BTreeMap<String, f64>,
    /// Instructions until a function of `sam build` asks for its first event, millions.
    start: BTreeMap<String, f64>,
}

fn file() -> PathBuf {
    root().join("bench/budget.json")
}

/// Measures and compares; with `write` the budget becomes what was measured.
pub async fn run(stub: &Stub, write: bool) -> bool {
    let mut spent = Budget::default();
    for case in cases::all() {
        for variant in case.variants.iter().filter(|variant| variant.kind == Kind::Ours) {
            let name = format!("{}: {}", case.title, variant.name);
            let millions = instructions(stub, &case, variant, Until::Answers(1)).await;
            println!("{millions:>8.2} M instructions  {name}");
            spent.instructions.insert(name, millions);
        }
    }
    for binary in cases::binaries().iter().filter(|binary| !name(binary).starts_with("floor")) {
        let bytes = std::fs::metadata(binary).map_or(0, |m| m.len());
        spent.kilobytes.insert(name(binary), (bytes as f64 / 1000.0).round());
    }
    let budget = Budget::read();
    if write {
        Budget { start: budget.start, ..spent }.write();
        return true;
    }
    let instructions = within("M instructions", TOLERANCE, &budget.instructions, &spent.instructions);
    let kilobytes = within("kB", TOLERANCE, &budget.kilobytes, &spent.kilobytes);
    instructions && kilobytes
}

/// `make test-start-up` (`bench start FOLDER`): the same for the start of what `sam build` has made in a folder, where
/// valgrind is there.
pub async fn start(stub: &Stub, folder: &Path, write: bool) -> bool {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("start-up is not counted: there is no valgrind");
        return true;
    }
    let case = cases::all().remove(0);
    let functions = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let functions = functions.map(|entry| entry.unwrap().path());
    let mut functions: Vec<_> = functions.filter(|function| function.join("bootstrap").is_file()).collect();
    functions.sort();
    assert!(!functions.is_empty(), "{} holds no function: make functions", folder.display());
    let mut spent = BTreeMap::new();
    for function in functions {
        let variant = Variant::new(Kind::Ours, name(&function), function.join("bootstrap"));
        let variant = variant.with("INTEGRATION", "hubspot");
        let millions = instructions(stub, &case, &variant, Until::Ready).await;
        println!("{millions:>8.2} M instructions  start of {}", variant.name);
        spent.insert(variant.name, millions);
    }
    let budget = Budget::read();
    if write {
        Budget { start: spent, ..budget }.write();
        return true;
    }
    within("M instructions", ELSEWHERE, &budget.start, &spent)
}

impl Budget {
    fn read() -> Self {
        serde_json::from_slice(&std::fs::read(file()).unwrap()).unwrap()
    }

    fn write(&self) {
        std::fs::write(file(), serde_json::to_string_pretty(self).unwrap() + "\n").unwrap();
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn within(unit: &str, tolerance: f64, budget: &BTreeMap<String, f64>, spent: &BTreeMap<String, f64>) -> bool {
    let mut good = true;
    for (name, spent) in spent {
        let allowed = budget.get(name).copied().unwrap_or_default();
        let part = spent / allowed - 1.0;
        if part > tolerance {
            good = false;
            println!("too much: {name}: {spent} {unit}, the budget is {allowed} (+{:.1} %)", part * 100.0);
        } else if part < -tolerance {
            println!("less than before: {name}: {spent} {unit}, the budget is {allowed}; --write lowers it");
        }
    }
    good
}

/// Millions, to two places.
async fn instructions(stub: &Stub, case: &Case, variant: &Variant, until: Until) -> f64 {
    let text = counted(stub, case, variant, until).await;
    let sum = text.lines().find_map(|line| line.strip_prefix("totals: ").or(line.strip_prefix("summary: ")));
    let sum: f64 = sum.and_then(|sum| sum.trim().parse().ok()).expect("callgrind's sum");
    (sum / 1e4).round() / 100.0
}

/// When a process has done what is counted.
#[derive(Clone, Copy, Debug)]
pub enum Until {
    /// It asks for its first event.
    Ready,
    /// It has answered so many.
    Answers(usize),
}

/// What callgrind writes when a process ends that has done so much.
pub async fn counted(stub: &Stub, case: &Case, variant: &Variant, until: Until) -> String {
    let out = std::env::temp_dir().join(format!("bench-guard-{}", std::process::id()));
    let mut command = Command::new("valgrind");
    command
        .arg("--tool=callgrind")
        .arg(format!("--callgrind-out-file={}", out.display()))
        .arg(&variant.program);
    measure::set(stub, case, variant).await;
    measure::environment(&mut command, stub, variant);
    let mut child = command.stderr(Stdio::null()).spawn().expect("valgrind is installed");
    let answers = if let Until::Answers(answers) = until { answers } else { 0 };
    for _ in 0..answers {
        stub.give();
        measure::answer(stub, variant).await;
    }
    // Until it asks again: the answer's own work is done.
    while !matches!(measure::next(stub, variant).await, Seen::Ready) {}
    Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().unwrap();
    child.wait().unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    let _ = std::fs::remove_file(&out);
    text
}
