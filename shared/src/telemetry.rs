//! What the bridge tells about itself: JSON lines and CloudWatch metrics, never secrets or people.
//!
//! Only our own crates may speak below `warn`: the HTTP stacks' debug lines hold URLs and bodies.

use std::io::Write as _;
use std::time::Duration;

use tracing::Level;
use tracing_subscriber::EnvFilter;

use crate::contract::Component;
use crate::error::Failure;

mod figures;
pub mod metrics;

pub use figures::Figures;

/// How lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// JSON, for CloudWatch.
    Json,
    /// Text, for a terminal.
    Text,
}

/// Starts logging. The level is Lambda's own setting (`AWS_LAMBDA_LOG_LEVEL`), else `RUST_LOG`'s
/// plain level, else `default`.
pub fn start(style: Style, default: &str) {
    let builder = tracing_subscriber::fmt().with_env_filter(filter(default)).with_ansi(false);
    // A second start (tests) is not an error.
    let _ = match style {
        Style::Json => {
            builder.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init()
        }
        Style::Text => builder.with_writer(std::io::stderr).with_target(false).try_init(),
    };
    quiet_panics();
}

/// Which lines are written, see [`start`].
pub fn filter(default: &str) -> EnvFilter {
    let level = ["AWS_LAMBDA_LOG_LEVEL", "RUST_LOG"]
        .iter()
        .filter_map(|name| std::env::var(name).ok())
        .find_map(|text| text.trim().parse::<Level>().ok());
    let own = level.map_or_else(|| default.to_owned(), |l| l.to_string());
    EnvFilter::new(format!("error,bridge={own},talkdesk_bridge={own},lambda_runtime=warn"))
}

/// Panics become a line of the log with their place.
pub fn quiet_panics() {
    // A panic's message may quote data: its place is enough to find it.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(place, "panic");
    }));
}

/// The outcome of an answer without some of its interaction types.
const PARTIAL: &str = "partial";

/// One finished request.
pub struct Finished<'a> {
    /// Which component.
    pub component: Component,
    /// Which integration.
    pub integration: &'a str,
    /// Which account, as [`crate::gateway::account::label`] calls it; empty when the request named none.
    pub account: &'a str,
    /// The stack's name, the metrics' dimension.
    pub stack: &'a str,
    /// Which build answered.
    pub version: &'a str,
    /// The beginning of the manifest's digest, the overlay included.
    pub manifest: &'a str,
    /// Lambda's or API Gateway's request id.
    pub request_id: &'a str,
    /// The status answered.
    pub status: u16,
    /// What went wrong, if something did.
    pub failure: Option<&'a Failure>,
    /// From receipt to answer.
    pub duration: Duration,
    /// What it came to.
    pub figures: Figures,
    /// Whether this was the instance's first request.
    pub cold_start: bool,
}

impl Finished<'_> {
    /// Writes the request's line.
    pub fn log(&self) {
        let outcome = self.outcome();
        let detail = self.failure.map_or("", |f| f.detail.as_str());
        let well = if outcome == PARTIAL { Level::WARN } else { Level::INFO };
        let level = self.failure.map_or(well, |f| f.class.row().level);
        let Figures {
            calls,
            retries,
            crm_time,
            records_in,
            records_out,
            skipped,
            filtered,
            left_out,
            ref types_failed,
            phones_unparsed,
            clock_skew,
            run_finished,
            checkpoint: _,
        } = self.figures;
        let types_failed = types_failed.join(" ");
        let (duration_ms, crm_ms) = (millis(self.duration), millis(crm_time));
        macro_rules! line {
            ($level:expr) => {
                tracing::event!(
                    $level,
                    request_id = self.request_id,
                    component = self.component.name(),
                    integration = self.integration,
                    account = self.account,
                    version = self.version,
                    manifest = self.manifest,
                    outcome,
                    status = self.status,
                    duration_ms,
                    crm_calls = calls,
                    crm_ms,
                    retries,
                    records_in,
                    records_out,
                    skipped,
                    filtered,
                    left_out,
                    types_failed,
                    phones_unparsed,
                    clock_skew,
                    run_finished,
                    cold_start = self.cold_start,
                    detail,
                    "request"
                )
            };
        }
        match level {
            Level::ERROR => line!(Level::ERROR),
            Level::WARN => line!(Level::WARN),
            _ => line!(Level::INFO),
        }
    }

    /// `ok`, the failure's code, or `partial` for an answer that lacks something the CRM refused.
    fn outcome(&self) -> &'static str {
        match self.failure {
            Some(failure) => failure.class.row().code,
            None if self.figures.types_failed.is_empty() => "ok",
            None => PARTIAL,
        }
    }

    /// The same figures in CloudWatch's embedded metric format, as one line.
    pub fn metrics(&self) -> String {
        metrics::line(self)
    }
}

/// Writes a line as it is; CloudWatch reads metrics from standard output.
pub fn write_line(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
}

/// Milliseconds with three decimals: our own share of a page is well below one.
pub(crate) fn millis(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}
