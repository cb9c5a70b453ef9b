//! `document`: the package that goes to Talkdesk, field by field.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests; clippy knows only the tests themselves"
)]

mod automations;
mod check;
mod email;
mod files;
mod form;
mod missing;
mod naming;
#[cfg(feature = "pdf")]
mod pdf;
mod world;
