//! The CRM over real connections: what it accepts, what it refuses, and how it breaks on demand.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a helper that fails fails its test; clippy's own exception covers test functions only"
)]

mod burst_and_churn;
mod changing_contacts;
mod client;
mod faults;
mod history;
mod keys_and_paths;
mod listing;
mod lookup;
mod process;
mod seed;
mod strictness;
mod tickets;
mod users;
mod visibility;
