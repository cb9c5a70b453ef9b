//! `make bench-profile`: which functions the instructions of start-up, of a first ring and of a warm page go to,
//! with all that they call; by callgrind, on functions that have kept their names.

use std::collections::HashMap;
use std::process::{Command, Stdio};

use crate::cases::{self, Case};
use crate::guard::{Until, counted};
use crate::programs::Kind;
use crate::stub::Stub;

/// Rows of a table.
const MOST: usize = 45;
/// Answers between the two counts that make a warm one.
const WARM: usize = 10;

/// Prints the tables.
pub async fn run(stub: &Stub) {
    let cases = cases::all();
    let case = |part: &str| cases.iter().find(|case| case.title.contains(part)).expect("a case");
    let first = Until::Answers(1);
    print("Start-up and first answer of a validator", &costs(stub, case("without a secret"), first).await, 1);
    print(
        "Start-up and first answer of a validator with a secret",
        &costs(stub, case("with a secret"), first).await,
        1,
    );
    let ringing = case("ringing");
    let started = costs(stub, ringing, Until::Ready).await;
    print("First ring after the start", &less(costs(stub, ringing, first).await, &started), 1);
    let page = case("200 contacts");
    let once = costs(stub, page, first).await;
    let more = costs(stub, page, Until::Answers(1 + WARM)).await;
    print("A warm page of 200 contacts", &less(more, &once), WARM as u64);
}

type Costs = HashMap<String, u64>;

/// Instructions by function, what it calls included.
async fn costs(stub: &Stub, case: &Case, until: Until) -> Costs {
    let ours = case.variants.iter().find(|variant| variant.kind == Kind::Ours).expect("a function of ours");
    let text = counted(stub, case, ours, until).await;
    let file = std::env::temp_dir().join(format!("bench-profile-{}", std::process::id()));
    std::fs::write(&file, text).unwrap();
    let mut command = Command::new("callgrind_annotate");
    command.args(["--inclusive=yes", "--threshold=100", "--show-percs=no"]).arg(&file);
    let output = command.stderr(Stdio::null()).output().expect("callgrind_annotate comes with valgrind");
    let _ = std::fs::remove_file(&file);
    let mut costs = Costs::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let Some((count, rest)) = line.trim_start().split_once("  ") else { continue };
        let Ok(count) = count.replace(',', "").parse::<u64>() else { continue };
        let name = rest.split_once(':').map_or(rest, |(_, name)| name);
        let name = name.rsplit_once(" [").map_or(name, |(name, _)| name);
        *costs.entry(name.trim().to_owned()).or_default() += count;
    }
    costs
}

fn less(mut costs: Costs, before: &Costs) -> Costs {
    for (name, count) in &mut costs {
        *count = count.saturating_sub(before.get(name).copied().unwrap_or_default());
    }
    costs
}

fn print(title: &str, costs: &Costs, answers: u64) {
    let mut sorted: Vec<_> = costs.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
    // What stands above it was counted twice: the loader has no frame of its own.
    let all = *costs.get("PROGRAM TOTALS").unwrap_or(&1) as f64;
    sorted.retain(|(_, count)| **count as f64 <= all);
    println!("\n{title}: {:.2} M instructions\n", all / answers as f64 / 1e6);
    for (name, count) in sorted.into_iter().take(MOST) {
        let name: String = name.chars().take(140).collect();
        println!(
            "{:>6.1} %  {:>9.3} M  {name}",
            *count as f64 / all * 100.0,
            *count as f64 / answers as f64 / 1e6
        );
    }
}
