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
        /// Complain of what CONTRIBUTING asks fixtures to show and none does.
        #[arg(long)]
        missing: bool,
        /// Check again whenever a file of the folders changes, until Ctrl-C.
        #[arg(long, conflicts_with = "live")]
        watch: bool,
        #[command(flatten)]
        live: talkdesk_bridge::live::LiveArguments,
    },
    /// Begin a CRM's folder: a manifest that passes `check`, with the choices in comments.
    New(talkdesk_bridge::new::NewArguments),
    /// Evaluate an expression of a manifest with the values of a fixture.
    Eval(talkdesk_bridge::eval::EvalArguments),
    /// Write the generated parts of README and CONTRIBUTING, docs/manifest.md, the schemas of docs/ and
    /// manifests/*/README.md.
    Generate {
        /// Change nothing; say what would change, exit code 1 if something would.
        #[arg(long)]
        check: bool,
        /// The repository.
        #[arg(long, default_value = ".")]
        root: PathBuf,
    },
    /// Start the demo CRM and the bridge, play Talkdesk against them, and report.
    Demo,
    /// Play Talkdesk against any bridge and report where it does not keep to the contract.
    Simulate(talkdesk_bridge::simulate::SimulateArguments),
    /// Write everything that Talkdesk asks for: configuration, the API Manifest, e-mail, ticket.
    Document(Box<talkdesk_bridge::document::DocumentArguments>),
    /// Write an account's secret to a file, and say how to store it; or check one.
    Secret(talkdesk_bridge::secret::SecretArguments),
    /// Look at a deployed bridge from outside: address, keys, and one call of each component.
    Doctor(talkdesk_bridge::doctor::DoctorArguments),
    /// Start the demo CRM and a Secrets Manager where the containers of `sam local` reach them.
    Local(talkdesk_bridge::local::LocalArguments),
    /// Answer the five endpoints on this machine, as the Lambda functions would.
    Serve(talkdesk_bridge::serve::ServeArguments),
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Check { paths, overlay, missing, watch: true, .. } => {
            check::watch(&paths, overlay.as_deref(), missing, print).await;
            Ok(true)
        }
        Command::Check { paths, overlay, missing, live, watch: false } => {
            let report = check::check(&paths, overlay.as_deref(), missing).await;
            print(&report.text);
            match (live.wanted(), paths.as_slice()) {
                (true, [path]) if report.good => check_live(live, path, overlay.as_deref()).await,
                (true, [_]) | (false, _) => Ok(report.good),
                (true, _) => Err("--live asks one CRM: give one manifest".to_owned()),
            }
        }
        Command::New(arguments) => arguments.run(print),
        Command::Eval(arguments) => arguments.run(print),
        Command::Generate { check, root } => generate(&root, check),
        Command::Demo => {
            bridge::telemetry::start(bridge::telemetry::Style::Text, "error");
            talkdesk_bridge::demo::run(print).await
        }
        Command::Simulate(arguments) => arguments.run(print).await,
        Command::Document(arguments) => arguments.run().await.map(|outcome| {
            print(&outcome.text);
            outcome.good
        }),
        Command::Secret(arguments) => arguments.run(print),
        Command::Doctor(arguments) => arguments.run(print).await,
        Command::Local(arguments) => arguments.run(print).await.map(|()| true),
        Command::Serve(arguments) => arguments.run(print).await.map(|()| true),
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

async fn check_live(
    live: talkdesk_bridge::live::LiveArguments,
    path: &std::path::Path,
    overlay: Option<&std::path::Path>,
) -> Result<bool, String> {
    let read = || {
        let manifest = bridge::manifest::Manifest::read(path, overlay);
        manifest.map_err(|problems| bridge::gateway::lines(&problems))
    };
    print("\n");
    live.run(read, print).await
}

fn generate(root: &std::path::Path, check: bool) -> Result<bool, String> {
    let outcome = talkdesk_bridge::generate::generate(root, check)?;
    for file in &outcome.files {
        let verb = if check { "differs" } else { "written" };
        print(&format!("{verb}: {}\n", file.display()));
    }
    if check && !outcome.files.is_empty() {
        print("run: talkdesk-bridge generate\n");
    }
    Ok(!check || outcome.files.is_empty())
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
