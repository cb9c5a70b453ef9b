//! What is read for an agent's screen, and what validation asks: real manifests against a CRM that a
//! test writes down.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail the test")]

mod reading {
    mod crm;
    mod interactions;
    mod validation;
}
