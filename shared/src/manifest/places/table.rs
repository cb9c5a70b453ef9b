//! The places of a manifest and the names that a template may use in each, as data for the reference and
//! the schema for editors. A test holds them against `check`.

/// A name that templates may use.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// The name.
    pub name: &'static str,
    /// What it holds.
    pub summary: &'static str,
}

/// A place, and its names besides `auth` and `const`, which every place has.
#[derive(Clone, Copy, Debug)]
pub struct PlaceNames {
    /// The path of the key in a manifest; `*` stands for a name that the manifest chooses.
    pub path: &'static str,
    /// Groups of names.
    pub groups: &'static [&'static [&'static str]],
}

impl PlaceNames {
    /// All names of the place, in order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.groups.iter().flat_map(|group| group.iter().copied())
    }
}

/// What a call brings.
const ANSWER: &[&str] = &["status", "headers", "body"];
/// Known only where the connection is made.
const SECRET: &[&str] = &["secret"];
/// Known only where the credentials of a request are built.
const CREDENTIAL: &[&str] = &["token", "request"];
/// Known where the signed request gets its signature.
const SIGNATURE: &[&str] = &["signature"];
/// Known where credentials go into a URL's query.
const TOKEN: &[&str] = &["token"];
/// The body inside the connection's envelope.
const ENVELOPE: &[&str] = &["body"];
/// A page of contacts.
const CONTACTS: &[&str] = &["from", "page_size", "now", "cursor", "page"];
/// Whether the run is the first.
const INITIAL: &[&str] = &["initial"];
/// A bucket of contacts with equal times.
const DRAIN: &[&str] = &["to", "last_id"];
/// A position in a feed.
const CURSOR: &[&str] = &["cursor"];
/// A page of agents.
const AGENTS: &[&str] = &["page_size", "page"];
/// The contact that an agent looks at.
const CONTACT: &[&str] = &["contact"];
/// One number or address of the contact, in a look-up that is made for each.
const EACH: &[&str] = &["number", "phone", "email"];
/// A page of one type of interactions.
const INTERACTIONS: &[&str] = &["page_size", "limit", "page"];
/// One row of a page.
const ROW: &[&str] = &["row"];
/// What an action is run with.
const ACTION: &[&str] = &["input", "contact", "agent", "call", "idempotency_key", "now"];
/// The record that exists already.
const CONFLICT: &[&str] = &["existing_id"];

const fn place(path: &'static str, groups: &'static [&'static [&'static str]]) -> PlaceNames {
    PlaceNames { path, groups }
}

