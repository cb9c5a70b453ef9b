//! The emulator of the Dataverse Web API refuses what its documentation refuses.

use serde_json::{Value, json};
use vendors::dynamics::Dynamics;
use vendors::dynamics::rows::guid;
use vendors::probe::{Answer, ask};
use vendors::table::Table;

const NOW: &str = "2026-05-01T07:25:37.250000Z";
const HEAD: [(&str, &str); 4] = [
    ("authorization", "Bearer t"),
    ("accept", "application/json"),
    ("odata-version", "4.0"),
    ("content-type", "application/json"),
];

async fn get(vendor: &Dynamics, query: &str, prefer: &str) -> Answer {
    let mut head = HEAD.to_vec();
    if !prefer.is_empty() {
        head.push(("prefer", prefer));
    }
    ask(&vendor.router(), "GET", &format!("/api/data/v9.2/{}", query.replace(' ', "%20")), &head, "").await
}

async fn post(vendor: &Dynamics, set: &str, body: Value, prefer: &str) -> Answer {
    let mut head = HEAD.to_vec();
    head.push(("prefer", prefer));
    ask(&vendor.router(), "POST", &format!("/api/data/v9.2/{set}"), &head, &body.to_string()).await
}

#[tokio::test]
async fn queries_outside_of_the_documentation_are_refused() {
    let vendor = Dynamics::new(Table::new(5, NOW), "t");
    for (query, status) in [
        ("contacts?$select=fullname&$filter=statecode eq 0", 200),
        ("contacts?$filter=contains(fullname,'given') and not (statecode eq 1)", 200),
        ("contacts?$filter=modifiedon ge 2026-01-01T00:00:00Z&$orderby=modifiedon asc,contactid asc", 200),
        ("contacts?$filter=emailaddress1 eq 'o''neil@example.com'", 200),
        ("Contact", 404),
        ("contacts?$select=FullName", 400),
        ("contacts?$select=phone", 400),
        ("contacts?$filter=phone eq '1'", 400),
        ("contacts?$filter=fullname eq Given1", 400),
        ("contacts?$filter=fullname eq 'o'neil'", 400),
        ("contacts?$filter=fullname eq 'open", 400),
        ("contacts?$filter=fullname like 'x'", 400),
        ("contacts?$filter=statecode eq '0'", 400),
        ("contacts?$filter=modifiedon ge '2026-01-01T00:00:00Z'", 400),
        ("contacts?$filter=modifiedon ge yesterday", 400),
        ("contacts?$filter=contactid gt 9e3779b9-7f4a-ea11-a812-7c1500000001", 400),
        ("contacts?$filter=_ownerid_value eq 'x'", 400),
        ("contacts?$filter=_ownerid_value eq 123", 400),
        ("contacts?$filter=substringof('x',fullname)", 400),
        ("contacts?$filter=(statecode eq 0", 400),
        ("contacts?$filter=statecode eq 0)", 400),
        ("contacts?$filter=statecode eq 0 and", 400),
        ("contacts?$orderby=modifiedon up", 400),
        ("contacts?$orderby=changed", 400),
        ("contacts?$top=0", 400),
        ("contacts?$top=ten", 400),
        ("contacts?$skip=10", 400),
        ("contacts?limit=10", 400),
        ("contacts?$top=1&$top=2", 400),
        ("contacts?$skiptoken=%3Ccookie%20pagenumber=%222%22%20/%3E", 400),
        ("contacts(1)", 400),
    ] {
        let answer = get(&vendor, query, "").await;
        assert_eq!(answer.status, status, "{query}: {}", answer.body);
        assert_eq!(answer.header("odata-version"), Some("4.0"), "{query}");
        assert_eq!(status == 200, answer.body["error"].is_null(), "{query}: {}", answer.body);
    }
    let wrong =
        ask(&vendor.router(), "GET", "/api/data/v9.2/contacts", &[("accept", "application/json")], "").await;
    assert_eq!((wrong.status, wrong.body), (401, Value::Null));
    assert_eq!(
        wrong.head.iter().find(|(n, _)| n == "date").map(|(_, v)| v.as_str()),
        Some("Fri, 01 May 2026 07:25:37 GMT")
    );
}

