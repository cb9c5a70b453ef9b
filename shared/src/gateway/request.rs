//! A request as it arrives, and how much of it is taken.

use std::net::IpAddr;

use crate::config::Callers;
use crate::contract::Component;
use crate::error::{Class, Failure};
use crate::time::Moment;

/// A request as it comes from API Gateway or from the local server.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method.
    pub method: String,
    /// The path, with or without a stage in front.
    pub path: String,
    /// The body's bytes.
    pub body: Vec<u8>,
    /// The caller's address, as API Gateway saw it; a header can claim anything.
    pub source: Option<IpAddr>,
    /// What the request is called in logs and answers.
    pub request_id: String,
    /// When whoever runs us gives up.
    pub deadline: Option<Moment>,
}

/// The largest body of a component, in bytes. Talkdesk's requests are below 5 kB; an action may
/// carry a long note.
const fn largest_body(component: Component) -> usize {
    match component {
        Component::Actions => 1 << 20,
        _ => 256 << 10,
    }
}

impl HttpRequest {
    /// The body, if a request of the component may be like this.
    ///
    /// # Errors
    /// `CallerRefused` for one from elsewhere than the callers' addresses, `MethodNotAllowed` for anything but
    /// POST, `BadRequest` for a body that is too large.
    pub(super) fn acceptable(&self, component: Component, callers: &Callers) -> Result<&[u8], Failure> {
        if !callers.include(self.source) {
            let why = "the caller's address is not in CALLER_ADDRESSES: `sourceIp` in the API's access log";
            return Err(Failure::new(Class::CallerRefused, why).with_message("This address may not call."));
        }
        if self.method != "POST" {
            return Err(Failure::new(Class::MethodNotAllowed, "not a POST"));
        }
        let largest = largest_body(component);
        if self.body.len() > largest {
            let text = format!("The request's body is larger than {} kB.", largest >> 10);
            return Err(Failure::new(Class::BadRequest, text.clone()).with_message(text));
        }
        Ok(&self.body)
    }
}
