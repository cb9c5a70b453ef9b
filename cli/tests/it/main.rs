//! The bridge against the demo CRM, in one process: what is answered and what is sent.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops where it fails")]

mod actions;
mod agents;
mod cli;
mod contacts;
mod doctor;
mod doctor_tls;
mod failures;
mod inspect;
mod inspect_manifests;
mod interactions;
mod language;
mod lists;
mod live;
mod live_faults;
mod live_write;
mod manifests;
mod matrix;
mod mistakes;
mod new;
mod origin;
mod overlay;
mod routes;
mod secret;
mod watch;
mod world;
mod writes;
