//! The documents of `docs/` held against the code: what is cited exists, what is listed is complete.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod calls;
mod citations;
mod layers;
mod logging;
mod manifest;
mod tree;
