//! What a request may cost at most. The tests of `security` hold each, and the document lists them.

/// A bound.
pub struct Bound {
    /// What is bounded.
    pub what: &'static str,
    /// The number.
    pub most: u64,
    /// Its unit.
    pub unit: &'static str,
}

/// CPU of a request that is refused before anybody is known.
pub const REFUSED_CPU: Bound =
    Bound { what: "CPU time for a body of 6 MB from a stranger, whole core", most: 400, unit: "ms" };
/// CPU of a request with long lists.
pub const LISTS_CPU: Bound = Bound {
    what: "CPU time for 15,000 phone numbers or e-mail addresses in a request",
    most: 400,
    unit: "ms",
};
/// Memory of the smallest function under bodies.
pub const BODY_MEMORY: Bound =
    Bound { what: "memory of a 128 MB function under the largest bodies", most: 110, unit: "MB" };
/// Memory under answers of the CRM, as a share of the function's.
pub const ANSWER_MEMORY: Bound = Bound {
    what: "memory of a 128 or 256 MB function under answers of 10 to 40 MB",
    most: 100,
    unit: "% of it",
};
/// Calls in one request.
pub const CALLS: Bound = Bound { what: "calls to the CRM in one request", most: 250, unit: "" };
/// An answer as Lambda carries it.
pub const ANSWER_SIZE: Bound =
    Bound { what: "size of an answer, escaped as Lambda carries it", most: 6_291_456, unit: "bytes" };
/// Retry-After.
pub const RETRY_AFTER: Bound = Bound { what: "Retry-After passed on to Talkdesk", most: 3_600, unit: "s" };
/// Secrets Manager silent, nothing in memory.
pub const COLD_SECRET: Bound = Bound {
    what: "time to a 503 when Secrets Manager does not answer, nothing in memory",
    most: 8_000,
    unit: "ms",
};
/// Secrets Manager silent, a secret in memory.
pub const WARM_SECRET: Bound = Bound {
    what: "time of an answer from a secret in memory when Secrets Manager does not answer",
    most: 500,
    unit: "ms",
};
/// HTML.
pub const HTML_CPU: Bound =
    Bound { what: "CPU time for 50 interactions of 200 kB hostile HTML each", most: 1_200, unit: "ms" };
/// Logins.
pub const LOGINS: Bound =
    Bound { what: "logins at the CRM for 40 requests with a refused password", most: 3, unit: "" };

/// All of them, in the document's order.
pub const ALL: [Bound; 11] = [
    REFUSED_CPU,
    LISTS_CPU,
    BODY_MEMORY,
    ANSWER_MEMORY,
    CALLS,
    ANSWER_SIZE,
    RETRY_AFTER,
    COLD_SECRET,
    WARM_SECRET,
    HTML_CPU,
    LOGINS,
];
