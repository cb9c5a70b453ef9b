//! What a mask takes out, and what it leaves.

use serde_json::json;

use super::*;

fn mask() -> Mask {
    let mut mask =
        Mask { words: ["open", "Contact", "contacts"].map(str::to_owned).into(), ..Mask::default() };
    mask.host("acme.crm.test", HOST);
    mask.secret("canary-key-123");
    mask
}

#[test]
fn people_are_replaced_and_the_same_one_always_by_the_same() {
    let row = json!({
        "id": "003x9", "name": "Grace Hopper", "email": "grace@navy.mil", "phone": "+1 (202) 456-1111",
        "status": "open", "updated_at": "2026-11-20T12:00:00Z", "age": 85, "site": "https://grace.example/me",
    });
    let mut mask = mask();
    let first = mask.json("", &row);
    assert_eq!(first, mask.json("", &row));
    for person in ["Grace", "navy", "456", "grace.example"] {
        assert!(!first.to_string().contains(person), "{first}");
    }
    for kept in ["003x9", "open", "2026-11-20T12:00:00Z", "85"] {
        assert!(first.to_string().contains(kept), "{kept}: {first}");
    }
    let query = mask.text("SELECT Id FROM Contact WHERE Email = 'grace@navy.mil'");
    let email = first["email"].as_str().unwrap();
    assert_eq!(query, format!("SELECT Id FROM Contact WHERE Email = '{email}'"));
}

#[test]
fn what_is_masked_once_is_left_as_it_is() {
    let mut mask = mask();
    let row = json!({"name": "Grace Hopper", "email": "grace@navy.mil", "phone": "+12024561111"});
    let once = mask.json("", &row);
    assert_eq!(mask.json("", &once), once);
    let text = once["email"].as_str().unwrap().to_owned();
    assert_eq!(mask.text(&text), text);
}

#[test]
fn secrets_and_the_crms_host_are_nowhere() {
    let mut mask = mask();
    let answer = json!({"access_token": "abc.def", "next": "https://acme.crm.test/contacts?page=2&key=canary-key-123"});
    let masked = mask.json("", &answer).to_string();
    assert!(!masked.contains("abc.def") && !masked.contains("acme"), "{masked}");
    assert!(!mask.text("Bearer canary-key-123").contains("canary"), "{masked}");
    assert!(masked.contains("https://crm.example.com/contacts?page=2"), "{masked}");
}

#[test]
fn a_number_in_bare_digits_is_a_person_where_its_key_says_so() {
    let mut mask = mask();
    let row = json!({
        "phone": "4155550161", "mobile": "07700900162", "contact_phones": ["4155550163"], "id": "998877665544",
    });
    let text = mask.json("", &row).to_string();
    assert!(
        !text.contains("41555501") && !text.contains("0770090") && text.contains("998877665544"),
        "{text}"
    );
}

#[test]
fn a_request_is_masked_value_by_value() {
    let mut mask = mask();
    mask.headers(&[("Authorization".to_owned(), "Bearer canary-token-99".to_owned())]);
    let body = json!({
        "note": "say \"canary-key-123\"", "password": "p\"w", "phone": "4155550161", "sid": "canary-token-99",
    });
    let text = mask.request("", &body).to_string();
    for hidden in ["canary", "p\\\"w", "4155550161"] {
        assert!(!text.contains(hidden), "{hidden}: {text}");
    }
}

#[test]
fn numbers_under_a_phones_key_are_people_and_ids_are_not() {
    let mut mask = mask();
    let row = json!({"id": 4155550100_u64, "phone": 4155559999_u64, "hs_id": "512345678901"});
    let masked = mask.json("", &row);
    assert_eq!((&masked["id"], &masked["hs_id"]), (&row["id"], &row["hs_id"]));
    assert_ne!(masked["phone"], row["phone"]);
}

