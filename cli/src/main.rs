//! `talkdesk-bridge`: checks, serves and tries out a bridge on one machine.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use talkdesk_bridge::check;

/// Checks, serves and tries out a Talkdesk bridge on this machine.
#[derive(Parser)]
#[command(name = "talkdesk-bridge", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Load and check manifests, and replay their fixtures; no network.
    Check {
        /// Folders with a manifest.yaml, or manifest files.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// A file laid over each manifest: own fields, own phone columns.
        #[arg(long)]
        overlay: Option<PathBuf>,
    },
    /// Answer the five endpoints on this machine, as the Lambda functions would.
    Serve(talkdesk_bridge::serve::ServeArguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check { paths, overlay } => {
            let report = check::check(&paths, overlay.as_deref()).await;
            print(&report.text);
            Ok(report.good)
        }
        Command::Serve(arguments) => arguments.run().await.map(|()| true),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(problem) => {
            eprint(&problem);
            ExitCode::from(2)
        }
    }
}

/// Prints results; a closed pipe is not an error.
fn print(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stdout().write_all(text.as_bytes());
}

fn eprint(problem: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "error: {problem}");
}
