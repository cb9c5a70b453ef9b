//! How a call is made, and when its answer is a success.

use super::page::SameOrigin;
use crate::manifest::expression::Template;

/// What belongs to a call besides its request.
#[derive(Clone, Copy, Default)]
pub struct Around<'a> {
    /// Whether a 200 is really a success.
    pub ok: Option<&'a Template>,
    /// Statuses that mean "nothing here".
    pub empty_on: &'a [u16],
    /// A page's own URL, instead of the request's.
    pub page_url: Option<&'a SameOrigin>,
    /// At most this part of the time that is left, so that a smaller page can still be tried.
    pub part: Option<f64>,
    /// The key under which the CRM does this write only once.
    pub idempotency_key: Option<&'a str>,
    /// A timeout ends the call: the caller asks for a smaller page instead.
    pub yields: bool,
    /// Nothing in the CRM changes, whatever the method says: the call may be made again.
    pub reads: bool,
}
