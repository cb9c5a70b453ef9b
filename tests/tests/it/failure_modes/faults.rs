//! The faults, in the order of the document.

use end_to_end::lab::{Fault as Wire, Reply, Trouble};
use serde_json::{Value, json};

/// One fault.
pub struct Fault {
    /// The heading that it stands under.
    pub group: &'static str,
    /// What happens.
    pub name: &'static str,
    /// How it is made.
    pub kind: Kind,
}

/// Where a fault happens.
#[derive(Clone, Copy)]
pub enum Kind {
    /// Nowhere: what the components answer on a good day.
    None,
    /// The CRM answers this to everything.
    Crm(fn() -> Reply),
    /// Secrets Manager fails.
    Secrets(Trouble),
    /// The account's secret is this text.
    Secret(&'static str),
    /// The request is changed; a text becomes the whole body.
    Request(fn(&mut Value)),
}

const LINE: &str = "The CRM's connection";
const REFUSAL: &str = "The CRM's statuses";
const SUCCESS: &str = "The CRM's answers under a success";
const SECRETS: &str = "Secrets Manager and the secret";
const REQUEST: &str = "The request";

const fn fault(group: &'static str, name: &'static str, kind: Kind) -> Fault {
    Fault { group, name, kind }
}

const fn crm(group: &'static str, name: &'static str, reply: fn() -> Reply) -> Fault {
    fault(group, name, Kind::Crm(reply))
}

fn status(status: u16) -> Reply {
    Reply::json(status, &json!({"error": {"message": "As planned."}}))
}

fn wire(fault: Wire) -> Reply {
    Reply::json(200, &json!({"id": 1, "contacts": [], "users": [], "page": 1, "pages": 1})).fault(fault)
}

fn text(text: &str) -> Reply {
    Reply::raw(200, text.as_bytes().to_vec())
}

/// Every fault of the table.
#[rustfmt::skip]
pub const FAULTS: &[Fault] = &[
    fault("Nothing fails", "none", Kind::None),
    crm(LINE, "no answer, the connection stays", || wire(Wire::Hang)),
    crm(LINE, "connection ended before the status", || wire(Wire::Close)),
    crm(LINE, "connection reset before the status", || wire(Wire::Reset)),
    crm(LINE, "bytes that are not HTTP", || wire(Wire::Garbage)),
    crm(LINE, "body ends half-way", || wire(Wire::Cut)),
    crm(LINE, "body stops half-way, the connection stays", || wire(Wire::Stall)),
    crm(REFUSAL, "301 to another host", || status(301).header("location", "https://elsewhere.example.com/")),
    crm(REFUSAL, "302 to a private address", || status(302).header("location", "http://169.254.169.254/")),
    crm(REFUSAL, "308", || status(308).header("location", "https://elsewhere.example.com/")),
    crm(REFUSAL, "400", || status(400)),
    crm(REFUSAL, "401", || status(401)),
    crm(REFUSAL, "402", || status(402)),
    crm(REFUSAL, "403", || status(403)),
    crm(REFUSAL, "404", || status(404)),
    crm(REFUSAL, "405", || status(405)),
    crm(REFUSAL, "406", || status(406)),
    crm(REFUSAL, "408", || status(408)),
    crm(REFUSAL, "409", || status(409)),
    crm(REFUSAL, "410", || status(410)),
    crm(REFUSAL, "413", || status(413)),
    crm(REFUSAL, "415", || status(415)),
    crm(REFUSAL, "422", || status(422)),
    crm(REFUSAL, "423", || status(423)),
    crm(REFUSAL, "425", || status(425)),
    crm(REFUSAL, "429", || status(429)),
    crm(REFUSAL, "429, Retry-After 1", || status(429).header("retry-after", "1")),
    crm(REFUSAL, "429, Retry-After 3600", || status(429).header("retry-after", "3600")),
    crm(REFUSAL, "429, Retry-After unreadable", || status(429).header("retry-after", "soon")),
    crm(REFUSAL, "451", || status(451)),
    crm(REFUSAL, "500", || status(500)),
    crm(REFUSAL, "501", || status(501)),
    crm(REFUSAL, "502, a web page", || Reply::raw(502, "<html>Bad gateway</html>").header("content-type", "text/html")),
    crm(REFUSAL, "503", || status(503)),
    crm(REFUSAL, "503, Retry-After 1", || status(503).header("retry-after", "1")),
    crm(REFUSAL, "503, Retry-After 120", || status(503).header("retry-after", "120")),
    crm(REFUSAL, "504", || status(504)),
    crm(REFUSAL, "520", || status(520)),
    crm(SUCCESS, "200, nothing in it", || text("")),
    crm(SUCCESS, "204", || Reply::raw(204, "")),
    crm(SUCCESS, "a web page", || text("<html>Please log in</html>").header("content-type", "text/html")),
    crm(SUCCESS, "a sentence", || text("Maintenance until noon")),
    crm(SUCCESS, "half of a JSON object", || text("{\"contacts\": [{\"id\": ")),
    crm(SUCCESS, "JSON after a server's notice", || text("Notice: undefined index\n{\"id\": 1, \"contacts\": []}")),
    crm(SUCCESS, "null", || text("null")),
    crm(SUCCESS, "[]", || text("[]")),
    crm(SUCCESS, "{}", || text("{}")),
    crm(SUCCESS, "{\"error\": …}", || text("{\"error\": {\"message\": \"As planned.\"}}")),
    crm(SUCCESS, "lists that are texts", || text("{\"contacts\": \"x\", \"users\": \"x\", \"tickets\": \"x\", \"notes\": \"x\", \"calls\": \"x\"}")),
    crm(SUCCESS, "lists that are null", || text("{\"contacts\": null, \"users\": null, \"tickets\": null, \"notes\": null, \"calls\": null}")),
    crm(SUCCESS, "rows that are numbers", || text("{\"contacts\": [1], \"users\": [1], \"tickets\": [1], \"notes\": [1], \"calls\": [1], \"page\": 1, \"pages\": 1}")),
    crm(SUCCESS, "ten thousand brackets", || Reply::raw(200, "[".repeat(10_000))),
    crm(SUCCESS, "gzip that nobody asked for", || Reply::raw(200, vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0]).header("content-encoding", "gzip")),
    fault(SECRETS, "no answer", Kind::Secrets(Trouble::Wire(Wire::Hang))),
    fault(SECRETS, "connection ended", Kind::Secrets(Trouble::Wire(Wire::Close))),
    fault(SECRETS, "internal error", Kind::Secrets(Trouble::Says(500, "InternalServiceError"))),
    fault(SECRETS, "throttled", Kind::Secrets(Trouble::Says(400, "ThrottlingException"))),
    fault(SECRETS, "denied", Kind::Secrets(Trouble::Says(400, "AccessDeniedException"))),
    fault(SECRETS, "key cannot be used to decrypt", Kind::Secrets(Trouble::Says(400, "DecryptionFailure"))),
    fault(SECRETS, "marked for deletion", Kind::Secrets(Trouble::Says(400, "InvalidRequestException"))),
    fault(SECRETS, "no such secret", Kind::Secrets(Trouble::Says(400, "ResourceNotFoundException"))),
    fault(SECRETS, "secret is not JSON", Kind::Secret("caller_keys: lab")),
    fault(SECRETS, "secret without caller keys", Kind::Secret("{\"api_key\": \"k\"}")),
    fault(SECRETS, "secret without the CRM's key", Kind::Secret("{\"caller_keys\": [\"lab-caller-key-0123456789\"]}")),
    fault(REQUEST, "not JSON", Kind::Request(|body| *body = json!("{\"auth\": "))),
    fault(REQUEST, "a list", Kind::Request(|body| *body = json!("[1]"))),
    fault(REQUEST, "empty", Kind::Request(|body| *body = json!(""))),
    fault(REQUEST, "no auth", Kind::Request(|body| { body.as_object_mut().map(|it| it.remove("auth")); })),
    fault(REQUEST, "wrong caller key", Kind::Request(|body| body["auth"]["bridge_key"] = json!("another-caller-key-0123456789"))),
    fault(REQUEST, "account in a wrong form", Kind::Request(|body| body["auth"]["account"] = json!("../acme"))),
    fault(REQUEST, "larger than any request of Talkdesk's", Kind::Request(|body| body["data"]["more"] = json!("x".repeat(2_000_000)))),
    fault(REQUEST, "an offset that is not ours", Kind::Request(|body| body["meta"]["offset"] = json!("1.2.3.4"))),
    fault(REQUEST, "a checkpoint that is not ours", Kind::Request(|body| body["meta"]["synchronization_checkpoint"] = json!("yesterday"))),
];
