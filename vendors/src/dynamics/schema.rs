//! The tables and columns that the emulator knows, from the vendor's Web API reference
//! (learn.microsoft.com/dynamics365/customer-engagement/web-api/TABLE).

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Edm.String` with a longest length.
    Text(usize),
    /// `Edm.Int32`.
    Int,
    /// `Edm.Boolean`.
    Bool,
    /// `Edm.DateTimeOffset`.
    Time,
    /// `Edm.Guid`.
    Guid,
    /// A lookup, printed as `_name_value`.
    Lookup,
    /// A choice: numbers with labels.
    Choice(&'static [(i64, &'static str)]),
}

/// A table.
#[derive(Debug)]
pub struct Entity {
    /// The entity set, as in the URL.
    pub set: &'static str,
    /// The logical name.
    pub name: &'static str,
    /// The primary key.
    pub key: &'static str,
    /// Columns that a request body may set.
    pub writable: &'static [(&'static str, Kind)],
    /// Columns that can only be read.
    pub readable: &'static [(&'static str, Kind)],
    /// Single-valued navigation properties: name, table bound to, column that shows it.
    pub navigation: &'static [(&'static str, &'static str, &'static str)],
    /// Collection-valued navigation properties that may be expanded: name, columns of the rows there.
    pub expands: &'static [(&'static str, &'static [&'static str])],
    /// Which status belongs to which state.
    pub statuses: &'static [(i64, i64)],
}

impl Entity {
    /// The kind of a column.
    pub fn column(&self, name: &str) -> Option<Kind> {
        if name == self.key {
            return Some(Kind::Guid);
        }
        self.writable.iter().chain(self.readable).find(|(n, _)| *n == name).map(|(_, kind)| *kind)
    }

    /// All columns but the key.
    pub fn columns(&self) -> impl Iterator<Item = &'static str> {
        self.writable.iter().chain(self.readable).map(|(name, _)| *name)
    }
}

use Kind::{Choice, Lookup, Text, Time};

mod others;

use others::{ACCOUNT, ANNOTATION, LEAD, OPPORTUNITY, PHONECALL, SYSTEMUSER, TASK};

const MEMO: Kind = Text(1_048_576);
/// `contacts`.
pub const CONTACT: Entity = Entity {
    set: "contacts",
    name: "contact",
    key: "contactid",
    writable: &[
        ("firstname", Text(50)),
        ("lastname", Text(50)),
        ("emailaddress1", Text(100)),
        ("emailaddress2", Text(100)),
        ("emailaddress3", Text(100)),
        ("telephone1", Text(50)),
        ("telephone2", Text(50)),
        ("telephone3", Text(50)),
        ("mobilephone", Text(50)),
        ("business2", Text(50)),
        ("home2", Text(50)),
        ("callback", Text(50)),
        ("company", Text(50)),
        ("jobtitle", Text(100)),
        ("websiteurl", Text(200)),
        ("description", MEMO),
        ("statecode", Choice(&[(0, "Active"), (1, "Inactive")])),
        ("statuscode", Choice(&[(1, "Active"), (2, "Inactive")])),
    ],
    readable: &[
        ("fullname", Text(160)),
        ("address1_composite", MEMO),
        ("createdon", Time),
        ("modifiedon", Time),
        ("_ownerid_value", Lookup),
        ("_parentcustomerid_value", Lookup),
        ("merged", Kind::Bool),
        ("_masterid_value", Lookup),
    ],
    navigation: &[
        ("ownerid", "systemusers", "_ownerid_value"),
        ("parentcustomerid_account", "accounts", "_parentcustomerid_value"),
        ("parentcustomerid_contact", "contacts", "_parentcustomerid_value"),
    ],
    expands: &[],
    statuses: &[(1, 0), (2, 1)],
};

const INCIDENT: Entity = Entity {
    set: "incidents",
    name: "incident",
    key: "incidentid",
    writable: &[
        ("title", Text(200)),
        ("description", MEMO),
        ("prioritycode", Choice(&[(1, "High"), (2, "Normal"), (3, "Low")])),
        ("caseorigincode", Choice(&[(1, "Phone"), (2, "Email"), (3, "Web")])),
        ("statecode", Choice(&[(0, "Active"), (1, "Resolved"), (2, "Canceled")])),
        (
            "statuscode",
            Choice(&[
                (1, "In Progress"),
                (2, "On Hold"),
                (3, "Waiting for Details"),
                (4, "Researching"),
                (5, "Problem Solved"),
                (6, "Canceled"),
                (1000, "Information Provided"),
                (2000, "Merged"),
            ]),
        ),
    ],
    readable: &[
        ("ticketnumber", Text(100)),
        ("createdon", Time),
        ("modifiedon", Time),
        ("_ownerid_value", Lookup),
        ("_customerid_value", Lookup),
        ("_primarycontactid_value", Lookup),
    ],
    navigation: &[
        ("ownerid", "systemusers", "_ownerid_value"),
        ("customerid_contact", "contacts", "_customerid_value"),
        ("customerid_account", "accounts", "_customerid_value"),
        ("primarycontactid", "contacts", "_primarycontactid_value"),
    ],
    expands: &[],
    statuses: &[(1, 0), (2, 0), (3, 0), (4, 0), (5, 1), (1000, 1), (6, 2), (2000, 2)],
};

/// All tables.
pub static ENTITIES: [Entity; 9] =
    [CONTACT, LEAD, INCIDENT, ANNOTATION, TASK, PHONECALL, OPPORTUNITY, SYSTEMUSER, ACCOUNT];

/// The table of an entity set. Names are case-sensitive.
pub fn entity(set: &str) -> Option<&'static Entity> {
    ENTITIES.iter().find(|e| e.set == set)
}
