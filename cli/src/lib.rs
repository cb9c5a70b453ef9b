//! The command line's parts, so that tests can use them: checking manifests, replaying fixtures,
//! serving the five endpoints on this machine, playing Talkdesk.

pub mod check;
pub mod demo;
pub mod doctor;
pub mod document;
pub mod eval;
pub mod fixture;
pub mod generate;
pub mod given;
pub mod live;
pub mod local;
pub mod missing;
pub mod names;
pub mod new;
pub mod reference;
pub mod replay;
pub mod secret;
pub mod serve;
pub mod simulate;
pub mod watch;
