//! The proof that contact sync loses nothing: a CRM that changes while it is read, a Talkdesk
//! that is not patient, and the whole bridge between them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "helpers of tests may fail the test"
)]

mod sync_model {
    mod bites;
    mod checks;
    mod choose;
    mod crm;
    mod decide;
    mod limits;
    mod lossless;
    mod outcome;
    mod player;
    mod prove;
    mod random;
    mod rules;
    mod scripted;
    mod server;
    mod setup;
    mod usual;
    mod worlds;
}
