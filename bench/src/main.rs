//! `make bench`: start-up, first and warm answers, memory and size of the release functions, each beside its
//! floor, in one run. Writes `docs/benchmarks.md`. `guard`: instructions and sizes against a budget.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark for a terminal: it ends with what is wrong"
)]

mod cases;
mod guard;
mod measure;
mod share;
mod stub;
mod table;

use stub::Stub;

#[tokio::main(flavor = "multi_thread", worker_threads = 1)]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stub = Stub::start().await;
    if arguments.first().is_some_and(|first| first == "guard") {
        let good = guard::run(&stub, arguments.get(1).is_some_and(|option| option == "--write")).await;
        std::process::exit(i32::from(!good));
    }
    let rounds: usize = arguments.first().map_or(30, |n| n.parse().expect("a number of rounds"));
    let mut page = table::Page::new(rounds);
    for case in cases::all() {
        println!("{}", case.title);
        let rows = measure::case(&stub, &case, rounds).await;
        page.case(&case, &rows);
    }
    for memory in [128, 256, 512, 1769] {
        match share::Share::new(memory) {
            Ok(share) => {
                println!("first answer after the start, with the processor of {memory} MB");
                let mut rows = Vec::new();
                for case in cases::all().iter().filter(|case| case.first_answer) {
                    rows.extend(measure::shared(&stub, case, rounds.div_ceil(3), &share).await);
                }
                page.share(memory, &rows);
            }
            Err(why) => page.note(&format!("The processor's share of {memory} MB was not measured: {why}.")),
        }
    }
    page.sizes(&cases::binaries());
    let file =
        std::env::var_os("BENCH_OUT").map_or_else(|| cases::root().join("docs/benchmarks.md"), Into::into);
    std::fs::write(&file, page.text()).expect("docs/ can be written");
    println!("{}\nwritten to docs/benchmarks.md", page.text());
}
