//! Objects and fields of an organisation, as far as they are needed here, after the Object Reference
//! (<https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/>).

/// A field's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// An id or a reference.
    Id,
    /// Text of at most so many characters.
    Text(usize),
    /// A long text area: neither filtered nor sorted.
    Long,
    /// Date and time.
    Time,
    /// A date.
    Date,
    /// True or false.
    Bool,
    /// A number.
    Number,
    /// One of these and nothing else.
    One(&'static [&'static str]),
    /// Base64.
    Base64,
}

use Type::{Base64, Bool, Date, Id, Long, Number, One, Text, Time};

type Field = (&'static str, Type);

const COMMON: [Field; 7] = [
    ("Id", Id),
    ("CreatedDate", Time),
    ("CreatedById", Id),
    ("LastModifiedDate", Time),
    ("SystemModstamp", Time),
    ("IsDeleted", Bool),
    ("OwnerId", Id),
];

const CONTACT: [Field; 19] = [
    ("FirstName", Text(40)),
    ("LastName", Text(80)),
    ("Name", Text(121)),
    ("Email", Text(80)),
    ("Phone", Text(40)),
    ("MobilePhone", Text(40)),
    ("HomePhone", Text(40)),
    ("OtherPhone", Text(40)),
    ("AssistantPhone", Text(40)),
    ("Title", Text(128)),
    ("Department", Text(80)),
    ("AccountId", Id),
    ("MasterRecordId", Id),
    ("Account.Name", Text(255)),
    ("MailingStreet", Text(255)),
    ("MailingCity", Text(40)),
    ("MailingState", Text(80)),
    ("MailingPostalCode", Text(20)),
    ("MailingCountry", Text(80)),
];

const LEAD: [Field; 18] = [
    ("FirstName", Text(40)),
    ("LastName", Text(80)),
    ("Name", Text(121)),
    ("Email", Text(80)),
    ("Phone", Text(40)),
    ("MobilePhone", Text(40)),
    ("Title", Text(128)),
    ("Company", Text(255)),
    ("Status", Text(40)),
    ("Street", Text(255)),
    ("City", Text(40)),
    ("State", Text(80)),
    ("PostalCode", Text(20)),
    ("Country", Text(80)),
    ("IsConverted", Bool),
    ("ConvertedContactId", Id),
    ("ConvertedAccountId", Id),
    ("MasterRecordId", Id),
];

const USER: [Field; 6] = [
    ("Name", Text(121)),
    ("FirstName", Text(40)),
    ("LastName", Text(80)),
    ("Email", Text(80)),
    ("IsActive", Bool),
    ("UserType", Text(40)),
];

const CASE: [Field; 8] = [
    ("CaseNumber", Text(30)),
    ("Subject", Text(255)),
    ("Description", Long),
    ("Status", Text(40)),
    ("Priority", Text(40)),
    ("Origin", Text(40)),
    ("IsClosed", Bool),
    ("ContactId", Id),
];

const TASK: [Field; 11] = [
    ("Subject", Text(255)),
    ("Description", Long),
    ("Status", Text(40)),
    ("Priority", Text(40)),
    ("IsClosed", Bool),
    ("ActivityDate", Date),
    ("WhoId", Id),
    ("WhatId", Id),
    ("TaskSubtype", One(&["Task", "Email", "ListEmail", "Cadence", "Call", "LinkedIn"])),
    ("CallType", One(&["Internal", "Inbound", "Outbound"])),
    ("CallDurationInSeconds", Number),
];

const OPPORTUNITY: [Field; 8] = [
    ("Name", Text(120)),
    ("Description", Long),
    ("StageName", Text(40)),
    ("Amount", Number),
    ("CloseDate", Date),
    ("IsClosed", Bool),
    ("IsWon", Bool),
    ("AccountId", Id),
];

const ROLE: [Field; 3] = [("OpportunityId", Id), ("ContactId", Id), ("IsPrimary", Bool)];

const LINK: [Field; 4] = [
    ("ContentDocumentId", Id),
    ("LinkedEntityId", Id),
    ("ShareType", One(&["V", "C", "I"])),
    ("Visibility", One(&["AllUsers", "InternalUsers", "SharedUsers"])),
];

const NOTE: [Field; 3] = [("Title", Text(255)), ("TextPreview", Text(255)), ("Content", Base64)];

/// The objects with the first three signs of their ids.
pub const OBJECTS: [(&str, &str); 9] = [
    ("Contact", "003"),
    ("Lead", "00Q"),
    ("User", "005"),
    ("Case", "500"),
    ("Task", "00T"),
    ("Opportunity", "006"),
    ("OpportunityContactRole", "00K"),
    ("ContentDocumentLink", "06A"),
    ("ContentNote", "069"),
];

/// An object's own name and the first three signs of its ids; names come in any case.
pub fn object(name: &str) -> Option<(&'static str, &'static str)> {
    OBJECTS.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).copied()
}

/// A field's own name and type; names come in any case.
pub fn field(object: &str, name: &str) -> Option<Field> {
    let own: &[Field] = match object {
        "Contact" => &CONTACT,
        "Lead" => &LEAD,
        "User" => &USER,
        "Case" => &CASE,
        "Task" => &TASK,
        "Opportunity" => &OPPORTUNITY,
        "OpportunityContactRole" => &ROLE,
        "ContentDocumentLink" => &LINK,
        _ => &NOTE,
    };
    let ownerless = ["User", "OpportunityContactRole", "ContentDocumentLink"].contains(&object);
    let common = COMMON.iter().filter(|(n, _)| !(ownerless && *n == "OwnerId"));
    own.iter().chain(common).find(|(n, _)| n.eq_ignore_ascii_case(name)).copied()
}

/// Fields that only the system writes.
pub fn read_only(object: &str, name: &str) -> bool {
    let common = COMMON.iter().any(|(n, _)| *n == name) && name != "OwnerId";
    let own =
        ["CaseNumber", "IsClosed", "IsWon", "TextPreview", "Account.Name", "MasterRecordId"].contains(&name);
    let lead = ["IsConverted", "ConvertedContactId", "ConvertedAccountId"].contains(&name);
    common || own || lead || ["Contact", "Lead"].contains(&object) && name == "Name"
}

/// The objects that a reference leads to; all where nothing is said.
pub fn referred(column: &str) -> &'static [&'static str] {
    match column {
        "ContactId" => &["Contact"],
        "WhoId" => &["Contact", "Lead"],
        "OwnerId" => &["User"],
        _ => &[],
    }
}

/// What a row cannot be made without.
pub fn required(object: &str) -> &'static [&'static str] {
    match object {
        "Contact" => &["LastName"],
        "Lead" => &["LastName", "Company"],
        "Opportunity" => &["Name", "StageName", "CloseDate"],
        "ContentNote" => &["Title"],
        "ContentDocumentLink" => &["ContentDocumentId", "LinkedEntityId"],
        _ => &[],
    }
}
