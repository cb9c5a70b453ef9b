//! The demo CRM as a process of its own, for tests in other languages and for benchmarks.

use std::path::PathBuf;
use std::process::ExitCode;

use demo_crm::{Database, DemoCrm, Options};

const USAGE: &str = "usage: demo-crm [--port P] [--contacts N] [--file PATH] [--api-key KEY] [--seed N]";

/// Prints the address and the key as one line of JSON, then serves until it is killed.
#[tokio::main]
async fn main() -> ExitCode {
    let options = match options(std::env::args().skip(1)) {
        Ok(options) => options,
        Err(problem) => return fail(&format!("{problem}\n{USAGE}"), 2),
    };
    let crm = match DemoCrm::start(options).await {
        Ok(crm) => crm,
        Err(error) => return fail(&error.to_string(), 1),
    };
    announce(&crm);
    std::future::pending().await
}

#[expect(clippy::print_stdout, reason = "this line is what the starting process waits for")]
fn announce(crm: &DemoCrm) {
    println!("{}", serde_json::json!({ "url": crm.url(), "api_key": crm.api_key() }));
}

#[expect(clippy::print_stderr, reason = "a program that does not start says why")]
fn fail(problem: &str, code: u8) -> ExitCode {
    eprintln!("demo-crm: {problem}");
    ExitCode::from(code)
}

fn options(mut args: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options::default();
    while let Some(name) = args.next() {
        let value = args.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--port" => options.port = number(&name, &value)?,
            "--contacts" => options.contacts = number(&name, &value)?,
            "--seed" => options.seed = number(&name, &value)?,
            "--api-key" => options.api_key = value,
            "--file" => options.database = Database::File(PathBuf::from(value)),
            _ => return Err(format!("{name} is not an option")),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} needs a number, not {value}"))
}
