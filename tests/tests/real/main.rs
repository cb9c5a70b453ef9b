//! The built functions with real CRMs that take longer to install: `make test-real-crms`.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's helpers fail as the test does")]

mod odoo;
mod redmine;
mod rt;