#[test]
fn what_was_made_of_a_name_is_in_no_request() {
    let mut mask = mask();
    mask.json("", &json!({"name": "Grace Hopper", "login": "hopper7", "email": "grace@navy.mil"}));
    let long = "Grace Hopper called and asked for the compiler. ".repeat(40);
    for derived in [
        "GRACE HOPPER",
        "name = 'Grace' and x",
        "R3JhY2UgSG9wcGVy",
        "id=aG9wcGVyNzppbg==",
        "Grace%20Hopper",
        "HOPPER7",
        "<p>Hopper&nbsp;G.</p>",
        &long[..1_300],
        "Contact of O'Hopper",
    ] {
        for text in [
            mask.request("q", &json!(derived)).to_string(),
            mask.url(&format!("https://h/contacts/{derived}")),
        ] {
            let told = text.to_lowercase();
            for hidden in ["grace", "hopper", "r3jhy2u", "ag9wc", "compiler"] {
                assert!(!told.contains(hidden), "{derived}: {text}");
            }
        }
    }
    assert_eq!(
        mask.request("q", &json!("Contact = 'A12-7' open T-1337 2026-11-20T12:00:33.125Z")),
        json!("Contact = 'A12-7' open T-1337 2026-11-20T12:00:33.125Z")
    );
    assert_eq!(mask.url("https://h/contacts/5"), "https://h/contacts/5");
}

#[test]
fn keys_that_are_addresses_are_people_and_other_keys_stay() {
    let mut mask = mask();
    let by = json!({"grace@navy.mil": 3, "+1 (202) 456-1111": 1, "Grace Hopper": 2, "2026": 1});
    let row = json!({"name": "Grace Hopper", "Full Name": 1, "by": by});
    let text = mask.json("", &row).to_string();
    for person in ["navy", "456-1111", "Grace"] {
        assert!(!text.contains(person), "{text}");
    }
    assert!(text.contains("\"Full Name\"") && text.contains("\"2026\""), "{text}");
}

#[test]
fn base64_in_an_answer_that_says_somebody_is_replaced_and_an_id_is_not() {
    let mut mask = mask();
    let row = json!({
        "name": "Grace Hopper", "ref": "R3JhY2UgSG9wcGVyIDEy", "mail": "Z3JhY2VAbmF2eS5taWwx",
        "id": "003Dn00000Abcd1QAB",
    });
    let row = mask.json("", &row);
    let hidden = !["Z3Jh", "R3Jh"].iter().any(|packed| row.to_string().contains(packed));
    assert!(hidden && row["id"] == "003Dn00000Abcd1QAB", "{row}");
}

#[test]
fn a_secret_that_a_key_names_is_one_everywhere_else() {
    let mut mask = mask();
    mask.without_secrets("", &json!({"access_token": "canary-token-5"}));
    for text in ["Bearer canary-token-5", "Y2FuYXJ5LXRva2VuLTU="] {
        assert!(mask.without_secrets("", &json!(text)).to_string().contains(SECRET), "{text}");
    }
}

#[test]
fn people_of_long_ago_are_forgotten_and_secrets_never() {
    let mut mask = mask();
    for page in 0..40 {
        mask.forget();
        for row in 0..100 {
            mask.json(
                "",
                &json!({"name": format!("Person {page} {row}"), "phone": format!("+1415{page:03}{row:04}")}),
            );
            mask.headers(&[("X-Signature".to_owned(), format!("signature-{page}-{row}"))]);
        }
    }
    assert!(mask.known.len() < 40_000, "{}", mask.known.len());
    assert_eq!(mask.request("q", &json!("canary-key-123")), json!(SECRET));
}

