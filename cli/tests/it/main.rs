//! The bridge against the demo CRM, in one process: what is answered and what is sent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod actions;
mod agents;
mod cli;
mod contacts;
mod doctor;
mod failures;
mod interactions;
mod language;
mod manifests;
mod matrix;
mod origin;
mod routes;
mod secret;
mod world;
mod writes;
