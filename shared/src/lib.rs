//! What all Talkdesk components share.
//!
//! Dependencies point one way: functions and CLI → [`gateway`] → [`crm`] → [`manifest`] →
//! [`contract`]. `contract` and `manifest` do no I/O.

pub mod contract;
pub mod crm;
pub mod error;
pub mod manifest;
pub mod phone;
pub mod time;
