//! The rules of contract §11 that concern reading and writing, one test each.

mod hostile;
mod integration;
mod requests;
mod responses;

use serde_json::Value;

use super::{ContractError, TalkdeskRequest};

/// Reads a request from a JSON value.
fn parse<T: TalkdeskRequest>(body: Value) -> Result<T, ContractError> {
    T::parse(body.to_string().as_bytes())
}

/// The path that a request is refused for.
fn refused_at<T: TalkdeskRequest>(body: Value) -> String {
    match parse::<T>(body) {
        Ok(_) => panic!("the request was accepted"),
        Err(error) => error.path,
    }
}
