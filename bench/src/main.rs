//! `make bench`: start-up, first and warm answers, memory and size of the release functions, each beside its
//! floor, in one run. Writes `docs/benchmarks.md`. `guard`, `start`: instructions and sizes against a budget.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark for a terminal: it ends with what is wrong"
)]

mod cases;
mod data;
mod demo;
mod guard;
mod mapping;
mod measure;
mod paper;
mod profile;
mod programs;
mod rivals;
mod share;
mod stub;
mod sync;
mod table;

use stub::Stub;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stub = Stub::start().await;
    let rest = arguments.get(1..).unwrap_or_default();
    match arguments.first().map(String::as_str) {
        Some("guard") => {
            let good = guard::run(&stub, rest.iter().any(|option| option == "--write")).await;
            std::process::exit(i32::from(!good));
        }
        Some("start") => {
            let (folder, options) = rest.split_first().expect("a folder with functions");
            let good = guard::start(&stub, folder.as_ref(), options.iter().any(|it| it == "--write")).await;
            std::process::exit(i32::from(!good));
        }
        Some("profile") => profile::run(&stub).await,
        Some("sync") => {
            let sizes: Vec<u32> = rest.iter().map(|n| n.parse().expect("numbers of contacts")).collect();
            sync::run(&stub, &sizes).await;
        }
        Some("paper") => sync::write("bench paper", &paper::tables()),
        rounds => all(&stub, rounds.map_or(30, |n| n.parse().expect("a number of rounds"))).await,
    }
}

/// Everything that `docs/benchmarks.md` has.
async fn all(stub: &Stub, rounds: usize) {
    let mut page = table::Page::new(rounds);
    for case in cases::all() {
        println!("{}", case.title);
        let rows = measure::case(stub, &case, rounds).await;
        page.case(&case, &rows);
    }
    println!("mapping");
    page.mapping(&mapping::rows(stub, rounds).await);
    for line in rivals::missing() {
        page.note(&line);
    }
    for memory in [128, 256, 512, 1769] {
        match share::Share::new(memory) {
            Ok(share) => {
                println!("first answer after the start, with the processor of {memory} MB");
                let mut rows = Vec::new();
                for case in cases::all().iter().filter(|case| case.first_answer) {
                    rows.extend(measure::shared(stub, case, rounds.div_ceil(3), &share).await);
                }
                page.share(memory, &rows);
            }
            Err(why) => page.note(&format!("The processor's share of {memory} MB was not measured: {why}.")),
        }
    }
    page.sizes(&cases::binaries());
    let file =
        std::env::var_os("BENCH_OUT").map_or_else(|| programs::root().join("docs/benchmarks.md"), Into::into);
    std::fs::write(&file, page.text()).expect("docs/ can be written");
    println!("{}\nwritten to {}", page.text(), file.display());
}
