//! Notes, activities, opportunities, users and accounts.

use super::Entity;
use super::Kind::{self, Bool, Choice, Guid, Int, Lookup, Text, Time};

const MEMO: Kind = Text(1_048_576);
const STAMPS: &[(&str, Kind)] = &[("createdon", Time), ("modifiedon", Time), ("_ownerid_value", Lookup)];
const ACTIVITY_STATE: Kind = Choice(&[(0, "Open"), (1, "Completed"), (2, "Canceled")]);
const ACTIVITY_PRIORITY: Kind = Choice(&[(0, "Low"), (1, "Normal"), (2, "High")]);
const ACTIVITY_READ: &[(&str, Kind)] = &[
    ("createdon", Time),
    ("modifiedon", Time),
    ("_ownerid_value", Lookup),
    ("_regardingobjectid_value", Lookup),
    ("activitytypecode", Text(64)),
];

pub(super) const LEAD: Entity = Entity {
    set: "leads",
    name: "lead",
    key: "leadid",
    writable: &[
        ("subject", Text(300)),
        ("firstname", Text(50)),
        ("lastname", Text(50)),
        ("companyname", Text(100)),
        ("emailaddress1", Text(100)),
        ("emailaddress2", Text(100)),
        ("emailaddress3", Text(100)),
        ("telephone1", Text(50)),
        ("telephone2", Text(50)),
        ("telephone3", Text(50)),
        ("mobilephone", Text(20)),
        ("jobtitle", Text(100)),
        ("websiteurl", Text(200)),
        ("description", MEMO),
        ("statecode", Choice(&[(0, "Open"), (1, "Qualified"), (2, "Disqualified")])),
        (
            "statuscode",
            Choice(&[
                (1, "New"),
                (2, "Contacted"),
                (3, "Qualified"),
                (4, "Lost"),
                (5, "Cannot Contact"),
                (6, "No Longer Interested"),
                (7, "Canceled"),
            ]),
        ),
    ],
    readable: &[
        ("fullname", Text(160)),
        ("address1_composite", MEMO),
        ("createdon", Time),
        ("modifiedon", Time),
        ("_ownerid_value", Lookup),
        ("merged", Bool),
        ("_masterid_value", Lookup),
        ("_parentcontactid_value", Lookup),
    ],
    navigation: &[
        ("ownerid", "systemusers", "_ownerid_value"),
        ("parentcontactid", "contacts", "_parentcontactid_value"),
    ],
    expands: &[("contact_originating_lead", &["contactid"])],
    statuses: &[(1, 0), (2, 0), (3, 1), (4, 2), (5, 2), (6, 2), (7, 2)],
};

pub(super) const ANNOTATION: Entity = Entity {
    set: "annotations",
    name: "annotation",
    key: "annotationid",
    writable: &[
        ("subject", Text(500)),
        ("notetext", Text(100_000)),
        ("filename", Text(255)),
        ("isdocument", Bool),
    ],
    readable: &[
        ("createdon", Time),
        ("modifiedon", Time),
        ("_ownerid_value", Lookup),
        ("_objectid_value", Lookup),
    ],
    navigation: &[
        ("ownerid", "systemusers", "_ownerid_value"),
        ("objectid_contact", "contacts", "_objectid_value"),
        ("objectid_lead", "leads", "_objectid_value"),
        ("objectid_incident", "incidents", "_objectid_value"),
    ],
    expands: &[],
    statuses: &[],
};

