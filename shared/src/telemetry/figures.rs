//! What a request came to, in numbers.

use std::time::Duration;

use crate::time::Moment;

/// What a request came to, for its log line and metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Calls to the CRM.
    pub calls: u32,
    /// Calls beyond the first try.
    pub retries: u32,
    /// Time in which at least one call to the CRM was open.
    pub crm_time: Duration,
    /// Rows received.
    pub records_in: usize,
    /// Contacts, agents or interactions answered.
    pub records_out: usize,
    /// Rows that could not be mapped.
    pub skipped: usize,
    /// Rows that `where` left out.
    pub filtered: usize,
    /// Values that did not fit their field and were left out of a row that was answered.
    pub left_out: usize,
    /// Types of interactions that failed while others were answered.
    pub types_failed: Vec<String>,
    /// Phone numbers that were sent as they are.
    pub phones_unparsed: usize,
    /// Seconds between the CRM's clock and ours, 0 when they agree well enough.
    pub clock_skew: u64,
    /// Whether a contact page ended its run; nothing for other requests.
    pub run_finished: Option<bool>,
    /// Up to when everything is delivered, at the end of a run that saw rows.
    pub checkpoint: Option<Moment>,
}
