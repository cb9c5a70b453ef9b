//! The built functions under Lambda's own emulator: one program, so that tests wait side by side.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test's helpers fail as the test does"
)]

mod canaries;
mod events;
mod failure_modes;
mod harness;
mod roundup;
mod secrets;
mod security;
mod stack;
mod telemetry;
mod tryton;
