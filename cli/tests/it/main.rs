//! The bridge against the demo CRM, in one process: what is answered and what is sent.

mod actions;
mod cli;
mod contacts;
mod failures;
mod interactions;
mod manifests;
mod routes;
mod world;
