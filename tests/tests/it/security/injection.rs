//! Texts of Talkdesk's that would like to be part of a request's structure, through every input there is.

use std::collections::BTreeSet;

use bridge::contract::Component;
use bridge::manifest::Manifest;
use end_to_end::lab::{Asked, Lab, Reply};
use serde_json::{Map, Value, json};

/// Each has letters of its own, so that it can be told from the request around it.
const HOSTILE: [&str; 34] = [
    "zz'",
    "zz\"",
    "zz\\",
    "zz''",
    "zz\\'",
    "' or '1'='1",
    "x' or id > 0 --",
    "\") or (\"",
    "zz%",
    "zz_",
    "zz*",
    "zz(",
    "zz)",
    "zz;",
    "zz--",
    "/../../steal",
    "..%2f..%2fsteal",
    "a/b?c=d#e",
    "?x=y&admin=true",
    "&admin=true",
    "zz#",
    "\r\nX-Evil: 1",
    "zz\n",
    "zz\0",
    "{{ secret.api_key }}",
    "${7*7}",
    "{\"$ne\": null}",
    "],\"admin\":[",
    "a:b,c:d",
    "id[gt]:0",
    "x\"),id[is]:(",
    "]}FIND{",
    "\u{202e}x",
    "＇ or 1=1",
];

/// What every request's harmless form is made of: each is read differently by some manifest, and nothing at
/// all is what a choice takes that none of the others is.
const HARMLESS: [&str; 7] = [
    "",
    "harmless",
    "11",
    "7a93d1e5-3f74-4945-8a65-d7f996083f72",
    "a@example.com",
    "+15125550100",
    "003000000000001AAA",
];

fn crm(asked: &Asked) -> Reply {
    if asked.path().contains("access_token") {
        return Reply::json(200, &json!({"access_token": "t", "expires_in": 3600}));
    }
    Reply::json(200, &json!({"id": "11", "result": 7, "data": {"id": "11"}, "value": [], "results": []}))
}

/// A request without its values: what an input must not be able to change.
fn skeleton(asked: &Asked, input: &str) -> String {
    let outside = |text: &str| outside(text, input);
    let url = reqwest::Url::parse(&format!("http://stub{}", asked.target)).expect("a request has a URL");
    let names: BTreeSet<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    let queries: Vec<String> = url.query_pairs().map(|(_, value)| outside(&value)).collect();
    let mut headers: Vec<&String> = asked.headers.keys().filter(|it| *it != "content-length").collect();
    headers.sort();
    let segments = asked.path().split('/').count();
    let mut shape = asked.json();
    strip(&mut shape, &outside);
    let forms = asked.headers.get("content-type").is_some_and(|it| it.contains("urlencoded"));
    let form = if forms { String::from_utf8_lossy(&asked.body).matches('&').count() } else { 0 };
    format!("{} {segments} {names:?} {queries:?} {headers:?} {shape} {form}", asked.method)
}

/// Signs of a query language around an input; without them a text is only a value.
const QUERY: [&str; 9] = ["'", "\"", "{", "[", "(", " eq ", " in ", "select ", "where "];

/// A text of a query language without its literals; a text that is only a value is nothing.
fn outside(text: &str, input: &str) -> String {
    // In a note of HTML the input stands with its marks as entities.
    let marks =
        [("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")];
    let read = marks.iter().fold(text.to_owned(), |text, (entity, mark)| text.replace(entity, mark));
    let around = read.replace(input.trim(), "").to_lowercase();
    if !QUERY.iter().any(|sign| around.contains(sign)) {
        return String::new();
    }
    let (mut out, mut quote, mut escaped) = (String::new(), None, false);
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c.is_ascii_punctuation() => out.push(c),
            None => {}
        }
    }
    out
}

fn strip(value: &mut Value, outside: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *text = outside(text),
        Value::Number(_) => *value = json!(0),
        Value::Array(list) => {
            list.iter_mut().for_each(|it| strip(it, outside));
            list.dedup();
        }
        Value::Object(map) => map.values_mut().for_each(|it| strip(it, outside)),
        _ => {}
    }
}

#[tokio::test]
#[ignore = "a minute; make test-full"]
async fn no_input_changes_the_structure_of_a_request() {
    let mut tried = 0;
    for integration in Manifest::embedded_names() {
        let lab = Lab::of(integration, Component::Actions).start(crm).await;
        let manifest = Manifest::embedded(integration).unwrap();
        for (action, spec) in &manifest.document().actions {
            let inputs: Vec<&String> = spec.input.keys().collect();
            for place in inputs.iter().map(|it| it.as_str()).chain(["contact", "agent"]) {
                let body = |base: &str, text: &str| {
                    let data: Map<String, Value> = inputs
                        .iter()
                        .map(|name| ((*name).clone(), json!(if *name == place { text } else { base })))
                        .collect();
                    let id = |name| if place == name { text } else { base };
                    let meta =
                        json!({"contact_external_id": id("contact"), "agent_external_id": id("agent")});
                    json!({"auth": lab.auth, "meta": meta, "data": data})
                };
                let mut known = BTreeSet::new();
                for base in HARMLESS {
                    for text in HARMLESS {
                        lab.send(action, &body(base, text).to_string()).await.expect("the function lives");
                        known.extend(lab.crm.take().iter().map(|it| skeleton(it, text)));
                    }
                }
                for base in HARMLESS {
                    for text in HOSTILE {
                        lab.send(action, &body(base, text).to_string()).await.expect("the function lives");
                        for asked in lab.crm.take() {
                            let what = format!("{integration} {action} {place} {text:?}: {asked:?}");
                            assert!(!asked.headers.contains_key("x-evil"), "{what}");
                            assert!(!asked.path().contains("/steal"), "{what}");
                            // An input that begins and ends with quotes hides those around it.
                            let shapes = [skeleton(&asked, text), skeleton(&asked, "\u{0}")];
                            let same = shapes.iter().any(|shape| known.contains(shape));
                            assert!(same, "{what}\n{shapes:#?}\n{known:#?}");
                            tried += 1;
                        }
                    }
                }
            }
        }
    }
    println!("{tried} requests, 0 changes of structure");
    assert!(tried > 10_000, "{tried}");
}
