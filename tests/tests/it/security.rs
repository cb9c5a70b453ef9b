//! Attacks on the release functions: what an outsider, a caller, a CRM or the author of a CRM's record
//! can do. `docs/security.md` has the threats, their measures, and which test holds which.

mod answers;
mod bodies;
mod callers;
mod clock;
mod connections;
mod costs;
pub mod crm;
mod crossing;
mod events;
mod forge;
mod injection;
mod isolation;
mod origins;
mod secrets_manager;
mod shown;
mod sizes;
mod writes;