#[test]
fn a_number_and_an_address_are_the_same_ones_however_they_are_written() {
    let mut mask = mask();
    let asked =
        mask.json("", &json!({"contact_phones": ["+12024561111"], "contact_emails": ["Grace@Navy.mil"]}));
    let row = mask.json("", &json!({"phone": "(202) 456-1111", "mail": "grace@navy.mil"}));
    // In other capitals it stays written otherwise, and is the same person's.
    assert_eq!(row["mail"].as_str(), asked["contact_emails"][0].as_str().map(str::to_lowercase).as_deref());
    let phone = asked["contact_phones"][0].as_str().unwrap();
    assert_eq!(row["phone"], phone);
    let link = mask.json("", &json!({"_url": "https://acme.crm.test/contacts/grace@navy.mil"}));
    let mail = row["mail"].as_str().unwrap();
    assert_eq!(link["_url"], format!("https://crm.example.com/contacts/{mail}"));
}

#[test]
fn a_sentence_of_the_manifests_words_is_left_and_a_name_of_them_is_not() {
    let mut mask = mask();
    let (said, kind) = ("contacts: open Contact", "open/contacts");
    let row = json!({"message": said, "name": "open Contact", "other": "open Grace", "type": kind});
    let masked = mask.json("", &row);
    assert_eq!((&masked["message"], &masked["type"]), (&row["message"], &row["type"]));
    assert!(masked["name"] != row["name"] && masked["other"] != row["other"], "{masked}");
}

#[test]
fn one_person_written_in_two_ways_is_one_stand_in() {
    let mut mask = mask();
    let row = mask.json("", &json!({"email": "grace@navy.mil", "phone": "(202) 456-1111"}));
    let asked = mask.json("", &json!({"email": "Grace@Navy.mil", "phone": "+12024561111"}));
    assert_eq!(asked["phone"], row["phone"]);
    assert_ne!(asked["email"], row["email"]);
    assert_eq!(asked["email"].as_str().map(str::to_lowercase).as_deref(), row["email"].as_str());
    assert_eq!(mask.json("", &asked), asked);
}

#[test]
fn what_an_expression_compares_with_may_be_several_words() {
    let found = QUOTED.captures_iter("{{ body.user | where('name', 'Phone Call') | first }}");
    assert_eq!(found.map(|found| found[1].to_owned()).collect::<Vec<_>>(), ["name", "Phone Call"]);
}

#[test]
fn a_header_that_the_manifest_itself_writes_is_no_credential() {
    let mut mask = Mask { words: ["developer_api".to_owned()].into(), ..Mask::default() };
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    mask.headers(&[header("X-Application", "developer_api"), header("X-Token", "canary-token-99")]);
    let text = mask.known("https://crm.example.com/developer_api/v1?key=canary-token-99");
    assert_eq!(text, "https://crm.example.com/developer_api/v1?key=fixture-secret");
}

#[test]
fn a_signature_is_a_secret_in_a_header_and_in_the_query() {
    let text = include_str!("../../../tests/it/signed/signed.yaml").replace(
        "      headers:\n        X-Key",
        "      query: {sign: \"{{ signature }}\"}\n      headers:\n        X-Key",
    );
    let files = [File { name: "signed.yaml".to_owned(), text }];
    let mut mask = Mask::of(&files, &Manifest::load(&files).unwrap());
    mask.sent(&Outgoing {
        method: "GET",
        url: "https://crm.example.com/api/users?page=12345678&sign=c0ffee%2Bc0ffee".parse().unwrap(),
        headers: vec![("X-Signature".to_owned(), "canary-signature".to_owned())],
        body: None,
        route: String::new(),
    });
    let shown = mask.text("page 12345678: c0ffee+c0ffee, canary-signature");
    assert_eq!(shown, format!("page 12345678: {SECRET}, {SECRET}"));
}

#[test]
fn a_tried_word_that_is_no_caller_key_does_not_hide_our_own_sentences() {
    let manifest = Manifest::embedded("demo").unwrap();
    let sentence = "The caller key is missing or wrong.";
    let mut mask = mask();
    mask.auth(&manifest, &json!({"account": "acme", "bridge_key": "wrong"}));
    assert_eq!(mask.text(sentence), sentence);
    mask.auth(&manifest, &json!({"account": "acme", "bridge_key": "somebody-elses-key-0123"}));
    assert!(!mask.text("somebody-elses-key-0123").contains("elses"));
}
