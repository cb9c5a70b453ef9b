//! A small CRM with a real database, an honest HTTP API and faults on demand.
//!
//! The demo and the tests need a counterpart that behaves as vendors do: it refuses what it does
//! not know, stamps its rows with a clock of its own, prints times less precisely than it stores
//! them, shows rows later than it stamps them, and fails half way. Everything is kept in SQLite, so
//! what a test compares with is what the CRM holds and not what a mock was told to say.
//!
//! [`DemoCrm::start`] serves it on loopback; [`Control`] makes trouble and tells the truth.

mod api;
mod clock;
mod contact;
mod control;
mod crm;
mod fault;
mod front;
mod lock;
mod random;
mod requests;
mod seed;
mod server;
mod store;

pub use clock::Micros;
pub use contact::{Address, Details, Kind, Phone};
pub use control::{Control, ControlError};
pub use fault::{Apply, Fault, FaultKind};
pub use requests::RecordedRequest;
pub use server::{Database, DemoCrm, Options, StartError};
pub use store::truth::HeldContact;
