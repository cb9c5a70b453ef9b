//! `new` makes a folder that passes `check`, also out of an OpenAPI document.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_talkdesk-bridge"));
    let Output { status, stdout, stderr } = command.args(arguments).current_dir(folder).output().unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[test]
fn a_new_folder_passes_check_at_once_and_says_what_comes_next() {
    let folder = folder("new-plain");
    let (code, text) = run(&folder, &["new", "acme-crm"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("serve --manifest manifests/acme-crm --secret-file FILE --trace"), "{text}");
    let (code, text) = run(&folder, &["check", "manifests/acme-crm"]);
    assert_eq!(code, Some(0), "{text}");
    let manifest = std::fs::read_to_string(folder.join("manifests/acme-crm/manifest.yaml")).unwrap();
    assert!(manifest.lines().all(|line| line.chars().count() <= 120) && !manifest.contains("{name}"));
    assert!(manifest.matches("CHOOSE").count() > 6);
    assert!(folder.join("manifests/acme-crm/manifest.schema.json").is_file());
    let (code, text) = run(&folder, &["new", "acme-crm"]);
    assert!(code == Some(2) && text.contains("is there already"), "{text}");
    let (code, text) = run(&folder, &["new", "../up"]);
    assert!(code == Some(2) && text.contains("lower-case letters"), "{text}");
}

#[test]
fn every_shipped_manifest_can_be_begun_with() {
    let folder = folder("new-like");
    let manifests = Path::new(env!("CARGO_MANIFEST_DIR")).join("../manifests").canonicalize().unwrap();
    for entry in std::fs::read_dir(&manifests).unwrap().map(|entry| entry.unwrap().path()) {
        if !entry.join("manifest.yaml").is_file() {
            continue;
        }
        let name = format!("my-{}", entry.file_name().unwrap().to_str().unwrap());
        let (code, text) = run(&folder, &["new", &name, "--like", entry.to_str().unwrap()]);
        let source = std::fs::read_to_string(entry.join("manifest.yaml")).unwrap();
        if source.lines().any(|line| line.starts_with("extends:")) {
            assert!(code == Some(2) && text.contains("begin with that one, or"), "{name}: {text}");
            continue;
        }
        assert_eq!(code, Some(0), "{name}: {text}");
    }
}

const DOCUMENT: &str = r##"
openapi: 3.0.3
servers: [{url: "https://api.vendor.example/v2"}]
components:
  securitySchemes: {key: {type: apiKey, in: header, name: X-Vendor-Key}}
  parameters: {size: {name: per_page, in: query}}
  schemas:
    Person:
      allOf:
        - properties: {id: {type: integer}, given_name: {}, family_name: {}, email_address: {}, mobile_phone: {}, modified_on: {}}
paths:
  "/people/{id}": {get: {}}
  /people:
    get:
      parameters:
        - {name: modified_since, in: query}
        - {name: order_by, in: query}
        - {$ref: "#/components/parameters/size"}
      responses:
        "200":
          content:
            application/json:
              schema: {properties: {total: {type: integer}, items: {type: array, items: {$ref: "#/components/schemas/Person"}}}}
"##;

#[test]
fn an_openapi_document_fills_in_what_it_says_and_the_rest_is_named() {
    let folder = folder("new-openapi");
    std::fs::write(folder.join("api.yaml"), DOCUMENT).unwrap();
    let (code, text) = run(&folder, &["new", "vendor", "--openapi", "api.yaml"]);
    assert_eq!(code, Some(0), "{text}");
    for found in [
        "contacts: GET /people",
        "parameter `modified_since`",
        "rows: body.items",
        "time of change: `modified_on`",
    ] {
        assert!(text.contains(&format!("found: {found}")) || text.contains(found), "{found}: {text}");
    }
    assert!(
        text.contains("not found: a list of users")
            && text.contains("not found: a call that says who one is"),
        "{text}"
    );
    let manifest = std::fs::read_to_string(folder.join("manifests/vendor/manifest.yaml")).unwrap();
    for line in [
        "base_url: https://api.vendor.example/v2",
        "headers: {X-Vendor-Key: \"{{ secret.token }}\"}",
        "per_page: \"{{ page_size }}\"",
        "name: \"{{ [row.given_name, row.family_name] | join(' ') }}\"",
        "emails: [\"{{ row.email_address }}\"]",
    ] {
        assert!(manifest.contains(line), "{line}: {manifest}");
    }
    std::fs::write(folder.join("old.json"), r#"{"swagger": "1.2"}"#).unwrap();
    let (code, text) = run(&folder, &["new", "old", "--openapi", "old.json"]);
    assert!(code == Some(2) && text.contains("neither OpenAPI 3 nor Swagger 2.0"), "{text}");
}

#[test]
fn a_swagger_document_is_read_as_its_successor_is() {
    let folder = folder("new-swagger");
    let row = r#"{"properties": {"id": {}, "display_name": {}, "email": {}, "updated_at": {}}}"#;
    let document = format!(
        r##"{{"swagger": "2.0", "host": "api.vendor.example", "basePath": "/v1/",
        "securityDefinitions": {{"login": {{"type": "basic"}}}}, "definitions": {{"Row": {row}}},
        "responses": {{"List": {{"schema": {{"type": "array", "items": {{"$ref": "#/definitions/Row"}}}}}}}},
        "paths": {{"/contacts": {{"get": {{"parameters": [{{"name": "limit", "in": "query", "type": "integer"}}],
        "responses": {{"200": {{"$ref": "#/responses/List"}}}}}}}}}}}}"##
    );
    std::fs::write(folder.join("api.json"), document).unwrap();
    let (code, text) = run(&folder, &["new", "vendor", "--openapi", "api.json"]);
    assert_eq!(code, Some(0), "{text}");
    for found in [
        "address: https://api.vendor.example/v1\n",
        "credentials: `login`",
        "contacts: GET /contacts",
        "page size: parameter `limit`",
        "rows: body\n",
        "time of change: `updated_at`",
        "email: `email`",
    ] {
        assert!(text.contains(&format!("found: {found}")), "{found}: {text}");
    }
}

