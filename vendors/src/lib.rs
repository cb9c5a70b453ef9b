//! Strict emulators of vendors' APIs, written from their documentation and not from our manifests.
//!
//! Each serves one table of people ([`table::Table`]) as its vendor would: it refuses what the
//! vendor refuses (unknown fields, operators, too large pages, missing headers) and prints what the
//! vendor prints (precision, nulls, errors).

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "test support")]

pub mod clock;
pub mod dynamics;
pub mod freshdesk;
pub mod hubspot;
pub mod probe;
pub mod salesforce;
pub mod table;
pub mod world;
pub mod zendesk;
