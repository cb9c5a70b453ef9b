//! What all Talkdesk components share.
//!
//! Dependencies point one way: functions and CLI → [`gateway`] → [`crm`] → [`manifest`] →
//! [`contract`]. `contract` and `manifest` do no I/O.

pub mod clock;
pub mod config;
pub mod contract;
pub mod credentials;
pub mod crm;
pub mod digest;
pub mod error;
pub mod gateway;
pub mod lock;
pub mod manifest;
pub mod pasted;
pub mod phone;
pub mod telemetry;
pub mod time;
pub mod zone;
