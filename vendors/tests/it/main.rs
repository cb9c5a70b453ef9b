//! The shipped manifests against strict emulators of their vendors.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test")]

mod dynamics;
mod freshdesk;
mod hubspot;
mod openapi;
mod salesforce;
mod zendesk;