/// Every place that has names of its own. In a section with steps, `steps` is known too; `page` where there
/// are pages that a request asks for by name, `cursor` in mode `cursor`.
#[rustfmt::skip]
pub const PLACES: &[PlaceNames] = &[
    place("connection.base_url", &[SECRET]),
    place("connection.headers", &[SECRET]),
    place("connection.auth.headers", &[SECRET, CREDENTIAL]),
    place("connection.auth.query", &[SECRET, TOKEN]),
    place("connection.auth.sign.text", &[SECRET, CREDENTIAL]),
    place("connection.auth.sign.key", &[SECRET, CREDENTIAL]),
    place("connection.auth.sign.headers", &[SECRET, CREDENTIAL, SIGNATURE]),
    place("connection.auth.sign.query", &[SECRET, CREDENTIAL, SIGNATURE]),
    place("connection.auth.token.fetch", &[SECRET]),
    place("connection.auth.token.ok", &[ANSWER]),
    place("connection.auth.token.value", &[ANSWER]),
    place("connection.auth.token.ttl", &[ANSWER]),
    place("connection.ok", &[ANSWER]),
    place("connection.envelope", &[SECRET, CREDENTIAL, ENVELOPE]),
    place("credentials.secret", &[]),
    place("errors.*.when", &[ANSWER]),
    place("errors.*.message", &[ANSWER]),
    place("errors.*.detail", &[ANSWER]),
    place("errors.*.retry_after", &[ANSWER]),
    place("errors.*.id", &[ANSWER]),
    place("auth_validation.fetch", &[]),
    place("auth_validation.ok", &[ANSWER]),
    place("auth_validation.result", &[ANSWER]),
    place("contacts.fetch", &[CONTACTS, INITIAL]),
    place("contacts.ok", &[CONTACTS, ANSWER]),
    place("contacts.records", &[CONTACTS, ANSWER]),
    place("contacts.more", &[CONTACTS, ANSWER]),
    place("contacts.page", &[CONTACTS, ANSWER]),
    place("contacts.where", &[CONTACTS, ANSWER, ROW]),
    place("contacts.map", &[CONTACTS, ANSWER, ROW]),
    place("contacts.checkpoint.field", &[ROW]),
    place("contacts.checkpoint.id", &[ROW]),
    place("contacts.checkpoint.next", &[ANSWER, CURSOR]),
    place("contacts.checkpoint.done", &[ANSWER, CURSOR]),
    place("contacts.checkpoint.drain", &[CONTACTS, DRAIN, INITIAL]),
    place("agents.fetch", &[AGENTS]),
    place("agents.ok", &[AGENTS, ANSWER]),
    place("agents.records", &[AGENTS, ANSWER]),
    place("agents.more", &[AGENTS, ANSWER]),
    place("agents.page", &[AGENTS, ANSWER]),
    place("agents.where", &[AGENTS, ANSWER, ROW]),
    place("agents.map", &[AGENTS, ANSWER, ROW]),
    place("interactions.identify.*.when", &[CONTACT, EACH]),
    place("interactions.identify.*.fetch", &[CONTACT, EACH]),
    place("interactions.identify.*.ok", &[CONTACT, EACH, ANSWER]),
    place("interactions.identify.*.records", &[CONTACT, EACH, ANSWER]),
    place("interactions.identify.*.where", &[CONTACT, EACH, ANSWER, ROW]),
    place("interactions.identify.*.value", &[CONTACT, EACH, ANSWER, ROW]),
    place("interactions.identify.*.list", &[CONTACT, EACH, ANSWER, ROW]),
    place("interactions.types.*.fetch", &[CONTACT, INTERACTIONS]),
    place("interactions.types.*.when", &[CONTACT]),
    place("interactions.types.*.ok", &[CONTACT, INTERACTIONS, ANSWER]),
    place("interactions.types.*.records", &[CONTACT, INTERACTIONS, ANSWER]),
    place("interactions.types.*.more", &[CONTACT, INTERACTIONS, ANSWER]),
    place("interactions.types.*.page", &[CONTACT, INTERACTIONS, ANSWER]),
    place("interactions.types.*.where", &[CONTACT, INTERACTIONS, ANSWER, ROW]),
    place("interactions.types.*.map", &[CONTACT, INTERACTIONS, ANSWER, ROW]),
    place("interactions.types.*.rows", &[CONTACT]),
    place("survivor.fetch", &[CONTACT]),
    place("survivor.ok", &[CONTACT, ANSWER]),
    place("survivor.records", &[CONTACT, ANSWER]),
    place("survivor.where", &[CONTACT, ANSWER, ROW]),
    place("survivor.value", &[CONTACT, ANSWER, ROW]),
    place("survivor.list", &[CONTACT, ANSWER, ROW]),
    place("actions.*.require.*.that", &[ACTION]),
    place("actions.*.fetch", &[ACTION]),
    place("actions.*.ok", &[ACTION, ANSWER]),
    place("actions.*.result", &[ACTION, ANSWER]),
    place("actions.*.on_conflict", &[ACTION, CONFLICT]),
];

const fn name(name: &'static str, summary: &'static str) -> Name {
    Name { name, summary }
}

