//! What the end-to-end tests stand on: real servers, started for one test and ended with it.
//!
//! | type | what runs |
//! |---|---|
//! | [`LambdaFunction`] | one built binary under AWS's Runtime Interface Emulator |
//! | [`Functions`] | all five, with the environment of a stack |
//! | [`DemoStack`] | all five with the demo CRM, in this process |
//! | [`lab::Lab`] | one binary with the Runtime API, Secrets Manager and the CRM played by the test |
//! | [`SecretsManager`] | the Secrets Manager API, served by moto |
//! | [`Tryton`] | a real CRM on SQLite, with agents, contacts and notes |
//! | [`Roundup`] | a real ticket system on SQLite, with agents, contacts and issues |
//! | [`Odoo`] | a real Odoo 11, with agents, contacts, leads, tasks and notes |
//! | [`Rt`] | a real Request Tracker 5 on SQLite, with agents, contacts and tickets |
//! | [`Redmine`] | a real Redmine 5 on SQLite, with agents, contacts and issues |
//! | [`Stack`] | a real CRM with the functions and their secrets; [`checks`] holds with every one |
//!
//! Everything listens on 127.0.0.1 only, every wait has a deadline, and what goes wrong panics with
//! the end of the server's log: a test wants to stop there. The Python tools are made by
//! `tests/setup-aws-tools.sh`, the CRMs by `tests/<crm>/setup.sh`; the first use in a test program runs them.
//! What a platform cannot have is skipped, and the test says so on its standard error: [`crm_is_here`].
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "test support")]

pub mod checks;
mod demo;
mod folder;
mod functions;
mod http;
pub mod lab;
mod lambda;
mod odoo;
mod paths;
mod process;
mod real_crm;
mod redmine;
mod roundup;
mod rt;
mod secrets;
mod served;
mod setup;
pub mod stack;
mod tryton;

pub use demo::DemoStack;
pub use functions::Functions;
pub use http::client;
pub use lambda::{FunctionError, LambdaFunction, Response, api_gateway_event, rest_event};
pub use odoo::Odoo;
pub use paths::{resource, target, workspace};
pub use player::Kept;
pub use process::{Process, Server, wait_until};
pub use real_crm::{Differences, Expected, RealCrm, Stack};
pub use redmine::Redmine;
pub use roundup::{Issue, Person, Roundup};
pub use rt::Rt;
pub use secrets::SecretsManager;
pub use served::Served;
pub use setup::{crm_is_here, function_binary};
pub use tryton::{Agent, Contact, Tryton};
