//! One bad character in a CRM's answer.

use bridge::contract::Component;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Value, json};

use super::crm::{contact, page};

const STAMP: &str = "2026-05-01T07:25:37.123Z";

fn twenty_one(odd: &[u8]) -> Vec<u8> {
    let rows: Vec<Value> = (1..=21).map(|id| contact(id, STAMP)).collect();
    let text = page(&rows).to_string();
    let (before, after) = text.split_once("Number 11\"").unwrap();
    [before.as_bytes(), odd, after.as_bytes()].concat()
}

#[tokio::test]
async fn one_odd_character_stops_no_sync() {
    let odd: [(&str, &[u8]); 8] = [
        ("half an emoji", b"\\ud83d\""),
        ("the other half", b"\\ude00 x\""),
        ("a byte of Latin-1", b"Andr\xe9\""),
        ("a raw tab", b"a\tb\""),
        ("a raw new line", b"a\nb\""),
        ("a raw control character", b"a\x01b\""),
        ("a number without end", b"x\",\"n\":1e999"),
        ("not a number", b"x\",\"n\":NaN"),
    ];
    for (name, odd) in odd {
        let body = twenty_one(odd);
        assert_delivered(name, body).await;
    }
    let whole = twenty_one(b"Number 11\"");
    assert_delivered("a byte order mark", [b"\xef\xbb\xbf", whole.as_slice()].concat()).await;
}

async fn assert_delivered(name: &str, body: Vec<u8>) {
    let lab = Lab::of("demo", Component::Contacts).start(move |_| Reply::raw(200, body.clone())).await;
    let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
    assert_eq!(answer.status, 200, "{name}: {}", answer.text);
    assert_eq!(answer.body["contacts"].as_array().map(Vec::len), Some(21), "{name}");
    assert!(name == "a byte order mark" || lab.function.log().contains("repaired"), "{name}: it is told");
}

#[tokio::test]
async fn a_page_for_people_is_not_repaired() {
    let reply = |_: &Asked| Reply::raw(200, "<html>Log in</html>");
    let lab = Lab::of("demo", Component::Contacts).start(reply).await;
    let answer = lab.ask(Value::Null, Value::Null).await.expect("an answer");
    assert_eq!((answer.status, &answer.body["error"]["code"]), (502, &json!("crm_unreadable")));
}