/// Every name that a template may use, with what it holds.
#[rustfmt::skip]
pub const NAMES: &[Name] = &[
    name("auth", "the fields of `auth` as Talkdesk sends them; those with `secret: true` only in `connection`"),
    name("const", "the manifest's own values"),
    name("steps", "the values of the section's steps by name; null for a step that has not run"),
    name("secret", "the fields of the account's secret; those in `credentials.public` are known everywhere"),
    name("token", "the token of `connection.auth.token`"),
    name("request", "the request that is being built: `method`, and `path` without its first slash; in `connection.auth.sign` also `host` (with a port where the address names one), `query` (as it is sent, without `?`), `sorted_query` (its parameters in the order of their names and values, encoded as RFC 3986 says), `body` (its text; empty without one), `timestamp` (the time of this try, printed by `epoch_s`, `epoch_ms`, `fmt`, …) and `nonce` (32 hexadecimal digits of this try)"),
    name("signature", "the signature, written as `encoding` says"),
    name("status", "the answer's status, a number"),
    name("headers", "the answer's headers, names in lower case"),
    name("body", "the answer's JSON; in `errors` the beginning of the text when it is no JSON; in `connection.envelope` the request's body"),
    name("from", "the time at which this page begins, inclusively"),
    name("initial", "in the requests of contacts, whether this is the first run of all, which began without a checkpoint. Not in one that goes on from a checkpoint, nor in one that `full_every` or `generation` asks for: what it left out there could be a change of a contact that Talkdesk has. So it is for what need not come in the beginning, such as contacts that are archived; later changes of them come all the same. An account that begins again without its checkpoint is one that Talkdesk has contacts of: raise `generation` then, and everything comes"),
    name("to", "the time before which a bucket ends, exclusively"),
    name("last_id", "the id of the last row that was read of a bucket; at first `checkpoint.id_min`"),
    name("page", "the next page's token, number or offset; null on the first page of tokens"),
    name("page_size", "how many rows to ask for: `limits.page_size`, or fewer when the CRM is slow"),
    name("cursor", "mode `cursor`: the position; null at the beginning"),
    name("row", "one row of `records`; in a look-up only where it has `records`"),
    name("rows", "in a step with `after` the rows of the page that was read"),
    name("contact", "the contact: `id`, and `list`, the entry of `contact_lists` that it belongs to or `contacts`; for interactions also `name`, `emails`, `phones`, and `phone_forms` with `e164` (`+14155550100`), `national` (the digits as dialled inside the country), `digits` (all digits), `last` (the last nine digits), `written` (as people of its country write it) and `groups` (its groups of digits), and `numbers`: all phone numbers as given, then in the forms `e164`, `national` and `digits`, each once, 50 at most. In actions `id` is the input `contact_id` where something is filled in"),
    name("number", "in a look-up with `for_each: contact.phones` one number as Talkdesk has it"),
    name("phone", "in a look-up with `for_each: contact.phones` the same number in its forms, as in `contact.phone_forms`"),
    name("email", "in a look-up with `for_each: contact.emails` one address"),
    name("limit", "how many interactions of a type are shown: `limits.interactions`"),
    name("input", "the action's inputs by key"),
    name("call", "what an action with the inputs `seconds`, `direction` and `summary` knows of a call that has just ended: `started_at`, `ended_at` and `seconds`; `direction` and `title` (`Incoming call`, `Outgoing call`); `text`, the summary and below it a line `Recording: …` for each of the group `call_details` that is filled in and that no request of the action names as `input.…`, and `details`, these lines as a list. `started_at` is the input of that name where it states its zone and is not in the future, else now less `seconds`"),
    name("agent", "the agent who runs the action: `id` in the CRM, null when Talkdesk does not know it"),
    name("idempotency_key", "a key that is the same for the same account, action, contact, agent and inputs within two minutes"),
    name("now", "the present time"),
    name("existing_id", "the id of the record that exists already; null when the refusal names none"),
];