pub(super) const TASK: Entity = Entity {
    set: "tasks",
    name: "task",
    key: "activityid",
    writable: &[
        ("subject", Text(200)),
        ("description", MEMO),
        ("scheduledstart", Time),
        ("scheduledend", Time),
        ("actualdurationminutes", Int),
        ("prioritycode", ACTIVITY_PRIORITY),
        ("statecode", ACTIVITY_STATE),
        (
            "statuscode",
            Choice(&[
                (2, "Not Started"),
                (3, "In Progress"),
                (4, "Waiting on someone else"),
                (5, "Completed"),
                (6, "Canceled"),
                (7, "Deferred"),
            ]),
        ),
    ],
    readable: ACTIVITY_READ,
    navigation: &[
        ("ownerid", "systemusers", "_ownerid_value"),
        ("ownerid_task", "systemusers", "_ownerid_value"),
        ("regardingobjectid_contact_task", "contacts", "_regardingobjectid_value"),
        ("regardingobjectid_lead_task", "leads", "_regardingobjectid_value"),
        ("regardingobjectid_incident_task", "incidents", "_regardingobjectid_value"),
    ],
    expands: &[],
    statuses: &[(2, 0), (3, 0), (4, 0), (7, 0), (5, 1), (6, 2)],
};

pub(super) const PHONECALL: Entity = Entity {
    set: "phonecalls",
    name: "phonecall",
    key: "activityid",
    writable: &[
        ("subject", Text(200)),
        ("description", MEMO),
        ("phonenumber", Text(200)),
        ("directioncode", Bool),
        ("leftvoicemail", Bool),
        ("actualstart", Time),
        ("actualend", Time),
        ("scheduledstart", Time),
        ("scheduledend", Time),
        ("actualdurationminutes", Int),
        ("prioritycode", ACTIVITY_PRIORITY),
        ("statecode", ACTIVITY_STATE),
        ("statuscode", Choice(&[(1, "Open"), (2, "Made"), (3, "Canceled"), (4, "Received")])),
    ],
    readable: ACTIVITY_READ,
    navigation: &[
        ("ownerid", "systemusers", "_ownerid_value"),
        ("ownerid_phonecall", "systemusers", "_ownerid_value"),
        ("regardingobjectid_contact_phonecall", "contacts", "_regardingobjectid_value"),
        ("regardingobjectid_lead_phonecall", "leads", "_regardingobjectid_value"),
        ("regardingobjectid_incident_phonecall", "incidents", "_regardingobjectid_value"),
    ],
    expands: &[],
    statuses: &[(1, 0), (2, 1), (4, 1), (3, 2)],
};

pub(super) const OPPORTUNITY: Entity = Entity {
    set: "opportunities",
    name: "opportunity",
    key: "opportunityid",
    writable: &[
        ("name", Text(300)),
        ("description", MEMO),
        ("statecode", Choice(&[(0, "Open"), (1, "Won"), (2, "Lost")])),
        (
            "statuscode",
            Choice(&[(1, "In Progress"), (2, "On Hold"), (3, "Won"), (4, "Canceled"), (5, "Out-Sold")]),
        ),
    ],
    readable: &[
        ("createdon", Time),
        ("modifiedon", Time),
        ("_customerid_value", Lookup),
        ("_parentcontactid_value", Lookup),
    ],
    navigation: &[("parentcontactid", "contacts", "_parentcontactid_value")],
    expands: &[],
    statuses: &[(1, 0), (2, 0), (3, 1), (4, 2), (5, 2)],
};

pub(super) const SYSTEMUSER: Entity = Entity {
    set: "systemusers",
    name: "systemuser",
    key: "systemuserid",
    writable: &[],
    readable: &[
        ("fullname", Text(200)),
        ("internalemailaddress", Text(100)),
        ("domainname", Text(1024)),
        ("isdisabled", Bool),
        (
            "accessmode",
            Choice(&[
                (0, "Read-Write"),
                (1, "Administrative"),
                (2, "Read"),
                (3, "Support User"),
                (4, "Non-interactive"),
                (5, "Delegated Admin"),
            ]),
        ),
        ("applicationid", Guid),
    ],
    navigation: &[],
    expands: &[],
    statuses: &[],
};

pub(super) const ACCOUNT: Entity = Entity {
    set: "accounts",
    name: "account",
    key: "accountid",
    writable: &[("name", Text(160))],
    readable: STAMPS,
    navigation: &[],
    expands: &[],
    statuses: &[],
};