#[tokio::test]
async fn pages_are_the_servers_and_links_are_used_as_they_are() {
    let vendor = Dynamics::new(Table::new(250, NOW), "t");
    let query = "contacts?$select=fullname&$orderby=modifiedon asc,contactid asc";
    let first = get(&vendor, query, "odata.maxpagesize=100").await;
    assert_eq!(first.header("preference-applied"), Some("odata.maxpagesize=100"));
    assert_eq!(first.body["value"].as_array().map(Vec::len), Some(100));
    let link = first.body["@odata.nextLink"].as_str().unwrap();
    let target = link.split_once("/api/data/v9.2/").unwrap().1;
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("pagingcookie"), "{link}");
    let next = get(&vendor, target, "odata.maxpagesize=100").await;
    assert_eq!(next.body["value"].as_array().map(Vec::len), Some(100));
    assert_ne!(next.body["value"][0], first.body["value"][0]);
    for tampered in [
        target.replace("pagenumber%3D%222", "pagenumber%3D%223"),
        target.replace("%3C", "<"),
        target.replace("%25", "%2525"),
        target.replace("asc,contactid", "desc,contactid").replace("asc%2Ccontactid", "desc%2Ccontactid"),
    ] {
        assert_ne!(tampered, target);
        assert_eq!(get(&vendor, &tampered, "odata.maxpagesize=100").await.status, 400, "{tampered}");
    }
    // More than 5,000 is ignored, and $top has no pages.
    let whole = get(&vendor, query, "odata.maxpagesize=5001").await;
    assert_eq!(
        (whole.body["value"].as_array().map(Vec::len), whole.header("preference-applied")),
        (Some(250), None)
    );
    let top = get(&vendor, &format!("{query}&$top=10"), "odata.maxpagesize=5").await;
    assert_eq!(
        (top.body["value"].as_array().map(Vec::len), &top.body["@odata.nextLink"]),
        (Some(10), &Value::Null)
    );
}

#[tokio::test]
async fn annotations_are_printed_only_when_asked_for_and_times_to_the_second() {
    let vendor = Dynamics::new(Table::new(1, NOW), "t").fine(true);
    let query = "contacts?$select=statecode,modifiedon,jobtitle,_parentcustomerid_value";
    let plain = get(&vendor, query, "").await.body["value"][0].clone();
    let keys: Vec<_> = plain.as_object().unwrap().keys().cloned().collect();
    assert_eq!(
        keys,
        ["@odata.etag", "statecode", "modifiedon", "jobtitle", "_parentcustomerid_value", "contactid"]
    );
    assert_eq!((plain["modifiedon"].as_str().map(str::len), &plain["jobtitle"]), (Some(20), &Value::Null));
    let label = "_parentcustomerid_value@OData.Community.Display.V1.FormattedValue";
    let table = "_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname";
    for (prefer, labels, tables) in [
        ("odata.include-annotations=\"*\"", true, true),
        (
            "odata.maxpagesize=5,odata.include-annotations=\"OData.Community.Display.V1.FormattedValue\"",
            true,
            false,
        ),
        ("odata.include-annotations=\"Microsoft.Dynamics.CRM.*\"", false, true),
    ] {
        let row = get(&vendor, query, prefer).await.body["value"][0].clone();
        assert_eq!((row[label].is_string(), row[table].is_string()), (labels, tables), "{prefer}");
    }
}

#[tokio::test]
async fn bodies_outside_of_the_documentation_are_refused() {
    let vendor = Dynamics::new(Table::new(3, NOW), "t");
    let who = format!("/contacts({})", guid(0x12, 1));
    for (set, body, status) in [
        ("incidents", json!({"title": "x", "customerid_contact@odata.bind": who}), 204),
        ("incidents", json!({"title": "x"}), 400),
        ("incidents", json!({"title": "x", "customerid@odata.bind": who}), 400),
        (
            "incidents",
            json!({"title": "x", "_customerid_value": guid(0x12, 1), "customerid_contact@odata.bind": who}),
            400,
        ),
        (
            "incidents",
            json!({"title": "x", "customerid_contact@odata.bind": format!("/contacts({})", guid(0x12, 9))}),
            404,
        ),
        ("incidents", json!({"title": "x", "customerid_contact@odata.bind": "/contacts(1)"}), 400),
        ("incidents", json!({"title": "y".repeat(201), "customerid_contact@odata.bind": who}), 400),
        (
            "incidents",
            json!({"title": "x", "prioritycode": "high", "customerid_contact@odata.bind": who}),
            400,
        ),
        ("incidents", json!({"title": "x", "prioritycode": 7, "customerid_contact@odata.bind": who}), 400),
        ("tasks", json!({"subject": "x", "scheduledend": "tomorrow"}), 400),
        ("tasks", json!({"subject": "x", "regardingobjectid_contact@odata.bind": who}), 400),
        ("phonecalls", json!({"subject": "x", "directioncode": "true"}), 400),
        ("phonecalls", json!({"subject": "x", "statecode": 1, "statuscode": 1}), 400),
        (
            "phonecalls",
            json!({"subject": "x", "phonecall_activity_parties": [{"partyid_contact@odata.bind": who, "participationtypemask": 9}]}),
            400,
        ),
        ("contacts", json!({"name": "x"}), 400),
        ("contacts", json!({"lastname": 7}), 400),
        ("contacts", json!({"fullname": "read only"}), 400),
    ] {
        let answer = post(&vendor, set, body.clone(), "").await;
        assert_eq!(answer.status, status, "{set} {body}: {}", answer.body);
    }
    let made = post(&vendor, "contacts", json!({"lastname": "x"}), "").await;
    assert_eq!((made.status, &made.body), (204, &Value::Null));
    assert!(made.header("odata-entityid").unwrap().ends_with(')'));
    let made = post(&vendor, "contacts", json!({"lastname": "x"}), "return=representation").await;
    assert_eq!((made.status, &made.body["lastname"]), (201, &json!("x")));
}