#[test]
fn a_document_of_many_megabytes_is_read_and_its_lists_are_named_where_none_is_of_people() {
    let folder = folder("new-large");
    let list = r#"{"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array",
        "items": {"properties": {"id": {}}}}}}}}}}"#;
    let words = r#"{"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}}}}"#;
    let many: Vec<String> = (0..60_000).map(|n| format!(r#""f{n}": {{"type": "string"}}"#)).collect();
    let document = format!(
        r#"{{"openapi": "3.1.0", "components": {{"schemas": {{"Large": {{"properties": {{{}}}}}}}}},
        "paths": {{"/accounts/parties": {list}, "/orders": {list}, "/orders/{{id}}": {list}, "/words": {words}}}}}"#,
        many.join(", ")
    );
    std::fs::write(folder.join("api.json"), document).unwrap();
    let (code, text) = run(&folder, &["new", "vendor", "--openapi", "api.json"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("customers, clients; its lists are /orders, /accounts/parties\n"), "{text}");
}

/// Okta's form: technical contacts of an organization, and users whose fields stand in a profile; Intercom's: rows in
/// `data` beside other lists, a search by POST, colleagues who are called admins.
#[test]
fn a_list_that_is_called_contacts_is_taken_only_when_its_rows_are_people() {
    let folder = folder("new-people");
    let answer = |schema: &str| {
        format!(
            r#"{{"get": {{"responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}}}"#
        )
    };
    let list = |properties: &str| {
        answer(&format!(r#"{{"type": "array", "items": {{"properties": {properties}}}}}"#))
    };
    let technical = list(r#"{"contactType": {}, "_links": {}}"#);
    let profile =
        list(r#"{"id": {}, "profile": {"allOf": [{"properties": {"email": {}, "firstName": {}}}]}}"#);
    let paths = format!(r#""/org/contacts": {technical}, "/v1/users": {profile}, "/user": {}"#, answer("{}"));
    std::fs::write(folder.join("a.json"), format!(r#"{{"openapi": "3.0.0", "paths": {{{paths}}}}}"#))
        .unwrap();
    let (code, text) = run(&folder, &["new", "first", "--openapi", "a.json"]);
    assert_eq!(code, Some(0), "{text}");
    for said in [
        "not found: GET /org/contacts is no list of people: its rows (contactType, _links) have no id with",
        "not found: a list of contacts: no GET …/contacts, people, persons, customers, clients; its lists with an id \
         and an e-mail or a phone are /v1/users\n",
        "found: users: GET /v1/users",
        "found: credentials are tried by GET /user\n",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let rows = r#"{"type": ["array", "null"], "items": {"allOf": [{"properties": {"id": {}}}, {"properties":
        {"contact": {}, "attributes": {"properties": {"email": {}, "phone": {}, "updated_at": {}}}}}]}}"#;
    let page = format!(
        r#"{{"properties": {{"errors": {{"type": "array", "items": {{}}}}, "result": {{"properties": {{"data": {rows}}}}}}}}}"#
    );
    let paths = format!(
        r#""/contacts": {}, "/contacts/search": {{"post": {{}}}}, "/admins": {}"#,
        answer(&page),
        list(r#"{"id": {}, "name": {}}"#)
    );
    std::fs::write(folder.join("b.json"), format!(r#"{{"openapi": "3.1.0", "paths": {{{paths}}}}}"#))
        .unwrap();
    let (code, text) = run(&folder, &["new", "second", "--openapi", "b.json"]);
    assert_eq!(code, Some(0), "{text}");
    for said in [
        "found: contacts: GET /contacts\n",
        "found: a search: POST /contacts/search",
        "found: rows: body.result.data\n",
        "found: time of change: `attributes.updated_at`",
        "found: email: `attributes.email`",
        "found: users: GET /admins",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
}
