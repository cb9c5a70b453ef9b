//! The lines that the bridge logs while it answers a request, for whoever looks at that request.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Lines that say of a call what is seen of it anyway.
const SEEN: &str = "crm call";
/// Fields that are the same in all lines, or stand beside the request already.
const SAME: [&str; 8] =
    ["request_id", "component", "integration", "account", "version", "manifest", "cold_start", "duration_ms"];

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `info`, `warn` or `error`.
    pub level: String,
    /// Its name.
    pub message: String,
    /// What it says, by name; holds no secrets and no people (docs/logging.md).
    pub fields: Vec<(String, String)>,
}

/// Logs to standard error as [`bridge::telemetry::start`] does, and keeps the lines of every request for
/// [`collected`](super::collected).
pub fn start(default: &str) {
    let text =
        tracing_subscriber::fmt::layer().with_ansi(false).with_target(false).with_writer(std::io::stderr);
    let lines =
        tracing_subscriber::registry().with(bridge::telemetry::filter(default)).with(text).with(Lines);
    // A second start (tests) is not an error.
    let _ = lines.try_init();
    bridge::telemetry::quiet_panics();
}

/// Keeps the lines of every request for [`collected`](super::collected), and prints none.
pub fn keep() {
    // Refusals are lines of the level info: they are the caller's business, not the operator's.
    let lines = tracing_subscriber::registry().with(bridge::telemetry::filter("info")).with(Lines);
    // A second start (tests) is not an error.
    let _ = lines.try_init();
    bridge::telemetry::quiet_panics();
}

/// Keeps lines.
pub struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = event.metadata().level().to_string().to_ascii_lowercase();
        let mut line = Line { level, message: String::new(), fields: Vec::new() };
        event.record(&mut line);
        if line.message != SEEN {
            super::keep(|heard| heard.lines.push(line));
        }
    }
}

impl Visit for Line {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => value.clone_into(&mut self.message),
            name if SAME.contains(&name) || value.is_empty() => {}
            name => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
