//! The properties of HubSpot's objects, as far as they are needed here, with their types.

/// How values of a property are compared and written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// Milliseconds since the epoch in filters; ISO 8601 in answers.
    Time,
    /// A number.
    Number,
    /// One of these.
    One(&'static [&'static str]),
    /// An address.
    Email,
}

use Type::{Email, Number, One, Text, Time};

/// The object types that are served here, with the association type to a contact.
pub const KINDS: [(&str, u64); 6] =
    [("contacts", 0), ("tickets", 16), ("notes", 202), ("calls", 194), ("tasks", 204), ("deals", 3)];

/// What is always there.
const COMMON: [(&str, Type); 5] = [
    ("hs_object_id", Number),
    ("createdate", Time),
    ("hs_createdate", Time),
    ("hs_lastmodifieddate", Time),
    ("hubspot_owner_id", Number),
];

const CONTACT: [(&str, Type); 21] = [
    ("email", Email),
    ("firstname", Text),
    ("lastname", Text),
    ("phone", Text),
    ("mobilephone", Text),
    ("fax", Text),
    ("jobtitle", Text),
    ("company", Text),
    ("address", Text),
    ("city", Text),
    ("state", Text),
    ("zip", Text),
    ("country", Text),
    ("website", Text),
    ("twitterhandle", Text),
    ("hs_additional_emails", Text),
    ("hs_searchable_calculated_phone_number", Text),
    ("hs_searchable_calculated_mobile_number", Text),
    ("lastmodifieddate", Time),
    ("lifecyclestage", Text),
    ("hs_lead_status", Text),
];

const TICKET: [(&str, Type); 8] = [
    ("subject", Text),
    ("content", Text),
    ("hs_pipeline", Text),
    ("hs_pipeline_stage", Text),
    ("hs_ticket_priority", One(&["LOW", "MEDIUM", "HIGH", "URGENT"])),
    ("hs_ticket_category", Text),
    ("hs_is_closed", Text),
    ("source_type", Text),
];

const NOTE: [(&str, Type); 3] = [("hs_note_body", Text), ("hs_timestamp", Time), ("hs_attachment_ids", Text)];

const CALL: [(&str, Type); 9] = [
    ("hs_timestamp", Time),
    ("hs_call_title", Text),
    ("hs_call_body", Text),
    ("hs_call_direction", One(&["INBOUND", "OUTBOUND"])),
    ("hs_call_duration", Number),
    ("hs_call_from_number", Text),
    ("hs_call_to_number", Text),
    (
        "hs_call_status",
        One(&[
            "BUSY",
            "CALLING_CRM_USER",
            "CANCELED",
            "COMPLETED",
            "CONNECTING",
            "FAILED",
            "IN_PROGRESS",
            "NO_ANSWER",
            "QUEUED",
            "RINGING",
        ]),
    ),
    ("hs_call_recording_url", Text),
];

const TASK: [(&str, Type); 6] = [
    ("hs_timestamp", Time),
    ("hs_task_subject", Text),
    ("hs_task_body", Text),
    ("hs_task_status", One(&["NOT_STARTED", "IN_PROGRESS", "WAITING", "DEFERRED", "COMPLETED"])),
    ("hs_task_priority", One(&["NONE", "LOW", "MEDIUM", "HIGH"])),
    ("hs_task_type", One(&["CALL", "EMAIL", "TODO"])),
];

const DEAL: [(&str, Type); 8] = [
    ("dealname", Text),
    ("description", Text),
    ("amount", Number),
    ("closedate", Time),
    ("pipeline", Text),
    ("dealstage", Text),
    ("hs_is_closed", Text),
    ("hs_is_closed_won", Text),
];

/// The kind's own name, when there is such a kind.
pub fn kind(name: &str) -> Option<&'static str> {
    KINDS.iter().map(|(kind, _)| *kind).find(|kind| *kind == name)
}

/// A property's type.
pub fn property(kind: &str, name: &str) -> Option<Type> {
    let own: &[(&str, Type)] = match kind {
        "contacts" => &CONTACT,
        "tickets" => &TICKET,
        "notes" => &NOTE,
        "calls" => &CALL,
        "tasks" => &TASK,
        "deals" => &DEAL,
        _ => return None,
    };
    let common = COMMON.iter().filter(|(n, _)| kind != "contacts" || *n != "hs_lastmodifieddate");
    own.iter().chain(common).find(|(n, _)| *n == name).map(|(_, t)| *t)
}

/// What an answer has when nothing is asked for.
pub fn defaults(kind: &str) -> &'static [&'static str] {
    match kind {
        "contacts" => &["createdate", "email", "firstname", "hs_object_id", "lastmodifieddate", "lastname"],
        "tickets" => &[
            "subject",
            "content",
            "hs_pipeline",
            "hs_pipeline_stage",
            "hs_ticket_priority",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
        ],
        "deals" => &[
            "dealname",
            "amount",
            "closedate",
            "pipeline",
            "dealstage",
            "createdate",
            "hs_lastmodifieddate",
            "hs_object_id",
        ],
        _ => &["hs_createdate", "hs_lastmodifieddate", "hs_object_id"],
    }
}

/// What an object cannot be made without.
pub fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "tickets" => &["subject", "hs_pipeline_stage"],
        "notes" | "calls" | "tasks" => &["hs_timestamp"],
        "deals" => &["dealname", "dealstage"],
        _ => &[],
    }
}
